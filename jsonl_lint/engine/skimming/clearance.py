"""Tell which of many records are certainly clean, so that they need not be judged one by one."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, repeat
from typing import TYPE_CHECKING

from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.skimming import is_worth_compiling, length_limit, skim_of
from jsonl_lint.files.source import BATCH_BYTES
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import Prefilter

if TYPE_CHECKING:
    from jsonl_lint.engine.skimming.skim import Skim

_TABS = bytes.maketrans(b"\r\n", b"\t\t")
"""White space between values as well, and as wrong inside strings, but it does not end a line."""


class Clearance:
    """Passes over clean records, once so many have been asked about that it is worth it.

    `report` has the kinds and keys that have been noted: a record with others is not passed over, if the plan asks for
    them.
    """

    def __init__(self, plan: Plan, file_format: str | None, report: JudgedLines | None = None) -> None:
        self.plan = plan
        self.file_format = file_format
        self.report = report or JudgedLines()

    @cached_property
    def skim(self) -> Skim | None:
        """What passes over them, if the C code is available."""
        return skim_of(self.plan, self.file_format)

    def cleared(self, records: Sequence[bytes]) -> dict[int, int]:
        """Return the record keys of records that are certainly clean, by index: all others have to be judged.

        A record may be spread over lines, and may have a line ending. A key is 0 if records are not compared.
        """
        self.plan.memory.records_seen += len(records)
        clean: dict[int, int] = {}
        if not is_worth_compiling(self.plan, self.plan.memory.records_seen) or self.skim is None:
            return clean
        batch: list[bytes] = []
        size = first = 0
        for record in records:
            is_long = len(record) >= length_limit(self.plan)  # such a record is never cleared
            batch.append(b"\n" if is_long else record.rstrip(b"\r\n").translate(_TABS) + b"\n")
            size += len(batch[-1])
            if size >= BATCH_BYTES:
                clean.update([(first + index, key) for index, key in self._cleared(batch, self.skim)])
                first += len(batch)
                batch, size = [], 0
        if batch:
            clean.update([(first + index, key) for index, key in self._cleared(batch, self.skim)])
        return clean

    def _cleared(self, lines: list[bytes], skim: Skim) -> Iterator[tuple[int, int]]:
        """Yield the indexes and keys of lines that the skim passes over. Those with marks likely have a finding."""
        data, indexes = b"".join(lines), list(range(len(lines)))
        marks = self.find_marks(data)
        if marks:
            ends = list(accumulate(map(len, lines)))
            marked = {bisect_left(ends, place) for place, _ in marks}
            indexes = [index for index in indexes if index not in marked]
            data = b"".join([lines[index] for index in indexes])
        starts = list(accumulate([len(lines[index]) for index in indexes], initial=0))
        for run in skim.runs(data, [], self.report, (), crlf=False):
            if run.group.is_clean:  # and so are those counted with it, as no rule is saturated
                first = bisect_left(starts, run.start)
                passed = indexes[first : first + run.lines]
                yield from zip(passed, array("Q", bytes(run.keys)) if run.keys else repeat(0), strict=False)

    @cached_property
    def find_marks(self) -> Prefilter:
        """Finds the places where a text rule may find something."""
        scan = self.plan.scan
        filters = scan.prefilters if scan is not None else None
        return filters.plain if filters is not None else lambda _: []
