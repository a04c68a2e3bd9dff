"""The library's calls that repair: records, files, and files taken back to what they were."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, cast

from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport
from jsonl_lint.engines import jobs_for, run, tasks_of
from jsonl_lint.errors import UnreadableInputError, UserError, reason_of
from jsonl_lint.filecheck import sized
from jsonl_lint.files.inputs import STDIN, compression_of, display_path, open_file, reading_failed
from jsonl_lint.files.packing import compression_named
from jsonl_lint.files.source import Block
from jsonl_lint.fixer import Mender, Patch
from jsonl_lint.fixer.diff import Diff
from jsonl_lint.fixer.files import Appended, Replacement, same_file
from jsonl_lint.fixer.mend import fix_of, lines_of
from jsonl_lint.fixer.run import FileFixer
from jsonl_lint.fixer.sinks import Changes, Output, Rejects, Sink
from jsonl_lint.fixer.undo import restore
from jsonl_lint.formats import formats_of
from jsonl_lint.jsonspan import JsonSyntaxError, decode, parse
from jsonl_lint.model import Applicability
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.project import Project, accepted_in
from jsonl_lint.records import as_line
from jsonl_lint.results import FixResult, RefusedFix
from jsonl_lint.suppress import Acceptance

Path = str | os.PathLike[str]

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def fix_record(record: Mapping[str, Any] | bytes | str, settings: Settings | None = None) -> FixResult:
    """Repair one record: a dict, or one line of JSON as bytes or text. `outcome` holds what has become of it.

    None where the record was deleted, several where it was split; what has not changed is handed back as it came.

    Raises:
        UserError: a setting is wrong, or the dict cannot be written as JSON.
    """
    settings = replace(settings or Settings(), max_findings=0)
    plan = compile_plan(settings)
    line = _as_line(record)
    end = line[len(line.rstrip(b"\r\n")) :]
    body = line[: len(line) - len(end)] + b"\n"
    forced = None if settings.format == "auto" else settings.format
    mended = Mender(plan, Block(STDIN, 1, 0, b"", forced or _format_of(body, plan), 0)).mend(Patch(body))
    lines = [each.removesuffix(b"\n") + end for each in lines_of(mended.patch.text())]
    changed = bool(mended.patch.changes)
    counts = Counter((finding.rule, finding.severity) for finding in mended.findings)
    left_alone = [finding for finding in mended.findings if finding.fix and not settings.unsafe_fixes]
    return FixResult(
        path=STDIN,
        records=1,
        written=len(lines),
        added=max(len(lines) - 1, 0),
        rejected=0,
        deleted=int(not lines),
        changed=changed,
        fixed=mended.fixed,
        counts=dict(counts),
        more_unsafe=sum(fix_of(finding).applicability is Applicability.UNSAFE for finding in left_alone),
        refused=tuple(RefusedFix(1, refusal.rule, refusal.reason) for refusal in mended.refused),
        refused_count=len(mended.refused),
        outcome=tuple(_like(each, record) for each in lines) if changed else (record,),
    )


def fix_file(
    source: Path,
    destination: Path | None,
    settings: Settings | Project | None = None,
    *,
    rejects: Path | None = None,
    changes: Path | None = None,
    diff: Callable[[bytes], object] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> FixResult:
    """Repair a file. The destination is there when it is whole, or not at all; `-` is standard input or output.

    None writes nothing and only says what would be done; the source itself means in place. A destination whose name
    says so (`.gz`, `.zst`, `.bz2`, `.xz`) is compressed; in place, a compressed file stays one. `rejects` gets the
    records that still have errors, byte for byte, instead of the destination, and `changes` the log that
    `undo_file` reads. In place these two grow, else they are replaced. `diff` is called with a unified diff, piece by
    piece. A `Project` has the settings of the file, and what is accepted in it, which is not fixed.

    Raises:
        UnreadableInputError: the source cannot be read, or holds no text.
        UserError: a setting is wrong, a destination cannot be written, or two of the paths are the same file.
    """
    acceptance = Acceptance()
    named: list[str] = []
    if isinstance(settings, Project):
        path = os.fspath(source)
        scope = settings.scope(path)
        acceptance = Acceptance(scope.places, accepted_in(settings, path))
        named = scope.named_files()
        settings = replace(scope.settings, record_hashes=bool(acceptance))
    plan = compile_plan(replace(settings or Settings(), max_findings=0))
    job = _Job(os.fspath(source), _path(destination), _path(rejects), _path(changes), acceptance)
    job.keep(named or plan.settings.named_files())
    return job.run(plan, diff, on_progress)


def undo_file(changes: Path, fixed: Path, destination: Path) -> None:
    """Restore the file that fixing made `fixed` of, byte for byte, with the log that it wrote.

    Raises:
        UserError: the log does not belong to the file, or a file cannot be read or written.
    """
    paths = [os.fspath(path) for path in (changes, fixed, destination)]
    if same_file(paths[0], paths[2]):
        raise UserError(f"{paths[2]}: would overwrite the log of changes")
    log = fixed_file = None
    try:
        log, fixed_file = (_open_twice(path) for path in paths[:2])
        output = Replacement(paths[2], compression_named(paths[2]))
        try:
            restore(log, paths[0], fixed_file, paths[1], output.handle.write)
        except BaseException:
            output.discard()
            raise
        output.commit()
    except OSError as error:
        raise UserError(f"{paths[2]}: cannot be written: {reason_of(error)}") from None
    finally:
        for file in (log, fixed_file):
            if file is not None:
                file.close()


class _Job:
    """One file to repair, and where its parts go."""

    def __init__(
        self,
        source: str,
        destination: str | None,
        rejects: str | None,
        changes: str | None,
        acceptance: Acceptance,
    ) -> None:
        self.source = source
        self.acceptance = acceptance
        self.destination = destination
        self.rejects = rejects
        self.changes = changes
        self.in_place = destination is not None and same_file(source, destination)
        outputs = [path for path in (destination, rejects, changes) if path is not None]
        for position, path in enumerate(outputs):
            twice = STDIN in outputs[:position] and path == STDIN
            others = outputs[:position] if path is destination else [source, *outputs[:position]]
            if twice or any(same_file(path, other) for other in others):
                raise UserError(f"{path}: would overwrite another file of this run")
        if self.in_place and any(path and compression_named(path) for path in (rejects, changes)):
            raise UserError("in place, the rejects and the log of changes grow, so they cannot be compressed files")
        self.compression = compression_named(destination) if destination is not None else None
        self.opened: list[Replacement | Appended] = []
        self.size: int | None = None

    def keep(self, named: Iterable[str]) -> None:
        """Nothing takes the place of these files, which are read beside the data.

        Raises:
            UserError: it would.
        """
        outputs = (None if self.in_place else self.destination, self.rejects, self.changes)
        for path in filter(None, outputs):
            if any(os.path.isfile(other) and same_file(path, other) for other in named):
                raise UserError(f"{path}: would overwrite what the run reads beside the data")

    def run(
        self, plan: Plan, diff: Callable[[bytes], object] | None, on_progress: Callable[[int], None] | None
    ) -> FixResult:
        """Read, repair, and put everything in its place at the end: first the logs, then the data."""
        handle, self.size = open_file(self.source)
        shown = display_path(self.source)
        try:
            if self.in_place and not os.path.isfile(self.source):
                raise UserError(f"{shown}: not a file, so it cannot be fixed in place")
            if self.in_place:
                self.compression = compression_of(handle)
            try:
                result = self.fixed(sized(plan, self.size), handle, shown, diff, on_progress)
                if self.in_place and not result.changed:
                    self.discard()
                for output in self.opened:
                    output.commit()
            except BaseException:
                self.discard()
                raise
        except BrokenPipeError:  # the reader of standard output has gone
            raise
        except OSError as error:
            if error.errno in _FULL:
                raise UserError(f"{self.destination}: cannot be written: {reason_of(error)}") from None
            raise reading_failed(shown, error) from None
        finally:
            if self.source != STDIN:
                handle.close()
        return result

    def fixed(
        self,
        plan: Plan,
        handle: BinaryIO,
        shown: str,
        diff: Callable[[bytes], object] | None,
        on_progress: Callable[[int], None] | None,
    ) -> FixResult:
        """Repair everything; the files take their places later."""
        sinks: list[Sink] = []
        if self.changes is not None:
            sinks.append(Changes(self.open(self.changes)))
        if self.rejects is not None:
            sinks.append(Rejects(self.open(self.rejects)))
        target = Replacement(self.destination, self.compression) if self.destination is not None else None
        if target is not None:
            self.opened.append(target)
        written = Output(target.handle if target else None)
        output = display_path(self.destination) if self.destination is not None else shown
        differences = None
        if diff is not None:
            differences = Diff(diff, shown)
            sinks.append(differences)
        rejecting = self.rejects is not None
        fixer = FileFixer(
            plan,
            shown,
            output,
            [written, *sinks],
            written,
            rejecting=rejecting,
            on_progress=on_progress,
            acceptance=self.acceptance,
            parts=self.parts if self.divided(plan.settings) else None,
        )
        return fixer.fix(handle)

    def divided(self, settings: Settings) -> bool:
        """Whether several processes, or a cluster, judge the lines. One process decides and writes in any case."""
        return self.size is not None and (settings.engine != "local" or jobs_for(settings, self.size) > 1)

    def parts(self, plan: Plan, where: Block, first: int) -> Iterator[PartialReport]:
        """The reports of the file's ranges, in order."""
        size = self.size or 0
        tasks = tasks_of(self.source, size, first, where.file_format, where.format_line)
        return run(tasks, plan, jobs_for(plan.settings, size), tuple)

    def open(self, path: str) -> BinaryIO:
        """A log beside the data."""
        output = Appended(path) if self.in_place else Replacement(path, compression_named(path))
        self.opened.append(output)
        return output.handle

    def discard(self) -> None:
        """Nothing is written after all."""
        for output in self.opened:
            output.discard()
        self.opened = []


