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


class SpreadReport(PartialReport):
    """Also notes the number of lines of each record spread over several, by its first line (from 0)."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.spread: dict[int, int] = {}

    def append_record(self, spread: JudgedLines) -> None:
        """Note the number of lines of a record, or of what is left of one."""
        self.spread[self.lines] = spread.lines
        super().append_record(spread)


class CheckedLines:
    """Iterates over records, as lists of their lines (usually one); `report` is that of the check.

    `size` is the total size of the lines so far, in bytes. A line that is too long to be parsed is replaced by b"".
    """

    def __init__(self, reader: LineReader, origin: Origin, plan: Plan, on_progress: Progress) -> None:
        self.reader = reader
        self.report = SpreadReport(1)
        self.checker = LineChecker(origin, plan, self.report)
        self.report.spread_judge = None  # it is enough to know which lines make up a record
        self.on_progress = on_progress
        self.size = 0
        self.held: deque[bytes] = deque()
        """Lines of which it is not yet known whether they are records or parts of one."""
        self.known = 0

    def __iter__(self) -> Iterator[list[bytes]]:
        limit = self.reader.limit
        while (batch := HeldLines(self.reader)).lines:
            lines, size = batch.lines, batch.size()
            if max(map(len, lines)) >= min(PIECE_BYTES, limit):
                lines = [line if _is_looked_into(line, limit) else b"" for line in lines]
            self.held += lines
            self.size += size
            self.checker.check_next(batch, saturated_rules(self.report))
            yield from self._records()
            self.on_progress(size)
        self.report.settle()
        yield from self._records()

    def _records(self) -> Iterator[list[bytes]]:
        while self.known < self.report.lines:
            count = self.report.spread.pop(self.known, 1)
            self.known += count
            yield [self.held.popleft() for _ in range(count)]


def _is_looked_into(line: bytes, limit: int) -> bool:
    return len(line) - len(line_end(line)) <= limit and brackets_and_commas(line) <= MOST_BRACKETS_AND_COMMAS
