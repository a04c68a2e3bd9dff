"""Check ranges in local processes, or count what is in them. If a worker is killed, its ranges are given out again.

A worker writes its result to a file and sends only the file's name to the parent. If it were killed while writing a
long message to the pool's pipe, the parent would wait for the rest forever; a short name is sent completely or not at
all. Parts of a result that are there early are files, too, for which the parent looks.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import count, islice
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NamedTuple, TypeVar

from jsonl_lint.engine import PartialReport
from jsonl_lint.plans.plan import Plan
from jsonl_lint.ranges import RangeTask, Saturated, check_range_alone, keep_plan

Task = TypeVar("Task")
Result = TypeVar("Result")
Call = Callable[[], Result]
Tell = Callable[[Result], object]
"""Takes a part of a result as soon as it is there."""
TellingCall = Callable[[Tell[Result]], Result]
"""Tells the first parts of its result, and returns the last one. It tells the same ones whenever it is made."""

MAX_FAILURES = 3
"""After this many pools have broken at a range, this process does it itself, where the error becomes visible. If they
were the first ones, it does all: most likely no process can begin, as in a script without a guard for its main part."""

WAITING_PER_JOB = 2
"""Ranges assigned to each process: while it works on one, another waits, so that it is never idle."""

LOOK_SECONDS = 0.1
"""How often this process looks for a part of the result that it waits for."""

LONGEST_SOCKET_NAME = 103
"""Bytes; Linux takes a few more, macOS does not."""

SOCKET_IN_TEMPORARY_FOLDER = len("/pymp-12345678/listener-12345678")
"""What `multiprocessing` calls the socket of its fork server."""


def run_in_processes(
    tasks: Sequence[RangeTask], plan: Plan, jobs: int, saturated: Saturated
) -> Iterator[PartialReport]:
    """Yield the reports of the tasks in their order, by `jobs` processes.

    Raises:
        OSError: the file cannot be read any more.
    """

    def call_for(task: RangeTask) -> Call[PartialReport]:
        return partial(check_range_alone, task, plan.settings, frozenset(saturated()))

    return results_of(tasks, call_for, jobs, prepare=lambda: keep_plan(plan))


def results_of(
    tasks: Sequence[Task],
    call_for: Callable[[Task], Call[Result]],
    jobs: int,
    *,
    prepare: Callable[[], None] = lambda: None,
) -> Generator[Result, None, None]:
    """Yield the result of the call for each task, in the order of the tasks. Calls and results are pickled.

    `call_for` is asked when a process can take the call. `prepare` is called before processes are forked.

    Raises:
        OSError: the file cannot be read any more.
    """
    return parts_of(tasks, lambda task: partial(_untold, call_for(task)), jobs, prepare=prepare)


def _untold(call: Call[Result], _tell: Tell[Result]) -> Result:
    return call()


def parts_of(
    tasks: Sequence[Task],
    call_for: Callable[[Task], TellingCall[Result]],
    jobs: int,
    *,
    prepare: Callable[[], None] = lambda: None,
) -> Generator[Result, None, None]:
    """Yield the parts of the result of the call for each task, in order; otherwise as `results_of`.

    Raises:
        OSError: the file cannot be read any more.
    """
    done = told = failures = 0
    helped = False
    while done < len(tasks):
        try:
            for part in _run(tasks[done:], call_for, jobs, prepare, told):
                yield part.result
                done, told = (done + 1, 0) if part.is_last else (done, told + 1)
                failures = 0
                helped = True
        except BrokenProcessPool:
            failures += 1
            if failures >= MAX_FAILURES:
                for task in tasks[done : done + 1] if helped else tasks[done:]:
                    yield from islice(_all_parts(call_for(task)), told, None)
                    done, told = done + 1, 0
                failures = 0


def _all_parts(call: TellingCall[Result]) -> list[Result]:
    parts: list[Result] = []
    parts.append(call(parts.append))
    return parts


class _Part(NamedTuple):
    result: Any
    is_last: bool


def _run(
    tasks: Sequence[Task],
    call_for: Callable[[Task], TellingCall[Result]],
    jobs: int,
    prepare: Callable[[], None],
    told: int,
) -> Iterator[_Part]:
    """Yield the parts of the tasks in their order, but for the first ones that were `told` already."""
    method = start_method()
    if method == "fork":
        prepare()
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), multiprocessing.get_context(method), _begin_worker)
    with TemporaryDirectory(prefix="jsonl-lint-", ignore_cleanup_errors=True) as folder:
        try:
            given_out = _given_out(pool, folder, tasks, call_for, jobs * WAITING_PER_JOB)
            for number, (name, future) in enumerate(given_out, start=1):
                for part in islice(_told_by(name, future), told, None):
                    yield _Part(part, False)
                told = 0
                last = _fetch(future.result())
                if number == len(tasks):  # whoever takes the last one may start processes for something else
                    _end(pool)
                yield _Part(last, True)
        finally:
            _end(pool)


def _given_out(
    pool: ProcessPoolExecutor,
    folder: str,
    tasks: Sequence[Task],
    call_for: Callable[[Task], TellingCall[Result]],
    most: int,
) -> Iterator[tuple[str, Future[str]]]:
    """Give out tasks, at most so many at a time, and yield for each, in order, how its files are named."""
    waiting: deque[tuple[str, Future[str]]] = deque()
    for number, task in enumerate(tasks):
        name = os.path.join(folder, f"{number}")
        waiting.append((name, _submit(pool, name, call_for(task))))
        if len(waiting) >= most:
            yield waiting.popleft()
    yield from waiting


def _told_by(name: str, future: Future[str]) -> Iterator[Any]:
    """Yield all parts but the last one, as soon as they are there."""
    number = 0
    while True:
        over = future.done()
        path = f"{name}.{number}"
        if os.path.exists(path):
            yield _fetch(path)
            number += 1
        elif over:
            return
        else:
            wait([future], LOOK_SECONDS)


def _submit(pool: ProcessPoolExecutor, name: str, call: TellingCall[Any]) -> Future[str]:
    try:
        with _interrupts_held():  # a worker must not see one before it knows what to do with it
            return pool.submit(_call_into, name, call)
    except (OSError, ValueError) as error:  # no process can be started, be it because the pool just closes its pipes
        raise BrokenProcessPool(str(error)) from error


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers at once: what they may still be doing is of no use, and would go on in the folder."""
    for worker in list((pool._processes or {}).values()):
        worker.kill()
    pool.shutdown(wait=True, cancel_futures=True)


