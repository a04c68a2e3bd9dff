"""Hold the next lines of a file while they are checked."""

from __future__ import annotations

import io

from jsonl_lint.files.source import LineReader

MOST_LINES = 1 << 14
"""Of very short lines fewer bytes are held at a time: what is known of a line may take a thousand times its size."""


class LongLine(bytes):
    """The part of a line over the limit that is kept. `size` is the length of the whole line."""

    size: int


class HeldLines:
    """The next lines of a reader. To the engine they look like a reader that has only these lines."""

    def __init__(self, reader: LineReader) -> None:
        self.data = reader.batch()
        self.lines = io.BytesIO(self.data).readlines()
        if len(self.lines) > MOST_LINES:
            self._hold_fewer(reader)
        longest = reader.piece_bytes
        if max(map(len, self.lines), default=0) >= longest:
            self.lines = [self.whole(reader, line) if len(line) >= longest else line for line in self.lines]

    def _hold_fewer(self, reader: LineReader) -> None:
        """Read fewer lines the next time, and leave those beyond the limit to it if the file can be read again."""
        held = sum(map(len, self.lines[:MOST_LINES]))
        reader.batch_bytes = held
        if reader.rewindable:
            reader.handle.seek(reader.handle.tell() - len(self.data) + held)
            self.data = self.data[:held]
            del self.lines[MOST_LINES:]

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
