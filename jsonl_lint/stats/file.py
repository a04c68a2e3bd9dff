"""The statistics of one file, counted in one process or, range by range, in several."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from contextlib import closing

from jsonl_lint.engine import PartialReport, dataset_findings, detect_format
from jsonl_lint.errors import CHANGED, UnreadableInputError
from jsonl_lint.files.head import read_head
from jsonl_lint.files.inputs import display_path, opened, reading, state_of
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.ranges import RangeTask, is_for_all, jobs_for, tasks_of
from jsonl_lint.stats.counting import Counting
from jsonl_lint.stats.lines import AddedRanges, CheckedLines
from jsonl_lint.stats.ranges import WORTHWHILE_BYTES, count_in_processes
from jsonl_lint.stats.statistics import Statistics


def statistics_of(path: str, counting: Counting, on_progress: Progress) -> Statistics:
    """Return the statistics of one file.

    Raises:
        UnreadableInputError: it cannot be read, or is not lines of UTF-8.
    """
    shown = display_path(path)
    with opened(path) as (handle, size), reading(shown):
        head = read_head(handle, shown)
        if head.other_kind:
            reason = f"not counted: the file is {head.other_kind}; {head.remedy}"
            raise UnreadableInputError(shown, reason)
        origin = Origin(*detect_format(head, counting.plan))
        divisible = size is not None and os.path.isfile(path) and is_for_all(path)
        tasks = tasks_of(path, size or 0, head.bom_bytes, origin) if divisible else []
        jobs = jobs_for(counting.settings, size, WORTHWHILE_BYTES)
        if jobs > 1 and len(tasks) > 1:
            found = _in_processes(tasks, counting, jobs, on_progress)
        else:
            reader = LineReader(handle, head, counting.settings.max_line_bytes)
            found = _in_order(reader, origin, counting, on_progress)
    found.path = shown
    found.size += head.bom_bytes
    return found


def _in_order(reader: LineReader, origin: Origin, counting: Counting, on_progress: Progress) -> Statistics:
    found = counting.begin(origin.file_format)
    checked = CheckedLines(reader, origin, counting.plan, on_progress)
    for lines in checked:
        counting.add(found, lines)
    found.size = checked.size
    return _with_valid(found, checked.report, counting)


def _in_processes(tasks: Sequence[RangeTask], counting: Counting, jobs: int, on_progress: Progress) -> Statistics:
    """Return what the ranges of a file add up to.

    Raises:
        UnreadableInputError: the file has changed.
    """
    path, origin = tasks[0].path, tasks[0].origin
    found = counting.begin(origin.file_format)
    ranges = AddedRanges()
    state = state_of(path)
    with closing(count_in_processes(tasks, counting, jobs)) as parts:
        for task, part in zip(tasks, parts, strict=True):
            for lines in ranges.add(part.report):
                counting.add(found, lines)
            found.absorb(part.counted)  # later than the lines at its beginning: the first names of the file count
            on_progress(task.end - task.start)
    if state_of(path) != state:
        raise UnreadableInputError(display_path(path), CHANGED)
    for lines in ranges.end():
        counting.add(found, lines)
    return _with_valid(found, ranges.report, counting)


def _with_valid(found: Statistics, report: PartialReport, counting: Counting) -> Statistics:
    deque(dataset_findings(report, counting.plan), maxlen=0)  # which corrects the number of valid records
    found.records, found.valid = report.records, report.valid_records
    return found
