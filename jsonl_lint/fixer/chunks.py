"""The next lines of a file, held while they are checked; a line over the limit waits on disk."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from typing import IO

from jsonl_lint.files.source import PIECE_BYTES, LineReader


class LongLine(bytes):
    """The beginning of a line over the limit; all of it waits on disk."""

    held: IO[bytes]
    size: int

    def pieces(self) -> Iterator[bytes]:
        """The whole line."""
        self.held.seek(0)
        while piece := self.held.read(PIECE_BYTES):
            yield piece


class Chunk:
    """The next lines of a file, held.

    To the engine it looks like the reader that they come from, which has no more.
    """

    def __init__(self, reader: LineReader) -> None:
        self.data = reader.batch()
        self.held = io.BytesIO(self.data).readlines()
        if max(map(len, self.held), default=0) >= reader.piece_bytes:
            self.held = [_long_line(reader, line) if len(line) >= reader.piece_bytes else line for line in self.held]

    def batch(self) -> bytes:
        """The lines; a cut one is the last."""
        return self.data

    def complete(self, _piece: bytes) -> tuple[bytes, int]:
        """The last line, which was cut; b"" and its length in bytes for one over the limit."""
        last = self.held[-1]
        return (b"", last.size) if isinstance(last, LongLine) else (last, len(last))


def _long_line(reader: LineReader, piece: bytes) -> bytes:
    """The whole line, or where it is over the limit its beginning."""
    held = tempfile.SpooledTemporaryFile(max_size=8 * PIECE_BYTES)  # noqa: SIM115  closed with the line
    size = held.write(piece)
    while not piece.endswith(b"\n") and (piece := reader.handle.readline(PIECE_BYTES)):
        size += held.write(piece)
    held.seek(0)
    if size <= reader.limit + len(b"\r\n"):
        with held:
            return held.read()
    line = LongLine(held.read(reader.piece_bytes).rstrip(b"\r\n"))
    line.held, line.size = held, size
    return line
