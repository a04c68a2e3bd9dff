"""Whole records compared: lines that share a key are read again, and digests of their contents decide.

A first look at such a line takes what is quick to tell. Only records whose answers may be the same are looked at once
more. What is found of each goes to `Recurrences`, so that memory does not grow with the records.
"""

from __future__ import annotations

import heapq
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import accumulate, groupby, repeat, tee
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.reread import LinePlace, Said, finding_in, has_error, record_in
from jsonl_lint.engine.rereadable import Lines, RereadableFile
from jsonl_lint.files.source import Block
from jsonl_lint.likeness import NO_KEY, answered_digest, exact_digest, normal_digest, question_of, record_key
from jsonl_lint.model import Applicability, Edit, Fix, Pointer, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.recordkeys import RecordKeys
from jsonl_lint.recurrences import Recurrences
from jsonl_lint.rule import ComparisonRule

MEANT, MEANT_SHARE = 50, 4
"""If so many records answer prompts differently, and they are one in so many of all, it is meant: said once."""

MOST_KNOWN = 1 << 15
"""Different lines of which is remembered what a look at them told, so that copies that come soon are not parsed."""

DUPLICATE, NORMALIZED, CONFLICTING, OVERLAP = (
    "duplicate-record",
    "normalized-duplicate",
    "conflicting-answers",
    "overlap-with-validation",
)

_EXACT, _NORMAL, _PROMPT, _ANSWERED, _WEAK = range(5)
"""What records may have in common: all bytes, all texts, the prompt, prompt and answer, or maybe both of these."""

_TRAIT_BITS = 3
_TRAITS = (1 << _TRAIT_BITS) - 1

_T = TypeVar("_T")
_Traits = tuple[tuple[int, int], ...]
_Firsts = dict[int, int]
"""Of each trait that an earlier record has: the number of the first."""


class _Found(NamedTuple):
    """What a rule says of a record: of which line of which file, and whether of all of it or of its prompt."""

    rule: str
    severity: Severity
    line: int
    file: str = ""
    whole: bool = True


class _Comparison:
    """The records of a file, compared with one another; or with those of the file `path`, which are counted first.

    `before` is the number of the lines of that other file.
    """

    def __init__(self, path: str = "", before: int = 0) -> None:
        self.path = path
        self.before = before
        self.quick, self.slow = Recurrences(), Recurrences()

    def unsettled(self, start: int, end: int) -> Iterator[int]:
        """The lines from `start` to `end` that may say the same as others, but for copies of what is looked at anyway.

        They are counted from `start`.
        """
        for number, rows in groupby(self.quick, lambda row: row[0] >> _TRAIT_BITS):
            firsts = {place & _TRAITS: first >> _TRAIT_BITS for place, first in rows}
            exact = firsts.get(_EXACT, number)
            is_copy = exact < number and (exact < self.before or not self.before)
            if start <= number < end and _WEAK in firsts and not is_copy:
                yield number - start

    def found(self, index: int) -> Iterator[tuple[int, int, int, int]]:
        """For each trait that a record of the file shares with an earlier one, or with one of the other file.

        The number of its line, `index`, the trait, and the number of the line of that other record.
        """
        for place, other in heapq.merge(self.quick, self.slow):
            number, first = (place >> _TRAIT_BITS) - self.before, other >> _TRAIT_BITS
            if number >= 0 and (first < self.before or (not self.before and first < number)):
                yield number, index, place & _TRAITS, first


def keys_of(lines: Iterable[tuple[bytes, int]], parse: Callable[[bytes], Any]) -> RecordKeys:
    """The key of each line."""
    keys = RecordKeys()
    for line, _ in lines:
        record = record_in(line, parse)
        keys.add(NO_KEY if record is None else record_key(record))
        keys.spill()
    return keys


