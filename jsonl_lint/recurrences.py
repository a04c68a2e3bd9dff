"""Which numbers stand in several places and where each stands first, in memory that does not grow with them."""

from __future__ import annotations

import heapq
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from jsonl_lint.numberfile import NumberFile

MOST_HELD = 1 << 16
"""Rows in memory, and different numbers that are compared at a time: some 10 MB. Beyond that rows go to disk."""

_PARTS_BITS = 6
_PARTS = 1 << _PARTS_BITS
_DEEPEST = 64 // _PARTS_BITS - 1
"""Parts that are still too large are divided again, until nothing of a number is left to divide by."""

_FOUND_ROWS = 256
"""Rows of what was found that are read at a time: of each part, so fewer than are written of the parts."""

_MULTIPLIER = int.from_bytes(os.urandom(8), "big") | 1
"""Nobody can tell which numbers come into the same part."""

_Row = tuple[int, int]


class Recurrences:
    """Numbers of 64 bits, each with its place; the places are added in ascending order.

    Iterating gives a pair for each place whose number stands in several: the place, and the first of them. They come
    in order, and the first place is among them, paired with itself. Nothing is added after that.
    """

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self.places, self.numbers = array("Q"), array("Q")
        self.stored: _Stored | None = None
        self.found: list[Callable[[], Iterator[_Row]]] = []
        """What recurs in each part, once that has been asked for."""

    def add(self, place: int, number: int) -> None:
        """A number stands there."""
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
        """Move the rows to disk, divided so that equal numbers come into one part."""
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
        """What recurs in each part, on disk as well."""
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
        """The numbers that recur in a part; None if its different numbers are too many to be held."""
        repeated: set[int] = set()
        seen: set[int] = set()
        for _, numbers in stored.read(part):
            repeated.update(_repeated(numbers, seen))
            if len(seen) > MOST_HELD and self.level < _DEEPEST:
                return None
        return repeated


class _Stored:
    """Rows of two numbers in a temporary file, in parts that can be read by themselves."""

    def __init__(self) -> None:
        self.file = NumberFile()
        self.blocks: list[list[_Row]] = [[] for _ in range(_PARTS)]
        """Of each part: where a block begins, and how many rows it has."""

    def write(self, part: int, firsts: array[int], seconds: array[int]) -> None:
        """Add rows, as the numbers that they begin and end with."""
        self.blocks[part].append((self.file.append(firsts + seconds), len(firsts)))

    def read(self, part: int) -> Iterator[tuple[array[int], array[int]]]:
        """The rows in the order in which they were written."""
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
        """The rows one by one."""
        for firsts, seconds in self.read(part):
            yield from zip(firsts, seconds, strict=True)


def _repeated(numbers: Iterable[int], seen: set[int]) -> list[int]:
    """The numbers that have been seen, which all of them are from now on."""
    add = seen.add
    return [number for number in numbers if number in seen or add(number)]  # `add` gives nothing


def _recurring(pieces: Iterable[tuple[array[int], array[int]]], repeated: set[int]) -> Iterator[_Row]:
    """The rows of these numbers: their places, and the first place of each number."""
    firsts: dict[int, int] = {}
    for places, numbers in pieces:
        for place, number in zip(places, numbers, strict=True):
            if number in repeated:
                yield place, firsts.setdefault(number, place)
