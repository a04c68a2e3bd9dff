"""The processes of this machine. A worker that is killed changes nothing: its ranges are checked again."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport
from jsonl_lint.engines import WORTHWHILE_BYTES, RangeTask, check_range_alone

MAX_FAILURES = 3
"""Pools that may break at one range; then it is checked in this process, where its error shows."""


def automatic_jobs(size: int | None) -> int:
    """How many processes a file of this size is worth: 1 for small ones and streams."""
    if size is None or size < WORTHWHILE_BYTES:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(tasks: Sequence[RangeTask], settings: Settings, jobs: int) -> Iterator[PartialReport]:
    """The reports of the tasks in their order, by `jobs` processes. A few more than these are under way at a time.

    Raises:
        OSError: the file cannot be read any more.
    """
    done = failures = 0
    while done < len(tasks):
        try:
            for report in _run(tasks[done:], settings, jobs):
                yield report
                done += 1
                failures = 0
        except BrokenProcessPool:
            failures += 1
            if failures >= MAX_FAILURES:
                yield check_range_alone(tasks[done], settings)
                done += 1
                failures = 0


def _run(tasks: Sequence[RangeTask], settings: Settings, jobs: int) -> Iterator[PartialReport]:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), context, _ignore_interrupts)
    waiting: deque[Future[PartialReport]] = deque()
    remaining = iter(tasks)
    try:
        for task in remaining:
            waiting.append(pool.submit(check_range_alone, task, settings))
            if len(waiting) > jobs + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ctrl-C is for the process that the user started; it stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
