"""Turn bytes into lines, and read them in pieces of bounded size.

A line ends at byte 0x0A and nowhere else. Neither text mode nor `splitlines` is used, because both see other line ends.
"""

import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple

from jsonl_lint.files.head import Head
from jsonl_lint.files.pieces import as_stream, pieces_of

PIECE_BYTES = 1 << 20
"""Longer lines are rare; their length is measured before they are read into memory."""

MOST_BRACKETS_AND_COMMAS = 4_000_000
"""A long line with more of these is not parsed: its values would take gigabytes, and it would fit no model."""

FIRST_BATCH_BYTES, BATCH_BYTES = 1 << 15, 1 << 18
"""Lines are read and checked in batches of this many bytes. The first batches are small, because what is learned from
their records speeds up the next ones; later batches are as large as the processor's cache allows."""

BATCH_LINES = 1 << 14
"""Short lines are checked so many at a time: in a batch of bytes, their findings could take hundreds of megabytes."""

DEFAULT_MAX_LINE_BYTES = 64 << 20

Progress = Callable[[int], None]
"""Called with the number of bytes that have been read since the last call."""


class Origin(NamedTuple):
    """What the engine has to know of the file that lines come from.

    `file_format` is the format of most of the file's first records, and `format_line` the first line that has it.
    `line_end` is the ending of the file's first line; if a fix splits a last line without an ending, the new lines get
    this one.
    """

    file_format: str | None = None
    format_line: int = 0
    line_end: str = "\n"


class Block(NamedTuple):
    """Complete lines of one file: `data` starts at byte `offset` (decompressed), in line `first_line` (from 1).

    `synchronised` says that the block certainly begins where a record begins. The other fields are as in `Origin`.
    """

    path: str = ""
    first_line: int = 1
    offset: int = 0
    data: bytes = b""
    file_format: str | None = None
    format_line: int = 0
    synchronised: bool = True
    line_end: str = "\n"

    @property
    def origin(self) -> Origin:
        """What the engine has to know of the file."""
        return Origin(self.file_format, self.format_line, self.line_end)


def brackets_and_commas(line: bytes) -> int:
    """Count the opening brackets and commas of a line, also in strings: it cannot have more values than that."""
    return sum(map(line.count, (b"{", b"[", b",")))


def end_of_lines(data: bytes, most: int) -> int:
    """Return where in a batch its first lines end: all of them, or about `most` of them, and never more.

    >>> end_of_lines(b"1\\n2\\n3\\n", most=2)
    4
    """
    lines = start = 0
    if data.count(b"\n") > most:
        while lines <= most:  # so many bytes do not have more lines, so that a line has ended when there are too many
            lines += data.count(b"\n", start, start + most)
            start += most
        return data.rfind(b"\n", 0, start - most) + 1
    return len(data)


class LineReader:
    """Reads the lines of a file or stream, in order, in pieces of bounded size.

    `batch` returns complete lines with their endings, except that a line longer than `piece_bytes` may be incomplete;
    `complete` then reads the rest, as `lines` does for every line. So a line over the limit is measured, but never
    held in memory. `watch` is called with each line that `batch` returns.
    """

    def __init__(
        self,
        handle: BinaryIO,
        head: Head,
        max_line_bytes: int = DEFAULT_MAX_LINE_BYTES,
        watch: Callable[[bytes], None] | None = None,
    ) -> None:
        self.rewindable = _seekable(handle)
        if self.rewindable:
            handle.seek(head.bom_bytes)
            self.handle = handle
        else:
            self.handle = as_stream(chain([head.data[head.bom_bytes :]], pieces_of(handle)))
        self.end: int | None = None
        self.limit = max_line_bytes
        self.watch = watch
        self.piece_bytes = min(PIECE_BYTES, max_line_bytes + len(b"\r\n"))
        self.batch_bytes = FIRST_BATCH_BYTES

    def lines(self) -> Iterator[tuple[bytes, int]]:
        """Yield complete lines, each with its length in bytes; b"" for one over the limit."""
        while piece := self.handle.readline(self.piece_bytes):
            cut = len(piece) >= self.piece_bytes and not piece.endswith(b"\n")
            yield self.complete(piece) if cut else (piece, len(piece))

    def batch(self) -> bytes:
        """Return the next lines, about `BATCH_BYTES` of them; b"" at the end. Only the last may be incomplete."""
        wanted = min(self.batch_bytes, BATCH_BYTES)
        self.batch_bytes = 2 * wanted
        if self.end is not None:
            wanted = min(wanted, self.end - self.handle.tell())
        data = self.handle.read(wanted) if wanted > 0 else b""
        if data and not data.endswith(b"\n"):
            data += self.handle.readline(self.piece_bytes)
        if self.watch is not None:
            for line in io.BytesIO(data):
                self.watch(line)
        return data

    def complete(self, piece: bytes) -> tuple[bytes, int]:
        """Return the complete line that begins with `piece`, and its length in bytes; b"" for one over the limit."""
        size = len(piece)
        if self.rewindable:
            start = self.handle.tell()
            size += self._pass_over()
            if size > self.limit + 2:
                return b"", size
            self.handle.seek(start)
            return piece + self.handle.readline(), size
        return self._gather(piece)

    def _gather(self, piece: bytes) -> tuple[bytes, int]:
        """Complete a line of a stream, holding it on disk until it is clear that it is not over the limit."""
        from tempfile import SpooledTemporaryFile

        size = len(piece)
        with SpooledTemporaryFile(max_size=8 * PIECE_BYTES) as held:
            held.write(piece)
            while size <= self.limit + 2:
                part = self.handle.readline(PIECE_BYTES)
                held.write(part)
                size += len(part)
                if not part or part.endswith(b"\n"):
                    held.seek(0)
                    return held.read(), size
        return b"", size + self._pass_over()

    def _pass_over(self) -> int:
        size = 0
        while part := self.handle.readline(PIECE_BYTES):
            size += len(part)
            if part.endswith(b"\n"):
                break
        return size


def range_of_lines(handle: BinaryIO, start: int, end: int, first: int, max_line_bytes: int) -> LineReader:
    """Return a reader of the lines that start in bytes `start:end`; the file's first line starts at `first`."""
    reader = LineReader(handle, Head(b""), max_line_bytes)
    handle.seek(start)
    if start > first:
        handle.seek(start - 1)
        while part := handle.readline(min(PIECE_BYTES, end - handle.tell())):  # the line may go on beyond many ranges
            if part.endswith(b"\n"):
                break
    reader.end = end
    return reader


def _seekable(handle: BinaryIO) -> bool:
    try:
        return handle.seekable() and handle.fileno() != 0
    except (OSError, ValueError):
        return False
    except AttributeError:  # a SpooledTemporaryFile before Python 3.11
        return True
