"""Read files again to compare records that may be equal, with each other and with the files of `--against`."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from jsonl_lint.engine import PartialReport, RawFinding, dataset_findings, detect_format
from jsonl_lint.engine.dataset.rereadable import Lines, OtherFile, RereadableFile
from jsonl_lint.errors import UnreadableInputError, UserError, reason_of
from jsonl_lint.files.head import Head, read_head
from jsonl_lint.files.inputs import STDIN, display_path, is_url, open_file, opened, same_file, short_path
from jsonl_lint.files.source import LineReader
from jsonl_lint.plans.plan import Plan

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

JUMP_BYTES = 1 << 13
"""What is read at first after a jump to a line."""

SPOOL_BYTES = 8 << 20
"""Up to this size, the copy of a stream stays in memory; a larger one goes to disk."""


def _on_disk() -> SpooledTemporaryFile[bytes]:
    from tempfile import SpooledTemporaryFile  # slow to import, and a plain file does not need it

    return SpooledTemporaryFile(max_size=SPOOL_BYTES)


class Spool:
    """A stream that can be read only once, and is copied to disk as it is read."""

    def __init__(self, handle: BinaryIO) -> None:
        self.handle = handle
        self.copy = _on_disk()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self.handle.read(size)
        self.copy.write(data)
        return data

    def seekable(self) -> bool:
        """Return False: the stream itself cannot be rewound."""
        return False

    def close(self) -> None:
        """Close the stream and its copy."""
        self.copy.close()
        self.handle.close()


def spooled(handle: BinaryIO, path: str, plan: Plan) -> BinaryIO:
    """Return the open file; it is copied to disk as it is read if it is wanted again but cannot be reopened."""
    again = is_url(path) or (path != STDIN and os.path.isfile(path))
    return handle if again or not plan.reads_again else Spool(handle)  # type: ignore[return-value]


def lines_again(path: str, max_line_bytes: int, handle: BinaryIO | None = None, head: Head | None = None) -> Lines:
    """Return a way to read a file's lines again after its end; those of a stream come from the copy in `handle`."""

    def lines(chosen: Iterable[int] | None = None, landmarks: Sequence[int] = ()) -> Iterator[tuple[bytes, int]]:
        if isinstance(handle, Spool) and head is not None:
            handle.copy.seek(0)
            yield from _whole(LineReader(handle.copy, head, max_line_bytes), chosen, landmarks)
            return
        opened, _ = open_file(path, JUMP_BYTES)
        try:
            reader = LineReader(opened, read_head(opened, display_path(path)), max_line_bytes)
            yield from _whole(reader, chosen, landmarks)
        finally:
            opened.close()

    return lines


def _whole(
    reader: LineReader, chosen: Iterable[int] | None, landmarks: Sequence[int] = ()
) -> Iterator[tuple[bytes, int]]:
    """Yield all lines, or those with these ascending numbers (from 0).

    A seekable file is read from the last landmark before each chosen line.
    """
    numbers = None if chosen is None else iter(chosen)
    wanted = 0 if numbers is None else next(numbers, None)
    offset = first = 0
    known_lines, known_bytes = (landmarks[::2], landmarks[1::2]) if reader.rewindable else ((), ())
    start = reader.handle.tell() if known_lines else 0
    while wanted is not None:
        known = bisect_right(known_lines, wanted) - 1 if numbers is not None else -1
        if known >= 0 and known_lines[known] > first:
            first, offset = known_lines[known], known_bytes[known]
            reader.handle.seek(start + offset)
            reader.batch_bytes = JUMP_BYTES  # the wanted line is likely to be near the landmark
        data = reader.batch()
        if not data:
            return
        lines = io.BytesIO(data).readlines()  # faster than to count line feeds, up to Python 3.12
        size, after, last = len(data), first + len(lines), lines[-1]
        if len(last) >= reader.piece_bytes and not last.endswith(b"\n"):
            lines[-1], whole = reader.complete(last)
            size += whole - len(last)
        if numbers is None:
            yield from zip(lines, accumulate(map(len, lines), initial=offset), strict=False)
        elif wanted < after:
            offsets = list(accumulate(map(len, lines), initial=offset))
            while wanted is not None and wanted < after:
                yield lines[wanted - first], offsets[wanted - first]
                wanted = next(numbers, None)
        offset += size
        first = after


