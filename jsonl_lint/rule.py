"""What a rule author imports: base classes, and the sketch of a finding.

A rule is one file under `jsonl_lint/rules/<family>/<rule_name>.py`, found by walking the package. Its class holds
the code, the name, the default severity, the documentation (the docstring; its first line is the summary everywhere)
and, unless a schema or the parser does the finding, the check.

A rule yields `Sketch`es: a JSON Pointer and words. The engine knows the line, turns the pointer into columns and adds
severity, file and line.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from jsonl_lint.jsonspan import JsonSyntaxError, Problem
from jsonl_lint.model import Applicability, Pointer, Severity, excerpt, guarded, printable
from jsonl_lint.record import ROLE_ALIASES, Message, Record, Screen, Text, role_meaning
from jsonl_lint.schemas import Violation

if TYPE_CHECKING:
    from jsonl_lint.repair import (
        BreakLine,
        CopyRecord,
        Delete,
        DropRecord,
        EditText,
        Insert,
        Join,
        Move,
        Piece,
        Quote,
        Rename,
        Repair,
        Replace,
        Substitute,
        Unquote,
        Verb,
        Wrap,
        as_json,
        repair,
    )
    from jsonl_lint.tokens.ruler import ModelUse, Overrun

__all__ = [
    "CONVERSATIONS",
    "ROLE_ALIASES",
    "TOKENISED",
    "TRAINED",
    "BreakLine",
    "ComparisonRule",
    "CopyRecord",
    "DatasetRule",
    "Delete",
    "DropRecord",
    "EditText",
    "FileFacts",
    "FileRule",
    "FileSketch",
    "FirstPlace",
    "Insert",
    "Join",
    "KindRule",
    "LengthRule",
    "LineRule",
    "Message",
    "ModelRule",
    "Move",
    "Piece",
    "Quote",
    "ReadRecord",
    "Record",
    "RecordRule",
    "Rename",
    "Repair",
    "Replace",
    "Reread",
    "RereadingRule",
    "Rule",
    "SchemaRule",
    "Screen",
    "Sketch",
    "StructureRule",
    "Substitute",
    "SyntaxRule",
    "Text",
    "TextRule",
    "Unquote",
    "Verb",
    "Wrap",
    "as_json",
    "describe",
    "holds_tokens",
    "repair",
    "role_meaning",
    "shown_key",
]


def __getattr__(name: str) -> Any:
    """What says how to repair a finding is imported with the first rule that needs it."""
    if name in __all__:
        from jsonl_lint import repair as verbs

        return getattr(verbs, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


TRAINED = ("chat", "bedrock", "gemini", "sharegpt")
"""The record formats that are one conversation, answers included."""

CONVERSATIONS = (*TRAINED, "preference", "batch", "anthropic-batch")
"""The record formats that hold a conversation."""

TOKENISED = ("tokenized", "input-ids")
"""The record formats that hold token ids instead of texts."""


class Sketch(NamedTuple):
    """A finding without its place in the file.

    `{value}` in the message stands for a clipped picture of the real value at `pointer`. `subject` is a key that is
    missing or unexpected there. `at_key` marks the member's key instead of its value; `start` and `end` (code points)
    override the place that the pointer gives. `fix` says whether the rule can repair it: `repair` is asked only then.
    `detail` is what was noted for the words or the repair, by the parser or the rule.
    """

    rule: str
    pointer: Pointer
    message: str
    help: str = ""
    at_key: bool = False
    start: int = -1
    end: int = -1
    fix: Applicability | None = None
    detail: str = ""


_OF_THE_RULE: Any = object()
"""No applicability was named: that of the rule holds."""


class Rule(ABC):
    """What all rules have."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    fix: ClassVar[Applicability | None] = None
    """How its findings are repaired, if a finding does not say otherwise; None: by the author alone."""
    leaves: ClassVar[tuple[str, ...]] = ()
    """Rules that may have a finding where this one's was, once it is repaired: lesser forms of the same defect."""
    fixed_last: ClassVar[bool] = False
    """Whether its fix waits until no other fix can be made: those may make it needless, or a smaller one enough."""
    help: ClassVar[str] = ""
    """What to do, in one sentence."""
    default: ClassVar[bool] = True
    """False: only on when selected by name or code."""
    needs: ClassVar[str] = ""
    """What a chat has to have so that the rule is asked about it: `tools`, `parts`, `weights` or `reasoning`.

    `Record.lacks` says what these mean.
    """
    alone: ClassVar[bool] = False
    """True: neither `ALL` nor the beginning of its code selects it."""
    about_lines: ClassVar[bool] = False
    """True: its findings are repaired by `repair_line`, as they need not be in a record."""
    sensitive: ClassVar[bool] = False
    """True: what stands at its places is a secret or personal, and no report shows it."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__ and not re.fullmatch(r"[A-Z]{2,}[0-9]{3}", cls.code):
            raise TypeError(f"{cls.__name__}: {cls.code!r} is not a rule code like JL204")
        if "name" in cls.__dict__ and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cls.name):
            raise TypeError(f"{cls.__name__}: {cls.name!r} is not a rule name like empty-messages")
        if "code" in cls.__dict__ and not (cls.__doc__ or "").strip():
            raise TypeError(f"{cls.__name__}: the docstring is the rule's documentation and is missing")

    @classmethod
    def summary(cls) -> str:
        """The docstring's first line."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def documentation(cls) -> str:
        """The docstring's paragraphs after the summary, without indentation."""
        lines = (cls.__doc__ or "").strip().splitlines()[1:]
        return "\n".join(line[4:] if line.startswith("    ") else line for line in lines).strip()

    def sketch(
        self,
        pointer: Pointer,
        message: str,
        help: str = "",  # noqa: A002
        *,
        at_key: bool = False,
        fix: Applicability | None = _OF_THE_RULE,
    ) -> Sketch:
        """A finding of this rule. `fix` where it is not repaired as the rule's findings usually are."""
        fix = self.usual_fix() if fix is _OF_THE_RULE else fix
        return Sketch(self.name, pointer, message, help or self.help, at_key, -1, -1, fix)

    def repair(self, record: Record, sketch: Sketch) -> "Repair | None":
        """How to repair the finding in the real record. Asked only if the sketch's `fix` says that it can be."""
        return None

    def repair_line(self, text: str, sketch: Sketch) -> "Repair | None":
        """The same for a finding in a line that need not be a record; the line is here without its end."""
        return None

    @classmethod
    def usual_fix(cls) -> Applicability | None:
        """How a finding is repaired if nothing else is said: as `fix` has it, if the rule says how."""
        repairs = cls.repair is not Rule.repair or cls.repair_line is not Rule.repair_line
        return cls.fix if repairs else None


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

    def mark(
        self,
        message: str,
        start: int,
        end: int = -1,
        help: str = "",  # noqa: A002
        *,
        fix: Applicability | None = _OF_THE_RULE,
    ) -> Sketch:
        """A finding at code points `start:end` of the line."""
        fix = self.usual_fix() if fix is _OF_THE_RULE else fix
        return Sketch(self.name, (), message, help or self.help, False, start, max(end, start + 1), fix)


