"""The lines of a file as its records: the engine checks them, and says which of them make one record."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator

from jsonl_lint.engine import LineChecker, PartialReport, saturated_rules
from jsonl_lint.engine.fragments import Fragment
from jsonl_lint.engine.sketches import line_end
from jsonl_lint.files.source import MOST_MARKS, PIECE_BYTES, Block, LineReader, marks_in
from jsonl_lint.plans.plan import Plan


class SpreadReport(PartialReport):
    """Notes as well of how many lines each record is that is spread over several, by the first of them, from 0."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.spread: dict[int, int] = {}

    def joined(self, group: list[Fragment]) -> PartialReport:
        """One record of several lines."""
        self.spread[self.lines] = len(group)
        return super().joined(group)

    def cut_off(self, group: list[Fragment]) -> PartialReport:
        """What is left of one."""
        self.spread[self.lines] = len(group)
        return super().cut_off(group)


class CheckedLines:
    """The lines of each record in turn, most often one, as they stand in the file; `report` is that of the check.

    `size` is that of the lines so far, in bytes. A line that is too long to be looked into is empty.
    """

    def __init__(self, reader: LineReader, where: Block, plan: Plan, on_progress: Callable[[int], None]) -> None:
        self.reader = reader
        self.report = SpreadReport(1)
        self.checker = LineChecker(where, plan, self.report)
        self.on_progress = on_progress
        self.size = 0
        self.held: deque[bytes] = deque()
        """Lines of which it is not known yet whether they are records, or parts of one."""
        self.known = 0

    def __iter__(self) -> Iterator[list[bytes]]:
        while (batch := Batch(self.reader)).lines:
            self.held += batch.lines
            self.size += batch.size
            self.checker.check_next(batch, saturated_rules(self.report))
            yield from self._records()
            self.on_progress(batch.size)
        self.report.settle()
        yield from self._records()

    def _records(self) -> Iterator[list[bytes]]:
        while self.known < self.report.lines:
            count = self.report.spread.pop(self.known, 1)
            self.known += count
            yield [self.held.popleft() for _ in range(count)]


class Batch:
    """The next lines of a reader, of which the last is whole. To the engine it looks like the reader itself."""

    def __init__(self, reader: LineReader) -> None:
        self.data = reader.batch()
        self.lines = io.BytesIO(self.data).readlines()
        self.last = self.lines[-1] if self.lines else b""
        self.last_size = read = len(self.last)
        if read >= reader.piece_bytes and not self.last.endswith(b"\n"):
            self.last, self.last_size = reader.complete(self.last)
            self.lines[-1] = self.last
        self.size = len(self.data) - read + self.last_size
        if max(map(len, self.lines), default=0) >= min(PIECE_BYTES, reader.limit):
            self.lines = [line if _is_looked_into(line, reader.limit) else b"" for line in self.lines]

    def batch(self) -> bytes:
        """The lines; the last may be cut."""
        return self.data

    def complete(self, _piece: bytes) -> tuple[bytes, int]:
        """The last line, and its length in bytes; b"" for one over the limit."""
        return self.last, self.last_size


def _is_looked_into(line: bytes, limit: int) -> bool:
    return len(line) - len(line_end(line)) <= limit and marks_in(line) <= MOST_MARKS
