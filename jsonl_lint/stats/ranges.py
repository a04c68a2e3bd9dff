"""Count the ranges of one large file in several processes.

A range owns the lines that start in it. Those at its borders may belong to a record that goes on in another range;
whoever adds the ranges up counts them.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport
from jsonl_lint.files.source import range_of_lines
from jsonl_lint.ranges import RangeTask, compile_ahead
from jsonl_lint.ranges.local import Call, results_of
from jsonl_lint.stats.counting import Counting, counting_by
from jsonl_lint.stats.lines import CheckedLines
from jsonl_lint.stats.statistics import Statistics

WORTHWHILE_BYTES = 16 << 20
"""Smaller files are counted in less time than it takes to start processes."""

_BUFFER_BYTES = 256 << 10


class RangeCount(NamedTuple):
    """What was counted in one range, and the report of its check, which says how many records are valid."""

    counted: Statistics
    report: PartialReport


_kept: dict[tuple[Settings, tuple[int, ...] | None], Counting] = {}
"""The last way of counting, here and in processes that are forked from this one."""


def count_in_processes(tasks: Sequence[RangeTask], counting: Counting, jobs: int) -> Generator[RangeCount, None, None]:
    """Yield what was counted in each range, in order.

    Raises:
        OSError: the file cannot be read any more.
    """
    _keep(counting)

    def call_for(task: RangeTask) -> Call[RangeCount]:
        return partial(_count_range, task, counting.settings, counting.asked)

    return results_of(tasks, call_for, jobs, prepare=lambda: compile_ahead(counting.plan))


def _count_range(task: RangeTask, settings: Settings, asked: tuple[int, ...] | None) -> RangeCount:
    """Count the lines that start in the range.

    Raises:
        OSError: the file cannot be read any more.
    """
    if (settings, asked) not in _kept:
        _keep(counting_by(settings, asked))
    counting = _kept[settings, asked]
    plan, origin = counting.plan, task.origin
    found = counting.begin(origin.file_format)
    found.count_all_names()
    with open(task.path, "rb", buffering=_BUFFER_BYTES) as handle:
        reader = range_of_lines(handle, task.start, task.end, task.first, plan.settings.max_line_bytes)
        checked = CheckedLines(reader, origin, plan, lambda _: None, task)
        for lines in checked:
            counting.add(found, lines)
    found.size = checked.size
    return RangeCount(found, checked.report)


def _keep(counting: Counting) -> None:
    _kept.clear()
    _kept[counting.settings, counting.asked] = counting
