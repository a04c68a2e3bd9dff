"""Errors that users can cause and correct: one clear line, exit code 2."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from types import MappingProxyType

CHANGED = "it has changed while it was read"
"""Why a file cannot be read while something else writes to it."""

DISK_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def reason_of(error: Exception) -> str:
    """Return why something failed, as the rest of a line: in the system's words where it has some."""
    if isinstance(error, UnicodeEncodeError) or (isinstance(error, ValueError) and "embedded null" in str(error)):
        return "not a file name"
    return (getattr(error, "strerror", None) or str(error)).lower()


def no_temporary_file(error: OSError) -> str:
    """Return where no temporary file can be written, why, and what helps."""
    from tempfile import gettempdir  # slow to import, and seldom needed

    return f"no temporary file can be written in {gettempdir()}: {reason_of(error)}; TMPDIR may name another folder"


def suggestion(text: str, known: Iterable[str], titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return `; did you mean X?`, or a list of the known names. These have hyphens where people may write underscores.

    All names are suggested that have the text as one of their words, or a long text in their title.
    """
    import difflib
    import re

    from jsonl_lint.wording import enumerated

    known, text = list(known), text.lower().replace("_", "-")
    words = {name: re.findall(r"\w{4,}", titles.get(name, "").lower()) for name in known}
    close = [name for name in known if text in (*name.split("-"), *words[name])]
    close = close or difflib.get_close_matches(text, known, 1, cutoff=0.65)
    return f"; did you mean {enumerated(close)}?" if close else f"; there are: {', '.join(known)}"


class UserError(Exception):
    """Wrong use, a bad configuration or an input that cannot be read."""


class UnreadableInputError(UserError):
    """One input cannot be read; the others are still checked."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[UnreadableInputError], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class WrongUseError(UserError):
    """Options of the command line that do not go together; its help shows how they are meant."""


def internal(error: Exception) -> str:
    """Return the message for an unexpected error, with the place where it arose, maybe in a rule of another package."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" (in {at.tb_frame.f_globals.get('__name__')}, line {at.tb_lineno})" if at is not None else ""
    return f"internal error: {type(error).__name__}: {' '.join(str(error)[:300].split())}{place}"
