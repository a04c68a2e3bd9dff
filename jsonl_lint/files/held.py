"""The next lines of a file, held while they are checked."""

from __future__ import annotations

import io

from jsonl_lint.files.source import LineReader


class LongLine(bytes):
    """What is kept of a line over the limit. `size` is the length of all of it."""

    size: int


class HeldLines:
    """The next lines of a reader. To the engine they look like the reader itself, which has no more."""

    def __init__(self, reader: LineReader) -> None:
        self.data = reader.batch()
        self.lines = io.BytesIO(self.data).readlines()
        longest = reader.piece_bytes
        if max(map(len, self.lines), default=0) >= longest:
            self.lines = [self.whole(reader, line) if len(line) >= longest else line for line in self.lines]

    def whole(self, reader: LineReader, piece: bytes) -> bytes:
        """The line that begins with `piece`, of which the rest is still to be read; a `LongLine` if it is too long."""
        size = len(piece)
        if not piece.endswith(b"\n"):
            piece, size = reader.complete(piece)
        if piece:
            return piece
        line = LongLine()
        line.size = size
        return line

    def size(self) -> int:
        """Of the lines, in bytes."""
        return sum([line.size if isinstance(line, LongLine) else len(line) for line in self.lines])

    def batch(self) -> bytes:
        """The lines; a cut one is the last."""
        return self.data

    def complete(self, _piece: bytes) -> tuple[bytes, int]:
        """The last line, which was cut, and its length in bytes; b"" for one over the limit."""
        last = self.lines[-1]
        return (b"", last.size) if isinstance(last, LongLine) else (last, len(last))
