"""Hold the next lines of a file while they are checked."""

from __future__ import annotations

import io

from jsonl_lint.files.source import LineReader


class LongLine(bytes):
    """The part of a line over the limit that is kept. `size` is the length of the whole line."""

    size: int


class HeldLines:
    """The next lines of a reader. To the engine they look like a reader that has only these lines."""

    def __init__(self, reader: LineReader) -> None:
        self.data = reader.batch()
        self.lines = io.BytesIO(self.data).readlines()
        longest = reader.piece_bytes
        if max(map(len, self.lines), default=0) >= longest:
            self.lines = [self.whole(reader, line) if len(line) >= longest else line for line in self.lines]

    def whole(self, reader: LineReader, piece: bytes) -> bytes:
        """Read the rest of the line that begins with `piece`; return a `LongLine` if it is over the limit."""
        size = len(piece)
        if not piece.endswith(b"\n"):
            piece, size = reader.complete(piece)
        if piece:
            return piece
        line = LongLine()
        line.size = size
        return line

    def size(self) -> int:
        """Return the total size of the lines in bytes."""
        return sum([line.size if isinstance(line, LongLine) else len(line) for line in self.lines])

    def batch(self) -> bytes:
        """Return the lines, of which the last may be incomplete."""
        return self.data

    def complete(self, _piece: bytes) -> tuple[bytes, int]:
        """Return the last line in full, and its length in bytes; b"" if it is over the limit."""
        last = self.lines[-1]
        return (b"", last.size) if isinstance(last, LongLine) else (last, len(last))
