"""Run the engine on several ranges of one large file at the same time: in processes, or on the cluster of `--engine`.

The reports are returned in order. A range owns the lines that start in it. Since merging the reports of ranges is
associative, the report of a file from one process, from many, or from a cluster is the same, byte for byte.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.engine import LineChecker, PartialReport, saturated_rules
from jsonl_lint.files.source import Origin, range_of_lines
from jsonl_lint.model import EVERY_FIX
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import compile_plan

RANGE_BYTES = 4 << 20
"""How much of a file one task checks: small enough that no process waits long for the last one."""

LARGE_BYTES, LARGEST_RANGES = 128 << 20, 4
"""Ranges grow with the file, since in each all structures are new: by `RANGE_BYTES` for each `LARGE_BYTES`."""

WORTHWHILE_BYTES = 64 << 20
"""Smaller files are checked in less time than it takes to start processes."""

Saturated = Callable[[], Collection[str]]
"""Returns the rules that are saturated by now, so that later ranges need not make more findings of them."""


class RangeTask(NamedTuple):
    """The lines of a file that start in bytes `start:end`; `first` is the offset of the file's first line."""

    path: str
    start: int
    end: int
    first: int
    origin: Origin


def is_for_all(path: str) -> bool:
    """Whether a path means the same file in other processes, unlike `/dev/fd/3`."""
    return not path.startswith(("/dev/", "/proc/"))


def tasks_of(path: str, size: int, first: int, origin: Origin, part: int = 1, parts: int = 1) -> list[RangeTask]:
    """Return a task for each range of the file, in order; or of one of `parts` parts of it, all of one size.

    `origin` says whose lines they are.
    """
    begin, end = (first + max(size - first, 0) * number // parts for number in (part - 1, part))
    step = RANGE_BYTES * max(1, min(size // LARGE_BYTES, LARGEST_RANGES))
    starts = range(begin, end, step)
    return [RangeTask(path, start, min(start + step, end), first, origin) for start in starts]


def jobs_for(settings: Settings, size: int | None, worthwhile: int = WORTHWHILE_BYTES) -> int:
    """Return how many processes check a file of this size: as the settings say, or as many as it is worth.

    That is one for files of fewer than `worthwhile` bytes.
    A worker of `multiprocessing.Pool` is alone, since it may not start any.
    """
    jobs = settings.jobs or _worth(size, worthwhile)
    if jobs > 1:
        from multiprocessing import current_process  # slow to import, and small files do without

        if current_process().daemon:
            return 1
    return jobs


def _worth(size: int | None, worthwhile: int) -> int:
    if size is None or size < worthwhile:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(tasks: Sequence[RangeTask], plan: Plan, jobs: int, saturated: Saturated) -> Iterator[PartialReport]:
    """Return the reports of the tasks in their order, by the engine that the settings name, or by `jobs` processes.

    Raises:
        OSError: the file cannot be read any more.
        UserError: there is no such engine here, or what it kept of an earlier run cannot be used.
    """
    if plan.settings.resume is not None:  # any report may want what is kept
        plan = plan._replace(edited=EVERY_FIX, show_context=True)

    def run_anew(tasks: Sequence[RangeTask]) -> Iterator[PartialReport]:
        several = len(tasks) > 1  # for one, processes cost more, and a folder may hold thousands of small files
        if several and plan.settings.engine == "ray":
            from jsonl_lint.ranges.ray import run_on_cluster

            return run_on_cluster(tasks, plan, saturated)
        if several and jobs > 1:
            from jsonl_lint.ranges.local import run_in_processes

            return run_in_processes(tasks, plan, jobs, saturated)
        return (check_range(task, plan, saturated()) for task in tasks)

    if plan.settings.resume is None:
        return run_anew(tasks)
    from jsonl_lint.ranges.finished import run_unfinished

    return run_unfinished(tasks, plan, run_anew)


def check_range(task: RangeTask, plan: Plan, saturated: Collection[str] = ()) -> PartialReport:
    """Check the lines that start in the range. Findings of the rules in `saturated` are counted, but not made.

    Raises:
        OSError: the file cannot be read any more.
    """
    report = PartialReport.of(plan, task.origin, synchronised=task.start == task.first)
    checker = LineChecker(task.origin, plan, report)
    with open(task.path, "rb", buffering=256 << 10) as handle:
        reader = range_of_lines(handle, task.start, task.end, task.first, plan.settings.max_line_bytes)
        while checker.check_next(reader, saturated_rules(report).union(saturated)):
            pass
    return report


_plans: dict[tuple[Settings, str], Plan] = {}


def keep_plan(plan: Plan, stamp: str = "") -> None:
    """Make `check_range_alone` use this plan, here and in processes that are forked from this one."""
    compile_ahead(plan)
    _plans.clear()
    _plans[plan.settings, stamp] = plan


def compile_ahead(plan: Plan) -> None:
    """Compile what is otherwise compiled once it is needed: processes that are forked from this one have it then."""
    if plan.scan is not None:
        plan.scan.compile()
    plan.recogniser()


def check_range_alone(
    task: RangeTask, settings: Settings, saturated: Collection[str], stamp: str = ""
) -> PartialReport:
    """Check the lines that start in the range, in a process of its own, which compiles the settings once.

    `stamp` changes with the files that the settings name, so that a process which lives long reads them again.
    """
    if (settings, stamp) not in _plans:
        keep_plan(compile_plan(settings), stamp)
    return check_range(task, _plans[settings, stamp], saturated)