class SchemaRule(Rule):
    """Found by a JSON Schema, whose `x-rules` names it; the rule only finds the words."""

    def word(self, violation: Violation) -> str:
        """The message for one violation; `{value}` stands for the value at its pointer."""
        return describe(violation)

    def advise(self, violation: Violation) -> str:
        """What to do about one violation."""
        return self.help

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Whether another rule says it better for this record."""
        return False

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """How `repair` repairs the violation, None where it does not; `value` stands for the one at its pointer."""
        return self.usual_fix()

    def report(self, violation: Violation, value: Any = None) -> Sketch:
        """The finding for one violation. An unexpected key is marked itself."""
        words, advice, fix = self.word(violation), self.advise(violation), self.fixable(violation, value)
        if violation.keyword == "additionalProperties" and violation.subject is not None:
            return self.sketch((*violation.pointer, violation.subject), words, advice, at_key=True, fix=fix)
        return self.sketch(violation.pointer, words, advice, fix=fix)


class StructureRule(Rule):
    """Judges a record's structure, once for all records that share it; content is not there to see."""

    formats: ClassVar[tuple[str, ...]] = ("chat",)
    """Record formats that the rule is about: names, `*` for any record, `""` for records of no known format."""

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings."""


class RecordRule(Rule):
    """Judges what no structure shows: tool calls, images, figures. It sees the real record.

    `concerns` is asked once for each structure, on a record that has the structure and nothing else, so that only
    records which have what the rule is about pay for it. Rules of a kind may share a `screen`, which is asked before
    them and once for all: a record that passes is clean, one that does not may be.
    """

    formats: ClassVar[tuple[str, ...]] = CONVERSATIONS
    screen: ClassVar[Screen | None] = None

    @abstractmethod
    def concerns(self, record: Record) -> bool:
        """Whether records of this structure have what the rule is about. Texts and numbers here are stand-ins."""

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings."""


