"""The keys of a file's lines, by which like records are found: eight bytes each, on disk if they are many."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from operator import eq

from jsonl_lint.records.likeness import NO_KEY
from jsonl_lint.repeats.numberfile import NUMBER_BYTES, NumberFile

SPILL_KEYS = 500_000
"""Keys that are held in memory, 4 MB of them; then they go to a temporary file."""

CHUNKS_AT_EASE = 100
"""How many temporary files there may be before further ones are made larger, since all of them stay open."""

FEW_KEYS = 2_000
"""How many keys are compared directly. If there are more, the C code, if present, finds candidates first."""

_PIECE_KEYS = 1 << 16
"""Keys that are read at a time."""

_MARK = array("Q", [NO_KEY]).tobytes()


def _pieces(chunk: NumberFile) -> Iterator[array[int]]:
    """Yield all numbers of a chunk, in pieces of bounded size that never end inside a run."""
    position = 0
    while part := chunk.read(position, _PIECE_KEYS):
        if part[-1] == NO_KEY and len(part) > 1:
            part.pop()
        position += len(part)
        yield part


class RecordKeys:
    """A key for each of consecutive lines, in their order. Chunks on disk never change, so that copies share them.

    Lines that are not compared are stored as runs: `NO_KEY`, and the number of such lines. So millions of blank lines
    take no memory.
    """

    def __init__(self) -> None:
        self.chunks: list[NumberFile] = []
        self.keys = array("Q")
        self.run_end = 0
        """How long `keys` was when a run was appended. As long as it has not grown, it still ends with a run."""
        self.has_runs = False

    def spill(self) -> None:
        """Move the keys to disk if they have become many."""
        if len(self.keys) >= SPILL_KEYS * (1 + len(self.chunks) // CHUNKS_AT_EASE):
            chunk = NumberFile()
            chunk.append(self.keys)
            self.chunks.append(chunk)
            del self.keys[:]  # the same array goes on: the hot path holds on to it
            self.run_end = 0

    def append(self, right: RecordKeys) -> None:
        """Add the keys of the lines that follow."""
        self.has_runs = self.has_runs or right.has_runs
        if right.chunks and not self:
            self.chunks = list(right.chunks)
            self.keys.extend(right.keys)
            return
        for part in right.arrays():
            self.keys.extend(part)
            self.spill()

    def add(self, key: int) -> None:
        """Add the key of the next line, which may be `NO_KEY`. The hot path adds its keys to `keys` itself."""
        if key:
            self.keys.append(key)
        else:
            self.pad(1)

    def pad(self, lines: int) -> None:
        """Add this many lines that are not compared."""
        if self.run_end and self.run_end == len(self.keys):
            self.keys[-1] += lines
        else:
            self.keys.extend((NO_KEY, lines))
            self.run_end = len(self.keys)
            self.has_runs = True

    def copy(self) -> RecordKeys:
        """Return a copy that can grow independently."""
        other = RecordKeys()
        other.chunks, other.keys, other.has_runs = list(self.chunks), self.keys[:], self.has_runs
        return other

    def arrays(self) -> Iterator[array[int]]:
        """Yield what is stored, in order, in pieces of bounded size."""
        for chunk in self.chunks:
            yield from _pieces(chunk)
        yield self.keys

    def stretches(self) -> Iterator[tuple[array[int], int]]:
        """Yield the keys of lines that follow each other, and how many lines after them are not compared.

        Raises:
            ValueError: the last run has no length.
        """
        return chain.from_iterable(map(_stretches, self.arrays()))

    def __iter__(self) -> Iterator[int]:
        """Yield the key of each line."""
        if not self.has_runs:
            return chain.from_iterable(self.arrays())
        return chain.from_iterable(chain(keys, repeat(NO_KEY, lines)) for keys, lines in self.stretches())

    def lines(self) -> int:
        """Return the number of lines.

        Raises:
            ValueError: the last run has no length.
        """
        return sum(len(keys) + lines for keys, lines in self.stretches())

    def __len__(self) -> int:
        """Return how many numbers are stored."""
        return sum(map(len, self.chunks)) + len(self.keys)

    def __eq__(self, other: object) -> bool:
        same_size = isinstance(other, RecordKeys) and self.lines() == other.lines()
        return same_size and all(map(eq, self, other))  # type: ignore[call-overload]

    @classmethod
    def of(cls, stored: array[int]) -> RecordKeys:
        """Return the keys that `arrays` yielded."""
        keys = cls()
        keys.keys, keys.has_runs = stored, NO_KEY in stored
        return keys

    def __getstate__(self) -> bytes:
        return b"".join(part.tobytes() for part in self.arrays())

    def __setstate__(self, state: bytes) -> None:
        self.__init__()  # type: ignore[misc]
        self.keys.frombytes(state)
        self.has_runs = NO_KEY in self.keys


def _stretches(stored: array[int]) -> Iterator[tuple[array[int], int]]:
    data = stored.tobytes()  # an array makes a number of each item that it looks at
    start = end = 0
    while (found := data.find(_MARK, NUMBER_BYTES * end)) >= 0:
        end = -(-found // NUMBER_BYTES)
        if stored[end] != NO_KEY:  # the end of one key and the beginning of the next
            continue
        if end + 1 == len(stored):
            raise ValueError("keys that end too early")
        yield stored[start:end], stored[end + 1]
        start = end = end + 2
    if start < len(stored):
        yield stored[start:], 0


def recurring(*sequences: RecordKeys) -> Iterator[tuple[int, int]]:
    """Yield a pair for each line whose key several lines have: its number, and that of the first of them, in order.

    Lines count from 0 through all sequences. The first of them is paired with itself.
    """
    from jsonl_lint.repeats.recurrences import Recurrences

    count = sum(map(len, sequences))
    library = None
    if count > FEW_KEYS:
        from jsonl_lint.native import load  # slow to import, and small files do without

        library = load()
    if library is not None:
        from jsonl_lint.native.repeats import suspects

        rows = suspects(library, lambda: chain.from_iterable(keys.arrays() for keys in sequences), count)
    else:
        rows = _numbered(sequences)
    found = Recurrences()
    for line, key in rows:
        found.add(line, key)
    return iter(found)


def _numbered(sequences: Iterable[RecordKeys]) -> Iterator[tuple[int, int]]:
    """Yield the number and the key of each line that is compared."""
    line = 0
    for keys, others in chain.from_iterable(sequence.stretches() for sequence in sequences):
        yield from enumerate(keys, line)
        line += len(keys) + others