def _call_into(name: str, call: TellingCall[Any]) -> str:
    """In a worker: make the call and write each part of its result to a file; return the path of the last one."""
    numbers = count()
    path = f"{name}-{os.getpid()}"

    def write(part: Any) -> None:
        with open(path, "wb") as file:
            pickle.dump(part, file, pickle.HIGHEST_PROTOCOL)

    def tell(part: Any) -> None:
        write(part)
        os.replace(path, f"{name}.{next(numbers)}")  # complete, or not there

    write(call(tell))
    return path


def _fetch(path: str) -> Any:
    """Return the result that a worker has written, in a folder that nobody else may write to."""
    with open(path, "rb") as file:
        result = pickle.load(file)
    os.unlink(path)
    return result


def start_method() -> str:
    """Return how workers are started.

    Forked ones begin with what this process has imported and compiled, which saves each of them 0.3 s. But a fork
    copies locks that other threads hold, for ever. So it is taken only where there surely is no other thread, be it one
    of Python or of a library in C; only Linux says so. A fork server comes next, but for temporary folders with so long
    a name that its socket cannot be there.
    """
    try:
        if len(os.listdir("/proc/self/task")) == 1:
            return "fork"
    except OSError:
        pass
    if len(os.fsencode(gettempdir())) + SOCKET_IN_TEMPORARY_FOLDER > LONGEST_SOCKET_NAME:
        return "spawn"
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@contextmanager
def _interrupts_held() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Leave Ctrl-C and SIGHUP to the process that the user started; it ends the workers, also if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
