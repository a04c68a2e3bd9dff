"""The keys of a file's lines, by which like records are found: eight bytes each, on disk if they are many."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from operator import eq
from os import SEEK_END
from typing import IO

from jsonl_lint.likeness import NO_KEY

SPILL_KEYS = 4_000_000
"""Keys that are held in memory, 32 MB of them; then they go to a temporary file."""

PART_KEYS = 1_000_000
"""Keys that are compared at a time, in a set of about 70 MB."""

MOST_PARTS = 200
"""Parts that are compared one by one; each is a temporary file."""

_ITEM_BYTES = array("Q").itemsize


class RecordKeys:
    """One key for each of consecutive lines, in their order. Chunks on disk never change, so that copies share them."""

    def __init__(self) -> None:
        self.chunks: list[IO[bytes]] = []
        self.keys = array("Q")

    def spill(self) -> None:
        """Move the keys to disk if they have become many."""
        if len(self.keys) >= SPILL_KEYS:
            chunk = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the last copy that shares it
            self.keys.tofile(chunk)
            self.chunks.append(chunk)
            del self.keys[:]  # the same array goes on: the hot path holds on to it

    def append(self, right: RecordKeys) -> None:
        """The keys of the lines that follow."""
        for part in right.arrays():
            self.keys.extend(part)
            self.spill()

    def pad(self, lines: int) -> None:
        """Lines that are not compared follow."""
        self.keys.frombytes(bytes(_ITEM_BYTES * lines))

    def copy(self) -> RecordKeys:
        """The same keys, to grow on their own."""
        other = RecordKeys()
        other.chunks, other.keys = list(self.chunks), self.keys[:]
        return other

    def arrays(self) -> Iterator[array[int]]:
        """All keys in order, in pieces of bounded size."""
        for chunk in self.chunks:
            position = 0
            while True:
                chunk.seek(position)  # another copy may be reading as well
                data = chunk.read(_ITEM_BYTES * PART_KEYS)
                if not data:
                    break
                position += len(data)
                part = array("Q")
                part.frombytes(data)
                yield part
        yield self.keys

    def __iter__(self) -> Iterator[int]:
        for part in self.arrays():
            yield from part

    def __len__(self) -> int:
        return sum(chunk.seek(0, SEEK_END) for chunk in self.chunks) // _ITEM_BYTES + len(self.keys)

    def __eq__(self, other: object) -> bool:
        same_size = isinstance(other, RecordKeys) and len(self) == len(other)
        return same_size and all(map(eq, self, other))  # type: ignore[call-overload]

    def __getstate__(self) -> bytes:
        return b"".join(part.tobytes() for part in self.arrays())

    def __setstate__(self, state: bytes) -> None:
        self.__init__()  # type: ignore[misc]
        self.keys.frombytes(state)

    def shared(self, others: RecordKeys | None = None) -> set[int]:
        """The keys that several lines have; with `others`, those that a line here and one there have."""
        parts = min(-(-len(self) // PART_KEYS), MOST_PARTS)
        if parts <= 1:
            return _shared(self, others)
        divided = _divided(self, parts)
        against = _divided(others, parts) if others is not None else [None] * parts
        return set().union(*map(_shared, divided, against))


def _shared(keys: RecordKeys, others: RecordKeys | None) -> set[int]:
    seen = set(keys)
    found: set[int] = set()
    if others is not None:
        found = seen.intersection(others)
    elif len(seen) < len(keys):
        for key in keys:
            if key in seen:
                seen.remove(key)
            else:
                found.add(key)
    found.discard(NO_KEY)
    return found


def _divided(keys: RecordKeys, parts: int) -> list[RecordKeys]:
    """The keys by what remains of them, so that equal ones come together; each part on disk as a whole."""
    files = [tempfile.TemporaryFile() for _ in range(parts)]  # noqa: SIM115  they live as long as what is returned
    for piece in keys.arrays():
        lists: list[list[int]] = [[] for _ in range(parts)]
        for key in piece:
            lists[key % parts].append(key)
        for file, found in zip(files, lists, strict=True):
            array("Q", found).tofile(file)
    divided = [RecordKeys() for _ in range(parts)]
    for part, file in zip(divided, files, strict=True):
        part.chunks.append(file)
    return divided
