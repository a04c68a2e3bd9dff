"""Lines with slips that the skim tolerates: which of them are only counted, since all their findings are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint import jsonspan
from jsonl_lint.engine.fragments import RECORD_START
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.judge import BROKEN, Judge
from jsonl_lint.engine.judging.texts import LAST_MESSAGE_ALONE, readable
from jsonl_lint.engine.skimming.runs import Group
from jsonl_lint.files.source import Origin
from jsonl_lint.native.recogniser import LONGEST_LINE
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.structure import signature


class Slipped(NamedTuple):
    """How lines with the same slips and structure are treated, if they have at most so many bytes."""

    group: Group
    most_bytes: int


def slipped(plan: Plan, file_format: str | None, line: bytes, saturated: Collection[str]) -> Slipped | None:
    """Return how lines like this one are treated, None if they have to be judged: more than their structure matters.

    Findings of the rules in `saturated` are only counted.
    """
    judge, report = Judge(Origin(file_format=file_format), plan, saturated), JudgedLines(1)
    judge.add_line(report, line, BROKEN)
    if report.findings:
        return None
    most_bytes = judge.record_limit or LONGEST_LINE
    record, growth = _record_in(line)
    if record is not None:
        verdict = plan.verdict(signature(record), record, file_format)
        if _more_matters(verdict, record):
            return None
        most_bytes = min(most_bytes, verdict.sure_bytes, verdict.max_bytes or LONGEST_LINE) // growth
    counts = tuple([rule for rule, count in report.counts.items() for _ in range(count)])
    settles = line.rstrip().endswith(b"}") or RECORD_START.match(line) is not None
    fixes = report.safe_fixes, report.unsafe_fixes
    return Slipped(Group(counts, *fixes, not report.valid_records, settles=settles, broken=True), most_bytes)


def _record_in(line: bytes) -> tuple[dict[str, Any] | None, int]:
    """Return the record of a line with slips, None if it just ends too soon; and how many times longer it may be."""
    text = readable(jsonspan.decode(line.rstrip(b"\r\n")))
    try:
        return jsonspan.parse(text).root.value, 1
    except jsonspan.JsonSyntaxError:
        literal = jsonspan.read_literal(text)
        return None if literal is None else loads(literal), 2  # double quotes get a backslash


def _more_matters(verdict: Verdict, record: dict[str, Any]) -> bool:
    """Whether more than the structure of a record matters; its texts do not, since the recogniser looks at them."""
    sees_all = "messages" in record and verdict.format not in LAST_MESSAGE_ALONE
    return bool(
        verdict.rules or verdict.keys or verdict.more or verdict.names_model or not verdict.satisfies or sees_all
    )
