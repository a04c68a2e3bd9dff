"""A temporary file for numbers that would take too much memory."""

from __future__ import annotations

from array import array
from contextlib import suppress

from jsonl_lint.errors import UserError, no_temporary_file, reason_of

NUMBER_BYTES = array("Q").itemsize


class NumberFile:
    """64-bit numbers in a temporary file, which is deleted with the last object that refers to it.

    Raises:
        UserError: no such file can be made.
    """

    def __init__(self) -> None:
        from tempfile import TemporaryFile  # slow to import, and seldom needed
        from threading import Lock

        self.size = 0
        self.lock = Lock()
        """Held between moving to a place and reading or writing there: several threads may compare with one file."""
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
        """Add numbers; return how many there were before.

        Raises:
            UserError: there is no room for them.
        """
        start = self.size
        try:
            with self.lock:
                self.file.seek(NUMBER_BYTES * start)
                self.file.write(numbers.tobytes())
                self.file.flush()
        except OSError as error:
            raise UserError(no_temporary_file(error)) from None
        self.size += len(numbers)
        return start

    def read(self, start: int, count: int) -> array[int]:
        """Return up to `count` numbers from index `start` on."""
        with self.lock:
            self.file.seek(NUMBER_BYTES * start)
            data = self.file.read(NUMBER_BYTES * count)
        return array("Q", data)
