"""The values that every layer shares. They know nothing of rules, files or terminals."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple

from jsonl_lint.distribution import Distribution

Pointer = tuple[str | int, ...]
"""A place inside a record: object keys and array indices, outermost first. `()` is the record itself."""


class Severity(str, Enum):
    """How bad a finding is: `error` spoils the upload or the training, `warning` may, `info` is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    __hash__ = str.__hash__  # the one of `Enum` is Python code, and every finding is counted by its severity

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANKS[self]


_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Applicability(str, Enum):
    """`safe`: the record means the same to the trainer. `unsafe`: drops, merges, guesses or re-labels something."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(NamedTuple):
    """Replace the bytes `byte_start:byte_end` of the (decompressed) file by `content`."""

    byte_start: int
    byte_end: int
    content: str


class Fix(NamedTuple):
    """Edits that together repair one finding: applied all or not at all.

    Without edits it says only that there is a fix: it rewrites the whole file, or nobody asked for its edits.
    """

    applicability: Applicability
    title: str
    edits: tuple[Edit, ...]

    def shifted(self, offset: int) -> "Fix":
        """The same fix in bytes that begin `offset` earlier."""
        edits = (Edit(edit.byte_start + offset, edit.byte_end + offset, edit.content) for edit in self.edits)
        return self._replace(edits=tuple(edits))


class Context(NamedTuple):
    """What stands around a finding in its line: clipped, without control characters, what looks secret masked.

    Characters `start:end` of `text` are the place itself. `byte_start` and `byte_end` are the place in bytes from
    the start of the line, which has `line_bytes` without its end; `byte_end` is None for a long place.
    """

    text: str
    start: int
    end: int
    byte_start: int
    byte_end: int | None
    line_bytes: int


class Finding(NamedTuple):
    """One defect at one place.

    `line` and `column` count from 1, `column` in code points, `end_column` is exclusive; `byte_offset` counts from
    the start of the (decompressed) file. Columns and offset are None where the record came as a Python object.
    `effect` is what the target does with such a record, None where its data file does not say.
    `context` is there for findings inside one line; reports for people show it, reports for programs do not.
    `record_hash` is "" unless `Settings.record_hashes` asks for it, and for findings about the file as a whole.
    """

    path: str
    line: int
    end_line: int
    column: int | None
    end_column: int | None
    byte_offset: int | None
    pointer: str
    code: str
    rule: str
    severity: Severity
    message: str
    help: str
    fix: Fix | None = None
    effect: str | None = None
    context: Context | None = None
    record_hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The finding as `schemas/report.schema.json` describes it."""
        fix = None
        if self.fix is not None:
            edits = [
                {"byte_start": edit.byte_start, "byte_end": edit.byte_end, "content": edit.content}
                for edit in self.fix.edits
            ]
            fix = {"applicability": self.fix.applicability.value, "title": self.fix.title, "edits": edits}
        return {
            "path": self.path,
            "line": self.line,
            "end_line": self.end_line,
            "column": self.column,
            "end_column": self.end_column,
            "byte_offset": self.byte_offset,
            "pointer": self.pointer,
            "code": self.code,
            "rule": self.rule,
            "severity": self.severity.value,
            "message": self.message,
            "help": self.help,
            "fix": fix,
            "effect": self.effect,
        }


class Lengths(NamedTuple):
    """How long the records of a file are in tokens; None in a `Census` where no model and no limit was named.

    `counted`: records by how they were counted, in words. `images` were not counted.
    """

    tokens: Distribution
    counted: dict[str, int]
    images: int


class Census(NamedTuple):
    """What the records of a file are like: how many have how many messages, and how many messages have which role."""

    messages: dict[int, int]
    roles: dict[str, int]
    lengths: Lengths | None = None


class Suppressed(NamedTuple):
    """A finding that is accepted, and why; it counts neither in `FileResult.counts` nor for the exit code."""

    finding: Finding
    reason: str