class DatasetRule(Rule):
    """Compares records of a file by a key: reports each record whose key an earlier one had.

    If `distinct` is set, it reports instead each key that differs from the file's first, once.
    """

    formats: ClassVar[tuple[str, ...]] = CONVERSATIONS
    distinct: ClassVar[bool] = False
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
        self, kinds: "Mapping[tuple[str, str], FirstPlace]", limits: Mapping[str, Any]
    ) -> Iterable[tuple[tuple[str, str], str]]:
        """What is reported at the first place of a kind, and the message.

        A kind is a pointer in which `*` stands for any index, with a type; they are given in the order of the file.
        `limits` are the target's.
        """


class ReadRecord(NamedTuple):
    """A record read once more: its line from 0, the byte where that begins, its bytes, and the record."""

    line: int
    offset: int
    data: bytes
    record: Record


class Reread(Protocol):
    """The records of a file that has ended, to be read as often as it takes; `count` says how many there are.

    Only records that the fast parser reads are among them.
    """

    count: int

    def __iter__(self) -> Iterator[ReadRecord]: ...


class RereadingRule(Rule):
    """Judges the records of a file when it has ended, for which it reads them again.

    That costs as much as the check itself, so a rule looks at few of them before it knows that it has to see all.
    """

    least_records: ClassVar[int] = 0
    """The rule is not about files with fewer records."""

    @abstractmethod
    def check(self, records: Reread) -> Iterator[tuple[ReadRecord, Sketch]]:
        """The findings, each with the record that it is about."""


