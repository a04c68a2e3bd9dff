"""Convert streams to pieces of bounded size, and pieces to streams."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

BUFFER_BYTES = 1 << 18
"""What is read, written or unpacked at a time."""


def pieces_of(handle: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of a stream."""
    while piece := handle.read(BUFFER_BYTES):
        yield piece


class Pieces(io.RawIOBase):
    """A stream of these pieces, in order. Closing it leaves open what they come from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as many bytes as the next piece has and as there is room for."""
        while not self.rest:
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            self.rest = memoryview(piece)
        data = self.rest[: len(buffer)]
        self.rest = self.rest[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def as_stream(pieces: Iterator[bytes]) -> BinaryIO:
    """Return a buffered stream of the pieces."""
    return io.BufferedReader(Pieces(pieces), BUFFER_BYTES)
