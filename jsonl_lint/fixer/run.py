"""Run the repair of one file: open all files, write the result and the logs, and move them into place at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import BinaryIO

from jsonl_lint.checks.file import sized
from jsonl_lint.engine import PartialReport
from jsonl_lint.errors import CHANGED, UnreadableInputError, UserError
from jsonl_lint.files.appended import Appended
from jsonl_lint.files.compressed import compression_named
from jsonl_lint.files.inputs import STDIN, compression_of, display_path, not_read, opened, same_file, state_of
from jsonl_lint.files.output import keep_apart
from jsonl_lint.files.replacement import Replacement
from jsonl_lint.files.source import Origin, Progress
from jsonl_lint.fixer.diff import Diff
from jsonl_lint.fixer.file import fix_opened
from jsonl_lint.fixer.job import Job, RangeReports
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.sinks import AllSinks, Changes, Output, Rejects, Sink
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.plans.plan import Plan
from jsonl_lint.project.suppress import Acceptance
from jsonl_lint.ranges import is_for_all, jobs_for, run, tasks_of
from jsonl_lint.results import FixResult


@dataclass(frozen=True)
class FixPaths:
    """The file to repair, and the files that are written."""

    source: str
    destination: str | None
    rejects: str | None
    changes: str | None

    @cached_property
    def in_place(self) -> bool:
        """Whether the destination is the file to repair."""
        return self.destination is not None and same_file(self.source, self.destination)

    def check(self, read_beside: Iterable[str]) -> None:
        """Make sure that these files can be written, and that none overwrites another one or one that is read.

        Raises:
            UserError: one cannot, or would.
        """
        source = self.source
        if source == self.destination != STDIN and os.path.exists(source) and not os.path.isfile(source):
            raise UserError(f"{display_path(source)}: not a file, so it cannot be fixed in place")
        outputs = (None if self.in_place else self.destination, self.rejects, self.changes)
        keep_apart(filter(None, outputs), [source, *read_beside])
        if self.in_place and any(path and compression_named(path) for path in (self.rejects, self.changes)):
            raise UserError("in place, the rejects and the log of changes grow, so they cannot be compressed files")


class FileFix:
    """The repair of one file, by a plan."""

    def __init__(
        self,
        paths: FixPaths,
        plan: Plan,
        acceptance: Acceptance,
        diff: Callable[[bytes], object] | None,
        on_progress: Progress | None,
    ) -> None:
        self.paths = paths
        self.plan = plan
        self.acceptance = acceptance
        self.diff = diff
        self.on_progress = on_progress
        self.written: list[Replacement | Appended] = []
        """Files being written, in the order in which they are committed: first the logs, then the data."""

    def run(self) -> FixResult:
        """Read, repair, and move everything into place."""
        source = self.paths.source
        with opened(source) as (handle, size):
            try:
                before = state_of(source) if self.paths.in_place else None
                result = self._fix(handle, size)
                if self.paths.in_place and not result.changed:
                    self._discard()
                elif before is not None and state_of(source) != before:  # what was added would be lost
                    raise UnreadableInputError(display_path(source), CHANGED)
                for file in self.written:
                    file.commit()
            except BaseException as error:
                self._discard()
                if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                    raise not_read(display_path(source), error) from None
                raise
        return result

    def _fix(self, handle: BinaryIO, size: int | None) -> FixResult:
        """Repair everything; the files are moved into place later."""
        paths, shown = self.paths, display_path(self.paths.source)
        shown_output = shown if paths.destination is None else display_path(paths.destination)
        logs: list[Sink] = []
        if paths.changes is not None:
            logs.append(Changes(self._begin_log(paths.changes), shown, shown_output))
        if paths.rejects is not None:
            logs.append(Rejects(self._begin_log(paths.rejects)))
        output = Output(None if paths.destination is None else self._begin_destination(paths.destination, handle))
        if self.diff is not None:
            logs.append(Diff(self.diff, shown))
        job = Job(
            Permission(sized(self.plan, size), self.acceptance, rejecting=paths.rejects is not None),
            shown,
            shown_output,
            AllSinks([output, *logs]),
            output,
            Tally(),
            on_progress=self.on_progress,
            range_reports=self._range_reports(size),
        )
        return fix_opened(job, handle)

    def _range_reports(self, size: int | None) -> RangeReports | None:
        """Return what has several processes, or a cluster, judge the lines; this process repairs and writes anyway."""
        if size is None or not is_for_all(self.paths.source):
            return None
        settings = self.plan.settings
        if settings.engine == "local" and jobs_for(settings, size) == 1:
            return None
        return partial(self._reports_of_ranges, size)

    def _reports_of_ranges(self, size: int, plan: Plan, origin: Origin, first: int) -> Iterator[PartialReport]:
        tasks = tasks_of(self.paths.source, size, first, origin)
        return run(tasks, plan, jobs_for(plan.settings, size), tuple)

    def _begin_log(self, path: str) -> BinaryIO:
        log = Appended(path) if self.paths.in_place else Replacement(path, compression_named(path))
        self.written.append(log)
        return log.handle

    def _begin_destination(self, path: str, source: BinaryIO) -> BinaryIO:
        """Open the repaired file; in place, a compressed one stays compressed."""
        compression = compression_of(source) if self.paths.in_place else compression_named(path)
        file = Replacement(path, compression)
        self.written.append(file)
        return file.handle

    def _discard(self) -> None:
        """Discard everything that has been written."""
        for file in self.written:
            file.discard()
        self.written = []
