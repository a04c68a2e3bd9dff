"""The values that all layers share. They do not depend on rules, files or terminals."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from jsonl_lint.distribution import Distribution

Pointer = tuple[str | int, ...]
"""A JSON Pointer as a tuple of object keys and array indices, outermost first. `()` is the record itself."""


class Severity(str, Enum):
    """How bad a finding is: `error` breaks the upload or the training, `warning` may, `info` is good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    __hash__ = str.__hash__  # the one of `Enum` is Python code, and every finding is counted by its severity
    __str__ = str.__str__  # `error`, as it is spelled everywhere else

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANKS[self]


_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Applicability(str, Enum):
    """`safe`: the record stays the same for the trainer. `unsafe`: the fix drops, merges, guesses or re-labels."""

    SAFE = "safe"
    UNSAFE = "unsafe"

    __str__ = str.__str__


EVERY_FIX = frozenset(Applicability)

SHORTEST_SECRET = 19
"""No key or token has fewer characters."""


class Edit(NamedTuple):
    """Replace the bytes `byte_start:byte_end` of the (decompressed) file by `content`."""

    byte_start: int
    byte_end: int
    content: str


class Fix(NamedTuple):
    """Edits that together repair one finding; they must be applied all or not at all.

    Without edits it only says that there is a fix: one that rewrites the whole file, or whose edits were not asked for.
    """

    applicability: Applicability
    title: str
    edits: tuple[Edit, ...]

    @property
    def inserts_secret(self) -> bool:
        """Whether what it inserts holds a key or a token, which must not be printed."""
        contents = [edit.content for edit in self.edits if len(edit.content) >= SHORTEST_SECRET]
        if not contents:
            return False
        from jsonl_lint.secrets import without_secrets  # few fixes insert so much

        return list(map(without_secrets, contents)) != contents

    def shifted(self, offset: int) -> "Fix":
        """Return the same fix for bytes that are preceded by `offset` others."""
        applicability, title, edits = self
        shifted = [Edit(start + offset, end + offset, text) for start, end, text in edits]
        return Fix(applicability, title, tuple(shifted))


class Context(NamedTuple):
    """An excerpt of the line around a finding: clipped, without control characters, with possible secrets masked.

    Characters `start:end` of `text` are the place itself. `byte_start` and `byte_end` are its bytes from the start of
    the line, which has `line_bytes` bytes without its line ending (of an item of an array: those of the item);
    `byte_end` is None for a long place.
    """

    text: str
    start: int
    end: int
    byte_start: int
    byte_end: int | None
    line_bytes: int


class Finding(NamedTuple):
    """One defect at one place.

    `line` and `column` count from 1, `column` in code points, `end_column` is exclusive; `byte_offset` counts from the
    start of the (decompressed) file. Columns and offset are None if the record was passed as a Python object. `effect`
    is what the target does with such a record, None if its data file does not say. `context` is an excerpt for findings
    inside one line; reports for people show it, reports for programs do not. `record_hash` is "" for findings about the
    file as a whole, and unless `Settings.record_hashes` asks for it.
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
        """Return the finding as `schemas/report.schema.json` describes it."""
        fix = None
        if self.fix is not None:
            edits = [
                {"byte_start": edit.byte_start, "byte_end": edit.byte_end, "content": edit.content}
                for edit in (() if self.fix.inserts_secret else self.fix.edits)
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
    """The lengths of a file's records in tokens; None in a `Census` if neither a model nor a limit was given.

    `counted` has the number of records by how they were counted, in words. `images` is how many were not counted.
    """

    tokens: Distribution
    counted: dict[str, int]
    images: int


class Census(NamedTuple):
    """Counts over a file: `messages` has records by number of messages, `roles` has messages by role."""

    messages: dict[int, int]
    roles: dict[str, int]
    lengths: Lengths | None = None


class Suppressed(NamedTuple):
    """An accepted finding, and why it is accepted; it affects neither `FileResult.counts` nor the exit code."""

    finding: Finding
    reason: str


class FileResult(NamedTuple):
    """The result for one file. `counts` is exact, however few findings are kept; sizes are in (decompressed) bytes.

    `format` is the format of most of its first records, None if they have no known one. `valid_records` have no error,
    accepted or not. `census` is there if it was asked for. `suppressed` counts accepted findings; `stale`, entries of
    the baseline whose finding is gone. `safe_fixes` and `unsafe_fixes` are the exact numbers of fixable findings.
    `compression` is `gzip`, `zstd`, `bzip2`, `xz`, or None. `fail_on` is the severity from which its findings fail.
    `notes` say which lines of other files it could not be compared with.
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
    fail_on: Severity = Severity.ERROR
    notes: tuple[str, ...] = ()

    def failing(self) -> list[Severity]:
        """Return the severities at or above `fail_on` that findings have."""
        return [severity for _, severity in self.counts if severity.rank >= self.fail_on.rank]


class InputError(NamedTuple):
    """An input that could not be checked."""

    path: str
    reason: str


Event = Finding | FileResult | InputError | Suppressed
"""What a run yields: a finding, the result of a file, an input that cannot be checked, an accepted finding."""


def file_entry(file: FileResult) -> dict[str, Any]:
    """Return one item of a report's `files`; `compression` is there only for a compressed file."""
    entry = {
        "path": file.path,
        "format": file.format,
        "bytes": file.bytes,
        "records": file.records,
        "valid_records": file.valid_records,
    }
    return entry if file.compression is None else {**entry, "compression": file.compression}


def summarise(files: Iterable[FileResult]) -> dict[str, Any]:
    """Return a report's `summary`: exact counts over all files."""
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


def counts_by_rule(counts: Mapping[tuple[str, Severity], int]) -> dict[str, int]:
    """Return the counts of a `FileResult` or `FixResult` without regard to severity."""
    found: dict[str, int] = {}
    for (rule, _), count in counts.items():
        found[rule] = found.get(rule, 0) + count
    return found


def format_pointer(pointer: Pointer) -> str:
    """Return the RFC 6901 JSON Pointer, `""` for the record itself.

    >>> format_pointer(("messages", 1, "a/b"))
    '/messages/1/a~1b'
    """
    joined = "/".join(map(str, ("", *pointer)))
    if "~" not in joined and joined.count("/") == len(pointer):
        return joined
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def value_at(value: Any, pointer: Pointer) -> Any:
    """Return the value at the pointer, or its closest existing parent."""
    for part in pointer:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return value
    return value


def value_or_none(value: Any, pointer: Pointer) -> Any:
    """Return the value at the pointer, None if there is none."""
    for part in pointer:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value
