"""Group the lines of a file into records while the engine checks them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from jsonl_lint.engine import JudgedLines, LineChecker, PartialReport, saturated_rules
from jsonl_lint.engine.judging.sketches import line_end
from jsonl_lint.files.held import HeldLines
from jsonl_lint.files.source import (
    MOST_BRACKETS_AND_COMMAS,
    PIECE_BYTES,
    LineReader,
    Origin,
    Progress,
    brackets_and_commas,
)
from jsonl_lint.plans.plan import Plan
from jsonl_lint.ranges import RangeTask


class SpreadReport(PartialReport):
    """Also notes the number of lines of each record spread over several, by its first line (from 0)."""

    def __init__(self, *, synchronised: bool = True) -> None:
        super().__init__(1, synchronised=synchronised)  # findings are only counted
        self.spread: dict[int, int] = {}

    def append_record(self, spread: JudgedLines) -> None:
        """Note the number of lines of a record, or of what is left of one."""
        self.spread[self.lines] = spread.lines
        super().append_record(spread)


class HeldRecords:
    """Lines of which it is not yet known whether they are records or parts of one, until `report` has judged them.

    `known` is the number of the first of them, from 0.
    """

    def __init__(self, report: SpreadReport) -> None:
        self.report = report
        self.lines: deque[bytes] = deque()
        self.known = 0

    def taken(self, end: int) -> Iterator[list[bytes]]:
        """Yield the records before the line `end`, as lists of their lines (usually one)."""
        while self.known < end:
            count = self.report.spread.pop(self.known, 1)
            self.known += count
            yield [self.lines.popleft() for _ in range(count)]


class CheckedLines:
    """Iterates over records, as lists of their lines; `report` is that of the check.

    `size` is the total size of the lines so far, in bytes. A line that is too long to be parsed is replaced by b"".
    Lines that are only `part` of a file may begin and end inside a record; its lines are left to the report.
    """

    def __init__(
        self, reader: LineReader, origin: Origin, plan: Plan, on_progress: Progress, part: RangeTask | None = None
    ) -> None:
        self.reader = reader
        self.part = part
        self.report = SpreadReport(synchronised=part is None or part.start == part.first)
        self.checker = LineChecker(origin, plan, self.report)
        self.report.spread_judge = None  # it is enough to know which lines make up a record
        self.on_progress = on_progress
        self.size = 0
        self.held = HeldRecords(self.report)
        self.synchronised = self.report.synchronised

    def __iter__(self) -> Iterator[list[bytes]]:
        limit = self.reader.limit
        while (batch := HeldLines(self.reader)).lines:
            lines, size = batch.lines, batch.size()
            if max(map(len, lines)) >= min(PIECE_BYTES, limit):
                lines = [line if _is_looked_into(line, limit) else b"" for line in lines]
            self.held.lines += lines
            self.size += size
            self.checker.check_next(batch, saturated_rules(self.report))
            yield from self._records()
            self.on_progress(size)
        if self.part is None:
            self.report.settle()
            yield from self._records()

    def _records(self) -> Iterator[list[bytes]]:
        if self.report.synchronised and not self.synchronised:
            self.synchronised = True
            for _ in self.report.head:  # the report has these lines, and does not number them
                self.held.lines.popleft()
        yield from self.held.taken(self.report.lines)


class AddedRanges:
    """Adds up the reports of ranges, in their order, to that of the file, and finds the records at their borders."""

    def __init__(self) -> None:
        self.report = SpreadReport()
        self.held = HeldRecords(self.report)

    def add(self, part: PartialReport) -> Iterator[list[bytes]]:
        """Yield the records that no range has counted, as it could not know whether it had all of their lines."""
        self.held.lines += [fragment.line for fragment in part.head]
        border = self.held.known + len(self.held.lines)
        self.report.absorb(part)
        if part.synchronised:
            yield from self.held.taken(border)
            self.held.known += part.lines
            self.held.lines += [fragment.line for fragment in part.tail]
        yield from self.held.taken(self.report.lines)

    def end(self) -> Iterator[list[bytes]]:
        """Yield the records that the last ranges left open."""
        self.report.settle()
        yield from self.held.taken(self.report.lines)


def _is_looked_into(line: bytes, limit: int) -> bool:
    return len(line) - len(line_end(line)) <= limit and brackets_and_commas(line) <= MOST_BRACKETS_AND_COMMAS
