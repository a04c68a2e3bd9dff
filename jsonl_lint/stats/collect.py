"""`stats_of`, which goes through each file once, counts every record and lets the engine check it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport, dataset_findings, detect_format
from jsonl_lint.errors import CHANGED, UnreadableInputError, UserError
from jsonl_lint.files.head import read_head
from jsonl_lint.files.inputs import STDIN, display_path, expand_paths, opened, reading, state_of
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.model import InputError
from jsonl_lint.project import Project, project_from
from jsonl_lint.ranges import RangeTask, is_for_all, jobs_for, tasks_of
from jsonl_lint.stats.counting import Counting, counting_by
from jsonl_lint.stats.lines import AddedRanges, CheckedLines
from jsonl_lint.stats.ranges import WORTHWHILE_BYTES, count_in_processes
from jsonl_lint.stats.statistics import Statistics


def stats_of(
    paths: Iterable[str | os.PathLike[str]],
    settings: Settings | Project | None = None,
    on_progress: Progress | None = None,
    *,
    tokens: bool = True,
    limits: Iterable[int] = (),
) -> Iterator[Statistics | InputError]:
    """Yield the statistics of each file in turn, from files, folders and globs; `-` is standard input.

    For an input that cannot be read, an `InputError` is yielded instead. Large files are counted by `settings.jobs`
    processes. Memory: some 256 KB of lines in each, and eight bytes per record. With `tokens`, the tokens of each
    record are counted for `settings.model`, and compared with `limits`, `settings.max_tokens` and the limits of the
    model. A `Project` has the settings of each file.

    Raises:
        UserError: a setting is wrong, or the configuration of the first path.
    """
    project = project_from(settings)
    names = [os.fsdecode(path) for path in ([paths] if isinstance(paths, (str, bytes, os.PathLike)) else paths)]
    asked = tuple(limits) if tokens else None
    counting_for = cache(lambda settings: counting_by(settings, asked))
    counting_for(project.scope_of_input(names[0] if names else STDIN).settings)
    told: set[str] = set()
    for found in expand_paths(names, project.passes_over):
        try:
            if isinstance(found, UnreadableInputError):
                raise found
            yield _file(found, counting_for(project.scope(found).settings), on_progress or (lambda _: None))
        except UnreadableInputError as error:
            yield InputError(display_path(error.path), error.reason)
        except UserError as error:
            if str(error) not in told:
                told.add(str(error))
                yield InputError(display_path(str(found)), str(error))


def _file(path: str, counting: Counting, on_progress: Progress) -> Statistics:
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
