"""What whole records have in common. Records that share a key are read again, most of them only once.

A first look takes what is quick to compute; only records whose answers may be the same get a second one. The digests go
to `Recurrences`, so memory does not grow with the number of records.
"""

from __future__ import annotations

import heapq
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import accumulate, groupby, tee
from typing import TypeVar

from jsonl_lint.engine.dataset.reread import record_in
from jsonl_lint.engine.dataset.rereadable import Lines, RereadableFile
from jsonl_lint.plans.plan import Plan
from jsonl_lint.records.likeness import answered_digest, exact_digest, normal_digest, question_of
from jsonl_lint.repeats.recurrences import Recurrences

MOST_KNOWN = 1 << 15
"""Distinct lines whose traits are remembered, so that copies that follow soon need not be parsed."""

MOST_PLACES = 1 << 16
"""Lines whose places are remembered, so that they are quickly found once more: 1 MB. Of more, none are."""

EXACT, NORMAL, PROMPT, ANSWERED, _WEAK = range(5)
"""Traits that records may share: all bytes, all texts, the prompt, prompt and answer, or possibly both of these."""

_TRAIT_BITS = 3
_TRAITS = (1 << _TRAIT_BITS) - 1

_T = TypeVar("_T")
_Traits = tuple[tuple[int, int], ...]


class Comparison:
    """The records of a file compared with each other, or with those of another file, `path`.

    The lines of that other file are numbered first; `before` says how many they are.
    """

    def __init__(self, path: str = "", before: int = 0) -> None:
        self.path = path
        self.before = before
        self.quick, self.slow = Recurrences(), Recurrences()

    def unsettled(self, start: int, end: int) -> Iterator[int]:
        """Yield the lines from `start` to `end` that need a second look: they may say the same as others.

        Copies of lines that get one anyway are left out. Lines are numbered from `start`.
        """
        for number, rows in groupby(self.quick, lambda row: row[0] >> _TRAIT_BITS):
            firsts = {place & _TRAITS: first >> _TRAIT_BITS for place, first in rows}
            exact = firsts.get(EXACT, number)
            is_copy = exact < number and (exact < self.before or not self.before)
            if start <= number < end and _WEAK in firsts and not is_copy:
                yield number - start

    def found(self, index: int) -> Iterator[tuple[int, int, int, int]]:
        """Yield a row for each trait that a record shares with an earlier one, or with one of the other file.

        The row has the number of the record's line, `index`, the trait, and the line number of the other record.
        """
        for place, other in heapq.merge(self.quick, self.slow):
            number, first = (place >> _TRAIT_BITS) - self.before, other >> _TRAIT_BITS
            if number >= 0 and (first < self.before or (not self.before and first < number)):
                yield number, index, place & _TRAITS, first


def compared(
    plan: Plan, file: RereadableFile, shared: Iterator[tuple[int, int]], *, inside: bool
) -> tuple[list[Comparison], Lines]:
    """Compare the records of the file with those of each other file and, with `inside`, last with each other.

    `shared` are the lines that share a key, as `recurring` yields them for the other files and this one. Also return
    what reads the compared lines of the file once more.
    """
    others = [other for other in file.others if other.keys]
    sizes = [other.keys.lines() for other in others]
    comparisons = [Comparison(other.path, size) for other, size in zip(others, sizes, strict=True)]
    readers = [
        _TraitReader(plan, other.format, other.lines, [comparison])
        for other, comparison in zip(others, comparisons, strict=True)
    ]
    if inside:
        comparisons.append(Comparison())
        first_of_others = sys.maxsize
    else:
        first_of_others = sum(sizes)
    readers.append(_TraitReader(plan, file.format, file.lines, comparisons, is_own=True))
    starts = [0, *accumulate(sizes)]
    for index, rows in groupby(shared, lambda row: bisect_right(starts, row[0]) - 1):
        start = starts[index]
        readers[index].quick((place - start, first) for place, first in rows if first < first_of_others)
    for reader in readers:
        reader.slow()
    return comparisons, readers[-1].lines


class _TraitReader:
    """Reads lines of one file again and adds their traits to the comparisons that the file takes part in."""

    def __init__(
        self,
        plan: Plan,
        format: str | None,
        lines: Lines,
        comparisons: list[Comparison],
        *,
        is_own: bool = False,
    ) -> None:
        self.plan = plan
        self.format = format
        self.lines = lines
        self.starts = [(each, each.before if is_own else 0) for each in comparisons]
        """The comparisons, each with the number that the first line of this file has in it."""
        self.is_own = is_own

    def quick(self, wanted: Iterable[tuple[int, int]]) -> None:
        """Take the first look at lines, given as their numbers and a number shared by all lines with the same key."""
        known: dict[int, _Traits] = {}
        places = array("Q")
        for (number, group), (line, offset) in read_again(wanted, self.lines):
            if len(places) < 2 * MOST_PLACES:
                places.extend((number, offset))
            exact = exact_digest(line)
            is_copy = exact in known
            if not is_copy:
                if len(known) == MOST_KNOWN:
                    known.clear()
                known[exact] = self.quick_traits(line, group)
            for comparison, start in self.starts:
                place = start + number << _TRAIT_BITS
                comparison.quick.add(place | EXACT, exact)
                if not is_copy or comparison.before:
                    for trait, value in known[exact]:
                        comparison.quick.add(place | trait, value)
        if len(places) < 2 * MOST_PLACES:
            self.lines = partial(self.lines, landmarks=places)

    def quick_traits(self, line: bytes, group: int) -> _Traits:
        """Return the traits that are quick to compute, other than the bytes. Records of different groups share none."""
        record = record_in(line, self.plan.parse)
        question = None if record is None else question_of(record, self.plan.own_format(record, self.format))
        if question is None:
            return ()
        weak = (_WEAK, question.weak_answer ^ group)
        return ((PROMPT, question.prompt ^ group), weak) if question.prompt else (weak,)

    def slow(self) -> None:
        """Take the second look, at the lines that the first one has left open."""
        unsettled = [
            comparison.unsettled(start, sys.maxsize if self.is_own else comparison.before)
            for comparison, start in self.starts
        ]
        numbers = ((number, None) for number, _ in groupby(heapq.merge(*unsettled)))
        for (number, _), (line, _) in read_again(numbers, self.lines):
            record = record_in(line, self.plan.parse)
            if record is None:
                continue
            values = normal_digest(record), answered_digest(record, self.plan.own_format(record, self.format))
            for comparison, start in self.starts:
                for trait, value in zip((NORMAL, ANSWERED), values, strict=True):
                    if value is not None:
                        comparison.slow.add(start + number << _TRAIT_BITS | trait, value)


def read_again(wanted: Iterable[tuple[int, _T]], lines: Lines) -> Iterator[tuple[tuple[int, _T], tuple[bytes, int]]]:
    """Return the wanted rows, which begin with the number of a line, with that line and the byte where it begins.

    If the file has changed meanwhile, there may be fewer.
    """
    wanted, chosen = tee(wanted)
    return zip(wanted, lines(number for number, _ in chosen), strict=False)
