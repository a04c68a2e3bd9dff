"""Give the small files of a run to processes as wholes, several at a time. Large files are divided instead.

What is found in a file is the same wherever it is found, and comes in the order of the files.
"""

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from jsonl_lint.config import Settings
from jsonl_lint.errors import UserError
from jsonl_lint.files.inputs import STDIN
from jsonl_lint.ranges import RANGE_BYTES, WORTHWHILE_BYTES, is_for_all, jobs_for

if TYPE_CHECKING:
    from jsonl_lint.ranges.local import TellingCall

Found = TypeVar("Found")

FILE_BYTES = 1 << 17
"""Beginning with a file takes as much time as checking so many bytes of it."""


class SmallFile(NamedTuple):
    """A file that one process takes as a whole. `weight` is the number of bytes that take as long."""

    path: str
    settings: Settings
    weight: int


class SmallFiles(NamedTuple):
    """The small files of a run, for `jobs` processes.

    They are in groups. Between these are files that are divided: no two files have processes at the same time.
    """

    groups: Sequence[Sequence[SmallFile]]
    jobs: int


def small_files(
    paths: Iterable[object],
    speed: Settings,
    settings_of: Callable[[str], Settings | None],
    worthwhile: int = WORTHWHILE_BYTES,
) -> SmallFiles:
    """Return the small ones of the strings in `paths`; none if they are not worth several processes.

    They are from `worthwhile` bytes on, together, as a single file is worth dividing. `settings_of` returns None, or
    raises `UserError`, for a file that other processes must not take.
    """
    if speed.jobs == 1 or speed.engine != "local" or speed.resume is not None:
        return SmallFiles([], 1)
    too_much = worthwhile + FILE_BYTES  # such files may be divided, however many processes there are
    weights = {path: _weight(path) for path in paths if isinstance(path, str)}
    total = sum([weight for weight in weights.values() if weight < too_much])
    jobs = jobs_for(speed, total, worthwhile)
    if jobs == 1:
        return SmallFiles([], 1)
    # with a number of jobs, any file may be divided: one that the others would wait for is
    most = min(total // jobs if speed.jobs else total, too_much - 1)
    groups: list[list[SmallFile]] = [[]]
    for path, weight in weights.items():
        settings = _settings_if_right(path, settings_of) if 0 < weight <= most else None
        if settings is not None:
            groups[-1].append(SmallFile(path, settings, weight))
        elif weight > RANGE_BYTES:
            groups.append([])
    worth = [group for group in groups if len(group) > 1 and sum([file.weight for file in group]) > RANGE_BYTES]
    return SmallFiles(worth, jobs)


def _settings_if_right(path: str, settings_of: Callable[[str], Settings | None]) -> Settings | None:
    try:
        return settings_of(path)
    except UserError:  # said where it is its turn
        return None


def _weight(path: str) -> int:
    """Return the number of bytes that take as long as the file; 0 if it is not one that other processes can take."""
    if path == STDIN or not is_for_all(path):
        return 0
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 0
    if not stat.S_ISREG(status.st_mode) or path.lower().endswith(".parquet"):
        return 0
    return status.st_size + FILE_BYTES


class Elsewhere(Generic[Found]):
    """What other processes find in small files, which have these `paths`.

    `call_for` returns the call for a bundle of files, which yields the path of each with what is found, in order;
    several times, if that comes in parts. `prepare` is called for each group before processes are forked.
    """

    def __init__(
        self,
        files: SmallFiles,
        call_for: "Callable[[Sequence[SmallFile]], TellingCall[list[tuple[str, Found]]]]",
        prepare: Callable[[Sequence[SmallFile]], None],
    ) -> None:
        self.paths = {file.path for group in files.groups for file in group}
        self._found = self._run(files, call_for, prepare)

    def next_of(self, path: str) -> Found | None:
        """Return what is found in this file, or the next part of that; None if this process has to look itself."""
        try:
            for name, found in self._found:
                if name == path:
                    return found
        except OSError:  # there can be no more processes, or their results have no room
            self.paths.clear()
        return None

    def close(self) -> None:
        """End the processes."""
        self._found.close()

    def _run(
        self,
        files: SmallFiles,
        call_for: "Callable[[Sequence[SmallFile]], TellingCall[list[tuple[str, Found]]]]",
        prepare: Callable[[Sequence[SmallFile]], None],
    ) -> Generator[tuple[str, Found], None, None]:
        for group in files.groups:
            from jsonl_lint.ranges.local import parts_of  # slow to import, and most runs do without

            bundles = list(_bundles(group))
            with closing(parts_of(bundles, call_for, files.jobs, prepare=partial(prepare, group))) as parts:
                for part in parts:
                    yield from part


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
