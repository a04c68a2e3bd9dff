"""Lines with slips that the skim tolerates: which of them are counted, or have no findings but those of their slips."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint import jsonspan
from jsonl_lint.engine.fragments import RECORD_START
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.judge import BROKEN, Judge
from jsonl_lint.engine.judging.look import rules_left
from jsonl_lint.engine.judging.texts import LAST_MESSAGE_ALONE, readable
from jsonl_lint.engine.skimming.runs import Group
from jsonl_lint.engine.skimming.slips import PLACED, Slip, record_with
from jsonl_lint.files.source import Origin
from jsonl_lint.native.recogniser import LONGEST_LINE
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.structure import signature
from jsonl_lint.target import Target


class Slipped(NamedTuple):
    """How lines with the same slips and structure are treated, if they have at most so many bytes."""

    group: Group
    most_bytes: int
    made: bool
    """Whether the slips of each line are made into findings; nothing else is wrong with it."""
    asking: Verdict | None
    """The verdict on its record, if the line has to be judged unless its record passes the screens of all rules."""

    def passes(self, slips: Sequence[Slip], target: Target) -> bool:
        """Whether no rule would report the record of a line with these slips."""
        asking = self.asking
        return asking is None or not rules_left(asking.rules, target, record_with(slips), asking)


def slipped(plan: Plan, file_format: str | None, line: bytes, saturated: Collection[str]) -> Slipped | None:
    """Return how lines like this one are treated, None if they have to be judged: more than their structure matters.

    Findings of the rules in `saturated` are only counted.
    """
    judge, report = Judge(Origin(file_format=file_format), plan, saturated), JudgedLines(1)
    judge.add_line(report, line, BROKEN)
    made = bool(report.findings)
    if not all([finding.rule in PLACED for finding in report.findings]):
        return None
    most_bytes = judge.record_limit or LONGEST_LINE
    asking = None
    record, growth = _record_in(line)
    if record is not None:
        verdict = plan.verdict(signature(record), record, file_format)
        if _more_matters(verdict, record) or (made and verdict.sketches):
            return None
        if verdict.rules:
            asking = verdict
            if growth > 1 or rules_left(verdict.rules, plan.target, record, verdict):
                return None
        most_bytes = min(most_bytes, verdict.sure_bytes, verdict.max_bytes or LONGEST_LINE) // growth
    settles = line.rstrip().endswith(b"}") or RECORD_START.match(line) is not None
    group = Group(settles=settles, broken=True)
    if not made:
        counts = tuple([rule for rule, count in report.counts.items() for _ in range(count)])
        fixes = report.safe_fixes, report.unsafe_fixes
        group = Group(counts, *fixes, not report.valid_records, settles=settles, broken=True)
    return Slipped(group, most_bytes, made, asking)


def _record_in(line: bytes) -> tuple[dict[str, Any] | None, int]:
    """Return the record of a line with slips, None if it just ends too soon; and how many times longer it may be."""
    text = readable(jsonspan.decode(line.rstrip(b"\r\n")))
    try:
        return jsonspan.parse(text).root.value, 1
    except jsonspan.JsonSyntaxError:
        literal = jsonspan.read_literal(text)
        return None if literal is None else loads(literal), 2  # double quotes get a backslash


def _more_matters(verdict: Verdict, record: dict[str, Any]) -> bool:
    """Whether more matters than a record's structure and rules; texts do not, since the recogniser looks at them."""
    sees_all = "messages" in record and verdict.format not in LAST_MESSAGE_ALONE
    return bool(verdict.keys or verdict.more or verdict.names_model or not verdict.satisfies or sees_all)
