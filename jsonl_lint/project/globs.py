"""The globs of configuration files and of `--exclude`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.files.inputs import path_inside
from jsonl_lint.wording import clip

_FOREIGN = {
    r"!": "`!` does not take files back here; where a name begins with it, write `?`",
    r".*[\\\x00-\x1f]": "write `/` between folders, on every system, and `?` for a strange character of a name",
    r".*#/": "only `files` of `overrides` may name a place in records; where a folder's name ends with `#`, write `?`",
    r".*\{[^{}]*,[^{}]*\}": "braces hold no alternatives here; write several globs, or `?` for a brace of a name",
}
"""What globs of other tools may hold, and what to write instead: as a name, it would silently match nothing."""


def checked_glob(pattern: str, where: str) -> str:
    """Return the pattern; `where` is its place, for messages.

    Raises:
        UserError: other tools would understand it, but here it would match nothing.
    """
    for foreign, advice in _FOREIGN.items():
        if re.match(foreign, pattern, re.DOTALL):
            raise UserError(f"{where} is {clip(repr(pattern), 60)}: {advice}")
    return pattern


class Glob(NamedTuple):
    """A pattern, and the folder that it is relative to.

    `*`, `?` and `[...]` stay within a name, `**` spans folders. A pattern without `/` matches names at any depth, but
    not those of folders above `folder`. A pattern that names a folder matches everything in it.
    """

    folder: str
    pattern: str

    def matches(self, path: str) -> bool:
        """Whether the pattern matches the file or folder at this absolute path, or a folder above it."""
        if os.path.isabs(self.pattern):
            return _match(_parts(os.path.normpath(self.pattern)), _parts(path))
        inside = path_inside(path, self.folder)
        names = _parts(path if inside is None else inside)
        name = self.pattern.rstrip("/")
        if "/" not in name and name not in (".", ".."):
            if inside is None:
                shared = takewhile(lambda pair: pair[0] == pair[1], zip(names, _parts(self.folder), strict=False))
                names = names[len(list(shared)) :]
            return any(fnmatchcase(each, name) for each in names)
        wanted = _parts(os.path.normpath(name))
        if wanted[0] == "..":
            return Glob(os.path.dirname(self.folder), "/".join([".", *wanted[1:]])).matches(path)
        return inside is not None and _match([] if wanted == ["."] else wanted, names)


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
