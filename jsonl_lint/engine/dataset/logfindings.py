"""The findings from a file's logs: about the kinds of its values (`kindlog`), and about repeated keys (`keylog`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.engine.dataset.lineset import LineSet
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.rawfinding import RawFinding, unmade_fix
from jsonl_lint.model import Fix, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import FirstPlace, KindRule, Rule

if TYPE_CHECKING:
    from jsonl_lint.engine.keylog import Occurrence
    from jsonl_lint.engine.kindlog import FirstSeen


def kind_findings(report: JudgedLines, plan: Plan, spoiled: LineSet) -> Iterator[RawFinding]:
    """Yield the findings about kinds, with absolute places; lines whose records become invalid go into `spoiled`."""
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


def key_findings(report: JudgedLines, plan: Plan, spoiled: LineSet) -> Iterator[RawFinding]:
    """Yield the findings about keys in the same way, and count their fixes."""
    limit = plan.settings.max_findings
    for rule in plan.by_kind.dataset if report.keys else ():
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
        line=where.line,
        column=where.column,
        end_column=where.end_column,
        code=rule.code,
        pointer=where.pointer,
        end_line=where.line,
        byte_offset=where.byte_offset,
        rule=rule.name,
        severity=severity,
        message=message,
        help=rule.help,
        fix=fix,
    )
