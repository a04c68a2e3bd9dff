"""Convert a record, or a file record by record."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any, NamedTuple

from jsonl_lint.convert.chat import are_messages, with_usual_roles
from jsonl_lint.convert.formats import TARGETS, WRITTEN_KEYS, source_of
from jsonl_lint.convert.pivot import LOSSES, CannotConvertError, Json, Losses, dumped, system_key
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.head import read_head, why_no_lines
from jsonl_lint.files.inputs import Path, display_path, opened, reading
from jsonl_lint.files.output import keep_apart, whole_file
from jsonl_lint.files.source import (
    DEFAULT_MAX_LINE_BYTES,
    MOST_BRACKETS_AND_COMMAS,
    LineReader,
    Progress,
    brackets_and_commas,
)
from jsonl_lint.model import format_pointer
from jsonl_lint.records.tojson import as_line
from jsonl_lint.wording import printable

ALSO_CALLED = {"messages": "chat"}
"""Other names of formats."""

MAX_REFUSALS = 1_000
"""Refusals that are kept with their reason; all are counted."""


class Refusal(NamedTuple):
    """A record that was not converted, by its line from 1."""

    line: int
    reason: str


class Converted(NamedTuple):
    """The numbers of records, converted and refused, and of records with each allowed loss, by name."""

    records: int
    converted: int
    refused: int
    lost: dict[str, int]
    refusals: tuple[Refusal, ...]

    @property
    def ok(self) -> bool:
        """Whether every record was converted."""
        return not self.refused


def convert_record(record: Mapping[str, Any], to: str, lossy: Iterable[str] = ()) -> Json:
    """Return the record in another format.

    Raises:
        ValueError: it cannot be converted, or something would get lost that `lossy` does not name.
        UserError: there is no such format or loss.
    """
    to, allowed = _checked(to, lossy)
    try:
        line = as_line(record, ensure_ascii=False)
    except Exception as error:  # the record's own methods may raise anything
        raise CannotConvertError(f"cannot be written as JSON: {printable(str(error)[:200])}") from None
    return _converted(_read(line), to, allowed, {})


def convert_file(
    source: Path,
    destination: Path,
    to: str,
    lossy: Iterable[str] = (),
    rejects: Path | None = None,
    *,
    on_progress: Progress | None = None,
) -> Converted:
    """Convert the records of a file; `-` is standard input or output.

    Records that cannot be converted, or that would lose something not named in `lossy` (`ALL` names everything), go to
    `rejects` unchanged. Without `rejects`, a single one of them prevents anything from being written. `on_progress` is
    called with the number of bytes read.

    Raises:
        UserError: there is no such format or loss, or a file cannot be read or written.
    """
    run = _Run(*_checked(to, lossy))
    source, destination = os.fsdecode(source), os.fsdecode(destination)
    rejects = None if rejects is None else os.fsdecode(rejects)
    keep_apart([path for path in (destination, rejects) if path is not None], [source])
    try:
        with ExitStack() as stack:
            out = stack.enter_context(whole_file(destination))
            apart = stack.enter_context(whole_file(rejects)) if rejects is not None else None
            run.through(source, out, apart, on_progress or (lambda _: None))
            if run.refused and apart is None:
                raise _NothingWrittenError
    except _NothingWrittenError:
        pass
    return Converted(run.records, run.records - run.refused, run.refused, run.lost, tuple(run.refusals))


class _NothingWrittenError(Exception):
    """Raised to leave the output as it was."""


def _checked(to: str, lossy: Iterable[str]) -> tuple[str, frozenset[str]]:
    """Return the name of the format, and what may be lost."""
    to = ALSO_CALLED.get(to, to)
    names = [lossy] if isinstance(lossy, str) else list(lossy)
    if to not in TARGETS:
        raise UserError(f"no format is named {to!r}; there are: {', '.join(TARGETS)}")
    for name in names:
        if name not in LOSSES and name != "ALL":
            raise UserError(f"no loss is named {name!r}; there are: {', '.join(LOSSES)}, ALL")
    return to, frozenset(LOSSES if "ALL" in names else names)


def _read(line: bytes) -> Any:
    from jiter import from_json

    try:
        return from_json(line, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        reason = str(error).rsplit(" at line ", 1)[0]  # its line is always 1, its column counts bytes
        raise CannotConvertError(f"not JSON that can be converted: {reason}; `jsonl-lint fix` may repair it") from None


def _converted(record: Any, to: str, allowed: frozenset[str], lost: dict[str, int]) -> Json:
    """Return the record in another format, and count the losses in `lost`.

    Raises:
        CannotConvertError: it cannot be converted, or would lose something that is not allowed.
    """
    if not isinstance(record, dict):
        raise CannotConvertError("the record is not an object")
    source = source_of(record.keys())
    if source is None:
        raise CannotConvertError("the record's keys are those of no format that can be converted")
    if source.name == to and _is_written_so(to, record, source.keys):
        return with_usual_roles(record)
    losses = Losses()
    conversation = source.read(record, losses)
    if to not in _PAIRS:
        conversation = conversation.with_answer(losses)
    result = TARGETS[to](conversation, losses)
    refused = [(name, pointer) for name, pointer in losses.found if name not in allowed]
    if refused:
        name, pointer = refused[0]
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        names = ",".join(sorted({name for name, _ in refused}))
        raise CannotConvertError(f"{format_pointer(pointer)}{more} would be lost; --lossy {names} allows it")
    for name in dict.fromkeys(name for name, _ in losses.found):
        lost[name] = lost.get(name, 0) + 1
    return result


def _is_written_so(to: str, record: Json, keys: frozenset[str]) -> bool:
    """Whether a record that is read as this format has the keys that are written for it, too.

    One that says whether its answer is good, as KTO's does, is no record of a format whose answers are all learned.
    """
    if to not in _PAIRS and any(isinstance(record.get(key), bool) for key in _VERDICTS):
        return False
    if to == "instruction" and any(are_messages(record.get(key)) for key in ("prompt", "completion")):
        return False
    if any(isinstance(record.get(key), str) for key in ("messages", "conversations")):
        return False
    return WRITTEN_KEYS.get(to, keys) <= record.keys() and not (to == "chat" and system_key(record) in record)


_VERDICTS = ("label", "kto_tag")
"""Keys under which KTO's records say whether the answer is good."""

