"""Check the small files of a run at the same time, each in one of several processes. Large files are divided instead.

A file's events are the same wherever it is checked, and they come in the order of the files.
"""

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NamedTuple

from jsonl_lint.checks.against import require_others
from jsonl_lint.checks.file import LARGE_FILE_BYTES, Extras, check_one
from jsonl_lint.config import Settings
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.inputs import STDIN
from jsonl_lint.files.source import Progress
from jsonl_lint.model import EVERY_FIX, Event
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.ranges import RANGE_BYTES, WORTHWHILE_BYTES, compile_ahead, is_for_all, jobs_for

FILE_BYTES = 1 << 17
"""A file takes as much time as so many bytes, beside that for its own."""

_MOST_WEIGHT = WORTHWHILE_BYTES + FILE_BYTES
"""Files that weigh so much may be divided, however many processes there are."""


class SmallFile(NamedTuple):
    """A file that one process checks as a whole. `weight` is the number of bytes that take as long."""

    path: str
    settings: Settings
    weight: int


class Outcome(NamedTuple):
    """What a check of a file yielded, how many bytes it read, and the error that ended it.

    That of a file which takes long comes in parts; only the last one `is_last`. There are no events if the file has to
    be checked again.
    """

    path: str
    events: list[Event] | None
    read: int = 0
    error: UnreadableInputError | None = None
    is_last: bool = True


def plan_with(extras: Extras, settings: Settings) -> Plan:
    """Return the plan for checks that show this.

    Raises:
        UserError: a setting is wrong, or a file of `--against` cannot be read.
    """
    plan = require_others(plan_of(settings))
    return plan._replace(edited=EVERY_FIX if extras.fixes else frozenset(), show_context=extras.context)


@contextmanager
def file_checker(
    paths: Iterable[object],
    speed: Settings,
    settings_of: Callable[[str], Settings | None],
    plan_for: Callable[[Settings], Plan],
    extras: Extras,
    on_progress: Progress | None,
) -> Iterator[Callable[[str, Settings], Iterator[Event]]]:
    """Return a context manager with the check of a file. The strings in `paths` are then checked in their order.

    While it lasts, other processes may check ahead, as `speed` allows, the files that have settings by `settings_of`.
    `plan_for` is `plan_with` of these extras; what it raises, the check raises when it is called.
    """
    groups, jobs = _small_files(paths, speed, settings_of, plan_for)
    elsewhere = {file.path for group in groups for file in group}

    def events_of(path: str, plan: Plan) -> Iterator[Event]:
        seen, advance = 0, on_progress
        while path in elsewhere:
            outcome = _next_of(path, outcomes, elsewhere)
            if outcome is None or outcome.events is None:
                break
            seen += len(outcome.events)
            yield from outcome.events
            if on_progress:
                on_progress(outcome.read)
            if outcome.error is not None:
                raise outcome.error
            if outcome.is_last:
                return
            advance = None  # or what is read again would count twice
        yield from islice(check_one(path, plan, advance, census=extras.census), seen, None)

    with closing(_outcomes(groups, jobs, plan_for, extras)) as outcomes:
        yield lambda path, settings: events_of(path, plan_for(settings))


