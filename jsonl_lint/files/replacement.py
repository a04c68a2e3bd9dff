"""Replace files atomically: write a hidden file in the same folder, sync it, and rename it at the end."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from jsonl_lint.errors import UserError, reason_of
from jsonl_lint.files.inputs import display_path, is_standard_output, is_url
from jsonl_lint.files.packing import Packed
from jsonl_lint.files.pieces import BUFFER_BYTES
from jsonl_lint.wording import printable

SUFFIX = ".jsonl-lint-partial"

LONGEST_NAME = 200
"""Bytes of a file's name that its hidden neighbour keeps: file systems take 255."""


class WrittenElsewhereError(UserError):
    """Another run is at work on the same file."""


class Replacement:
    """What will be at `path`: `handle` takes the bytes, `commit` puts them there, `discard` leaves all as it was.

    As a context it hands out `handle`, and commits at the end, or discards if something fails before.

    The hidden file has a fixed name, so one that a killed run has left behind is taken over by the next. A link is
    followed; mode and, where allowed, owner stay. Standard output and devices are written to directly. With a
    `compression`, what `handle` takes is compressed. `failure` is how an error goes on after the path.

    Raises:
        UserError: the folder cannot be written to, another run is at work on the same file, or what compresses is not
            installed.
    """

    def __init__(self, path: str, compression: str | None = None, failure: str = "cannot be written") -> None:
        self.shown = path
        self.to_stdout = is_standard_output(path)
        self.failure = failure
        self.packed: Packed | None = None
        self.partial: str | None = None
        self.locked = False
        if not path:
            raise UserError(f"'': {failure}: an empty name; is a variable of the shell not set?")
        if path.endswith(os.sep) and not os.path.isdir(path):
            raise UserError(f"{path}: {failure}: no such folder")
        try:
            self.target = os.path.realpath(path)
            self.file = self._opened()
        except (OSError, ValueError) as error:
            if is_url(path):
                raise UserError(f"{display_path(path)}: {failure}: it is a URL; only local files are written") from None
            raise not_written(path, failure, error) from None
        self.handle: BinaryIO = self.file
        if compression is not None:
            try:
                self.packed = Packed(self.file, path, compression)
            except BaseException:
                self.discard()
                raise
            self.handle = cast("BinaryIO", self.packed)

    def __enter__(self) -> BinaryIO:
        return self.handle

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    def _opened(self) -> BinaryIO:
        if self.to_stdout:
            if sys.stdout is None:
                raise UserError("standard output is closed")
            return cast("BinaryIO", NamedStream(sys.stdout.buffer, self.shown, self.failure))
        if os.path.exists(self.shown) and not os.path.isfile(self.shown):  # a pipe's own name leads nowhere
            return io.BufferedWriter(NamedFile(self.shown, "wb", self.shown, self.failure))
        folder, name = os.path.split(self.target)
        self.partial = os.path.join(folder, f".{_shortened(name)}{SUFFIX}")
        descriptor = -1
        try:
            descriptor = self._open_partial(self.partial)
            return io.BufferedWriter(NamedFile(descriptor, "wb", self.shown, self.failure), BUFFER_BYTES)
        except BaseException:  # such as Ctrl-C
            if descriptor >= 0:
                os.close(descriptor)
            _remove_unless_taken(self.partial)
            raise

    def _open_partial(self, partial: str) -> int:
        """Open and lock the hidden file. It may have become the target meanwhile: then it is not ours to write."""
        while True:
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            try:
                self.locked = _lock(descriptor)
                if _is_still_there(descriptor, partial):
                    os.ftruncate(descriptor, 0)
                    _take_over(descriptor, self.target)
                    return descriptor
            except BlockingIOError:
                os.close(descriptor)
                raise WrittenElsewhereError(f"{self.shown}: another run is writing it") from None
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def commit(self) -> None:
        """Make the file last, since everything is written, and put it in its place.

        Raises:
            UserError: the disk is full, or the file cannot be put there.
        """
        with named_errors(self.shown, self.failure):
            try:
                if self.packed is not None:
                    self.packed.finish()
                self.file.flush()
                if self.partial is not None:
                    self._put_in_place(self.partial)
                elif not self.to_stdout:
                    self.file.close()
            except BaseException:
                self.discard()
                raise

    def _put_in_place(self, partial: str) -> None:
        os.fsync(self.file.fileno())
        if not self.locked:  # as on Windows, where an open file cannot be renamed
            self.file.close()
        os.replace(partial, self.target)
        self.file.close()
        _sync_folder(os.path.dirname(self.target))

    def discard(self) -> None:
        """Leave the target as it was, and nothing beside it."""
        if not self.locked:
            self._close()
        if self.partial is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.partial)
        self._close()

    def _close(self) -> None:
        if not self.to_stdout:
            with contextlib.suppress(OSError, UserError):
                self.file.close()


class NamedFile(io.FileIO):
    """A file to write to, with its own name in the error: several are often written at once."""

    def __init__(self, file: str | int, mode: str, shown: str, failure: str) -> None:
        super().__init__(file, mode)
        self.shown = shown
        self.failure = failure

    def write(self, data: Any, /) -> int:
        """Write what fits, as any file does."""
        with named_errors(self.shown, self.failure):
            return super().write(data)


class NamedStream:
    """Standard output, with its own name in the error: what is written to it may come from a file that fails, too."""

    def __init__(self, stream: BinaryIO, shown: str, failure: str) -> None:
        self.stream = stream
        self.shown = shown
        self.failure = failure

    def write(self, data: bytes) -> int:
        """Write everything."""
        with named_errors(self.shown, self.failure):
            return self.stream.write(data)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write all of them."""
        with named_errors(self.shown, self.failure):
            self.stream.writelines(lines)

    def flush(self) -> None:
        """Write what is held."""
        with named_errors(self.shown, self.failure):
            self.stream.flush()


@contextlib.contextmanager
def named_errors(shown: str, failure: str) -> Iterator[None]:
    """Name the file in the error if it cannot be written. A closed pipe is left to the caller."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise not_written(shown, failure, error) from None


def not_written(shown: str, failure: str, error: Exception) -> UserError:
    """Return why a file was not written, in the words of whoever wants it."""
    return UserError(f"{printable(shown)}: {failure}: {reason_of(error)}")


def _shortened(name: str) -> str:
    return os.fsdecode(os.fsencode(name)[:LONGEST_NAME])


def _lock(descriptor: int) -> bool:
    """Take the file for this process; False where the system or its file system has no such locks.

    Raises:
        BlockingIOError: another process has it.
    """
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _remove_unless_taken(path: str) -> None:
    """Remove a hidden file, unless another process is at work on it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        try:
            _lock(descriptor)
            os.unlink(path)
        finally:
            os.close(descriptor)


def _is_still_there(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _take_over(descriptor: int, target: str) -> None:
    """Give the new file the mode and owner of the one that it replaces, as far as the system lets us."""
    with contextlib.suppress(OSError, AttributeError):
        try:
            status = os.stat(target)
        except FileNotFoundError:
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(descriptor, 0o666 & ~mask)
            return
        with contextlib.suppress(OSError):
            os.fchown(descriptor, status.st_uid, status.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _sync_folder(folder: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
