"""Reuse the reports of ranges that an earlier run has finished and saved in a folder (`--resume`).

A report is identified by everything that it depends on: the range, the file's size and modification time, the settings
and the files that they name, the rules, what is compared, the version. So an outdated report is never used, and one
folder may serve many files. Saved reports are not trusted, like those of parts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b

from jsonl_lint.config import NOT_IN_REPORTS, Settings
from jsonl_lint.engine import PartialReport
from jsonl_lint.engine.wire import decode, encode
from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.output import whole_file
from jsonl_lint.files.replacement import WrittenElsewhereError
from jsonl_lint.plans.plan import Plan
from jsonl_lint.ranges import RangeTask
from jsonl_lint.target import read_target
from jsonl_lint.version import __version__


def run_unfinished(
    tasks: Sequence[RangeTask], plan: Plan, run: Callable[[Sequence[RangeTask]], Iterator[PartialReport]]
) -> Iterator[PartialReport]:
    """Yield the reports of the tasks in their order: those that were kept, and those that `run` makes, to be kept.

    Findings are made with everything that any report shows, since another report may want them later.

    Raises:
        UserError: the folder cannot be written to, or what is in it is not what is written there.
    """
    folder = plan.settings.resume
    if not folder:
        raise UserError("--resume names no folder")
    try:
        os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = "not a folder" if os.path.exists(folder) else reason_of(error)
        raise UserError(f"{folder}: --resume cannot keep anything there: {reason}") from None
    about = _about(tasks[0].path, plan) if tasks else ""
    paths = [os.path.join(folder, f"{_digest([about, task])}.json") for task in tasks]
    missing = [not os.path.exists(path) for path in paths]
    found = run([task for task, wanted in zip(tasks, missing, strict=True) if wanted])
    for path, wanted in zip(paths, missing, strict=True):
        if wanted:
            report = next(found)
            with suppress(WrittenElsewhereError), whole_file(path) as file:  # another run keeps the same report
                file.write(json.dumps(encode(report)).encode())
        else:
            report = _read(path, plan)
        yield report


def stamp_of(settings: Settings) -> str:
    """Return what changes with the version, the target, and what is in the other files that the settings name."""
    named = (settings.schema, settings.models, settings.tokenizer)
    return _digest([__version__, read_target(settings.target), [_content(path) for path in named if path]])


def _about(path: str, plan: Plan) -> str:
    """Return a digest of all that the report of any range of the file depends on."""
    status = os.stat(path)
    values = {name: value for name, value in plan.settings.to_dict().items() if name not in NOT_IN_REPORTS}
    identity = [os.path.abspath(path), status.st_size, status.st_mtime_ns]
    compared = [plan.compares, plan.tracks_kinds]  # not for `fix`
    return _digest([stamp_of(plan.settings), values, sorted(plan.rules), compared, identity])


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return blake2b(file.read()).hexdigest()
    except OSError:  # not a file but a name; or whoever needs it says so
        return ""


def _read(path: str, plan: Plan) -> PartialReport:
    try:
        if not os.path.isfile(path):  # a pipe would be waited for
            raise ValueError("it is no file")
        with open(path, "rb") as file:
            return decode(json.load(file), plan)
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not a report that --resume keeps; delete it ({reason_of(error)})") from None
