"""Inputs: the files and URLs that paths name, opened as streams of bytes."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from jsonl_lint.errors import UnreadableInputError, reason_of
from jsonl_lint.files.compressed import COMPRESSIONS, LONGEST_MAGIC, SUFFIXES, Unpacked
from jsonl_lint.files.pieces import BUFFER_BYTES

LINE_SUFFIXES = (".jsonl", ".ndjson")
DATA_SUFFIXES = (*LINE_SUFFIXES, *(line + packed for line in LINE_SUFFIXES for packed in SUFFIXES))
"""Which files of a folder are data: how their names end."""

STDIN = "-"


def expand_paths(paths: Iterable[str]) -> Iterator[tuple[str, bool] | UnreadableInputError]:
    """The files that the arguments name, in order, and whether an argument is the file itself.

    Files are given as they are, folders walked, globs expanded; what these find is given once, and not if it is named
    itself. A folder gives its `.jsonl` and `.ndjson` files, compressed ones too, sorted, without hidden folders. In the
    place of what cannot be read stands its error.
    """
    paths = list(paths)
    given = {_identity(path) for path in paths}
    for argument in paths:
        for found in _found(argument):
            if isinstance(found, UnreadableInputError):
                yield found
            elif found == argument:
                yield found, True
            elif (identity := _identity(found)) not in given:
                given.add(identity)
                yield found, False


def _identity(path: str) -> str:
    """One text for all spellings of a path; a link is a file of its own."""
    return path if path == STDIN or is_url(path) else os.path.abspath(path)


def _found(path: str) -> Iterator[str | UnreadableInputError]:
    if path == STDIN or os.path.isfile(path):
        yield path
    elif os.path.isdir(path):
        yield from _walk(path)
    elif is_url(path):
        from jsonl_lint.files.remote import expand_url

        yield from expand_url(path, DATA_SUFFIXES)
    elif any(ch in path for ch in "*?[") and not os.path.lexists(path):
        from glob import glob

        found = sorted(glob(path, recursive=True))
        if not found:
            yield UnreadableInputError(path, "no file matches")
        for match in found:
            yield from _walk(match) if os.path.isdir(match) else (match,)
    else:
        yield path


def _walk(folder: str) -> Iterator[str | UnreadableInputError]:
    failed: list[OSError] = []
    count = 0
    for root, folders, files in os.walk(folder, onerror=failed.append):
        yield from _errors_of(failed)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            wanted = name.lower().endswith(DATA_SUFFIXES) and not name.startswith(".")
            if wanted and os.path.isfile(os.path.join(root, name)):
                count += 1
                yield os.path.join(root, name)
    yield from _errors_of(failed)
    if count == 0 and os.access(folder, os.R_OK | os.X_OK):
        yield UnreadableInputError(folder, "the folder holds no .jsonl or .ndjson file")


def _errors_of(failed: list[OSError]) -> Iterator[UnreadableInputError]:
    while failed:
        error = failed.pop(0)
        yield UnreadableInputError(str(error.filename), reason_of(error))


def open_file(path: str) -> tuple[BinaryIO, int | None]:
    """The file or URL opened for reading bytes, and its size in bytes (None for a stream).

    What is compressed is read as the stream of what it holds.

    Raises:
        UnreadableInputError: it is missing, not readable, not a file, or its compression cannot be read.
    """
    if path == STDIN:
        if sys.stdin is None:
            raise UnreadableInputError(path, "standard input is closed")
        return _unpacked(sys.stdin.buffer, None, path)
    if is_url(path):
        from jsonl_lint.files.remote import open_url

        return _unpacked(*open_url(path), path)
    handle, size = _open_local(path)
    try:
        return _unpacked(handle, size, path)
    except BaseException:
        handle.close()
        raise


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The same as a context, which closes it at its end, unless it is standard input."""
    handle, size = open_file(path)
    try:
        yield handle, size
    finally:
        if path != STDIN:
            handle.close()


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """A context in which a file is read.

    Raises:
        UnreadableInputError: an error of the system, so the file broke off half-way.
    """
    try:
        yield
    except OSError as error:
        raise UnreadableInputError(shown, reason_of(error)) from None


