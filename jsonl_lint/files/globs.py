"""The files that a glob names, and the folders in which it may not look for them."""

import os
from collections.abc import Iterable
from glob import glob, has_magic

_DEEP = "**"


def matches_of(pattern: str) -> tuple[list[str], list[str]]:
    """Return the files and folders that a glob names, and the folders that could not be searched for them, sorted.

    Pipes and devices are not among them, as in a folder: nobody may ever write to one, and the check would not end.
    From a `**` on, wildcards match no links to folders. Python's `glob` follows them, also where they lead back, and
    passes over folders without permission in silence.
    """
    start, steps = _steps_of(pattern)
    found = {start} if os.path.isdir(start or os.curdir) else set()
    locked: set[str] = set()
    for count, step in enumerate(steps):
        if step == _DEEP:
            found = _with_all_below(found)
        needed = os.X_OK | (os.R_OK if has_magic(step) else 0)
        locked.update(folder for folder in found if not os.access(folder or os.curdir, needed))
        if step == _DEEP:
            continue
        found = {os.path.join(folder, name) for folder in found for name in _named(step, folder)}
        if has_magic(step) and _DEEP in steps[:count]:
            found = {path for path in found if not (os.path.islink(path) and os.path.isdir(path))}
        if count < len(steps) - 1:
            found = {path for path in found if os.path.isdir(path)}
    found = {path for path in found if os.path.isfile(path) or os.path.isdir(path) or not os.path.exists(path)}
    return sorted(found), sorted(folder.rstrip(os.sep) or folder or os.curdir for folder in locked)


def _steps_of(pattern: str) -> tuple[str, list[str]]:
    """Split a glob into the folder where it starts and its parts. A `**` at the end means all that is below."""
    drive, path = os.path.splitdrive(pattern.replace(os.altsep or os.sep, os.sep))
    steps = path.split(os.sep)
    if steps[-1] == _DEEP:
        steps.append("*")
    return (drive + os.sep, steps[1:]) if path.startswith(os.sep) else (drive, steps)


def _named(step: str, folder: str) -> Iterable[str]:
    """Yield the names in a folder that a part of a glob means."""
    if has_magic(step):
        return glob(step, root_dir=folder or os.curdir)
    return [step] if os.path.lexists(os.path.join(folder, step)) else []


def _with_all_below(folders: Iterable[str]) -> set[str]:
    """Return these folders and those below them, without hidden ones and those behind links."""
    found: set[str] = set()
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        if folder in found:
            continue
        found.add(folder)
        try:
            with os.scandir(folder or os.curdir) as entries:
                names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        waiting += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    return found
