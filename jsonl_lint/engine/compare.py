"""Whole records compared: lines that share a key are read again, and digests of their contents decide."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice, tee
from typing import Any, NamedTuple

from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.reread import LinePlace, Said, finding_in, has_error, record_in
from jsonl_lint.engine.rereadable import Lines, OtherFile, RereadableFile
from jsonl_lint.files.source import Block
from jsonl_lint.likeness import NO_KEY, Likeness, exact_digest, likeness, number_of, record_key, whole_key
from jsonl_lint.model import Applicability, Edit, Fix, Pointer, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.recordkeys import RecordKeys
from jsonl_lint.rule import ComparisonRule

MANY = 2_000
"""If more records share a key, a first look finds out which of them are alike before any are compared."""

MEANT, MEANT_SHARE = 50, 4
"""If so many records answer prompts differently, and they are one in so many of all, it is meant: said once."""

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


class _Survey(NamedTuple):
    """What a first look at records that share keys tells.

    `copies` are as many as come again byte for byte. `alike` are the numbers of different lines that ask the same.
    `keys` are those of the lines that have to be compared: of these, and of the first copies.
    """

    copies: int
    alike: set[int]
    keys: set[int]


def keys_of(lines: Iterable[tuple[bytes, int]], parse: Callable[[bytes], Any]) -> RecordKeys:
    """The key of each line."""
    keys = RecordKeys()
    for line, _ in lines:
        record = record_in(line, parse)
        keys.add(NO_KEY if record is None else record_key(record))
        keys.spill()
    return keys


def comparison_findings(
    report: PartialReport, plan: Plan, file: RereadableFile, shared: set[int], spoiled: set[int]
) -> Iterator[RawFinding]:
    """The findings, in the order of the lines, with absolute places. The report's counts follow.

    `shared` are the keys that several lines have. Lines whose records lose their validity are added to `spoiled`.
    """
    file = file._replace(lines=partial(file.lines, landmarks=report.landmarks))
    inside = plan.rules.keys() & {DUPLICATE, NORMALIZED, CONFLICTING}
    wanted = shared if inside else set()
    others: list[tuple[OtherFile, _Seen]] = []
    if OVERLAP in plan.rules:
        for other in file.others:
            common = report.record_keys.shared(other.keys)
            wanted = wanted | common
            others.append((other, _seen_in(other, common, plan)))
    if wanted:
        maker = _Maker(report, plan, file, spoiled)
        seen = _Seen()
        survey = None
        sharing = report.record_keys.lines_with(wanted)
        first_of_them = list(islice(sharing, MANY + 1))
        if not others and len(first_of_them) > MANY:
            survey = _surveyed(report, wanted, plan, file)
            first_of_them, sharing = [], report.record_keys.lines_with(survey.keys)
        for _, place, line in _read_again(chain(first_of_them, sharing), file.lines):
            exact = exact_digest(line)
            first = seen.exact.get(exact)
            if first and not others:
                yield from maker.findings([_Found(DUPLICATE, first, "", (), plan.severities[DUPLICATE])], place, line)
            elif survey is None or number_of(line) in survey.alike:
                like = _likeness(line, plan, file.format)
                if like is not None:
                    yield from maker.findings(_found(like, seen, others, plan), place, line)
                    seen.add(like, place.line + 1)
            else:
                seen.exact[exact] = place.line + 1
        if survey is not None:
            maker.count_all(DUPLICATE, survey.copies)
        yield from maker.conflicts()


def _surveyed(report: PartialReport, wanted: set[int], plan: Plan, file: RereadableFile) -> _Survey:
    """A first look: of many records that end alike, few are; of copies, no more are needed than findings are made."""
    severity = plan.severities.get(DUPLICATE)
    most = plan.settings.max_findings if severity is not Severity.ERROR else 0  # an error spoils each record
    survey = _Survey(0, set(), set())
    copies = 0
    known: set[int] = set()
    asked, numbers, keys = array("Q"), array("Q"), array("Q")
    for key, _, line in _read_again(report.record_keys.lines_with(wanted), file.lines):
        number = number_of(line)
        if number in known:
            copies += 1
            if DUPLICATE in plan.rules and (copies <= most or not most):
                survey.keys.add(key)
            continue
        known.add(number)
        record = record_in(line, plan.parse)
        if record is not None:
            asked.append(whole_key(record) or 1)  # 0 is no key
            numbers.append(number)
            keys.append(key)
    asked_again = RecordKeys.of(asked).shared()
    for question, number, key in zip(asked, numbers, keys, strict=True):
        if question in asked_again:
            survey.alike.add(number)
            survey.keys.add(key)
    return survey._replace(copies=copies)


def _seen_in(other: OtherFile, wanted: set[int], plan: Plan) -> _Seen:
    seen = _Seen()
    for _, place, line in _read_again(other.keys.lines_with(wanted), other.lines) if wanted else ():
        like = _likeness(line, plan, other.format)
        if like is not None:
            seen.add(like, place.line + 1)
    return seen


def _read_again(found: Iterable[tuple[int, int]], lines: Lines) -> Iterator[tuple[int, LinePlace, bytes]]:
    """The key, the place and the bytes of each line, of which number and key are given.

    A file that has changed meanwhile gives fewer.
    """
    found, chosen = tee(found)
    for (number, key), (line, offset) in zip(found, lines(number for number, _ in chosen), strict=False):
        yield key, LinePlace(number, offset), line


def _likeness(line: bytes, plan: Plan, file_format: str | None) -> Likeness | None:
    """The digests of the record in a line, if there is one that can be compared."""
    record = record_in(line, plan.parse)
    return None if record is None else likeness(line, record, plan.own_format(record, file_format))


def _found(like: Likeness, seen: _Seen, others: list[tuple[OtherFile, _Seen]], plan: Plan) -> Iterator[_Found]:
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

    def __init__(self, report: PartialReport, plan: Plan, file: RereadableFile, spoiled: set[int]) -> None:
        self.report = report
        self.plan = plan
        self.where = Block("", 1, 0, b"", file.format)
        self.lines = file.lines
        self.spoiled = spoiled
        self.made: dict[str, int] = {}
        self.held: list[tuple[_Found, LinePlace]] = []

    def findings(self, found: Iterable[_Found], place: LinePlace, line: bytes) -> Iterator[RawFinding]:
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

    def count_all(self, name: str, total: int) -> None:
        """There are so many findings of a rule: those that were not counted one by one are counted now."""
        rule = self.plan.rules.get(name)
        rest = total - self.made.get(name, 0)
        if isinstance(rule, ComparisonRule) and rest > 0:
            key = (name, self.plan.severities[name])
            self.report.counts[key] = self.report.counts.get(key, 0) + rest
            self.report.count_fix(self.applicability(rule), rest)

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
        return self.plan.applicability(rule.name, usual)

    def deletion(self, applicability: Applicability, place: LinePlace, line: bytes) -> Fix:
        """The fix: the line goes."""
        edits = (Edit(place.offset, place.offset + len(line), ""),) if self.plan.show_fixes else ()
        return Fix(applicability, "Delete the record", edits)