def _open_local(path: str) -> tuple[BinaryIO, int | None]:
    try:
        handle = open(path, "rb", buffering=BUFFER_BYTES)  # noqa: SIM115  the caller closes it
        status = os.fstat(handle.fileno())
    except OSError as error:
        raise UnreadableInputError(path, reason_of(error)) from None
    except ValueError:
        raise UnreadableInputError(path.replace("\x00", "\\0"), "not a file name") from None
    return handle, status.st_size if stat.S_ISREG(status.st_mode) else None


def _unpacked(handle: BinaryIO, size: int | None, path: str) -> tuple[BinaryIO, int | None]:
    """The same file, or what it holds if it is compressed.

    Its first bytes decide, and its name must not contradict them: what reads the file later may go by the name.
    """
    try:
        first = _first_bytes(handle)
    except OSError as error:
        raise UnreadableInputError(path, reason_of(error)) from None
    name = display_path(path).lower()
    found = next((compression for compression in COMPRESSIONS if first.startswith(compression.magic)), None)
    named = next((compression for compression in COMPRESSIONS if name.endswith(compression.suffix)), None)
    if named is not None and named is not found and not is_url(path):  # a web server may unpack what it sends
        what = f"but it is {found.name}-compressed" if found else f"but it is not {named.name}-compressed"
        raise UnreadableInputError(path, f"its name ends in {named.suffix}, {what}")
    if found is None or name.endswith((*LINE_SUFFIXES, ".json")):
        return handle, size
    return Unpacked(handle, path, found), None


def _first_bytes(handle: BinaryIO) -> bytes:
    """How the file begins; it stays where it is."""
    peek = getattr(handle, "peek", None)
    if peek is not None:
        return bytes(peek(LONGEST_MAGIC))
    if not handle.seekable():
        return b""
    first = handle.read(LONGEST_MAGIC)
    handle.seek(-len(first), os.SEEK_CUR)
    return first


def compression_of(handle: BinaryIO) -> str | None:
    """How the opened file is compressed: `gzip`, `zstd`, `bzip2`, `xz`, or None."""
    handle = getattr(handle, "handle", handle)  # copied to disk on its way
    return handle.compression if isinstance(handle, Unpacked) else None


def is_url(path: str) -> bool:
    """Whether the path is a URL (`s3://bucket/data.jsonl`) and not a file of such a name."""
    named = ":" in path and re.match(r"[A-Za-z][A-Za-z0-9+.-]+(?:::|://)", path)
    return bool(named) and not os.path.lexists(path)


def same_file(one: str, other: str) -> bool:
    """Whether two paths name one file, through links and however they are spelled, even if it is still to be made.

    What is no file, such as a stream, a device or a URL, is never the same.
    """
    if STDIN in (one, other) or is_url(one) or is_url(other):
        return False
    try:
        return os.path.samefile(one, other) and os.path.isfile(one)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)
    except ValueError:  # a NUL byte: opening it will say so
        return False


def identity(path: str | int) -> tuple[int, int] | None:
    """What a file is known by, however it is spelled; a number is that of an open one. None for what is no file."""
    try:
        found = None if path == STDIN else os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if found and stat.S_ISREG(found.st_mode) else None


STANDARD_OUTPUT = 1
"""Its number, for `identity`: a shell may have made it a file."""


def display_path(path: str) -> str:
    """The path as reports show it: `-` for standard input, forward slashes everywhere, no secrets of a URL."""
    if is_url(path):
        return _without_secrets(path)
    return path if path == STDIN or os.sep == "/" else path.replace(os.sep, "/")


def _without_secrets(url: str) -> str:
    """The URL without name and password, and without what follows the path, which may be a signature."""
    url = re.sub(r"(?<=://)[^/@]*@", "", url)
    return url.partition("#")[0].partition("?")[0] if re.match("https?://", url) else url
