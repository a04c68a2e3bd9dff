"""Find numbers that occur more than once, in memory that does not grow with their count."""

from __future__ import annotations

import heapq
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from jsonl_lint.repeats.numberfile import NumberFile

MOST_HELD = 1 << 16
"""Rows held in memory, and distinct numbers compared at a time: about 10 MB. More rows go to disk."""

_PARTS_BITS = 6
_PARTS = 1 << _PARTS_BITS
_DEEPEST = 64 // _PARTS_BITS - 1
"""Parts that are still too large are divided again, as long as a number has bits left to divide by."""

_FOUND_ROWS = 256
"""Rows of a result that are read at a time. Few, because the results of all parts are read side by side."""

_MULTIPLIER = int.from_bytes(os.urandom(8), "big") | 1
"""Random, so that no file can be made to put all its numbers into one part."""

_Row = tuple[int, int]


class Recurrences:
    """64-bit numbers and the places where they occur. Places are added in ascending order.

    Iterating yields a pair for each place whose number occurs more than once: the place, and the first place of that
    number. The pairs are in order; the first place itself is among them, paired with itself. Once iterated, nothing may
    be added.
    """

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self.places, self.numbers = array("Q"), array("Q")
        self.stored: _Stored | None = None
        self.found: list[Callable[[], Iterator[_Row]]] = []
        """The result of each part, once it has been computed."""

    def add(self, place: int, number: int) -> None:
        """Note that the number occurs at this place."""
        self.places.append(place)
        self.numbers.append(number)
        if len(self.places) >= MOST_HELD:
            self._store()

    def __iter__(self) -> Iterator[_Row]:
        if self.stored is not None:
            self._store()
            self.found, self.stored = list(self._found_in(self.stored)), None
        if self.found:
            return heapq.merge(*[rows() for rows in self.found])
        return _recurring([(self.places, self.numbers)], set(_repeated(self.numbers, set())))

    def _store(self) -> None:
        """Move the rows to disk, divided into parts such that equal numbers are in the same part."""
        if self.stored is None:
            self.stored = _Stored()
        shift = 64 - _PARTS_BITS * (self.level + 1)
        divided = [(array("Q"), array("Q")) for _ in range(_PARTS)]
        for place, number in zip(self.places, self.numbers, strict=True):
            places, numbers = divided[number * _MULTIPLIER >> shift & _PARTS - 1]
            places.append(place)
            numbers.append(number)
        for part, (places, numbers) in enumerate(divided):
            if places:
                self.stored.write(part, places, numbers)
        del self.places[:], self.numbers[:]

    def _found_in(self, stored: _Stored) -> Iterator[Callable[[], Iterator[_Row]]]:
        """Yield what reads the result of each part, which is kept on disk as well."""
        found = _Stored()
        for part in range(_PARTS):
            repeated = self._repeated_in(stored, part)
            if repeated is None:
                inner = Recurrences(self.level + 1)
                for places, numbers in stored.read(part):
                    for place, number in zip(places, numbers, strict=True):
                        inner.add(place, number)
                found.write_rows(part, inner)
            elif repeated:
                found.write_rows(part, _recurring(stored.read(part), repeated))
            if found.blocks[part]:
                yield partial(found.read_rows, part)

    def _repeated_in(self, stored: _Stored, part: int) -> set[int] | None:
        """Return the numbers that occur more than once in a part; None if it has too many distinct numbers to hold."""
        repeated: set[int] = set()
        seen: set[int] = set()
        for _, numbers in stored.read(part):
            repeated.update(_repeated(numbers, seen))
            if len(seen) > MOST_HELD and self.level < _DEEPEST:
                return None
        return repeated


class _Stored:
    """Rows of two numbers in a temporary file, in parts that can be read separately."""

    def __init__(self) -> None:
        self.file = NumberFile()
        self.blocks: list[list[_Row]] = [[] for _ in range(_PARTS)]
        """The blocks of each part: where a block begins, and how many rows it has."""

    def write(self, part: int, firsts: array[int], seconds: array[int]) -> None:
        """Add rows, given as their first and their second numbers."""
        self.blocks[part].append((self.file.append(firsts + seconds), len(firsts)))

    def read(self, part: int) -> Iterator[tuple[array[int], array[int]]]:
        """Yield the rows of a part, a block at a time, in the order in which they were written."""
        for start, count in self.blocks[part]:
            rows = self.file.read(start, 2 * count)
            yield rows[:count], rows[count:]

    def write_rows(self, part: int, rows: Iterable[_Row]) -> None:
        """Add rows one by one."""
        firsts, seconds = array("Q"), array("Q")
        for first, second in rows:
            firsts.append(first)
            seconds.append(second)
            if len(firsts) == _FOUND_ROWS:
                self.write(part, firsts, seconds)
                del firsts[:], seconds[:]
        if firsts:
            self.write(part, firsts, seconds)

    def read_rows(self, part: int) -> Iterator[_Row]:
        """Yield the rows of a part one by one."""
        for firsts, seconds in self.read(part):
            yield from zip(firsts, seconds, strict=True)


def _repeated(numbers: Iterable[int], seen: set[int]) -> list[int]:
    """Return the numbers that have been seen before. All of them count as seen afterwards."""
    add = seen.add
    return [number for number in numbers if number in seen or add(number)]  # `add` gives nothing


def _recurring(pieces: Iterable[tuple[array[int], array[int]]], repeated: set[int]) -> Iterator[_Row]:
    """Yield the places of the repeated numbers, each with the first place of its number."""
    firsts: dict[int, int] = {}
    for places, numbers in pieces:
        for place, number in zip(places, numbers, strict=True):
            if number in repeated:
                yield place, firsts.setdefault(number, place)
