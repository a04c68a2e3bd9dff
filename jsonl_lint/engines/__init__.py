"""Engines: how the ranges of one large file are checked at the same time. Each gives their reports in order.

A range owns the lines that start in it. Since the reports of ranges merge associatively, the report of a file is the
same from one process, from many, or from a cluster, byte for byte.
"""

from __future__ import annotations

from typing import NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport, check_lines, saturated_rules
from jsonl_lint.plan import Plan, compile_plan
from jsonl_lint.source import Block, range_of_lines

RANGE_BYTES = 16 << 20
"""How much of a file one task checks."""


WORTHWHILE_BYTES = 64 << 20
"""Smaller files are checked in less time than it takes to start processes."""


class RangeTask(NamedTuple):
    """The lines of a file that start in bytes `start:end`; `first` is the offset of the file's first line."""

    path: str
    start: int
    end: int
    first: int
    file_format: str | None
    format_line: int


def tasks_of(
    path: str, size: int, first: int, file_format: str | None, format_line: int, part: int = 1, parts: int = 1
) -> list[RangeTask]:
    """A task for each range of the file, in order; or of one of so many parts of the file, which are of one size."""
    begin, end = (first + max(size - first, 0) * number // parts for number in (part - 1, part))
    starts = range(begin, end, RANGE_BYTES)
    return [RangeTask(path, start, min(start + RANGE_BYTES, end), first, file_format, format_line) for start in starts]


def check_range(task: RangeTask, plan: Plan) -> PartialReport:
    """Check the lines that start in the range.

    Raises:
        OSError: the file cannot be read any more.
    """
    where = Block(task.path, 1, 0, b"", task.file_format, task.format_line, synchronised=task.start == task.first)
    report = PartialReport(plan.settings.max_findings, synchronised=where.synchronised)
    with open(task.path, "rb", buffering=256 << 10) as handle:
        reader = range_of_lines(handle, task.start, task.end, task.first, plan.settings.max_line_bytes)
        while check_lines(reader, where, plan, report, saturated_rules(report)):
            pass
    return report


_plans: dict[Settings, Plan] = {}


def check_range_alone(task: RangeTask, settings: Settings) -> PartialReport:
    """The same in a process of its own, which compiles the settings once."""
    if settings not in _plans:
        _plans[settings] = compile_plan(settings)
    return check_range(task, _plans[settings])
