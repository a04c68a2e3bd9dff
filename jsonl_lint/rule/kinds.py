"""The kinds of rules: each determines what its rules see, and what they return.

The engine runs a rule only where it can matter, so the best kind is the one that sees the least. All are in this file,
so that the author of a rule can compare them.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from jsonl_lint.records.formats import CONVERSATIONS
from jsonl_lint.rule.base import USUAL_FIX, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jsonl_lint.jsonspan import JsonSyntaxError, Problem
    from jsonl_lint.model import Applicability, Pointer
    from jsonl_lint.records.record import Record, Screen
    from jsonl_lint.rule.facts import FileFacts, FirstPlace, ReadRecord
    from jsonl_lint.rule.sketch import FileSketch, Sketch
    from jsonl_lint.schemas import Violation
    from jsonl_lint.tokens.overruns import Overrun
    from jsonl_lint.tokens.uses import ModelUse

_ABOUT_KEYS = ("additionalProperties", "unevaluatedProperties", "propertyNames")
"""The keywords of JSON Schema that are violated by a key, not by its value."""


class StructureRule(Rule):
    """Judges a record's structure, once for all records that share it, without seeing any content."""

    formats: ClassVar[tuple[str, ...]] = ("chat",)
    """Record formats to which the rule applies: names, `*` for any record, `""` for records of no known format."""

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """Yield the findings."""


class SchemaRule(Rule):
    """Reports violations of a JSON Schema whose `x-rules` names the rule; the rule only provides the message."""

    def word(self, violation: Violation) -> str:
        """Return the message for one violation; `{value}` stands for the value at its pointer."""
        from jsonl_lint.rule.words import describe  # a clean file needs no messages

        return describe(violation)

    def advise(self, violation: Violation, value: Any) -> str:
        """Return what to do about one violation; `value` is as for `fixable`."""
        return self.help

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Whether another rule explains the violation better for this record."""
        return False

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Return the applicability of the fix, None if there is none; `value` is a stand-in for the real value."""
        return self.usual_fix()

    def resists(self, violation: Violation, value: Any) -> bool:
        """Whether the fix would not work in this record, which is the value, with stand-ins for texts and numbers."""
        return False

    def report(self, violation: Violation, value: Any = None) -> Sketch:
        """Return the finding for one violation. For an unexpected key, its place is the key."""
        words, advice, fix = self.word(violation), self.advise(violation, value), self.fixable(violation, value)
        if violation.keyword in _ABOUT_KEYS and violation.subject is not None:
            return self.sketch((*violation.pointer, violation.subject), words, advice, at_key=True, fix=fix)
        return self.sketch(violation.pointer, words, advice, fix=fix)


class RecordRule(Rule):
    """Judges what a structure does not show: tool calls, images, numbers. It sees the real record.

    `concerns` and `screen_for` are called once per structure, with its abstract record, so that others do not pay for
    the rule. Rules may share a `screen`, which is tried once before all of them: a record that passes is clean.
    """

    formats: ClassVar[tuple[str, ...]] = CONVERSATIONS
    screen: ClassVar[Screen | None] = None
    late: ClassVar[bool] = False
    """Whether the screen works without the rule's file, so that it is imported only if a record does not pass."""
    exact: ClassVar[bool] = False
    """Whether it has to tell bytes apart that are not UTF-8, which other rules see as U+FFFD."""
    right_types: ClassVar[Mapping[str, str]] = {}
    """The only right JSON types of values that the rule checks, by how their pointers end (`*`: any item).

    A whole pointer may have the record's format in front: `chat/tools`. A value of another type is wrong in itself, so
    `inconsistent-types` does not compare it with other records. With `/traits/…`, a trait of the target determines the
    type.
    """

    @abstractmethod
    def concerns(self, record: Record) -> bool:
        """Whether records of this structure have what the rule is about. Texts and numbers here are stand-ins."""

    def is_shown(self, record: Record) -> bool:
        """Whether the structure of such a record shows all that the rule looks at. Then it judges that, once."""
        return False

    def screen_for(self, record: Record) -> Screen | None:
        """Return the screen that covers all that the rule looks at in records of this structure, if there is one."""
        return self.screen

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """Yield the findings."""