_PAIRS = ("preference", "chosen-rejected")
"""Formats with two answers; all others have the preferred one."""


class _Run:
    """The conversion of one file: what to convert it to, and the counts so far."""

    def __init__(self, to: str, allowed: frozenset[str]) -> None:
        self.to = to
        self.allowed = allowed
        self.records = self.refused = 0
        self.lost: dict[str, int] = {}
        self.refusals: list[Refusal] = []
        self.end = b"\n"
        """How the last line ended."""

    def through(self, source: str, out: IO[bytes], apart: IO[bytes] | None, on_progress: Progress) -> None:
        """Write each record of the file, converted, to `out`, or as it is to `apart` if it is refused."""
        with opened(source) as (handle, _):
            for number, line in _lines(handle, display_path(source)):
                on_progress(len(line))
                if not line.strip():
                    continue
                self.records += 1
                whole = self._ended(line)
                try:
                    out.write(self._line(whole))
                except CannotConvertError as error:
                    self._refuse(number, str(error))
                    if apart is not None:
                        apart.write(whole)

    def _ended(self, line: bytes) -> bytes:
        """Return the line with an ending: its own, or else that of the line before it."""
        if not line.endswith(b"\n"):
            return line + self.end
        self.end = b"\r\n" if line.endswith(b"\r\n") else b"\n"
        return line

    def _line(self, line: bytes) -> bytes:
        record = _read(line.rstrip(b"\r\n"))
        result = _converted(record, self.to, self.allowed, self.lost)
        if result is record:
            return line
        try:
            return dumped(result).encode() + self.end
        except UnicodeEncodeError as error:  # half of a surrogate pair
            raise CannotConvertError(f"cannot be written as JSON: {error}") from None

    def _refuse(self, number: int, reason: str) -> None:
        self.refused += 1
        if len(self.refusals) < MAX_REFUSALS:
            self.refusals.append(Refusal(number, printable(reason[:300])))


def _lines(handle: Any, shown: str) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number.

    Raises:
        UnreadableInputError: the file is not lines of UTF-8, or a line is too long to be held.
    """
    with reading(shown):
        head = read_head(handle, shown)
        if reason := why_no_lines(head):
            raise UnreadableInputError(shown, reason)
        reader = LineReader(handle, head)
        for number, (line, size) in enumerate(reader.lines(), start=1):
            if size and not line:
                raise UnreadableInputError(f"{shown}:{number}", f"longer than {DEFAULT_MAX_LINE_BYTES:,} bytes")
            if size > MOST_BRACKETS_AND_COMMAS and brackets_and_commas(line) > MOST_BRACKETS_AND_COMMAS:
                raise UnreadableInputError(
                    f"{shown}:{number}", f"more than {MOST_BRACKETS_AND_COMMAS:,} brackets and commas"
                )
            yield number, line
