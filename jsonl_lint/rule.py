"""What a rule author imports: base classes, and the sketch of a finding.

A rule is one file under `jsonl_lint/rules/<family>/<rule_name>.py`, found by walking the package. Its class holds
the code, the name, the default severity, the documentation (the docstring; its first line is the summary everywhere)
and, unless a schema or the parser does the finding, the check.

A rule yields `Sketch`es: a JSON Pointer and words. The engine knows the line, turns the pointer into columns and adds
severity, file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from jsonl_lint.jsonspan import JsonSyntaxError, Problem
from jsonl_lint.model import Applicability, Pointer, Severity, excerpt, guarded, printable
from jsonl_lint.schemas import Violation


class Sketch(NamedTuple):
    """A finding without its place in the file.

    `{value}` in the message stands for a clipped picture of the real value at `pointer`. `subject` is a key that is
    missing or unexpected there. `at_key` marks the member's key instead of its value; `start` and `end` (code points)
    override the place that the pointer gives.
    """

    rule: str
    pointer: Pointer
    message: str
    help: str = ""
    at_key: bool = False
    start: int = -1
    end: int = -1


class Rule:
    """What all rules have."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    fix: ClassVar[Applicability | None] = None
    help: ClassVar[str] = ""
    """What to do, in one sentence."""
    default: ClassVar[bool] = True
    """False: only on when selected by name or code."""

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

    def sketch(self, pointer: Pointer, message: str, help: str = "", *, at_key: bool = False) -> Sketch:  # noqa: A002
        """A finding of this rule."""
        return Sketch(self.name, pointer, message, help or self.help, at_key)


class LineRule(Rule):
    """Found in a line's bytes, before any JSON: by the reader, or by the parser under the rule's own name."""

    def explain(self, problem: Problem) -> str:
        """The message for a problem that the parser named after this rule."""
        return problem.detail


class SyntaxRule(LineRule):
    """Names a line that has no reading as JSON. The first rule, by `order`, that knows the failure reports it."""

    order: ClassVar[int] = 50

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """The finding, or None where this rule does not know the failure."""
        raise NotImplementedError

    def mark(self, message: str, start: int, end: int = -1, help: str = "") -> Sketch:  # noqa: A002
        """A finding at code points `start:end` of the line."""
        return Sketch(self.name, (), message, help or self.help, False, start, max(end, start + 1))


class SchemaRule(Rule):
    """Found by a JSON Schema, whose `x-rules` names it; the rule only finds the words."""

    def word(self, violation: Violation) -> str:
        """The message for one violation; `{value}` stands for the value at its pointer."""
        return describe(violation)

    def report(self, violation: Violation) -> Sketch:
        """The finding for one violation. An unexpected key is marked itself."""
        if violation.keyword == "additionalProperties" and violation.subject is not None:
            return self.sketch((*violation.pointer, violation.subject), self.word(violation), at_key=True)
        return self.sketch(violation.pointer, self.word(violation))


class StructureRule(Rule):
    """Judges a record's structure, once for all records that share it; content is not there to see."""

    formats: ClassVar[tuple[str, ...]] = ("chat",)
    """Record formats that the rule is about: names, `*` for any record, `""` for records of no known format."""

    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings."""
        raise NotImplementedError


class TextRule(Rule):
    """Judges texts. It sees the real record, and only if one of its texts holds `trigger`.

    `gate` is one rare character that every such text holds as well: it is what the hot path looks for.
    """

    formats: ClassVar[tuple[str, ...]] = ("chat",)
    gate: ClassVar[str]
    trigger: ClassVar[str]

    def check(self, record: Record) -> Iterable[Sketch]:
        """The findings."""
        raise NotImplementedError


class FileRule(Rule):
    """Judges a file as a whole, from facts that were counted on the way: at its end, or before its first line."""

    before_lines: ClassVar[bool] = False

    def check(self, file: FileFacts) -> Iterable[FileSketch]:
        """The findings."""
        raise NotImplementedError


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
    """What is known of a file. Before its first line is read only the first five fields are.

    Sizes in bytes; `last_line` is the number of the last line; the first line with each kind of end is 0 where
    there is none.
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


