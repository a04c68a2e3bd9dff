"""Tell which of many records are certainly clean, so that they need not be judged one by one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from jsonl_lint.engine.block import LineChecker
from jsonl_lint.engine.partial import PartialReport

_TABS = bytes.maketrans(b"\r\n", b"\t\t")
"""White space between values as well, and as wrong inside strings, but it does not end a line."""


class Clearance:
    """Passes over clean records with the recogniser of a checker, once there are enough of them to be worth it."""

    def __init__(self, checker: LineChecker) -> None:
        self.checker = checker
        self.asked = 0

    def cleared(self, records: Sequence[bytes]) -> set[int]:
        """Return the indexes of records that are certainly clean: all others have to be judged.

        A record may be spread over lines, and may have a line ending.
        """
        self.asked += len(records)
        checker = self.checker
        if not checker.worth_compiling(self.asked) or checker.skim is None:
            return set()
        scan = checker.plan.scan
        filters = scan.prefilters if scan is not None else None
        lines = [record.rstrip(b"\r\n").translate(_TABS) + b"\n" for record in records]
        data = b"".join(lines)
        marks = filters.plain(data) if filters is not None else []
        starts = list(accumulate(map(len, lines), initial=0))
        clean: set[int] = set()
        for run in checker.skim.runs(data, marks, PartialReport(), checker.judge.saturated, crlf=False):
            if run.group.is_clean:
                first = bisect_left(starts, run.start)
                clean.update(range(first, first + run.lines))
        return clean
