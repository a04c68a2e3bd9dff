"""The kinds of rules: each says what its rules are shown, and what they answer.

The engine asks a rule only where it can matter, so the best kind is the one that sees the least.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from jsonl_lint.formats import CONVERSATIONS
from jsonl_lint.rule.base import USUAL_FIX, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonl_lint.jsonspan import JsonSyntaxError, Problem
    from jsonl_lint.model import Applicability, Pointer
    from jsonl_lint.record import Record, Screen
    from jsonl_lint.rule.facts import FileFacts, FirstPlace, ReadRecord
    from jsonl_lint.rule.sketch import FileSketch, Sketch
    from jsonl_lint.schemas import Violation
    from jsonl_lint.tokens.overruns import Overrun
    from jsonl_lint.tokens.uses import ModelUse

_ABOUT_KEYS = ("additionalProperties", "unevaluatedProperties", "propertyNames")
"""The keywords of JSON Schema that a key breaks, not its value."""


class StructureRule(Rule):
    """Judges a record's structure, once for all records that share it; content is not there to see."""

    formats: ClassVar[tuple[str, ...]] = ("chat",)
    """Record formats that the rule is about: names, `*` for any record, `""` for records of no known format."""

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings."""


class SchemaRule(Rule):
    """Found by a JSON Schema, whose `x-rules` names it; the rule only finds the words."""

    def word(self, violation: Violation) -> str:
        """The message for one violation; `{value}` stands for the value at its pointer."""
        from jsonl_lint.rule.words import describe  # a clean file needs no words

        return describe(violation)

    def advise(self, violation: Violation, value: Any) -> str:
        """What to do about one violation; `value` as for `fixable`."""
        return self.help

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Whether another rule says it better for this record."""
        return False

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """How `repair` repairs the violation, None where it does not; `value` stands for the one at its pointer."""
        return self.usual_fix()

    def report(self, violation: Violation, value: Any = None) -> Sketch:
        """The finding for one violation. An unexpected key is marked itself."""
        words, advice, fix = self.word(violation), self.advise(violation, value), self.fixable(violation, value)
        if violation.keyword in _ABOUT_KEYS and violation.subject is not None:
            return self.sketch((*violation.pointer, violation.subject), words, advice, at_key=True, fix=fix)
        return self.sketch(violation.pointer, words, advice, fix=fix)