class TextRule(Rule):
    """Judges texts. It sees the real record, but only if the scan finds one of the rule's triggers in its texts.

    Triggers are texts with one of `marks` and a match of one of `patterns`, or any of the other attributes. A rule
    without triggers sees every record, which is slow. `check` makes the decision: a record with a trigger may be clean,
    but everything that `check` reports must have a trigger.
    """

    formats: ClassVar[tuple[str, ...]] = ("*",)
    marks: ClassVar[str] = ""
    """Characters of which the text contains at least one. The rarer they are, the better. No white space."""
    patterns: ClassVar[tuple[str, ...]] = ()
    """Regular expressions of which the text also matches at least one. Fast if they begin with a literal character.

    They may match more than `check` reports: short ones, without `{2,40}`, compile in less than half the time.
    """
    long_words: ClassVar[bool] = False
    """Whether a long word (`records.texts.LONG_WORD`) also counts as a mark; `patterns` must match as well."""
    long_word_pattern: ClassVar[str] = "(?!)"
    """A pattern for the beginning of a long word that is a trigger even if `patterns` do not match."""
    whole: ClassVar[frozenset[str]] = frozenset()
    """Complete texts of at most 24 characters, in lower case and without white space around them."""
    endings: ClassVar[tuple[str, ...]] = ()
    """Endings of a record's last text."""
    repeats: ClassVar[bool] = False
    """Whether a last text that ends in a loop is a trigger."""

    clears_lines: ClassVar[bool] = False
    """Whether `clears` may be true, so that it is worth asking."""

    excused_by: ClassVar[tuple[str, ...]] = ()
    """Syntax rules that report the same defect of a text, or of the line if they do not know the text."""

    @property
    def triggers(self) -> bool:
        """Whether the rule has any triggers."""
        return bool(self.marks or self.long_words or self.whole or self.endings or self.repeats)

    def clears(self, line: bytes, ends: Sequence[int]) -> bool:
        """Whether it is quickly certain that the rule reports nothing in a raw line, whose record is then not read.

        The line is valid JSON, and none of its escapes hides what the rule asks for. `ends` are the bytes at which all
        matches of `patterns` end in it, in order, and maybe some more. Of a pattern that ends in a class with a count,
        as `[a-z]{9}`, that does not count; patterns that may not match a raw line are replaced by the `marks`.
        """
        return False

    def concerns(self, record: Record) -> bool:
        """Whether it may report a record of this structure. Texts and numbers here are stand-ins."""
        return True

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """Yield the findings. `record.texts` are all texts, `record.last_texts` those that the record may end with."""


class LineRule(Rule):
    """Reports a defect of a line's bytes or syntax to which the reader or parser gives the rule's name (`Problem`)."""

    about_lines = True

    def explain(self, problem: Problem) -> str:
        """Return the message for a problem that the parser named after this rule."""
        return problem.detail

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Return the applicability of the problem's fix, None if there is none."""
        return self.usual_fix()


