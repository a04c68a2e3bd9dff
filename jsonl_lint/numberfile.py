"""A temporary file for numbers that would take too much memory."""

from __future__ import annotations

import os
from array import array
from contextlib import suppress

from jsonl_lint.errors import UserError, reason_of

NUMBER_BYTES = array("Q").itemsize


class NumberFile:
    """64-bit numbers in a temporary file, which is deleted with the last object that refers to it.

    Raises:
        UserError: no such file can be made.
    """

    def __init__(self) -> None:
        from tempfile import TemporaryFile  # slow to import, and seldom needed

        self.size = 0
        try:
            self.file = TemporaryFile()  # noqa: SIM115  closed below
        except OSError as error:
            raise UserError(f"no temporary file can be made: {reason_of(error)}") from None

    def __len__(self) -> int:
        return self.size

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):  # closing tries again to write what could not be written
            self.file.close()

    def append(self, numbers: array[int]) -> int:
        """Add numbers; returns how many there were before.

        Raises:
            UserError: there is no room for them.
        """
        start = self.size
        try:
            self.file.seek(0, os.SEEK_END)
            self.file.write(numbers.tobytes())
            self.file.flush()
        except OSError as error:
            from tempfile import gettempdir

            hint = "TMPDIR may name another folder"
            raise UserError(f"no temporary file can be written in {gettempdir()}: {reason_of(error)}; {hint}") from None
        self.size += len(numbers)
        return start

    def read(self, start: int, count: int) -> array[int]:
        """Up to `count` numbers from index `start` on."""
        self.file.seek(NUMBER_BYTES * start)  # another copy may be reading as well
        numbers = array("Q")
        numbers.frombytes(self.file.read(NUMBER_BYTES * count))
        return numbers
