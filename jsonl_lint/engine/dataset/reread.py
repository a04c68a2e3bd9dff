"""Read the records of a file again after its end, and make the findings that need that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.engine.block import LineChecker
from jsonl_lint.engine.dataset.lineset import LineSet
from jsonl_lint.engine.dataset.rereadable import Lines
from jsonl_lint.engine.excerpts import context_of
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.rawfinding import RawFinding, record_hash
from jsonl_lint.files.source import Origin
from jsonl_lint.model import Fix, Severity, format_pointer
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import ReadRecord, RereadingRule, Sketch


class LinePlace(NamedTuple):
    """A line, counted from 0, and the byte at which it begins, without the byte order mark."""

    line: int
    offset: int


class Records:
    """The records of a file, which a rule may read any number of times. The file may change in the meantime."""

    def __init__(self, format: str | None, lines: Lines, plan: Plan) -> None:
        self.format = format
        self.lines = lines
        self.plan = plan

    def __iter__(self) -> Iterator[ReadRecord]:
        for number, (line, offset) in enumerate(self.lines()):
            record = record_in(line, self.plan.parse)
            if record is not None:
                yield ReadRecord(number, offset, line, self.plan.view(record, self.format))


def record_in(line: bytes, parse: Callable[[bytes], Any]) -> dict[str, Any] | None:
    """Return the object that the fast parser reads from the line, None if it is not one."""
    if line[:1] != b"{" and line.lstrip()[:1] != b"{":  # as most lines of records that are spread over lines
        return None
    try:
        record = parse(line)
    except ValueError:
        return None
    return record if type(record) is dict else None


def rereading_findings(
    report: JudgedLines,
    plan: Plan,
    rules: Iterable[RereadingRule],
    format: str | None,
    lines: Lines,
    spoiled: LineSet,
) -> Iterator[RawFinding]:
    """Yield the findings of rules that read records again, with absolute places, and count them in the report.

    Lines whose records become invalid are added to `spoiled`.
    """
    limit = plan.settings.max_findings
    has_error = error_search(plan, format)
    for rule in rules:
        severity = plan.severities[rule.name]
        records = Records(format, lines, plan)
        for count, (read, sketch) in enumerate(rule.check(records), start=1):
            report.counts[rule.name, severity] = count
            if severity is Severity.ERROR and not has_error(read.data):
                spoiled.add(read.line)
            if count <= limit or not limit:
                yield finding_in(read.data, LinePlace(read.line, read.offset), sketch, severity, plan)


def error_search(plan: Plan, format: str | None) -> Callable[[bytes], bool]:
    """Return a function that says whether a record has an error even without the rules about the whole dataset."""
    checker = LineChecker(Origin(file_format=format), plan._replace(compares=False, tracks_kinds=False))

    def has_error(line: bytes) -> bool:
        report = checker.report_on(line)
        return report is not None and report.valid_records < report.records

    return has_error


def finding_in(
    line: bytes, place: LinePlace, sketch: Sketch, severity: Severity, plan: Plan, fix: Fix | None = None
) -> RawFinding:
    """Return the finding about a record, with its place in the line."""
    text = jsonspan.decode(line.rstrip(b"\r\n"))
    span = jsonspan.locate(text, sketch.pointer, unique="duplicate-key" in plan.rules)
    offset = len(jsonspan.encode(text[: span.start]))
    size = len(jsonspan.encode(text))
    return RawFinding(
        line=place.line,
        column=span.start + 1,
        end_column=span.end + 1,
        code=plan.rules_by_name[sketch.rule].code,
        pointer=format_pointer(sketch.pointer),
        end_line=place.line,
        byte_offset=place.offset + offset,
        rule=sketch.rule,
        severity=severity,
        message=sketch.message,
        help=sketch.help,
        context=context_of(text, span.start, span.end, offset, size, sensitive=False),
        record_hash=record_hash(line) if plan.settings.record_hashes else "",
        fix=fix or (),
    )
