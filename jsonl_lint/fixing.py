"""The library calls that repair records and files, and that undo repairs."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jsonl_lint.config import Settings, with_all_findings
from jsonl_lint.engine import detect_format
from jsonl_lint.errors import UserError
from jsonl_lint.files.compressed import compression_named
from jsonl_lint.files.head import Head
from jsonl_lint.files.inputs import STDIN, Path, same_file
from jsonl_lint.files.replacement import Replacement, named_errors
from jsonl_lint.files.source import Origin, Progress
from jsonl_lint.files.twice import open_twice
from jsonl_lint.fixer.judge import Judge
from jsonl_lint.fixer.mend import Mender
from jsonl_lint.fixer.patch import Patch, lines_of
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.run import FileFix, FixPaths
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.fixer.undo import restore
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.project import Project, accepted_in
from jsonl_lint.project.suppress import Acceptance
from jsonl_lint.records.tojson import as_line
from jsonl_lint.results import FixResult
from jsonl_lint.wording import printable


def fix_record(record: Mapping[str, Any] | bytes | str, settings: Settings | None = None) -> FixResult:
    """Repair one record: a dict, or one line of JSON as bytes or text.

    `outcome` is empty if the record was deleted, and holds several records if it was split. An unchanged record is
    returned as the same object.

    Raises:
        UserError: a setting is wrong, or the dict cannot be written as JSON.
    """
    plan = plan_of(with_all_findings(settings))
    line = _as_line(record)
    end = line[len(line.rstrip(b"\r\n")) :]
    body = line[: len(line) - len(end)] + b"\n"
    permission = Permission(plan, Acceptance())
    judge = Judge(permission, Origin(*detect_format(Head(body), plan)))
    mended = Mender(judge, permission).mend(Patch(body))
    lines = [each.removesuffix(b"\n") + end for each in lines_of(mended.patch.text)]
    changed = bool(mended.patch.changes)
    tally = Tally(records=1, added=max(len(lines) - 1, 0), deleted=int(not lines), fixed=Counter(mended.fixed))
    tally.remain(mended.findings, unsafe_allowed=plan.settings.unsafe_fixes)
    tally.refuse(1, mended.refused)
    outcome = tuple(_like(each, record) for each in lines) if changed else (record,)
    return tally.result(STDIN, changed=changed)._replace(outcome=outcome)


def fix_file(
    source: Path,
    destination: Path | None,
    settings: Settings | Project | None = None,
    *,
    rejects: Path | None = None,
    changes: Path | None = None,
    diff: Callable[[bytes], object] | None = None,
    on_progress: Progress | None = None,
) -> FixResult:
    """Repair a file. The destination is written completely or not at all; `-` is standard input or output.

    With the destination None, nothing is written, and the result says what would be done; with the source itself, the
    file is fixed in place. A destination whose name ends in `.gz`, `.zst`, `.bz2` or `.xz` is compressed; fixed in
    place, a compressed file stays compressed. Records that still have errors go to `rejects` instead, byte for byte,
    and `changes` gets the log that `undo_file` reads. In place, these two are appended to, otherwise replaced. `diff`
    is called with the pieces of a unified diff. A `Project` has the settings of the file and its accepted findings,
    which are not fixed.

    Raises:
        UnreadableInputError: the source cannot be read, or holds no text.
        UserError: a setting is wrong, a destination cannot be written, or two of the paths are the same file.
    """
    acceptance = Acceptance()
    named: list[str] = []
    if isinstance(settings, Project):
        path = os.fsdecode(source)
        scope = settings.scope(path)
        acceptance = Acceptance(scope.places, accepted_in(settings, path))
        named = scope.named_files()
        settings = replace(scope.settings, record_hashes=bool(acceptance))
    plan = plan_of(with_all_findings(settings))
    paths = FixPaths(os.fsdecode(source), _path(destination), _path(rejects), _path(changes))
    paths.check(named or plan.settings.named_files())
    return FileFix(paths, plan, acceptance, diff, on_progress).run()


def undo_file(changes: Path, fixed: Path, destination: Path) -> None:
    """Restore, byte for byte, the original of the file `fixed` from the log of `changes` that fixing wrote.

    Raises:
        UserError: the log does not belong to the file, or a file cannot be read or written.
    """
    log_path, fixed_path, path = (os.fsdecode(each) for each in (changes, fixed, destination))
    if same_file(log_path, path):
        raise UserError(f"{path}: would overwrite the log of changes")
    with (
        named_errors(path, "cannot be written"),
        open_twice(log_path) as log,
        open_twice(fixed_path) as fixed_file,
        Replacement(path, compression_named(path)) as output,
    ):
        restore(log, log_path, fixed_file, fixed_path, output.write)


def _path(path: Path | None) -> str | None:
    return None if path is None else os.fsdecode(path)


def _as_line(record: Mapping[str, Any] | bytes | str) -> bytes:
    try:
        return as_line(record)
    except Exception as error:  # the record's own methods may raise anything
        raise UserError(f"the record cannot be written as JSON: {printable(str(error)[:200])}") from None


def _like(line: bytes, record: Mapping[str, Any] | bytes | str) -> Any:
    """Return the line as the type of value that the record was passed as."""
    if isinstance(record, (bytes, bytearray, memoryview)):
        return line
    if isinstance(record, str):
        return line.decode("utf-8", "surrogatepass")
    return json.loads(line)
