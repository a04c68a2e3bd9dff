"""Findings about whole records that have something in common (`alike`), by the rules that compare records."""

from __future__ import annotations

import heapq
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from jsonl_lint.engine.dataset.alike import ANSWERED, EXACT, NORMAL, PROMPT, Comparison, compared, read_again
from jsonl_lint.engine.dataset.lineset import LineSet
from jsonl_lint.engine.dataset.reread import LinePlace, error_search, finding_in, record_in
from jsonl_lint.engine.dataset.rereadable import RereadableFile
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.model import Applicability, Edit, Fix, Pointer, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.records.likeness import NO_KEY, question_of, record_key
from jsonl_lint.repeats.recordkeys import RecordKeys
from jsonl_lint.rule import ComparisonRule

MEANT, MEANT_SHARE = 50, 4
"""If this many records, and one in this many, answer a known prompt differently, it is intended, and reported once."""

DUPLICATE, NORMALIZED, CONFLICTING, OVERLAP = (
    "duplicate-record",
    "normalized-duplicate",
    "conflicting-answers",
    "overlap-with-validation",
)

_Firsts = dict[int, int]
"""For each trait that an earlier record has, the line number of the first such record."""


class _Match(NamedTuple):
    """What a rule reports: the line and file of the other record, and whether all of it is the same, or its prompt."""

    rule: str
    severity: Severity
    line: int
    file: str = ""
    whole: bool = True


def keys_of(lines: Iterable[tuple[bytes, int]], parse: Callable[[bytes], Any]) -> RecordKeys:
    """Return the key of each line."""
    keys = RecordKeys()
    for line, _ in lines:
        record = record_in(line, parse)
        keys.add(NO_KEY if record is None else record_key(record))
        keys.spill()
    return keys


def comparison_findings(
    report: JudgedLines, plan: Plan, file: RereadableFile, shared: Iterator[tuple[int, int]], spoiled: LineSet
) -> Iterator[RawFinding]:
    """Yield the findings, in the order of the lines, with absolute places, and count them in the report.

    `shared` are the lines that share a key, as `recurring` gives them, of the other files and of this one. Lines whose
    records become invalid are added to `spoiled`.
    """
    file = file._replace(lines=partial(file.lines, landmarks=report.landmarks))
    inside = bool(plan.rules.keys() & {DUPLICATE, NORMALIZED, CONFLICTING})
    comparisons, lines = compared(plan, file, shared, inside=inside)
    totals = Counter((match.rule, match.severity) for _, matches in _matched(comparisons, plan) for match in matches)
    report.add_counts(totals)
    for (name, _), total in totals.items():
        report.count_fix(_applicability(plan, name), total)
    meant = _meant(report, plan, totals)
    if meant:
        report.counts[CONFLICTING, plan.severities[CONFLICTING]] = 1
    has_error = error_search(plan, file.format)
    wanted = _wanted(_matched(comparisons, plan), plan, totals, once=CONFLICTING if meant else "")
    for (number, matches), (line, offset) in read_again(wanted, lines):
        for match, is_kept in matches:
            if match.severity is Severity.ERROR and number not in spoiled and not has_error(line):
                spoiled.add(number)
            if is_kept:
                yield _finding(match, line, LinePlace(number, offset), plan, file.format, meant)


def _matched(comparisons: list[Comparison], plan: Plan) -> Iterator[tuple[int, list[_Match]]]:
    """Yield the numbers of the lines about which the plan's rules report something, and what they report."""
    rows = heapq.merge(*[comparison.found(index) for index, comparison in enumerate(comparisons)])
    for number, of_line in groupby(rows, itemgetter(0)):
        firsts: list[_Firsts] = [{} for _ in comparisons]
        for _, index, trait, first in of_line:
            firsts[index][trait] = first
        found = map(_match, comparisons, firsts, repeat(plan))
        matches = [match for match in found if match is not None and match.rule in plan.rules]
        if matches:
            yield number, matches


def _match(comparison: Comparison, firsts: _Firsts, plan: Plan) -> _Match | None:
    """Return what a rule reports about a record, given what it has in common with others."""
    same, prompt = firsts.get(EXACT, firsts.get(NORMAL)), firsts.get(PROMPT)
    if comparison.before:
        severity = plan.severities[OVERLAP]
        if same is not None:
            return _Match(OVERLAP, severity, same + 1, comparison.path)
        mild = min(severity, Severity.WARNING, key=lambda severity: severity.rank)
        return None if prompt is None else _Match(OVERLAP, mild, prompt + 1, comparison.path, whole=False)
    if same is not None:
        rule = DUPLICATE if EXACT in firsts else NORMALIZED
        return _Match(rule, plan.severities[rule], same + 1)
    if prompt is None or ANSWERED in firsts:
        return None
    return _Match(CONFLICTING, plan.severities[CONFLICTING], prompt + 1, whole=False)


def _wanted(
    matched: Iterator[tuple[int, list[_Match]]], plan: Plan, totals: Counter[tuple[str, Severity]], once: str
) -> Iterator[tuple[int, list[tuple[_Match, bool]]]]:
    """Yield the lines that have to be read, with what is reported and whether it becomes a finding.

    These are the first ones of each rule (of the rule `once` just one), and all lines with an error: it may be the
    only error of its record.
    """
    most = plan.settings.max_findings or sys.maxsize
    left: Counter[str] = Counter()
    for (name, _), total in totals.items():
        left[name] += total
    for name in left:
        left[name] = 1 if name == once else min(most, left[name])
    has_errors = any(severity is Severity.ERROR for _, severity in totals)
    for number, matches in matched:
        if not has_errors and not any(left.values()):
            return
        wanted = []
        for match in matches:
            wanted.append((match, left[match.rule] > 0))
            left[match.rule] -= left[match.rule] > 0
        if any(is_kept or match.severity is Severity.ERROR for match, is_kept in wanted):
            yield number, wanted


def _meant(report: JudgedLines, plan: Plan, totals: Counter[tuple[str, Severity]]) -> int:
    """Return how many answers differ from earlier ones to the same prompt; 0 if these are too few to be intended."""
    severity = plan.severities.get(CONFLICTING, Severity.ERROR)
    total = totals[CONFLICTING, severity]
    is_meant = total >= MEANT and total * MEANT_SHARE >= report.records and severity is not Severity.ERROR
    return total if is_meant else 0


def _finding(
    match: _Match, line: bytes, place: LinePlace, plan: Plan, file_format: str | None, meant: int
) -> RawFinding:
    rule = plan.rules[match.rule]
    if not isinstance(rule, ComparisonRule):
        raise AssertionError(f"{match.rule} compares no records")
    pointer: Pointer = ()
    record = None if match.whole else record_in(line, plan.parse)
    if record is not None:
        question = question_of(record, plan.own_format(record, file_format))
        pointer = question.answer_at if question else ()
    said_once = meant and match.rule == CONFLICTING
    message = rule.word_for_all(meant) if said_once else rule.word(match.line, match.file, whole=match.whole)
    applicability = _applicability(plan, match.rule)
    fix = None
    if applicability:
        edits = (Edit(place.offset, place.offset + len(line), ""),) if applicability in plan.edited else ()
        fix = Fix(applicability, "Delete the record", edits)
    return finding_in(line, place, rule.sketch(pointer, message), match.severity, plan, fix)


def _applicability(plan: Plan, name: str) -> Applicability | None:
    """Return the applicability of the rule's fix according to the settings, None if it has no fix."""
    return plan.applicability(name, plan.rules[name].usual_fix())
