"""Tell which of many records are certainly clean, so that they need not be judged one by one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from jsonl_lint.engine.block import LineChecker
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.files.source import BATCH_BYTES

_TABS = bytes.maketrans(b"\r\n", b"\t\t")
"""White space between values as well, and as wrong inside strings, but it does not end a line."""


class Clearance:
    """Passes over clean records with the recogniser of a checker, once there are enough of them to be worth it."""

    def __init__(self, checker: LineChecker) -> None:
        self.checker = checker
        self.asked = 0

    def cleared(self, records: Iterable[bytes]) -> set[int]:
        """Return the indexes of records that are certainly clean: all others have to be judged.

        A record may be spread over lines, and may have a line ending.
        """
        clean: set[int] = set()
        batch: list[bytes] = []
        size = first = 0
        for record in records:
            batch.append(record.rstrip(b"\r\n").translate(_TABS) + b"\n")
            size += len(record)
            if size >= BATCH_BYTES:
                clean.update([first + index for index in self._cleared(batch)])
                first += len(batch)
                batch, size = [], 0
        clean.update([first + index for index in self._cleared(batch)])
        return clean

    def _cleared(self, lines: list[bytes]) -> Iterator[int]:
        """Yield the indexes of lines that the skim passes over. Those with marks are likely to have a finding."""
        self.asked += len(lines)
        checker = self.checker
        if not checker.worth_compiling(self.asked) or checker.skim is None:
            return
        marked = self._marked(lines)
        rest = [index for index in range(len(lines)) if index not in marked]
        unmarked = [lines[index] for index in rest]
        starts = list(accumulate(map(len, unmarked), initial=0))
        data = b"".join(unmarked)
        for run in checker.skim.runs(data, [], PartialReport(), checker.judge.saturated, crlf=False):
            if run.group.is_clean:
                first = bisect_left(starts, run.start)
                yield from rest[first : first + run.lines]

    def _marked(self, lines: list[bytes]) -> set[int]:
        """Return the indexes of lines in which a text rule may find something."""
        scan = self.checker.plan.scan
        filters = scan.prefilters if scan is not None else None
        if filters is None:
            return set()
        ends = list(accumulate(map(len, lines)))
        return {bisect_left(ends, place) for place, _ in filters.plain(b"".join(lines))}
