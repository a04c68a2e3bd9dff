"""Check ranges on a Ray cluster. If a worker or node dies, its ranges are checked again.

The cluster is that of the environment variable RAY_ADDRESS, or one that Ray starts on this machine. Its nodes need
jsonl-lint, and the files under the same paths. Only ranges and reports are sent, never lines.
"""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import redirect_stdout
from typing import Any, NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport
from jsonl_lint.errors import UserError
from jsonl_lint.plans.plan import Plan
from jsonl_lint.ranges import RangeTask, Saturated, check_range, check_range_alone
from jsonl_lint.ranges.finished import stamp_of
from jsonl_lint.version import __version__
from jsonl_lint.wording import printable

WAITING_PER_CPU = 2
"""Ranges handed out for each processor of the cluster."""

RETRIES = 3
"""How often Ray itself tries a task again whose worker or node has died."""

MAX_FAILURES = 3
"""How often it is handed out again after that; then it is checked in this process, where its error shows."""

OBJECT_STORE_BYTES = 100 << 20
"""What a cluster on this machine keeps for reports on their way."""


class Setup(NamedTuple):
    """What all tasks of a check share: `folder` is where relative paths begin."""

    settings: Settings
    stamp: str
    folder: str
    version: str


class Failure(NamedTuple):
    """The file could not be read there: the number and text of an `OSError`, which may not survive the journey."""

    number: int | None
    reason: str


def run_on_cluster(tasks: Sequence[RangeTask], plan: Plan, saturated: Saturated) -> Iterator[PartialReport]:
    """Yield the reports of the tasks in their order. A window of them is under way at a time.

    Raises:
        OSError: the file cannot be read any more.
        UserError: there is no Ray or no cluster, or its workers cannot check.
    """
    ray = _connected()
    check = ray.remote(max_retries=RETRIES)(check_for)
    setup = Setup(plan.settings, stamp_of(plan.settings), os.getcwd(), __version__)
    window = WAITING_PER_CPU * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: deque[tuple[RangeTask, Any]] = deque()

    def hand_out(task: RangeTask) -> Any:
        return check.remote(setup, task, frozenset(saturated()))

    def report_of(task: RangeTask, reference: Any) -> PartialReport:
        for _ in range(MAX_FAILURES):
            found = _answer(ray, reference)
            if found is not None:
                return found
            reference = hand_out(task)
        return check_range(task, plan, saturated())

    try:
        for task in tasks:
            waiting.append((task, hand_out(task)))
            if len(waiting) >= window:
                yield report_of(*waiting.popleft())
        while waiting:
            yield report_of(*waiting.popleft())
    finally:
        for _, reference in waiting:
            ray.cancel(reference)


def check_for(setup: Setup, task: RangeTask, saturated: Collection[str]) -> PartialReport | Failure:
    """Check a range on a worker.

    Raises:
        UserError: the worker has another version.
    """
    if setup.version != __version__:
        raise UserError(f"it has jsonl-lint {__version__}, not {setup.version}")
    try:
        before = os.getcwd()
        os.chdir(setup.folder)
        try:
            return check_range_alone(task, setup.settings, saturated, setup.stamp)
        finally:
            os.chdir(before)
    except OSError as error:
        return Failure(error.errno, error.strerror or str(error))


def _answer(ray: Any, reference: Any) -> PartialReport | None:
    """Return what the task found, None if it was lost."""
    try:
        found = ray.get(reference)
    except (ray.exceptions.RayTaskError, ray.exceptions.RuntimeEnvSetupError) as error:  # it would fail again
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = printable((lines or ["no reason given"])[-1][:300])
        raise UserError(f"a worker of the Ray cluster failed: {reason}") from None
    except ray.exceptions.RayError:
        return None
    if isinstance(found, Failure):
        raise OSError(found.number, found.reason)
    report: PartialReport = found
    return report


def _connected() -> Any:
    """Return Ray, connected. What it says on the way goes to standard error: standard output is for the report.

    Raises:
        UserError: it is not installed, or there is no cluster at the address.
    """
    with redirect_stdout(sys.stderr):
        try:
            import ray
        except ImportError:
            raise UserError("the engine `ray` needs Ray: pip install 'jsonl-lint[ray]'") from None
        if not ray.is_initialized():
            _connect(ray, os.environ.get("RAY_ADDRESS") or "local")
    return ray


def _connect(ray: Any, address: str) -> None:
    manners = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address == "local":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
        manners |= {"include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    try:
        ray.init(address=address, **manners)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UserError(f"no Ray cluster at {address}: {printable(reason)}") from None
