"""Append to a log so that the addition can be discarded again."""

from __future__ import annotations

import contextlib
import io
import os
from typing import BinaryIO

from jsonl_lint.errors import UserError
from jsonl_lint.files.replacement import NamedFile, not_written

FAILURE = "cannot be written"


class Appended:
    """A log that is appended to, so that those of earlier runs are kept; `discard` removes what was added.

    Raises:
        UserError: it cannot be written to.
    """

    def __init__(self, path: str) -> None:
        self.shown = path
        try:
            self.handle: BinaryIO = io.BufferedWriter(NamedFile(path, "ab", path, FAILURE))
            self.size = self.handle.seek(0, os.SEEK_END)
            if self.size and not _ends_a_line(path):
                self.handle.write(b"\n")
        except OSError as error:
            raise not_written(path, FAILURE, error) from None

    def commit(self) -> None:
        """Sync the log to disk and close it.

        Raises:
            UserError: the disk is full.
        """
        try:
            self.handle.flush()
            if os.path.isfile(self.shown):
                os.fsync(self.handle.fileno())
            self.handle.close()
        except BaseException as error:
            self.discard()
            if isinstance(error, OSError):
                raise not_written(self.shown, FAILURE, error) from None
            raise

    def discard(self) -> None:
        """Restore the log as it was before."""
        with contextlib.suppress(OSError, UserError):
            self.handle.close()
        if os.path.isfile(self.shown):
            with contextlib.suppress(OSError):
                os.truncate(self.shown, self.size) if self.size else os.unlink(self.shown)


def _ends_a_line(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