class FileResult(NamedTuple):
    """The result for one file. `counts` is exact, however few findings are kept; sizes are in (decompressed) bytes.

    `format` is the format of most of its first records, None where there is none. `valid_records` have no error,
    accepted or not. `census` is there if it was asked for. `suppressed` findings are accepted; `stale` entries of the
    baseline accept nothing any more.
    `safe_fixes` and `unsafe_fixes` count the findings that a fix repairs, as exactly. `compression` is `gzip`, `zstd`,
    `bzip2`, `xz`, or None.
    """

    path: str
    format: str | None
    bytes: int
    lines: int
    records: int
    valid_records: int
    counts: dict[tuple[str, Severity], int]
    census: Census | None = None
    suppressed: int = 0
    stale: int = 0
    safe_fixes: int = 0
    unsafe_fixes: int = 0
    compression: str | None = None


class InputError(NamedTuple):
    """An input that could not be checked."""

    path: str
    reason: str


Event = Finding | FileResult | InputError | Suppressed
"""What happens in a run: a finding, the end of a file, an input that cannot be checked, a finding that is accepted."""


def file_entry(file: FileResult) -> dict[str, Any]:
    """One item of a report's `files`. Only a compressed one says so."""
    entry = {
        "path": file.path,
        "format": file.format,
        "bytes": file.bytes,
        "records": file.records,
        "valid_records": file.valid_records,
    }
    return entry if file.compression is None else {**entry, "compression": file.compression}


def summarise(files: Iterable[FileResult]) -> dict[str, Any]:
    """A report's `summary`: exact counts over all files."""
    files = list(files)
    by_rule: dict[str, int] = {}
    by_severity = dict.fromkeys(Severity, 0)
    for file in files:
        for (rule, severity), count in file.counts.items():
            by_rule[rule] = by_rule.get(rule, 0) + count
            by_severity[severity] += count
    return {
        "records": sum(file.records for file in files),
        "valid_records": sum(file.valid_records for file in files),
        "errors": by_severity[Severity.ERROR],
        "warnings": by_severity[Severity.WARNING],
        "infos": by_severity[Severity.INFO],
        "suppressed": sum(file.suppressed for file in files),
        "fixable": {
            "safe": sum(file.safe_fixes for file in files),
            "unsafe": sum(file.unsafe_fixes for file in files),
        },
        "by_rule": dict(sorted(by_rule.items())),
    }


def format_pointer(pointer: Pointer) -> str:
    """The RFC 6901 JSON Pointer, `""` for the record itself.

    >>> format_pointer(("messages", 1, "a/b"))
    '/messages/1/a~1b'
    """
    joined = "/".join(map(str, ("", *pointer)))
    if "~" not in joined and joined.count("/") == len(pointer):
        return joined
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def value_at(value: Any, pointer: Pointer) -> Any:
    """The value at the pointer, or its closest existing parent."""
    for part in pointer:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return value
    return value


def value_or_none(value: Any, pointer: Pointer) -> Any:
    """The value at the pointer, None where there is none."""
    for part in pointer:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def excerpt(value: object, limit: int = 40) -> str:
    """A clipped, one-line, JSON-like picture of a value: never the whole of somebody's data."""
    if isinstance(value, str):
        return f'"{guarded(printable(clip(value, limit)))}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{}" if not value else f"an object of {plural(len(value), 'key')}"
    if isinstance(value, (list, tuple)):
        return "[]" if not value else f"an array of {plural(len(value), 'item')}"
    if isinstance(value, int) and abs(value) >= 10**limit:
        return f"a number of more than {limit} digits"
    return str(value)[:limit] if isinstance(value, (int, float)) else type(value).__name__


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of the text; the last of them says that there were more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def printable(text: str) -> str:
    """The text with an escape for each character that could disturb a terminal or a line."""
    return text if text.isprintable() else "".join(ch if ch.isprintable() else _escape(ch) for ch in text)


_GUARD = "\u200b"


def guarded(text: str) -> str:
    """Printable text of somebody's data, in which no `{value}` or the like is taken for a place to fill in."""
    return text.replace("{", "{" + _GUARD)


def unguarded(text: str) -> str:
    """The text as it is to be read: `_GUARD` is not printable, so all of them are from `guarded`."""
    return text.replace(_GUARD, "")


def _escape(ch: str) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(ch, f"\\u{ord(ch):04x}")


def plural(count: int, noun: str) -> str:
    """`1 record`, `2 records`, `1,234 records`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
