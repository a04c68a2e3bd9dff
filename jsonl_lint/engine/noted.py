"""What rules find in that which was noted of each record: the kinds of its values, and keys that come again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding, unmade_fix
from jsonl_lint.model import Fix, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import FirstPlace, KindRule, Rule

if TYPE_CHECKING:
    from jsonl_lint.engine.keylog import Occurrence
    from jsonl_lint.engine.kindlog import FirstSeen


def kind_findings(report: PartialReport, plan: Plan, spoiled: set[int]) -> Iterator[RawFinding]:
    """The findings about kinds, with absolute places; records that lose their validity are added to `spoiled`."""
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
                yield _finding(where, rule, severity, message)


def key_findings(report: PartialReport, plan: Plan, spoiled: set[int]) -> Iterator[RawFinding]:
    """The same about keys. Their fixes are counted."""
    limit = plan.settings.max_findings
    for rule in plan.dataset_rules if report.keys else ():
        log = report.keys.get(rule.name)
        severity = plan.severities[rule.name]
        usual = rule.usual_fix()
        applicability = plan.applicability(rule.name, usual)
        fix = unmade_fix(rule.help, applicability)
        for count, (where, earlier) in enumerate(log.found() if log else (), start=1):
            report.counts[rule.name, severity] = count
            report.count_fix(applicability)
            if severity is Severity.ERROR and not where.failed:
                spoiled.add(where.line)
            if count <= limit or not limit:
                message = rule.word(earlier.line + 1).replace("{value}", where.shown)
                yield _finding(where, rule, severity, message, fix)


def _finding(
    where: FirstSeen | Occurrence, rule: Rule, severity: Severity, message: str, fix: Fix | tuple[()] = ()
) -> RawFinding:
    return RawFinding(
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
        fix=fix,
    )
