"""The globs of configuration files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple


class Glob(NamedTuple):
    """A pattern, and the folder that it is relative to.

    `*`, `?` and `[...]` stay within a name, `**` spans folders. A pattern without `/` matches names at any depth. A
    pattern that names a folder matches everything in it.
    """

    folder: str
    pattern: str

    def matches(self, path: str) -> bool:
        """Whether the pattern matches the file at this absolute path."""
        pattern = self.pattern.rstrip("/") or "/"
        inside = _relative(path, self.folder)
        if "/" not in pattern:
            names = inside if inside[:1] != [".."] else inside[-1:]
            return any(fnmatchcase(name, pattern) for name in names)
        if os.path.isabs(pattern):
            return _match(_parts(os.path.normpath(pattern)), _parts(path))
        return _match(_parts(os.path.normpath(pattern)), inside)


def _relative(path: str, folder: str) -> list[str]:
    try:
        return _parts(os.path.relpath(path, folder))
    except ValueError:  # another drive
        return ["..", *_parts(path)]


def _parts(path: str) -> list[str]:
    return [part for part in path.replace(os.sep, "/").split("/") if part]


def _match(pattern: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the pattern matches the names or the first of them.

    After a mismatch, it goes back only to the last `**`, so the time is at most quadratic.
    """
    at = used = 0
    retry = -1
    retry_used = 0
    while True:
        if at == len(pattern):
            return True
        if pattern[at] == "**":
            at += 1
            retry, retry_used = at, used
            if at == len(pattern):
                return used < len(names)
        elif used < len(names) and fnmatchcase(names[used], pattern[at]):
            at, used = at + 1, used + 1
        elif retry >= 0 and retry_used < len(names):
            retry_used += 1
            at, used = retry, retry_used
        else:
            return False
