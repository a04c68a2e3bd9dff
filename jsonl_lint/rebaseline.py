"""Write or prune a baseline: check files, and accept all findings, or drop entries whose finding is gone.

Entries of rules that are off stay as they are, since these rules did not run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jsonl_lint.api import check_events
from jsonl_lint.checks.file import Extras
from jsonl_lint.config import Settings
from jsonl_lint.files.replacement import Replacement
from jsonl_lint.files.source import Progress
from jsonl_lint.model import FileResult, Finding, InputError
from jsonl_lint.project import Project, rules_left_out
from jsonl_lint.project.baseline import Baseline, Entry, baseline_text, entry_of, interned, read_baseline


class BaselineChange(NamedTuple):
    """How many findings a baseline accepts after a change and before, and the inputs that could not be checked.

    It is not `written` if no input was: none could be, or all are excluded.
    """

    findings: int
    before: int
    input_errors: tuple[InputError, ...]
    written: bool = True


def write_baseline(
    file: str, paths: Iterable[str], project: Project | None = None, on_progress: Progress | None = None
) -> BaselineChange:
    """Accept all findings in these paths. The baseline's entries for other files stay.

    Raises:
        UserError: a setting is wrong, or the file cannot be written or is something else than a baseline.
    """
    old = read_baseline(file) if os.path.isfile(file) else _empty(file)
    checked, errors = _checked(old, paths, project, on_progress)
    if not checked:
        return BaselineChange(_size(old.files), _size(old.files), errors, written=False)
    for off, found in checked.values():
        found.update(off)
    return _replaced(file, old, {**old.files, **{name: found for name, (_, found) in checked.items()}}, errors)


def prune_baseline(
    file: str, paths: Iterable[str] = (), project: Project | None = None, on_progress: Progress | None = None
) -> BaselineChange:
    """Remove entries whose finding is gone, for these paths or for all files that the baseline names.

    Files that no longer exist are removed with all their entries. Nothing new is accepted.

    Raises:
        UserError: a setting is wrong, or the baseline cannot be read or written.
    """
    old = read_baseline(file)
    known = {name: os.path.join(old.folder, name) for name in old.files if name != "-" and "://" not in name}
    gone = {name for name, path in known.items() if not os.path.lexists(path)}
    wanted = list(paths) or [_from_here(path) for name, path in known.items() if name not in gone]
    checked, errors = _checked(old, wanted, project, on_progress)
    left = dict(old.files)
    for name, (off, found) in checked.items():
        left[name] = off + (left.get(name, Counter()) & found)
    return _replaced(file, old, {name: entries for name, entries in left.items() if name not in gone}, errors)


def _empty(file: str) -> Baseline:
    return Baseline(os.path.dirname(os.path.abspath(file)), {})


def _from_here(path: str) -> str:
    """Return the path as a user in the current folder would write it."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return path


def _checked(
    old: Baseline, paths: Iterable[str], project: Project | None, on_progress: Progress | None
) -> tuple[dict[str, tuple[Counter[Entry], Counter[Entry]]], tuple[InputError, ...]]:
    """Return, for each file that could be checked, its old entries of rules that are off, and all that was found."""
    project = (project or Project()).replaced(baseline=None, max_findings=0, record_hashes=True)
    checked: dict[str, tuple[Counter[Entry], Counter[Entry]]] = {}
    errors: list[InputError] = []
    found: Counter[Entry] = Counter()
    for event in check_events(paths, project, on_progress, extras=Extras(fixes=False, context=False)):
        if isinstance(event, Finding):
            found[interned(*entry_of(event))] += 1
        elif isinstance(event, FileResult):
            name = old.name_of(event.path)
            checked[name] = (_of_rules_left_out(old.files.get(name), project.scope(event.path).settings), found)
            found = Counter()
        elif isinstance(event, InputError):
            found = Counter()
            checked.pop(old.name_of(event.path), None)  # the findings in the rest of the file are not known
            errors.append(event)
    return checked, tuple(errors)


def _of_rules_left_out(entries: Counter[Entry] | None, settings: Settings) -> Counter[Entry]:
    if not entries:
        return Counter()
    left_out = rules_left_out(settings)
    return Counter({entry: count for entry, count in entries.items() if entry.rule in left_out})


def _replaced(
    file: str, old: Baseline, files: Mapping[str, Mapping[Entry, int]], errors: tuple[InputError, ...]
) -> BaselineChange:
    """Write the baseline, whole or not at all."""
    with Replacement(file, failure="cannot write the baseline") as stream:
        stream.writelines(part.encode() for part in baseline_text(files))
    return BaselineChange(_size(files), _size(old.files), errors)


def _size(files: Mapping[str, Mapping[Entry, int]]) -> int:
    return sum(sum(entries.values()) for entries in files.values())