class FirstPlace(NamedTuple):
    """Where something stands first: the line from 1, and the byte at which its record begins."""

    line: int
    record_offset: int


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
    """Rules about syntax that say the same of a broken line."""

    @property
    def triggers(self) -> bool:
        """Whether the rule asks for anything."""
        return bool(self.marks or self.long_words or self.whole or self.endings or self.repeats)

    @abstractmethod
    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings. `record.texts` are all texts, `record.last_texts` those that the record may end with."""


class LengthRule(Rule):
    """Judges a record that is longer than the model takes. No other record is shown to it.

    `needs_count`: it depends on more than that, so the tokens must be counted even where no finding is made any more.
    """

    needs_count: ClassVar[bool] = True

    @abstractmethod
    def check(self, record: Record, overrun: "Overrun") -> Iterable[Sketch]:
        """The findings."""


class ModelRule(Rule):
    """Judges the model that the data is for: that of the run, and the one that a batch request names."""

    def of_model(self, use: "ModelUse") -> "Iterable[FileSketch]":
        """What is wrong with the model itself: said once for each file, or at each request that names it."""
        return ()

    def of_record(self, use: "ModelUse", record: Record) -> Iterable[Sketch]:
        """What a record asks of the model that it cannot do. Texts and numbers may be stand-ins."""
        return ()


class FileRule(Rule):
    """Judges a file as a whole, from facts that were counted on the way: at its end, or before its first line."""

    about_lines = True
    before_lines: ClassVar[bool] = False
    files: ClassVar[tuple[str, ...]] = ("*",)
    """Only files with one of these traits (`FileFacts.traits`) are shown to the rule; `*` is any file."""

    @abstractmethod
    def check(self, file: "FileFacts") -> "Iterable[FileSketch]":
        """The findings."""


class FileSketch(NamedTuple):
    """A finding about a file: the lines that it names, and words."""

    message: str
    line: int = 1
    end_line: int = 0
    column: int = 1
    end_column: int = 1
    byte_offset: int = 0
    help: str = ""
    severity: Severity | None = None


class FileFacts(NamedTuple):
    """What is known of a file. Before its first line is read only the first seven fields are.

    Sizes in bytes; `last_line` is the number of the last line; the first line with each kind of end is 0 where
    there is none. `columns` are those of a Parquet file, with Arrow's words for their types.
    """

    path: str
    size: int | None
    encoding: str
    layout: str
    limits: Mapping[str, Any]
    lfs: bool = False
    format: str | None = None
    bytes: int = 0
    records: int = 0
    last_line: int = 1
    last_line_offset: int = 0
    first_lf: int = 0
    first_crlf: int = 0
    first_lf_offset: int = 0
    first_crlf_offset: int = 0
    columns: Mapping[str, str] | None = None

    @property
    def traits(self) -> set[str]:
        """Its layout and its encoding; `lfs` for a Git LFS pointer; `empty` if no record is known, and `mixed` ends."""
        more = (("lfs", self.lfs), ("empty", not self.records), ("mixed", self.first_lf and self.first_crlf))
        return {self.layout, self.encoding, *(trait for trait, has_it in more if has_it)}


def holds_tokens(type_name: str) -> bool:
    """Whether a column of this type, in Arrow's words, holds lists of whole numbers."""
    integers = r"(large_|fixed_size_)?list<[^<>]*: u?int(8|16|32|64)( not null)?>(\[\d+\])?"
    return re.fullmatch(integers, type_name) is not None


def describe(violation: Violation) -> str:
    """A schema violation in words, for any JSON Schema. `{value}` stands for the offending value."""
    constraint = violation.constraint
    if violation.keyword in _WORDS:
        return _WORDS[violation.keyword].format(
            constraint=_listed(constraint), subject=shown_key(violation.subject or ""), value="{value}"
        )
    return f"{{value}} breaks the schema's `{violation.keyword}`"


_WORDS = {
    "type": "expected {constraint}, found {value}",
    "required": "the key `{subject}` is missing",
    "additionalProperties": "the key `{subject}` is not known here",
    "unevaluatedProperties": "the key `{subject}` is not known here",
    "enum": "{value} is not one of {constraint}",
    "const": "{value} is not {constraint}",
    "minItems": "{value} has fewer items than {constraint}",
    "maxItems": "{value} has more items than {constraint}",
    "minLength": "{value} is shorter than {constraint} characters",
    "maxLength": "{value} is longer than {constraint} characters",
    "pattern": "{value} does not match the pattern {constraint}",
    "minimum": "{value} is less than {constraint}",
    "maximum": "{value} is more than {constraint}",
    "exclusiveMinimum": "{value} is not more than {constraint}",
    "exclusiveMaximum": "{value} is not less than {constraint}",
    "multipleOf": "{value} is not a multiple of {constraint}",
    "format": "{value} is not a valid {constraint}",
    "minProperties": "{value} has fewer keys than {constraint}",
    "maxProperties": "{value} has more keys than {constraint}",
    "uniqueItems": "the items of {value} are not unique",
    "falseSchema": "{value} must not be here",
}


def _listed(constraint: Any) -> str:
    if isinstance(constraint, list):
        shown = [str(item) if item is not None else "null" for item in constraint[:12]]
        more = [] if len(constraint) <= 12 else [f"{len(constraint) - 12} more"]
        shown += more
        text = (" or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)) or "nothing"
    else:
        text = "null" if constraint is None else str(constraint)[:80]
    return guarded(printable(text))


def shown_key(key: str) -> str:
    """A key as messages show it: clipped, without characters that disturb a terminal."""
    return excerpt(key)[1:-1]