def comparison_findings(
    report: PartialReport, plan: Plan, file: RereadableFile, shared: Iterator[tuple[int, int]], spoiled: set[int]
) -> Iterator[RawFinding]:
    """The findings, in the order of the lines, with absolute places. The report's counts follow.

    `shared` are the lines that share a key, as `recurring` gives them, of the other files and of this one. Lines whose
    records lose their validity are added to `spoiled`.
    """
    file = file._replace(lines=partial(file.lines, landmarks=report.landmarks))
    comparisons = _compared(plan, file, shared)
    totals = Counter((one.rule, one.severity) for _, found in _decided(comparisons, plan) for one in found)
    for (name, severity), total in totals.items():
        report.counts[name, severity] = report.counts.get((name, severity), 0) + total
        report.count_fix(_applicability(plan, name), total)
    meant = _meant(report, plan, totals)
    if meant:
        report.counts[CONFLICTING, plan.severities[CONFLICTING]] = 1
    where = Block("", 1, 0, b"", file.format)
    told = _told(_decided(comparisons, plan), plan, totals, once=CONFLICTING if meant else "")
    for (number, found), (line, offset) in _read_again(told, file.lines):
        for one, is_kept in found:
            if one.severity is Severity.ERROR and number not in spoiled and not has_error(line, where, plan):
                spoiled.add(number)
            if is_kept:
                yield _finding(one, line, LinePlace(number, offset), plan, file.format, meant)


def _compared(plan: Plan, file: RereadableFile, shared: Iterator[tuple[int, int]]) -> list[_Comparison]:
    """What records of the file have in common with those of each other file, and last with one another."""
    others = [other for other in file.others if other.keys]
    sizes = [other.keys.lines() for other in others]
    comparisons = [_Comparison(other.path, size) for other, size in zip(others, sizes, strict=True)]
    looks = [
        _Look(plan, other.format, other.lines, [comparison])
        for other, comparison in zip(others, comparisons, strict=True)
    ]
    if plan.rules.keys() & {DUPLICATE, NORMALIZED, CONFLICTING}:
        comparisons.append(_Comparison())
        first_of_others = sys.maxsize
    else:
        first_of_others = sum(sizes)
    looks.append(_Look(plan, file.format, file.lines, comparisons, is_own=True))
    starts = [0, *accumulate(sizes)]
    for index, rows in groupby(shared, lambda row: bisect_right(starts, row[0]) - 1):
        start = starts[index]
        looks[index].quick((place - start, first) for place, first in rows if first < first_of_others)
    for look in looks:
        look.slow()
    return comparisons


class _Look:
    """Reads lines of one file again and tells the comparisons that concern it what is in them."""

    def __init__(
        self,
        plan: Plan,
        format: str | None,  # noqa: A002
        lines: Lines,
        comparisons: list[_Comparison],
        *,
        is_own: bool = False,
    ) -> None:
        self.plan = plan
        self.format = format
        self.lines = lines
        self.told = [(each, each.before if is_own else 0) for each in comparisons]
        """The comparisons, and the number that the first line has for them."""
        self.is_own = is_own

    def quick(self, wanted: Iterable[tuple[int, int]]) -> None:
        """The first look. Of each line its number is given, and one that all lines have which share its key."""
        known: dict[int, _Traits] = {}
        for (number, group), (line, _) in _read_again(wanted, self.lines):
            exact = exact_digest(line)
            is_copy = exact in known
            if not is_copy:
                if len(known) == MOST_KNOWN:
                    known.clear()
                known[exact] = self.quick_traits(line, group)
            for comparison, start in self.told:
                place = start + number << _TRAIT_BITS
                comparison.quick.add(place | _EXACT, exact)
                if not is_copy or comparison.before:
                    for trait, value in known[exact]:
                        comparison.quick.add(place | trait, value)

    def quick_traits(self, line: bytes, group: int) -> _Traits:
        """What is quick to tell of a record, beside its bytes; other groups have nothing in common with it."""
        record = record_in(line, self.plan.parse)
        question = None if record is None else question_of(record, self.plan.own_format(record, self.format))
        if question is None:
            return ()
        weak = (_WEAK, question.weak_answer ^ group)
        return ((_PROMPT, question.prompt ^ group), weak) if question.prompt else (weak,)

    def slow(self) -> None:
        """The second look, at lines of which the first one has not told enough."""
        unsettled = [
            comparison.unsettled(start, sys.maxsize if self.is_own else comparison.before)
            for comparison, start in self.told
        ]
        numbers = ((number, None) for number, _ in groupby(heapq.merge(*unsettled)))
        for (number, _), (line, _) in _read_again(numbers, self.lines):
            record = record_in(line, self.plan.parse)
            if record is None:
                continue
            values = normal_digest(record), answered_digest(record, self.plan.own_format(record, self.format))
            for comparison, start in self.told:
                for trait, value in zip((_NORMAL, _ANSWERED), values, strict=True):
                    if value is not None:
                        comparison.slow.add(start + number << _TRAIT_BITS | trait, value)