@dataclass(frozen=True)
class Message:
    """A message that is an object, and what its role means.

    `role` is the role as written; `meaning` the standard role that it stands for, None where nobody can tell.
    """

    index: int
    value: dict[str, Any]
    role: Any
    meaning: str | None

    @property
    def pointer(self) -> Pointer:
        """`("messages", index)`."""
        return ("messages", self.index)

    def has_text(self, key: str = "content") -> bool:
        """Whether the value of `key` is a text with more than white space.

        Content may also be a list of parts, with one such text or with a part that is anything else.
        """
        value = self.value.get(key)
        if isinstance(value, str):
            return bool(value.strip())
        if isinstance(value, list) and key == "content":
            return any(_part_has_content(part) for part in value)
        return False

    @property
    def answers(self) -> bool:
        """Whether there is something to learn from: a text, a tool call or reasoning."""
        calls = self.value.get("tool_calls") or self.value.get("function_call")
        return bool(calls) or self.has_text() or self.has_text("reasoning") or self.has_text("reasoning_content")

    @property
    def trained(self) -> bool:
        """Whether the loss counts this message: an assistant's, unless its weight is 0."""
        return self.meaning == "assistant" and self.value.get("weight") not in (0, False)


def _part_has_content(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type", "text") != "text":
        return True
    text = part.get("text")
    return bool(text.strip()) if isinstance(text, str) else True


class Record:
    """A record as a rule sees it.

    `format` is the format that its keys make, `file_format` that of its file, `checked_as` the one whose schema was
    applied: each is None where nobody can tell. `messages` are those that are objects.
    """

    def __init__(
        self,
        value: Mapping[str, Any],
        *,
        format: str | None,  # noqa: A002
        file_format: str | None,
        checked_as: str | None,
        method: str,
        roles: tuple[str, ...],
        accepted_formats: tuple[str, ...],
        target: str,
    ) -> None:
        self.value = value
        self.format = format
        self.file_format = file_format
        self.checked_as = checked_as
        self.method = method
        self.roles = roles
        self.accepted_formats = accepted_formats
        self.target = target
        found = value.get("messages")
        self.messages = tuple(
            Message(index, item, item.get("role"), role_meaning(item, roles))
            for index, item in enumerate(found if isinstance(found, list) else [])
            if isinstance(item, dict)
        )

    @property
    def whole(self) -> bool:
        """Whether every message is an object whose role anybody can tell."""
        found = self.value.get("messages")
        return (
            isinstance(found, list)
            and bool(found)
            and len(self.messages) == len(found)
            and all(message.meaning is not None for message in self.messages)
        )

    def neighbours(self) -> Iterator[tuple[Message, Message]]:
        """Each message with the one before it, where both stand side by side in the record."""
        for before, message in zip(self.messages, self.messages[1:], strict=False):
            if message.index == before.index + 1:
                yield before, message


ROLE_ALIASES = {
    "human": "user",
    "question": "user",
    "gpt": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "ipython": "tool",
    "function_call": "assistant",
    "tool_call": "assistant",
    "developer": "system",
}
"""What other tools call the standard roles (the facts: provider and trainer documentation of 2023 to 2026)."""


def role_meaning(message: Mapping[str, Any], roles: Iterable[str]) -> str | None:
    """The standard role that a message's `role` stands for, or None where nobody can tell."""
    role = message.get("role")
    if not isinstance(role, str):
        return "assistant" if role is None and message.get("tool_calls") else None
    plain = role.strip().lower()
    if plain in roles and plain != "developer":
        return plain
    return ROLE_ALIASES.get(plain)


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