class SyntaxRule(LineRule):
    """Explains a line that cannot be read as JSON. The first rule, by `order`, that recognises the failure wins.

    `takes_all`: it recognises every failure. If its findings are only counted, it is not even asked.
    """

    order: ClassVar[int] = 50
    takes_all: ClassVar[bool] = False

    @abstractmethod
    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Return the finding, or None if this rule does not recognise the failure."""

    def advise(self, text: str, error: JsonSyntaxError) -> str:
        """Return advice for this line that is more specific than `help`, else "". Slow, so only for shown findings."""
        return ""

    def mark(
        self,
        message: str,
        start: int,
        end: int = -1,
        help: str = "",
        *,
        fix: Applicability | None = USUAL_FIX,
    ) -> Sketch:
        """Return a finding at code points `start:end` of the line."""
        return self.sketch((), message, help, start=start, end=max(end, start + 1), fix=fix)


class LengthRule(Rule):
    """Judges records that are longer than the model allows. It sees no others.

    `needs_count`: findings depend on the exact length, so tokens must be counted even if the rule is saturated.
    """

    needs_count: ClassVar[bool] = True

    @abstractmethod
    def check(self, record: Record, overrun: Overrun) -> Iterable[Sketch]:
        """Yield the findings."""


class ModelRule(Rule):
    """Judges the model of the run, or the model that a batch request names."""

    def of_model(self, use: ModelUse) -> Iterable[FileSketch]:
        """Return what is wrong with the model itself: reported once per file, or for each request that names it."""
        return ()

    def of_record(self, use: ModelUse, record: Record) -> Iterable[Sketch]:
        """Return what a record needs that the model cannot do. Texts and numbers may be stand-ins."""
        return ()


class DatasetRule(Rule):
    """Compares the records of a file by a key, and reports each record with the same key as an earlier one.

    If `distinct` is set, it reports each key that differs from the first record's instead, once.
    """

    formats: ClassVar[tuple[str, ...]] = CONVERSATIONS
    distinct: ClassVar[bool] = False
    root_key: ClassVar[str] = ""
    """The root key whose text is the key, if it is as simple as that: then a line that begins with it is not parsed."""
    suffix: ClassVar[str] = ""
    """What is appended, with a number, to a repeated key as a fix; "": it cannot be fixed."""

    @abstractmethod
    def concerns(self, record: Record) -> bool:
        """Whether records of this structure have such a key. Texts and numbers are stand-ins."""

    def is_shown(self, record: Record) -> bool:
        """Whether the key is the same in all records of this structure. Texts and numbers are stand-ins.

        This lets lines be skimmed.
        """
        return False

    @abstractmethod
    def key(self, record: Record) -> tuple[Pointer, str]:
        """Return the place of the key in the real record, and the key; "" is not compared."""

    @abstractmethod
    def word(self, first_line: int) -> str:
        """Return the message; if `distinct` is set, `{value}` stands for the key."""

    @classmethod
    def usual_fix(cls) -> Applicability | None:
        """Return `fix` if the key can be changed."""
        return cls.fix if cls.suffix else None


class ComparisonRule(Rule):
    """Reports records that equal earlier ones, or those of another file. The engine finds them."""

    @abstractmethod
    def word(self, line: int, file: str, *, whole: bool) -> str:
        """Return the message; `line` is that of the other record, and `file` its file, "" if it is the same.

        `whole` says whether the whole records are equal, or only their prompts.
        """

    def word_for_all(self, count: int) -> str:
        """Return the message for one finding in place of many that are probably intended; "": report each of them."""
        return ""


class KindRule(Rule):
    """Judges the kinds of values in a file's records, and where each first appears."""

    @abstractmethod
    def check(
        self, kinds: Mapping[tuple[str, str], FirstPlace], limits: Mapping[str, Any]
    ) -> Iterable[tuple[tuple[str, str], str]]:
        """Yield kinds to report at their first place, each with a message.

        A kind is a pointer in which `*` stands for any index, with a type: `("/messages/*/content", "string")`. `kinds`
        are in the order of the file. `limits` are the target's.
        """


class RereadingRule(Rule):
    """Judges the records of a file after its end, by reading them again.

    That costs as much as the check itself, so a rule should look at a few records first to see whether it needs all.
    """

    least_records: ClassVar[int] = 0
    """The rule does not apply to files with fewer records that can be read."""

    @abstractmethod
    def check(self, records: Iterable[ReadRecord]) -> Iterator[tuple[ReadRecord, Sketch]]:
        """Yield the findings, each with the record that it is about.

        `records` may be iterated over any number of times. It contains only what the fast parser accepts.
        """


class FileRule(Rule):
    """Judges a file as a whole, from facts about it: at its end, or before its first line (`before_lines`)."""

    about_lines = True
    before_lines: ClassVar[bool] = False
    files: ClassVar[tuple[str, ...]] = ("*",)
    """The rule sees only files with one of these traits (`FileFacts.traits`); `*` means any file."""

    @abstractmethod
    def check(self, file: FileFacts) -> Iterable[FileSketch]:
        """Yield the findings."""