def _read_again(wanted: Iterable[tuple[int, _T]], lines: Lines) -> Iterator[tuple[tuple[int, _T], tuple[bytes, int]]]:
    """Each number of a line, with what stands beside it, and that line with the byte where it begins.

    A file that has changed meanwhile gives fewer.
    """
    wanted, chosen = tee(wanted)
    return zip(wanted, lines(number for number, _ in chosen), strict=False)


def _decided(comparisons: list[_Comparison], plan: Plan) -> Iterator[tuple[int, list[_Found]]]:
    """The number of each line of which the rules of the plan say something, and what."""
    rows = heapq.merge(*[comparison.found(index) for index, comparison in enumerate(comparisons)])
    for number, of_line in groupby(rows, itemgetter(0)):
        firsts: list[_Firsts] = [{} for _ in comparisons]
        for _, index, trait, first in of_line:
            firsts[index][trait] = first
        said = map(_said, comparisons, firsts, repeat(plan))
        found = [one for one in said if one is not None and one.rule in plan.rules]
        if found:
            yield number, found


def _said(comparison: _Comparison, firsts: _Firsts, plan: Plan) -> _Found | None:
    """What a rule says of a record, given what it has in common with others."""
    same, prompt = firsts.get(_EXACT, firsts.get(_NORMAL)), firsts.get(_PROMPT)
    if comparison.before:
        severity = plan.severities[OVERLAP]
        if same is not None:
            return _Found(OVERLAP, severity, same + 1, comparison.path)
        mild = min(severity, Severity.WARNING, key=lambda severity: severity.rank)
        return None if prompt is None else _Found(OVERLAP, mild, prompt + 1, comparison.path, whole=False)
    if same is not None:
        rule = DUPLICATE if _EXACT in firsts else NORMALIZED
        return _Found(rule, plan.severities[rule], same + 1)
    if prompt is None or _ANSWERED in firsts:
        return None
    return _Found(CONFLICTING, plan.severities[CONFLICTING], prompt + 1, whole=False)


def _told(
    decided: Iterator[tuple[int, list[_Found]]], plan: Plan, totals: Counter[tuple[str, Severity]], once: str
) -> Iterator[tuple[int, list[tuple[_Found, bool]]]]:
    """The lines that have to be read for what is said of them, and whether a finding is made of it.

    These are the first of each rule, of `once` only one; and all that have an error, which may be their only one.
    """
    most = plan.settings.max_findings or sys.maxsize
    left: Counter[str] = Counter()
    for (name, _), total in totals.items():
        left[name] += total
    for name in left:
        left[name] = 1 if name == once else min(most, left[name])
    has_errors = any(severity is Severity.ERROR for _, severity in totals)
    for number, found in decided:
        if not has_errors and not any(left.values()):
            return
        told = []
        for one in found:
            told.append((one, left[one.rule] > 0))
            left[one.rule] -= left[one.rule] > 0
        if any(is_kept or one.severity is Severity.ERROR for one, is_kept in told):
            yield number, told


def _meant(report: PartialReport, plan: Plan, totals: Counter[tuple[str, Severity]]) -> int:
    """How many answers differ from earlier ones to the same prompt, if so many do that it is meant; else 0."""
    severity = plan.severities.get(CONFLICTING, Severity.ERROR)
    total = totals[CONFLICTING, severity]
    is_meant = total >= MEANT and total * MEANT_SHARE >= report.records and severity is not Severity.ERROR
    return total if is_meant else 0


def _finding(one: _Found, line: bytes, place: LinePlace, plan: Plan, file_format: str | None, meant: int) -> RawFinding:
    rule = plan.rules[one.rule]
    if not isinstance(rule, ComparisonRule):
        raise AssertionError(f"{one.rule} compares no records")
    pointer: Pointer = ()
    record = None if one.whole else record_in(line, plan.parse)
    if record is not None:
        question = question_of(record, plan.own_format(record, file_format))
        pointer = question.answer_at if question else ()
    said_once = meant and one.rule == CONFLICTING
    message = rule.word_for_all(meant) if said_once else rule.word(one.line, one.file, whole=one.whole)
    applicability = _applicability(plan, one.rule)
    fix = None
    if applicability:
        edits = (Edit(place.offset, place.offset + len(line), ""),) if plan.show_fixes else ()
        fix = Fix(applicability, "Delete the record", edits)
    return finding_in(line, place, Said(rule, one.severity, pointer, message), plan, fix)


def _applicability(plan: Plan, name: str) -> Applicability | None:
    """That of the rule's fix, as the settings have it."""
    return plan.applicability(name, plan.rules[name].usual_fix())
