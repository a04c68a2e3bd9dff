"""The keys of a file's lines, by which like records are found: eight bytes each, on disk if they are many."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from operator import eq
from os import SEEK_END
from typing import TYPE_CHECKING

from jsonl_lint.likeness import NO_KEY

if TYPE_CHECKING:
    from ctypes import PyDLL

SPILL_KEYS = 500_000
"""Keys that are held in memory, 4 MB of them; then they go to a temporary file."""

CHUNKS_AT_EASE = 100
"""Beyond so many temporary files each gets larger, since all of them stay open."""

FEW_KEYS = 20_000
"""So many are compared in a set. If there are more, the compiled part looks for candidates first, if it is there."""

PART_KEYS = 300_000
"""Keys that are compared at a time without it, in a set of about 27 MB."""

MOST_PARTS = 500
"""Parts that are compared one by one; each is a temporary file."""

_PIECE_KEYS = 1 << 16
"""Keys that are read at a time."""

_ITEM_BYTES = array("Q").itemsize
_MARK = array("Q", [NO_KEY]).tobytes()


class _Chunk:
    """Numbers in a temporary file, which goes with the last copy that shares it."""

    def __init__(self) -> None:
        from tempfile import TemporaryFile  # slow to import, and seldom needed

        self.file = TemporaryFile()  # noqa: SIM115  closed below

    def __del__(self) -> None:
        self.file.close()

    def write(self, numbers: array[int]) -> None:
        """More numbers."""
        numbers.tofile(self.file)

    def read(self) -> Iterator[array[int]]:
        """All of them, in pieces of bounded size, of which none ends inside a run."""
        position = 0
        while True:
            self.file.seek(position)  # another copy may be reading as well
            part = array("Q")
            part.frombytes(self.file.read(_ITEM_BYTES * _PIECE_KEYS))
            if not part:
                return
            if part[-1] == NO_KEY and len(part) > 1:
                part.pop()
            position += _ITEM_BYTES * len(part)
            yield part

    def size(self) -> int:
        """How many they are."""
        return self.file.seek(0, SEEK_END) // _ITEM_BYTES


class RecordKeys:
    """A key for each of consecutive lines, in their order. Chunks on disk never change, so that copies share them.

    Lines that are not compared are stored as runs: `NO_KEY`, and the number of such lines. So millions of blank lines
    take no memory.
    """

    def __init__(self) -> None:
        self.chunks: list[_Chunk] = []
        self.keys = array("Q")
        self.run_end = 0
        """How long `keys` was when a run was appended. As long as it has not grown, it still ends with a run."""
        self.has_runs = False

    def spill(self) -> None:
        """Move the keys to disk if they have become many."""
        if len(self.keys) >= SPILL_KEYS * (1 + len(self.chunks) // CHUNKS_AT_EASE):
            chunk = _Chunk()
            chunk.write(self.keys)
            self.chunks.append(chunk)
            del self.keys[:]  # the same array goes on: the hot path holds on to it
            self.run_end = 0

    def append(self, right: RecordKeys) -> None:
        """The keys of the lines that follow."""
        self.has_runs = self.has_runs or right.has_runs
        if right.chunks and not self:
            self.chunks = list(right.chunks)
            self.keys.extend(right.keys)
            return
        for part in right.arrays():
            self.keys.extend(part)
            self.spill()

    def add(self, key: int) -> None:
        """The key of the next line, or `NO_KEY`. The hot path adds its keys to `keys` itself."""
        if key:
            self.keys.append(key)
        else:
            self.pad(1)

    def pad(self, lines: int) -> None:
        """Lines that are not compared follow."""
        if self.run_end and self.run_end == len(self.keys):
            self.keys[-1] += lines
        else:
            self.keys.extend((NO_KEY, lines))
            self.run_end = len(self.keys)
            self.has_runs = True

    def copy(self) -> RecordKeys:
        """The same keys, to grow on their own."""
        other = RecordKeys()
        other.chunks, other.keys, other.has_runs = list(self.chunks), self.keys[:], self.has_runs
        return other

    def arrays(self) -> Iterator[array[int]]:
        """What is stored, in order, in pieces of bounded size."""
        for chunk in self.chunks:
            yield from chunk.read()
        yield self.keys

    def stretches(self) -> Iterator[tuple[array[int], int]]:
        """Keys of lines one after the other, and how many lines that are not compared follow these.

        Raises:
            ValueError: the last run has no length.
        """
        return chain.from_iterable(map(_stretches, self.arrays()))

    def __iter__(self) -> Iterator[int]:
        """The key of each line."""
        if not self.has_runs:
            return chain.from_iterable(self.arrays())
        return chain.from_iterable(chain(keys, repeat(NO_KEY, lines)) for keys, lines in self.stretches())

    def compared(self) -> Iterator[int]:
        """The keys of the lines that are compared."""
        if not self.has_runs:
            return chain.from_iterable(self.arrays())
        return chain.from_iterable(keys for keys, _ in self.stretches())

    def lines(self) -> int:
        """The number of lines.

        Raises:
            ValueError: the last run has no length.
        """
        return sum(len(keys) + lines for keys, lines in self.stretches())

    def __len__(self) -> int:
        """How many numbers are stored."""
        return sum(chunk.size() for chunk in self.chunks) + len(self.keys)

    def __eq__(self, other: object) -> bool:
        same_size = isinstance(other, RecordKeys) and self.lines() == other.lines()
        return same_size and all(map(eq, self, other))  # type: ignore[call-overload]

    @classmethod
    def of(cls, stored: array[int]) -> RecordKeys:
        """What `arrays` gave, put together."""
        keys = cls()
        keys.keys, keys.has_runs = stored, NO_KEY in stored
        return keys

    def __getstate__(self) -> bytes:
        return b"".join(part.tobytes() for part in self.arrays())

    def __setstate__(self, state: bytes) -> None:
        self.__init__()  # type: ignore[misc]
        self.keys.frombytes(state)
        self.has_runs = NO_KEY in self.keys

    def shared(self, others: RecordKeys | None = None) -> set[int]:
        """The keys that several lines have; with `others`, those that a line here and one there have."""
        library = self.library() if others is None else None
        if library is not None:
            return self._repeated(library)
        parts = min(-(-len(self) // PART_KEYS), MOST_PARTS)
        if parts <= 1:
            return _shared(self, others)
        divided = _divided(self, parts)
        against = _divided(others, parts) if others is not None else [None] * parts
        return set().union(*map(_shared, divided, against))

    def lines_with(self, wanted: set[int]) -> Iterator[tuple[int, int]]:
        """The number, from 0, and the key of each line that has one of these keys."""
        library = self.library() if len(wanted) <= FEW_KEYS else None  # among many, a set is faster
        if library is None:
            return ((line, key) for line, key in enumerate(self) if key in wanted)
        from jsonl_lint.native.repeats import lines_with

        return lines_with(library, self.arrays(), wanted)

    def library(self) -> PyDLL | None:
        """The compiled part, where it is worth while and there."""
        if len(self) <= FEW_KEYS:
            return None
        from jsonl_lint.native import load  # slow to import, and small files do without

        return load()

    def _repeated(self, library: PyDLL) -> set[int]:
        from jsonl_lint.native.repeats import parts_of, suspects

        count = len(self)
        parts = parts_of(count)
        found: set[int] = set()
        for part in range(parts):
            few = suspects(library, self.arrays(), count, part, parts)
            while few:
                some = set(islice(few, FEW_KEYS))
                few -= some
                found |= _repeated(key for _, key in self.lines_with(some))
        return found


def _stretches(stored: array[int]) -> Iterator[tuple[array[int], int]]:
    data = stored.tobytes()  # an array makes a number of each item that it looks at
    start = end = 0
    while (found := data.find(_MARK, _ITEM_BYTES * end)) >= 0:
        end = -(-found // _ITEM_BYTES)
        if stored[end] != NO_KEY:  # the end of one key and the beginning of the next
            continue
        if end + 1 == len(stored):
            raise ValueError("keys that end too early")
        yield stored[start:end], stored[end + 1]
        start = end = end + 2
    if start < len(stored):
        yield stored[start:], 0


def _shared(keys: RecordKeys, others: RecordKeys | None) -> set[int]:
    if others is not None:
        return set(keys.compared()).intersection(others.compared())
    return _repeated(keys.compared())


def _repeated(keys: Iterable[int]) -> set[int]:
    seen: set[int] = set()
    add = seen.add
    return {key for key in keys if key in seen or add(key)}  # `add` gives nothing


def _divided(keys: RecordKeys, parts: int) -> list[RecordKeys]:
    """The keys divided by their remainders, so that equal ones come into one part. Each part is on disk as a whole."""
    divided = [RecordKeys() for _ in range(parts)]
    for part in divided:
        part.chunks.append(_Chunk())
    left = keys.compared()
    while piece := list(islice(left, PART_KEYS)):
        lists: list[list[int]] = [[] for _ in range(parts)]
        for key in piece:
            lists[key % parts].append(key)
        for part, found in zip(divided, lists, strict=True):
            part.chunks[0].write(array("Q", found))
    return divided
