"""Whole records compared: lines that share a key are read again, and digests of their contents decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import compress, count, tee
from typing import Any, NamedTuple

from jsonl_lint.engine.data import Data, Lines, Other
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.reread import Place, Said, finding_in, has_error, record_in
from jsonl_lint.likeness import NO_KEY, Likeness, exact_digest, likeness, record_key, whole_key
from jsonl_lint.model import Applicability, Edit, Fix, Pointer, Severity
from jsonl_lint.plan import Plan
from jsonl_lint.recordkeys import RecordKeys
from jsonl_lint.rule import ComparisonRule
from jsonl_lint.source import Block

MANY = 2_000
"""From so many records that share a key on, those that are alike are sought out before records are compared."""

MEANT, MEANT_SHARE = 50, 4
"""So many records that answer a prompt differently, and one in so many of all: it is meant, and said once."""

DUPLICATE, NORMALIZED, CONFLICTING, OVERLAP = (
    "duplicate-record",
    "normalized-duplicate",
    "conflicting-answers",
    "overlap-with-validation",
)


class _Found(NamedTuple):
    """What a rule says of a record: of which line of which file, and where in the record."""

    rule: str
    line: int
    file: str
    pointer: Pointer
    severity: Severity


class _Seen:
    """The first line, from 1, with each digest, and the answers that a prompt has had."""

    def __init__(self) -> None:
        self.exact: dict[bytes, int] = {}
        self.normal: dict[bytes, int] = {}
        self.prompts: dict[bytes, int] = {}
        self.answers: set[bytes] = set()

    def add(self, like: Likeness, line: int) -> None:
        """A record stands there."""
        self.exact.setdefault(like.exact, line)
        self.normal.setdefault(like.normal, line)
        if like.prompt:
            self.prompts.setdefault(like.prompt, line)
            self.answers.add(like.prompt + like.answer)


class _Suspects(NamedTuple):
    """Exact digests: of lines that come again byte for byte, and of different lines that ask the same."""

    again: set[bytes]
    alike: set[bytes]


def keys_of(lines: Iterable[tuple[bytes, int]], parse: Callable[[bytes], Any]) -> RecordKeys:
    """The key of each line."""
    keys = RecordKeys()
    for line, _ in lines:
        record = record_in(line, parse)
        keys.add(NO_KEY if record is None else record_key(record))
        keys.spill()
    return keys


def comparison_findings(
    report: PartialReport, plan: Plan, data: Data, shared: set[int], spoiled: set[int]
) -> Iterator[RawFinding]:
    """The findings, in the order of the lines, with absolute places. The report's counts follow.

    `shared` are the keys that several lines have. Lines whose records lose their validity are added to `spoiled`.
    """
    data = data._replace(lines=partial(data.lines, landmarks=report.landmarks))
    inside = plan.rules.keys() & {DUPLICATE, NORMALIZED, CONFLICTING}
    wanted = set(shared) if inside else set()
    others: list[tuple[Other, _Seen]] = []
    if OVERLAP in plan.rules:
        for other in data.others:
            common = report.record_keys.shared(other.keys)
            wanted |= common
            others.append((other, _seen_in(other, common, plan)))
    if wanted:
        maker = _Maker(report, plan, data, spoiled)
        seen = _Seen()
        suspects = None
        if not others and sum(map(wanted.__contains__, report.record_keys)) > MANY:
            suspects = _suspects(report, wanted, plan, data)
        for place, line in _chosen(report.record_keys, wanted, data.lines):
            exact = exact_digest(line)
            first = seen.exact.get(exact)
            if first and not others:
                yield from maker.findings([_Found(DUPLICATE, first, "", (), plan.severities[DUPLICATE])], place, line)
            elif suspects is None or exact in suspects.alike:
                like = _likeness(line, plan, data.format)
                if like is not None:
                    yield from maker.findings(_found(like, seen, others, plan), place, line)
                    seen.add(like, place.line + 1)
            elif exact in suspects.again:
                seen.exact[exact] = place.line + 1
        yield from maker.conflicts()


def _suspects(report: PartialReport, wanted: set[int], plan: Plan, data: Data) -> _Suspects:
    """Those of the records that may be like others: where many end alike few are, and copies need no second look."""
    known: set[bytes] = set()
    first: dict[int, bytes] = {}
    suspects = _Suspects(set(), set())
    for _, line in _chosen(report.record_keys, wanted, data.lines):
        exact = exact_digest(line)
        if exact in known:
            suspects.again.add(exact)
            continue
        known.add(exact)
        record = record_in(line, plan.parse)
        if record is not None:
            other = first.setdefault(whole_key(record), exact)
            if other != exact:
                suspects.alike.update((exact, other))
    return suspects


def _seen_in(other: Other, wanted: set[int], plan: Plan) -> _Seen:
    seen = _Seen()
    for place, line in _chosen(other.keys, wanted, other.lines) if wanted else ():
        like = _likeness(line, plan, other.format)
        if like is not None:
            seen.add(like, place.line + 1)
    return seen


def _chosen(keys: RecordKeys, wanted: set[int], lines: Lines) -> Iterator[tuple[Place, bytes]]:
    """The lines whose key is wanted. A file that has changed meanwhile gives fewer."""
    numbers, chosen = tee(compress(count(), map(wanted.__contains__, keys)))
    for number, (line, offset) in zip(numbers, lines(chosen), strict=False):
        yield Place(number, offset), line


def _likeness(line: bytes, plan: Plan, file_format: str | None) -> Likeness | None:
    """The digests of the record in a line, if there is one that can be compared."""
    record = record_in(line, plan.parse)
    return None if record is None else likeness(line, record, plan.own_format(record, file_format))


def _found(like: Likeness, seen: _Seen, others: list[tuple[Other, _Seen]], plan: Plan) -> Iterator[_Found]:
    """What the rules say of a record, given those before it and those of other files."""
    for other, there in others:
        line = there.exact.get(like.exact) or there.normal.get(like.normal)
        if line:
            yield _Found(OVERLAP, line, other.path, (), plan.severities[OVERLAP])
        elif like.prompt in there.prompts:
            severity = min(plan.severities[OVERLAP], Severity.WARNING, key=lambda severity: severity.rank)
            yield _Found(OVERLAP, there.prompts[like.prompt], other.path, like.answer_at, severity)
    if like.exact in seen.exact:
        yield _Found(DUPLICATE, seen.exact[like.exact], "", (), plan.severities[DUPLICATE])
    elif like.normal in seen.normal:
        yield _Found(NORMALIZED, seen.normal[like.normal], "", (), plan.severities[NORMALIZED])
    elif like.prompt in seen.prompts and like.prompt + like.answer not in seen.answers:
        yield _Found(CONFLICTING, seen.prompts[like.prompt], "", like.answer_at, plan.severities[CONFLICTING])


class _Maker:
    """Counts what is found and makes findings of it, as many of each rule as are kept."""

    def __init__(self, report: PartialReport, plan: Plan, data: Data, spoiled: set[int]) -> None:
        self.report = report
        self.plan = plan
        self.where = Block("", 1, 0, b"", data.format)
        self.lines = data.lines
        self.spoiled = spoiled
        self.made: dict[str, int] = {}
        self.held: list[tuple[_Found, Place]] = []

    def findings(self, found: Iterable[_Found], place: Place, line: bytes) -> Iterator[RawFinding]:
        """The findings about one record."""
        for one in found:
            rule = self.plan.rules.get(one.rule)
            if isinstance(rule, ComparisonRule):
                key = (one.rule, one.severity)
                self.report.counts[key] = self.report.counts.get(key, 0) + 1
                if (
                    one.severity is Severity.ERROR
                    and place.line not in self.spoiled
                    and not has_error(line, self.where, self.plan)
                ):
                    self.spoiled.add(place.line)
                applicability = self.applicability(rule)
                self.report.count_fix(applicability)
                count = self.made[one.rule] = self.made.get(one.rule, 0) + 1
                if count <= self.plan.settings.max_findings or not self.plan.settings.max_findings:
                    if one.rule == CONFLICTING:
                        self.held.append((one, place))
                    else:
                        fix = self.deletion(applicability, place, line) if applicability else None
                        message = rule.word(one.line, one.file, whole=not one.pointer)
                        yield finding_in(line, place, Said(rule, one.severity, one.pointer, message), self.plan, fix)

    def conflicts(self) -> Iterator[RawFinding]:
        """The findings about answers, once it is known how many there are: each, or one for all if they are meant."""
        rule = self.plan.rules.get(CONFLICTING)
        if not (self.held and isinstance(rule, ComparisonRule)):
            return
        severity = self.plan.severities[CONFLICTING]
        total = self.made[CONFLICTING]
        message = ""
        if total >= MEANT and total * MEANT_SHARE >= self.report.records and severity is not Severity.ERROR:
            message = rule.word_for_all(total)
            self.report.counts[CONFLICTING, severity] = 1
            del self.held[1:]
        lines = self.lines(place.line for _, place in self.held)
        for (one, place), (line, _) in zip(self.held, lines, strict=False):
            words = message or rule.word(one.line, "", whole=False)
            yield finding_in(line, place, Said(rule, severity, one.pointer, words), self.plan)

    def applicability(self, rule: ComparisonRule) -> Applicability | None:
        """That of the rule's fix, as the settings have it."""
        usual = rule.usual_fix()
        return self.plan.reclassified.get(rule.name, usual) if usual else None

    def deletion(self, applicability: Applicability, place: Place, line: bytes) -> Fix:
        """The fix: the line goes."""
        edits = (Edit(place.offset, place.offset + len(line), ""),) if self.plan.show_fixes else ()
        return Fix(applicability, "Delete the record", edits)