def _small_files(
    paths: Iterable[object],
    speed: Settings,
    settings_of: Callable[[str], Settings | None],
    plan_for: Callable[[Settings], Plan],
) -> tuple[list[list[SmallFile]], int]:
    """Return the files that are worth several processes, and how many; no files if they are not.

    They are in groups. Between these are files that are divided: no two files have processes at the same time.
    """
    if speed.jobs == 1 or speed.engine != "local" or speed.resume is not None:
        return [], 1
    weights = {path: _weight(path) for path in paths if isinstance(path, str)}
    total = sum([weight for weight in weights.values() if weight < _MOST_WEIGHT])
    jobs = jobs_for(speed, total)
    if jobs == 1:
        return [], 1
    # with a number of jobs, any file may be divided: one that the others would wait for is
    most = min(total // jobs if speed.jobs else total, _MOST_WEIGHT - 1)
    groups: list[list[SmallFile]] = [[]]
    for path, weight in weights.items():
        settings = _settings_if_right(path, settings_of, plan_for) if 0 < weight <= most else None
        if settings is not None and settings.max_findings:  # or a process would hold any number of findings
            groups[-1].append(SmallFile(path, settings, weight))
        elif weight > RANGE_BYTES:
            groups.append([])
    return [group for group in groups if len(group) > 1 and sum([file.weight for file in group]) > RANGE_BYTES], jobs


def _settings_if_right(
    path: str, settings_of: Callable[[str], Settings | None], plan_for: Callable[[Settings], Plan]
) -> Settings | None:
    try:
        settings = settings_of(path)
        if settings is not None:
            plan_for(settings)
    except UserError:  # said where it is its turn
        return None
    return settings


def _weight(path: str) -> int:
    """Return the number of bytes that take as long as the file; 0 if it is not one that other processes can check."""
    if path == STDIN or not is_for_all(path):
        return 0
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 0
    if not stat.S_ISREG(status.st_mode) or path.lower().endswith(".parquet"):
        return 0
    return status.st_size + FILE_BYTES


def _next_of(path: str, outcomes: Iterator[Outcome], elsewhere: set[str]) -> Outcome | None:
    try:
        for outcome in outcomes:
            if outcome.path == path:
                return outcome
    except OSError:  # there can be no more processes, or their results have no room
        elsewhere.clear()
    return None


def _outcomes(
    groups: Sequence[Sequence[SmallFile]], jobs: int, plan_for: Callable[[Settings], Plan], extras: Extras
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each file in turn.

    Raises:
        OSError: no process can be started, or what one found cannot be kept.
    """
    if not groups:
        return
    from jsonl_lint.ranges.local import parts_of

    for group in groups:
        calls = [partial(_check_together, files, extras) for files in _bundles(group)]
        prepare = partial(_keep_plans, group, plan_for, extras)
        with closing(parts_of(calls, lambda call: call, jobs, prepare=prepare)) as results:
            for found in results:
                yield from found


def _keep_plans(files: Sequence[SmallFile], plan_for: Callable[[Settings], Plan], extras: Extras) -> None:
    """Make `_check_together` use these plans in processes that are forked from this one."""
    _plans.clear()
    _plans.update({(settings, extras): plan_for(settings) for settings in {file.settings for file in files}})
    if any(file.weight > LARGE_FILE_BYTES for file in files):
        compile_ahead(plan_for(files[0].settings))


def _bundles(small: Iterable[SmallFile]) -> Iterator[list[SmallFile]]:
    """Yield the files in bundles that are worth the way to another process and back."""
    bundle: list[SmallFile] = []
    weight = 0
    for file in small:
        bundle.append(file)
        weight += file.weight
        if weight >= RANGE_BYTES:
            yield bundle
            bundle, weight = [], 0
    if bundle:
        yield bundle


_plans: dict[tuple[Settings, Extras], Plan] = {}


def _check_together(
    files: Sequence[SmallFile], extras: Extras, tell: Callable[[list[Outcome]], object]
) -> list[Outcome]:
    """Check files in a process of its own, which compiles their settings once.

    What is found in a file that takes long is told on the way; what is found in the others before it, too.
    """
    outcomes: list[Outcome] = []

    def tell_so_far(outcome: Outcome) -> None:
        tell([*outcomes, outcome])
        outcomes.clear()

    for file in files:
        outcomes.append(_outcome_of(file, extras, tell_so_far))
    return outcomes


def _outcome_of(file: SmallFile, extras: Extras, tell: Callable[[Outcome], None]) -> Outcome:
    events: list[Event] = []
    read = 0
    error: UnreadableInputError | None = None

    def note(count: int) -> None:
        nonlocal read
        read += count
        if read >= RANGE_BYTES:
            try:
                tell(Outcome(file.path, events.copy(), read, is_last=False))
            except OSError as reason:  # which is not one of the file
                raise RuntimeError("no room for what was found") from reason
            events.clear()
            read = 0

    try:
        plan = _plans.get((file.settings, extras)) or plan_with(extras, file.settings)
        _plans[file.settings, extras] = plan
        alone = plan._replace(settings=replace(plan.settings, jobs=1))
        for event in check_one(file.path, alone, note, census=extras.census):
            events.append(event)  # those before an error count
    except UnreadableInputError as reason:
        error = reason
    except Exception:  # such as one of a rule of another package: it shows where the file is checked again
        return Outcome(file.path, None)
    return Outcome(file.path, events, read, error)