class Gathered:
    """Records passed in one by one, kept on disk, with what rules about the whole dataset need to know."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.format: str | None = None
        self.report = PartialReport()
        self.held = _on_disk()

    def __enter__(self) -> Gathered:
        return self

    def __exit__(self, *_: object) -> None:
        self.held.close()

    def add(self, report: PartialReport, record: bytes, format: str | None) -> None:  # noqa: A002
        """Add a record that has been judged."""
        counted = copy(report)
        counted.findings = []  # they have been yielded already
        self.report.append(counted)
        self.keep(record, format)

    def keep(self, record: bytes, format: str | None) -> None:  # noqa: A002
        """Add a record that has been counted in the report."""
        self.format = format
        if self.plan.reads_again:
            self.held.write(record.replace(b"\n", b" ").rstrip() + b"\n")

    def pass_over(self) -> None:
        """Add a value that is not a record."""
        self.report.lines += 1
        if self.plan.compares:
            self.report.record_keys.pad(1)
        if self.plan.reads_again:
            self.held.write(b"\n")

    def findings(self) -> Iterator[RawFinding]:
        """Yield the findings of the rules about the whole dataset."""
        return dataset_findings(self.report, self.plan, rereadable(STDIN, self.format, self.lines, self.plan))

    def lines(self, chosen: Iterable[int] | None = None, landmarks: Sequence[int] = ()) -> Iterator[tuple[bytes, int]]:
        """Yield the records again, as they were kept here. `landmarks` do not apply to this copy."""
        self.held.seek(0)
        reader = LineReader(self.held, Head(b""), self.plan.settings.max_line_bytes)  # type: ignore[arg-type]
        yield from _whole(reader, chosen)


def rereadable(path: str, format: str | None, lines: Lines, plan: Plan) -> RereadableFile:  # noqa: A002
    """Return the file as one that can be read again, with the files of `--against`."""
    return RereadableFile(format, lines, tuple(_others(path, plan)))


def _others(path: str, plan: Plan) -> Iterable[OtherFile]:
    if "overlap-with-validation" not in plan.rules:
        return
    for name in plan.settings.against:
        if name != path and not same_file(name, path):
            state = _state_of(name)
            known = plan.others.get(name)
            if known is None or known[0] != state:
                known = plan.others[name] = (state, _other(name, plan))
            yield known[1]


def require_others(plan: Plan) -> Plan:
    """Return the plan, if the files of `--against` can be opened: they are read when the data has been, which is late.

    Raises:
        UserError: one cannot.
    """
    for name in plan.settings.against if "overlap-with-validation" in plan.rules else ():
        with _opened_other(name):
            pass
    return plan


def _state_of(path: str) -> tuple[int, ...]:
    """What is another if a file has been written since; nothing for what is no local file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _other(path: str, plan: Plan) -> OtherFile:
    """Return a file of `--against` with the keys of its records.

    Raises:
        UserError: the file cannot be read.
    """
    with _opened_other(path) as handle:
        head = read_head(handle, display_path(path))
        if head.other_kind:
            raise UnreadableInputError(path, f"not lines of UTF-8, but {head.other_kind}")
        from jsonl_lint.engine.dataset.compare import keys_of

        lines = lines_again(path, plan.settings.max_line_bytes)
        return OtherFile(
            short_path(display_path(path)), detect_format(head, plan)[0], keys_of(lines(), plan.parse), lines
        )


@contextmanager
def _opened_other(path: str) -> Iterator[BinaryIO]:
    """Open a file of `--against`.

    Raises:
        UserError: it cannot be read.
    """
    try:
        if path == STDIN:
            raise UnreadableInputError(path, "standard input cannot be compared with")
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):  # it would seem to be empty
            raise UnreadableInputError(path, "not a file, and it has to be read twice; write it to one first")
        with opened(path) as (handle, _):
            yield handle
    except UnreadableInputError as error:
        raise UserError(f"--against {short_path(display_path(path))}: {error.reason}") from None
    except OSError as error:
        raise UserError(f"--against {short_path(display_path(path))}: {reason_of(error)}") from None