def _path(path: Path | None) -> str | None:
    return None if path is None else os.fspath(path)


def _open_twice(path: str) -> BinaryIO:
    """A file that can be read from its beginning again: what a compressed one holds waits on disk."""
    handle, size = open_file(path)
    if compression_of(handle) is not None:
        held = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
        with handle:
            shutil.copyfileobj(handle, held)
        held.seek(0)
        return cast("BinaryIO", held)
    if size is None:
        raise UnreadableInputError(path, "is a stream; undoing reads it twice")
    return handle


def _as_line(record: Mapping[str, Any] | bytes | str) -> bytes:
    try:
        return as_line(record)
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"the record cannot be written as JSON: {str(error)[:200]}") from None


def _like(line: bytes, record: Mapping[str, Any] | bytes | str) -> Any:
    """A line as the kind of value that the record was."""
    if isinstance(record, (bytes, bytearray, memoryview)):
        return line
    if isinstance(record, str):
        return line.decode("utf-8", "surrogatepass")
    return json.loads(line)


def _format_of(line: bytes, plan: Plan) -> str | None:
    """The format that the record would give its file."""
    try:
        value = parse(decode(line.rstrip(b"\r\n"))).root.value
    except JsonSyntaxError:
        return None
    found = formats_of(value.keys(), plan.target.formats) if isinstance(value, dict) else []
    return found[0].name if found else None


__all__ = ["fix_file", "fix_record", "undo_file"]