class RecordRule(Rule):
    """Judges what no structure shows: tool calls, images, figures. It sees the real record.

    `concerns` is asked once for each structure, on a record that has the structure and nothing else, so that only
    records which have what the rule is about pay for it. Rules of a kind may share a `screen`, which is asked before
    them and once for all: a record that passes is clean, one that does not may be.
    """

    formats: ClassVar[tuple[str, ...]] = CONVERSATIONS
    screen: ClassVar[Screen | None] = None
    late: ClassVar[bool] = False
    """Whether the screen does without the rule's file, so that this is imported where a record does not pass."""
    right_types: ClassVar[Mapping[str, str]] = {}
    """The JSON types of values that the rule reports if they have another, by how their places end (`*`: any item).

    Such a value is wrong wherever it stands, so it is not held against other records (`inconsistent-types`). A
    `/traits/…` leaves the type to this trait of the target.
    """

    @abstractmethod
    def concerns(self, record: Record) -> bool:
        """Whether records of this structure have what the rule is about. Texts and numbers here are stand-ins."""

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings."""


class TextRule(Rule):
    """Judges texts. It sees the real record, and only if the scan finds in its texts what the rule asks for.

    The rule asks for texts that hold one of `marks` and match one of `patterns`, or for any of the other attributes.
    A rule that asks for nothing sees every record, which costs much. `check` decides alone: what the scan lets through
    may be clean, but everything that `check` reports must be asked for.
    """

    formats: ClassVar[tuple[str, ...]] = ("*",)
    marks: ClassVar[str] = ""
    """Characters, one of which such a text holds. The rarer they are, the better. No white space."""
    patterns: ClassVar[tuple[str, ...]] = ()
    """Regular expressions, one of which such a text matches as well. Fast if they begin with a plain character.

    They may ask for less than `check` does: short ones, without `{2,40}`, are compiled in less than half of the time.
    """
    long_words: ClassVar[bool] = False
    """Whether a long word (`jsonl_lint.texts.LONG_WORD`) is a mark, too. Then `patterns` are searched as well."""
    long_word_pattern: ClassVar[str] = "(?!)"
    """What such a word begins with."""
    whole: ClassVar[frozenset[str]] = frozenset()
    """Whole texts of at most 24 characters, in lower case and without white space around them."""
    endings: ClassVar[tuple[str, ...]] = ()
    """How a record's last text ends."""
    repeats: ClassVar[bool] = False
    """Whether the rule is about last texts that end in a loop."""

    excused_by: ClassVar[tuple[str, ...]] = ()
    """Rules about syntax that say the same of a text, or of a line where they do not know the text."""

    @property
    def triggers(self) -> bool:
        """Whether the rule asks for anything."""
        return bool(self.marks or self.long_words or self.whole or self.endings or self.repeats)

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings. `record.texts` are all texts, `record.last_texts` those that the record may end with."""


class LineRule(Rule):
    """Found in a line's bytes, before any JSON: by the reader, or by the parser under the rule's own name."""

    about_lines = True

    def explain(self, problem: Problem) -> str:
        """The message for a problem that the parser named after this rule."""
        return problem.detail

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """How `repair_line` repairs the problem, None where it does not."""
        return self.usual_fix()


class SyntaxRule(LineRule):
    """Names a line that has no reading as JSON. The first rule, by `order`, that knows the failure reports it."""

    order: ClassVar[int] = 50

    @abstractmethod
    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """The finding, or None where this rule does not know the failure."""

    def advise(self, text: str, error: JsonSyntaxError) -> str:
        """What to do about this very line, if more can be said than `help`. May take long: asked if it is shown."""
        return ""

    def mark(
        self,
        message: str,
        start: int,
        end: int = -1,
        help: str = "",  # noqa: A002
        *,
        fix: Applicability | None = USUAL_FIX,
    ) -> Sketch:
        """A finding at code points `start:end` of the line."""
        return self.sketch((), message, help, fix=fix)._replace(start=start, end=max(end, start + 1))


class LengthRule(Rule):
    """Judges a record that is longer than the model takes. No other record is shown to it.

    `needs_count`: it depends on more than that, so the tokens must be counted even where no finding is made any more.
    """

    needs_count: ClassVar[bool] = True

    @abstractmethod
    def check(self, record: Record, overrun: Overrun) -> Iterable[Sketch]:
        """The findings."""


class ModelRule(Rule):
    """Judges the model that the data is for: that of the run, and the one that a batch request names."""

    def of_model(self, use: ModelUse) -> Iterable[FileSketch]:
        """What is wrong with the model itself: said once for each file, or at each request that names it."""
        return ()

    def of_record(self, use: ModelUse, record: Record) -> Iterable[Sketch]:
        """What a record asks of the model that it cannot do. Texts and numbers may be stand-ins."""
        return ()


class DatasetRule(Rule):
    """Compares records of a file by a key: reports each record whose key an earlier one had.

    If `distinct` is set, it reports instead each key that differs from the file's first, once.
    """

    formats: ClassVar[tuple[str, ...]] = CONVERSATIONS
    distinct: ClassVar[bool] = False
    of_structure: ClassVar[bool] = False
    """Whether all records of one structure have the same key: no text and no number is in it. Such are passed over."""
    suffix: ClassVar[str] = ""
    """What is put, with a number, behind a key that is there already; empty: such a key cannot be changed."""

    @abstractmethod
    def concerns(self, record: Record) -> bool:
        """Whether records of this structure have such a key. Texts and numbers here are stand-ins."""

    @abstractmethod
    def key(self, record: Record) -> tuple[Pointer, str]:
        """Where the key stands in the real record, and the key."""

    @abstractmethod
    def word(self, first_line: int) -> str:
        """The message; `{value}` stands for the key where `distinct` is set."""

    @classmethod
    def usual_fix(cls) -> Applicability | None:
        """As `fix` has it, if a key can be changed."""
        return cls.fix if cls.suffix else None


class ComparisonRule(Rule):
    """Compares whole records of a file with earlier ones, or with those of another file. The engine finds them."""

    @abstractmethod
    def word(self, line: int, file: str, *, whole: bool) -> str:
        """The message; `line` is that of the other record, and `file` names its file if that is another one.

        If they are not alike as a `whole`, it is the prompt that is.
        """

    def word_for_all(self, count: int) -> str:
        """The message of the one finding that stands for so many that they must be meant; empty: each is reported."""
        return ""


class KindRule(Rule):
    """Judges the keys of a file's records and the types of their values, and where each stands first."""

    @abstractmethod
    def check(
        self, kinds: Mapping[tuple[str, str], FirstPlace], limits: Mapping[str, Any]
    ) -> Iterable[tuple[tuple[str, str], str]]:
        """What is reported at the first place of a kind, and the message.

        A kind is a pointer in which `*` stands for any index, with a type: `("/messages/*/content", "string")`. They
        are given in the order of the file. `limits` are the target's.
        """


class RereadingRule(Rule):
    """Judges the records of a file when it has ended, for which it reads them again.

    That costs as much as the check itself, so a rule looks at few of them before it knows that it has to see all.
    """

    least_records: ClassVar[int] = 0
    """The rule is not about files with fewer records."""

    @abstractmethod
    def check(self, records: Iterable[ReadRecord]) -> Iterator[tuple[ReadRecord, Sketch]]:
        """The findings, each with the record that it is about.

        `records` may be gone through as often as it takes. Only those that the fast parser reads are among them.
        """


class FileRule(Rule):
    """Judges a file as a whole, from facts that were counted on the way: at its end, or before its first line."""

    about_lines = True
    before_lines: ClassVar[bool] = False
    files: ClassVar[tuple[str, ...]] = ("*",)
    """Only files with one of these traits (`FileFacts.traits`) are shown to the rule; `*` is any file."""

    @abstractmethod
    def check(self, file: FileFacts) -> Iterable[FileSketch]:
        """The findings."""
