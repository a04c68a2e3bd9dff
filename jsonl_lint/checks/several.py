"""Check the small files of a run at the same time, each in one of several processes.

A file's events are the same wherever it is checked, and they come in the order of the files.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NamedTuple

from jsonl_lint.checks.against import require_others
from jsonl_lint.checks.file import LARGE_FILE_BYTES, Extras, check_one
from jsonl_lint.config import Settings
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.source import Progress
from jsonl_lint.model import EVERY_FIX, Event
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.ranges import RANGE_BYTES, compile_ahead
from jsonl_lint.ranges.wholes import Elsewhere, SmallFile, small_files


class Outcome(NamedTuple):
    """What a check of a file yielded, how many bytes it read, and the error that ended it.

    That of a file which takes long comes in parts; only the last one `is_last`. There are no events if the file has to
    be checked again.
    """

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

    def events_of(path: str, plan: Plan) -> Iterator[Event]:
        seen, advance = 0, on_progress
        while path in elsewhere.paths:
            outcome = elsewhere.next_of(path)
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

    def call_for(files: Sequence[SmallFile]) -> "partial[list[tuple[str, Outcome]]]":
        return partial(_check_together, files, extras)

    files = small_files(paths, speed, partial(_settings_elsewhere, settings_of, plan_for))
    with closing(Elsewhere(files, call_for, partial(_keep_plans, plan_for, extras))) as elsewhere:
        yield lambda path, settings: events_of(path, plan_for(settings))


def _settings_elsewhere(
    settings_of: Callable[[str], Settings | None], plan_for: Callable[[Settings], Plan], path: str
) -> Settings | None:
    """Return the settings of a file, None if other processes must not check it."""
    settings = settings_of(path)
    if settings is None or not settings.max_findings:  # without a limit, a process would hold any number of them
        return None
    plan_for(settings)
    return settings


def _keep_plans(plan_for: Callable[[Settings], Plan], extras: Extras, files: Sequence[SmallFile]) -> None:
    """Make `_check_together` use these plans in processes that are forked from this one."""
    _plans.clear()
    _plans.update({(settings, extras): plan_for(settings) for settings in {file.settings for file in files}})
    if any(file.weight > LARGE_FILE_BYTES for file in files):
        compile_ahead(plan_for(files[0].settings))


_plans: dict[tuple[Settings, Extras], Plan] = {}


def _check_together(
    files: Sequence[SmallFile], extras: Extras, tell: Callable[[list[tuple[str, Outcome]]], object]
) -> list[tuple[str, Outcome]]:
    """Check files in a process of its own, which compiles their settings once.

    What is found in a file that takes long is told on the way; what is found in the others before it, too.
    """
    outcomes: list[tuple[str, Outcome]] = []

    def tell_so_far(path: str, outcome: Outcome) -> None:
        tell([*outcomes, (path, outcome)])
        outcomes.clear()

    for file in files:
        outcomes.append((file.path, _outcome_of(file, extras, partial(tell_so_far, file.path))))
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
                tell(Outcome(events.copy(), read, is_last=False))
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
        return Outcome(None)
    return Outcome(events, read, error)
