"""Count the small files of a run at the same time, each in one of several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.source import Progress
from jsonl_lint.ranges import compile_ahead
from jsonl_lint.ranges.wholes import Elsewhere, SmallFile, small_files
from jsonl_lint.stats.counting import Counting, counting_by
from jsonl_lint.stats.file import statistics_of
from jsonl_lint.stats.ranges import WORTHWHILE_BYTES
from jsonl_lint.stats.statistics import Statistics

Asked = tuple[int, ...] | None


class Outcome(NamedTuple):
    """The statistics of a file or why there are none (None: it has to be counted again), and how much was read."""

    counted: Statistics | UnreadableInputError | None
    read: int = 0


@contextmanager
def file_counter(
    paths: Iterable[object],
    speed: Settings,
    settings_of: Callable[[str], Settings],
    counting_for: Callable[[Settings], Counting],
    on_progress: Progress,
) -> Iterator[Callable[[str, Settings], Statistics]]:
    """Return a context manager with what counts a file. The strings in `paths` are then counted in their order.

    While it lasts, other processes may count ahead, as `speed` allows. `counting_for` is asked for the settings of each
    file, by `settings_of`; what it raises is raised when it is the file's turn.
    """
    asked = counting_for(speed).asked

    def settings_elsewhere(path: str) -> Settings:
        settings = settings_of(path)
        counting_for(settings)
        return settings

    def count(path: str, settings: Settings) -> Statistics:
        outcome = elsewhere.next_of(path) if path in elsewhere.paths else None
        if outcome is None or outcome.counted is None:
            return statistics_of(path, counting_for(settings), on_progress)
        on_progress(outcome.read)
        if isinstance(outcome.counted, UnreadableInputError):
            raise outcome.counted
        return outcome.counted

    def call_for(files: Sequence[SmallFile]) -> partial[list[tuple[str, Outcome]]]:
        return partial(_count_together, files, asked)

    files = small_files(paths, speed, settings_elsewhere, WORTHWHILE_BYTES)
    with closing(Elsewhere(files, call_for, partial(_keep_all, counting_for))) as elsewhere:
        yield count


_kept: dict[tuple[Settings, Asked], Counting] = {}


def _keep_all(counting_for: Callable[[Settings], Counting], files: Sequence[SmallFile]) -> None:
    """Make `_count_together` use these ways of counting in processes that are forked from this one."""
    _kept.clear()
    for settings in {file.settings for file in files}:
        counting = counting_for(settings)
        _kept[settings, counting.asked] = counting
    compile_ahead(counting_for(files[0].settings).plan)


def _count_together(files: Sequence[SmallFile], asked: Asked, _tell: object) -> list[tuple[str, Outcome]]:
    """Count files in a process of its own, which compiles their settings once."""
    return [(file.path, _outcome_of(file, asked)) for file in files]


def _outcome_of(file: SmallFile, asked: Asked) -> Outcome:
    read: list[int] = []
    try:
        counting = _kept.get((file.settings, asked)) or counting_by(file.settings, asked)
        _kept[file.settings, asked] = counting
        alone = counting._replace(settings=replace(counting.settings, jobs=1))
        return Outcome(statistics_of(file.path, alone, read.append), sum(read))
    except UnreadableInputError as error:
        return Outcome(error, sum(read))
    except Exception:  # it shows where the file is counted again
        return Outcome(None)
