"""Hold the next lines of a file while they are checked; a line over the limit is held on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from jsonl_lint.files.held import HeldLines, LongLine
from jsonl_lint.files.source import PIECE_BYTES, LineReader


class SpooledLine(LongLine):
    """The beginning of a line over the limit; the whole line is on disk."""

    held: IO[bytes]

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole line."""
        self.held.seek(0)
        while piece := self.held.read(PIECE_BYTES):
            yield piece


class Chunk(HeldLines):
    """The next lines of a file, complete even if they are over the limit."""

    def whole(self, reader: LineReader, piece: bytes) -> bytes:
        """Return the whole line, or its beginning if it is over the limit."""
        held = tempfile.SpooledTemporaryFile(max_size=8 * PIECE_BYTES)  # noqa: SIM115  closed with the line
        size = held.write(piece)
        while not piece.endswith(b"\n") and (piece := reader.handle.readline(PIECE_BYTES)):
            size += held.write(piece)
        held.seek(0)
        if size <= reader.limit + len(b"\r\n"):
            with held:
                return held.read()
        line = SpooledLine(held.read(reader.piece_bytes).rstrip(b"\r\n"))
        line.held, line.size = held, size
        return line
