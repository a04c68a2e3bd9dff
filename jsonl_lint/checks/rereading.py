"""Read the lines of a file again after its end; those of a stream from a copy that is made on its way."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from jsonl_lint.engine.dataset.rereadable import Lines
from jsonl_lint.files.head import Head, read_head
from jsonl_lint.files.inputs import STDIN, display_path, is_url, open_file
from jsonl_lint.files.source import LineReader, Progress
from jsonl_lint.plans.plan import Plan

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

JUMP_BYTES = 1 << 13
"""What is read at first after a jump to a line."""

SPOOL_BYTES = 8 << 20
"""Up to this size, the copy of a stream stays in memory; a larger one goes to disk."""


def on_disk() -> SpooledTemporaryFile[bytes]:
    """Return a new file for a copy."""
    from tempfile import SpooledTemporaryFile  # slow to import, and a plain file does not need it

    return SpooledTemporaryFile(max_size=SPOOL_BYTES)


class Spool:
    """A stream that can be read only once, and is copied to disk as it is read."""

    def __init__(self, handle: BinaryIO) -> None:
        self.handle = handle
        self.copy = on_disk()

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


def lines_again(
    path: str,
    max_line_bytes: int,
    handle: BinaryIO | None = None,
    head: Head | None = None,
    on_progress: Progress | None = None,
) -> Lines:
    """Return a way to read a file's lines again after its end; those of a stream come from the copy in `handle`.

    `on_progress` is called with 0 now and then: no byte is new, but the work goes on.
    """

    def lines(chosen: Iterable[int] | None = None, landmarks: Sequence[int] = ()) -> Iterator[tuple[bytes, int]]:
        if isinstance(handle, Spool) and head is not None:
            handle.copy.seek(0)
            yield from lines_of(LineReader(handle.copy, head, max_line_bytes), chosen, landmarks, on_progress)
            return
        opened, _ = open_file(path, JUMP_BYTES)
        try:
            reader = LineReader(opened, read_head(opened, display_path(path)), max_line_bytes)
            yield from lines_of(reader, chosen, landmarks, on_progress)
        finally:
            opened.close()

    return lines


def lines_of(
    reader: LineReader,
    chosen: Iterable[int] | None,
    landmarks: Sequence[int] = (),
    on_progress: Progress | None = None,
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
        if on_progress:
            on_progress(0)
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
