"""Files that are there only when they are whole: a hidden one beside them is written, synced, and takes their place."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import BinaryIO, cast

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.inputs import STDIN
from jsonl_lint.files.packing import Packed

SUFFIX = ".jsonl-lint-partial"

LONGEST_NAME = 200
"""Bytes of a file's name that its hidden neighbour keeps: file systems take 255."""


class Replacement:
    """What will be at `path`: `handle` takes the bytes, `commit` puts them there, `discard` leaves all as it was.

    The hidden file has a fixed name, so one that a killed run has left behind is taken over by the next. A link is
    followed; mode and, where allowed, owner stay. Standard output (`-`) and devices are written to directly. With a
    `compression`, what `handle` takes is compressed.

    Raises:
        UserError: the folder cannot be written to, another run is at work on the same file, or what compresses is not
            installed.
    """

    def __init__(self, path: str, compression: str | None = None) -> None:
        self.shown = path
        self.packed: Packed | None = None
        self.target = os.path.realpath(path)
        self.partial: str | None = None
        try:
            if path == STDIN:
                if sys.stdout is None:
                    raise UserError("standard output is closed")
                self.handle: BinaryIO = sys.stdout.buffer
            elif os.path.exists(path) and not os.path.isfile(path):  # a pipe's own name leads nowhere
                self.handle = open(path, "wb")  # noqa: SIM115  closed by commit or discard
            else:
                folder, name = os.path.split(self.target)
                self.partial = os.path.join(folder, f".{_shortened(name)}{SUFFIX}")
                self.handle = self._open_partial(self.partial)
        except OSError as error:
            raise UserError(f"{path}: cannot be written: {reason_of(error)}") from None
        self.file = self.handle
        if compression is not None:
            try:
                self.packed = Packed(self.file, path, compression)
            except UserError:
                self.discard()
                raise
            self.handle = cast("BinaryIO", self.packed)

    def _open_partial(self, partial: str) -> BinaryIO:
        """Open and lock the hidden file. It may have become the target meanwhile: then it is not ours to write."""
        while True:
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            try:
                if not _lock(descriptor):
                    raise UserError(f"{self.shown}: another run is writing it")
                if _is_still_there(descriptor, partial):
                    os.ftruncate(descriptor, 0)
                    _take_over(descriptor, self.target)
                    return os.fdopen(descriptor, "wb", buffering=1 << 18)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def commit(self) -> None:
        """Everything is written: make it last, and put it in its place.

        Raises:
            UserError: the disk is full, or the file cannot be put there.
        """
        try:
            if self.packed is not None:
                self.packed.finish()
            self.file.flush()
            if self.partial is None:
                if self.shown != STDIN:
                    self.file.close()
                return
            os.fsync(self.file.fileno())
            os.replace(self.partial, self.target)
            self.file.close()
            _sync_folder(os.path.dirname(self.target))
        except OSError as error:
            self.discard()
            raise UserError(f"{self.shown}: cannot be written: {reason_of(error)}") from None

    def discard(self) -> None:
        """Leave the target as it was, and nothing beside it."""
        if self.partial is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.partial)
            with contextlib.suppress(OSError):
                self.file.close()
        elif self.shown != STDIN:
            with contextlib.suppress(OSError):
                self.file.close()


class Appended:
    """A log that grows at its end, so that nothing of an earlier run is lost; `discard` takes back what was added.

    Raises:
        UserError: it cannot be written to.
    """

    def __init__(self, path: str) -> None:
        self.shown = path
        try:
            self.handle: BinaryIO = open(path, "ab")  # noqa: SIM115  closed by commit or discard
            self.size = self.handle.seek(0, os.SEEK_END)
            if self.size and not _ends_a_line(path):
                self.handle.write(b"\n")
        except OSError as error:
            raise UserError(f"{path}: cannot be written: {reason_of(error)}") from None

    def commit(self) -> None:
        """Make it last.

        Raises:
            UserError: the disk is full.
        """
        try:
            self.handle.flush()
            if os.path.isfile(self.shown):
                os.fsync(self.handle.fileno())
            self.handle.close()
        except OSError as error:
            self.discard()
            raise UserError(f"{self.shown}: cannot be written: {reason_of(error)}") from None

    def discard(self) -> None:
        """As it was before."""
        with contextlib.suppress(OSError):
            self.handle.close()
        if os.path.isfile(self.shown):
            with contextlib.suppress(OSError):
                os.truncate(self.shown, self.size) if self.size else os.unlink(self.shown)


def _ends_a_line(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def same_file(first: str, second: str) -> bool:
    """Whether two paths name one file, through links and however they are spelled. A stream is no file."""
    if STDIN in (first, second):
        return False
    if os.path.exists(first) and os.path.exists(second):
        return os.path.samefile(first, second) and os.path.isfile(first)
    return os.path.realpath(first) == os.path.realpath(second)


def _shortened(name: str) -> str:
    return os.fsdecode(os.fsencode(name)[:LONGEST_NAME])


def _lock(descriptor: int) -> bool:
    """Take the file for this process; True as well where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_still_there(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _take_over(descriptor: int, target: str) -> None:
    """Give the new file the mode and owner of the one that it replaces, as far as the system lets us."""
    try:
        status = os.stat(target)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
        return
    with contextlib.suppress(OSError, AttributeError):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    with contextlib.suppress(OSError, AttributeError):
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _sync_folder(folder: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
