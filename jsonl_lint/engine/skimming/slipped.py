"""Lines with slips that the skim tolerates: which of them are counted, or have no findings but those of their slips."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint import jsonspan
from jsonl_lint.engine.fragments import RECORD_START
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.held import held_in
from jsonl_lint.engine.judging.judge import BROKEN, HOLDING, Judge
from jsonl_lint.engine.judging.look import rules_left
from jsonl_lint.engine.judging.texts import LAST_MESSAGE_ALONE, readable
from jsonl_lint.engine.skimming.runs import Group, Groups
from jsonl_lint.engine.skimming.slips import Slip, record_with, sketches_of
from jsonl_lint.files.source import Origin
from jsonl_lint.native.recogniser import LONGEST_LINE
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.structure import signature
from jsonl_lint.target import Target


class Slipped(NamedTuple):
    """How lines with the same slips and structure are treated, if they have at most so many bytes."""

    group: Group
    most_bytes: int
    made: bool
    """Whether the slips of each line are made into findings; nothing else is wrong with it."""
    asking: Verdict | None
    """The verdict on its record, if the line has to be judged unless its record passes the screens of all rules."""
    western: bool | None = None
    """Whether its bytes that are not UTF-8 may be Windows-1252, on which their fix depends; None if it has none."""

    @property
    def needs_look(self) -> bool:
        """Whether Python has to look at each line."""
        return self.made or self.asking is not None or self.western is not None

    def passes(self, slips: Sequence[Slip], target: Target) -> bool:
        """Whether a line with these slips is like the first one, and no rule would report its record."""
        asking = self.asking
        if not self.made and self.western != _are_western(slips):
            return False
        return asking is None or not rules_left(asking.rules, target, record_with(slips), asking)


def slipped(plan: Plan, file_format: str | None, groups: Groups, line: bytes, slips: Sequence[Slip]) -> Slipped | None:
    """Return how lines like this one are treated, None if they have to be judged: more than their structure matters.

    `slips` are those of the line, if they are `PLACED`; otherwise its findings can only be counted.
    """
    if not slips:
        return _counted(plan, file_format, groups, line)
    record = record_with(slips)
    verdict = plan.verdict(signature(record), record, file_format)
    group = groups.of_sketches((*sketches_of(plan, slips), *verdict.sketches))
    if _more_matters(verdict, record) or (group.made and verdict.sketches):
        return None
    most_bytes = min(verdict.sure_bytes, verdict.max_bytes or LONGEST_LINE)
    made, asking = bool(group.made), verdict if verdict.rules else None
    group = group._replace(made=(), settles=_settles(line), broken=True)
    return Slipped(group, most_bytes, made, asking, _are_western(slips))


def _are_western(slips: Sequence[Slip]) -> bool | None:
    if not any([slip.rule == "invalid-utf8" for slip in slips]):
        return None
    return jsonspan.may_be_windows_1252(slips[0].text)


def _counted(plan: Plan, file_format: str | None, groups: Groups, line: bytes) -> Slipped | None:
    """Return how lines like this one are counted, None if they have to be judged."""
    judge, report = Judge(Origin(file_format=file_format), plan, groups.saturated), JudgedLines(1)
    judge.add_line(report, line, BROKEN)
    if report.findings:
        return None
    most_bytes = judge.record_limit or LONGEST_LINE
    text = readable(jsonspan.decode(line.rstrip(b"\r\n")))
    rules = [rule for rule in HOLDING if (rule, plan.severities[rule]) in report.counts]
    for held in chain(*[held_in(text, rule) or () for rule in rules]):
        record = loads(held.json)
        verdict = plan.verdict(signature(record), record, file_format)
        if _more_matters(verdict, record) or verdict.rules:
            return None
        # as JSON, a literal is longer: its double quotes get a backslash
        most_bytes = min(most_bytes, verdict.sure_bytes // 2, (verdict.max_bytes or LONGEST_LINE) // 2)
    counts = tuple([rule for rule, count in report.counts.items() for _ in range(count)])
    fixes, failed = (report.safe_fixes, report.unsafe_fixes), not report.valid_records
    return Slipped(Group(counts, *fixes, failed, settles=_settles(line), broken=True), most_bytes, False, None)


def _settles(line: bytes) -> bool:
    """Whether the line settles what was open before it."""
    return line.rstrip().endswith(b"}") or RECORD_START.match(line) is not None


def _more_matters(verdict: Verdict, record: dict[str, Any]) -> bool:
    """Whether more matters than a record's structure and rules; texts do not, since the recogniser looks at them."""
    sees_all = "messages" in record and verdict.format not in LAST_MESSAGE_ALONE
    return bool(verdict.keys or verdict.more or verdict.names_model or not verdict.satisfies or sees_all)
