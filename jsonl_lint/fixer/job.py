"""The repair of one file: what may be fixed in it, and where everything goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from jsonl_lint.engine import PartialReport
from jsonl_lint.files.head import Head
from jsonl_lint.files.source import Origin, Progress
from jsonl_lint.fixer.keys import WrittenKeys
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.records import RecordFixer
from jsonl_lint.fixer.rehearsal import Settled, settle
from jsonl_lint.fixer.sinks import Output, Sink
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.plans.plan import Plan

RangeReports = Callable[[Plan, Origin, int], Iterable[PartialReport]]
"""Judges the lines of a plain file in ranges and yields the reports in order.

The arguments are the plan, what has to be known of the file, and the byte at which the first line begins."""


@dataclass(frozen=True)
class Job:
    """The repair of one file, of whatever kind it is.

    `shown` is its path in messages; `output` is the path of the result, which rules about files see. `sink` takes all
    parts of the file, and passes them to `written` as well. `range_reports` judges a plain file's lines in other
    processes.
    """

    permission: Permission
    shown: str
    output: str
    sink: Sink
    written: Output
    tally: Tally
    on_progress: Progress | None
    range_reports: RangeReports | None

    def settle(self, head: Head) -> Settled:
        """Decide, before any line is fixed, which fixes must not be made."""
        return settle(head, self.permission, self.tally)

    def record_fixer(self, settled: Settled, offset: int) -> RecordFixer:
        """Return what fixes the records from byte `offset` on."""
        return RecordFixer(settled.permission, settled.origin, self.sink, self.tally, offset)


class Fixed(NamedTuple):
    """How a file was fixed: its layout now, what was settled before, and the keys of the records that were written."""

    layout: str
    settled: Settled
    keys: WrittenKeys
