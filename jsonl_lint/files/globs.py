"""The files that a glob names, and the folders that it passes over in silence."""

import os
from glob import glob, has_magic


def matches_of(pattern: str) -> list[str]:
    """Return the files and folders that a glob names, sorted."""
    return sorted(glob(pattern, recursive=True))


def locked_folders(pattern: str) -> list[str]:
    """Return the folders in which a glob may not look for what it names, sorted. Python passes over them in silence."""
    found: set[str] = set()
    steps = pattern.split(os.sep)
    for count, following in enumerate(steps[1:], 1):
        above = os.sep.join(steps[:count])
        needed = os.X_OK | (os.R_OK if has_magic(following) else 0)
        folders = filter(os.path.isdir, glob(above, recursive=True))
        found.update(folder.rstrip(os.sep) for folder in folders if not os.access(folder, needed))
    return sorted(found)
