"""Note the ids of batch requests, with which their lines begin, without reading the rest of them."""

from __future__ import annotations

import re
from io import BytesIO

from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.engine.keylog import KeyPlace, digest_of_bytes
from jsonl_lint.engine.skimming.runs import Run
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.requestids import is_taken
from jsonl_lint.records.settings import REQUEST_ID

_ID = re.compile(rb'\{[ \t]*"%s"[ \t]*:[ \t]*"([^"\\\x00-\x1f\x7f-\xff]+)"' % REQUEST_ID.encode())


def count_keyed(run: Run, verdict: Verdict, data: bytes, judge: Judge, report: JudgedLines) -> None:
    """Count the lines of a run whose records are compared by keys, and note these."""
    if (
        run.group.only_counts(judge.saturated)
        and verdict.compared_by_id
        and _note_ids(run, verdict, data, judge, report)
    ):
        run.count_in(report)
        return
    for line in BytesIO(data[run.start : run.end]):
        judge.add_keyed(report, line, run.group.made, verdict)


def _note_ids(run: Run, verdict: Verdict, data: bytes, judge: Judge, report: JudgedLines) -> bool:
    """Note the ids of requests; False if a line begins with none, or with one that the target does not take."""
    places: list[KeyPlace] = []
    number, offset, target = report.lines, report.bytes, judge.plan.target
    for line in BytesIO(data[run.start : run.end]):
        found = _ID.match(line)
        if found is None or not is_taken(found[1].decode(), target):
            return False
        start, end = found.span(1)
        places.append((digest_of_bytes(found[1]), number, offset + start - 1, start, end + 2))
        number += 1
        offset += len(line)
    (rule,) = verdict.text_keys
    report.log_of(rule).extend(places, f"/{REQUEST_ID}", failed=run.group.failed)
    return True
