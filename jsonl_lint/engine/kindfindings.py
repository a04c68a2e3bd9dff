"""What rules about keys and types find in a whole file."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.model import Severity
from jsonl_lint.plan import Plan
from jsonl_lint.rule import FirstPlace, KindRule


def kind_findings(report: PartialReport, plan: Plan, spoiled: set[int]) -> Iterator[RawFinding]:
    """The findings, with absolute places; records that lose their validity are added to `spoiled`."""
    first = report.kinds.first
    places = {kind: FirstPlace(where.line + 1, where.record_offset) for kind, where in first.items()}
    limit = plan.settings.max_findings
    for rule in plan.rules.of_kind(KindRule).values():
        severity = plan.severities[rule.name]
        for count, (kind, message) in enumerate(rule.check(places, plan.target.limits), start=1):
            where = first[kind]
            report.counts[rule.name, severity] = count
            if severity is Severity.ERROR and not where.failed:
                spoiled.add(where.line)
            if count <= limit or not limit:
                yield RawFinding(
                    where.line,
                    where.column,
                    where.end_column,
                    rule.code,
                    where.pointer,
                    where.line,
                    where.byte_offset,
                    rule.name,
                    severity,
                    message,
                    rule.help,
                )
