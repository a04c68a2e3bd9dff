"""Find the files and URLs that arguments name, and open them as streams of bytes."""

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from jsonl_lint.errors import DISK_FULL, UnreadableInputError, no_temporary_file, reason_of
from jsonl_lint.files.compressed import COMPRESSIONS, LONGEST_MAGIC, SUFFIXES, Unpacked
from jsonl_lint.files.pieces import BUFFER_BYTES

LINE_SUFFIXES = (".jsonl", ".ndjson")
DATA_SUFFIXES = (*LINE_SUFFIXES, *(line + packed for line in LINE_SUFFIXES for packed in SUFFIXES))
"""How the names of those files end that are checked when a folder is given."""

STDIN = "-"

Path = str | os.PathLike[str]
"""How callers name files."""

PassesOver = Callable[[str, str], bool]
"""Whether a file or folder, to which an argument has led, is left out; the argument may be the path itself."""


def nothing_passed_over(_found: str, _argument: str) -> bool:
    """Leave nothing out."""
    return False


def expand_paths(
    paths: Iterable[str], passes_over: PassesOver = nothing_passed_over
) -> Iterator[str | UnreadableInputError]:
    """Yield the files that the arguments name, in order.

    Folders are walked and globs expanded; folders that are passed over are not entered. A file that is named or found
    several times is yielded once: where it is named explicitly, if it is. A folder means its `.jsonl` and `.ndjson`
    files, also compressed ones, sorted, without hidden or linked folders. For what cannot be read there is one error.
    """
    arguments: dict[str, str] = {}
    for path in paths:
        arguments.setdefault(_identity(path), path)
    given = set(arguments)
    for argument in arguments.values():
        for found in _expand(argument, passes_over):
            if isinstance(found, str) and passes_over(found, argument):
                continue
            name = found if isinstance(found, str) else found.path
            if name != argument:
                identity = _identity(name)
                if identity in given:
                    continue
                given.add(identity)
            yield found


def _identity(path: str) -> str:
    """Return the same string for all spellings of a path. Links are not followed, unless a `..` is behind one."""
    if path in ("", STDIN) or is_url(path) or (path.endswith(os.sep) and not os.path.isdir(path)):
        return path
    return os.path.realpath(path) if os.pardir in path.split(os.sep) else os.path.abspath(path)


def _expand(path: str, passes_over: PassesOver) -> Iterator[str | UnreadableInputError]:
    if path == STDIN or os.path.isfile(path):
        yield path
    elif os.path.isdir(path):
        yield from _walk(path, path, passes_over)
    elif is_url(path):
        from jsonl_lint.files.remote import expand_url

        yield from expand_url(path, DATA_SUFFIXES)
    elif any(ch in path for ch in "*?[") and not os.path.lexists(path):
        from jsonl_lint.files.globs import matches_of

        matches, locked = matches_of(path)
        locked = [folder for folder in locked if not passes_over(folder, path)]
        yield from (UnreadableInputError(folder, "permission denied") for folder in locked)
        if not matches and not locked:
            yield UnreadableInputError(path, "no file matches")
        for match in matches:
            yield from _walk(match, path, passes_over) if os.path.isdir(match) else (match,)
    else:
        yield path


def _walk(folder: str, argument: str, passes_over: PassesOver) -> Iterator[str | UnreadableInputError]:
    if folder != argument and passes_over(folder, argument):
        return
    failed: list[OSError] = []
    count = 0
    for root, folders, files in os.walk(folder, onerror=failed.append):
        yield from _errors_of(failed)
        seen = sorted(name for name in folders if not name.startswith("."))
        folders[:] = [name for name in seen if not passes_over(os.path.join(root, name), argument)]
        count += len(seen) - len(folders)  # what is in them is not missing
        for name in sorted(files):
            path = os.path.join(root, name)
            wanted = name.lower().endswith(DATA_SUFFIXES) and not name.startswith(".")
            if wanted and (os.path.isfile(path) or not os.path.exists(path)):  # opening a link to nothing says so
                count += 1
                yield path
    yield from _errors_of(failed)
    if count == 0 and os.access(folder, os.R_OK | os.X_OK):
        yield UnreadableInputError(folder, "the folder holds no .jsonl or .ndjson file")


def _errors_of(failed: list[OSError]) -> Iterator[UnreadableInputError]:
    while failed:
        error = failed.pop(0)
        yield UnreadableInputError(str(error.filename), reason_of(error))


def open_file(path: str, buffer_bytes: int = BUFFER_BYTES) -> tuple[BinaryIO, int | None]:
    """Open a file or URL for reading bytes; return it with its size in bytes (None for a stream).

    Compressed files are opened as decompressed streams. Each jump in a local file reads `buffer_bytes`.

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
    handle, size = _open_local(path, buffer_bytes)
    try:
        return _unpacked(handle, size, path)
    except BaseException:
        handle.close()
        raise


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open it as a context manager, which closes everything but standard input."""
    handle, size = open_file(path)
    try:
        yield handle, size
    finally:
        if path != STDIN:
            handle.close()


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """Return a context manager for code that reads a file.

    Raises:
        UnreadableInputError: reading failed half-way with an operating system error.
    """
    try:
        yield
    except OSError as error:
        raise not_read(shown, error) from None


def state_of(path: str) -> tuple[int, int, int, int]:
    """Return what differs once something else has written to the file, or has put another one in its place."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def not_read(shown: str, error: OSError) -> UnreadableInputError:
    """Explain an error half-way. Reading fills no disk, so one that is full is that of the temporary files."""
    return UnreadableInputError(shown, no_temporary_file(error) if error.errno in DISK_FULL else reason_of(error))


def _open_local(path: str, buffer_bytes: int) -> tuple[BinaryIO, int | None]:
    if not path:
        raise UnreadableInputError("''", "an empty name; is a variable of the shell not set?")
    try:
        handle = open(path, "rb", buffering=buffer_bytes)  # noqa: SIM115  the caller closes it
        status = os.fstat(handle.fileno())
    except (OSError, ValueError) as error:
        raise UnreadableInputError(path.replace("\0", "\\0"), reason_of(error)) from None
    return handle, status.st_size if stat.S_ISREG(status.st_mode) else None


def _unpacked(handle: BinaryIO, size: int | None, path: str) -> tuple[BinaryIO, int | None]:
    """Return the file, decompressed if necessary.

    Its first bytes decide, but its name must not contradict them, since other programs may go by the name.
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
    """Return the file's first bytes without moving its position."""
    peek = getattr(handle, "peek", None)
    if peek is not None:
        return bytes(peek(LONGEST_MAGIC))
    if not handle.seekable():
        return b""
    first = handle.read(LONGEST_MAGIC)
    handle.seek(-len(first), os.SEEK_CUR)
    return first


def compression_of(handle: BinaryIO) -> str | None:
    """Return how the open file is compressed: `gzip`, `zstd`, `bzip2`, `xz`, or None."""
    handle = getattr(handle, "handle", handle)  # a `Spool`
    return handle.compression if isinstance(handle, Unpacked) else None


def is_url(path: str) -> bool:
    """Whether the path is a URL (`s3://b/data.jsonl`, `simplecache::s3://b/data.jsonl`) and no file of such a name."""
    named = ":" in path and re.match(r"(?:[A-Za-z][A-Za-z0-9+-]+::)*[A-Za-z][A-Za-z0-9+.-]+://", path)
    return bool(named) and not os.path.lexists(path)


def same_file(one: str, other: str) -> bool:
    """Whether two paths name the same file, also through links, and even if it does not exist yet.

    Streams, devices and URLs are never the same file.
    """
    if STDIN in (one, other) or is_url(one) or is_url(other):
        return False
    try:
        if os.path.exists(one) and os.path.exists(other):
            return os.path.samefile(one, other) and os.path.isfile(one)
        return os.path.realpath(one) == os.path.realpath(other)
    except (OSError, ValueError):  # such as a NUL byte: opening it will say so
        return False


def identity(path: str | int) -> tuple[int, int] | None:
    """Return what identifies a file, however its path is spelled; a number is an open one. None if it is not a file."""
    try:
        found = None if path == STDIN else os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if found and stat.S_ISREG(found.st_mode) else None


def source_identity(path: str) -> tuple[int, int] | None:
    """Return the identity of an input, which may be the file that standard input comes from."""
    return identity(STANDARD_INPUT if path == STDIN else path)


def path_inside(path: str, folder: str) -> str | None:
    """Return the path of a file from a folder that it is in, "" for the folder itself, None if it is elsewhere.

    Both are absolute. The file is in the folder, too, if links lead from one to the other; it may be a link itself.
    """
    found = _below(path, folder)
    if found is not None or "\0" in path:
        return found
    above, name = os.path.split(path)
    return _below(os.path.join(os.path.realpath(above), name), os.path.realpath(folder))


def _below(path: str, folder: str) -> str | None:
    whole, start = os.path.join(path, ""), os.path.join(folder, "")
    return whole[len(start) : -1] if os.path.normcase(whole).startswith(os.path.normcase(start)) else None


def short_path(path: str) -> str:
    """Return an absolute path as users see it who are in the current folder, if the file is in it."""
    try:
        inside = path_inside(path, os.getcwd()) if os.path.isabs(path) else None
    except OSError:  # the folder is gone
        inside = None
    return inside or path


STANDARD_INPUT, STANDARD_OUTPUT = 0, 1
"""Their numbers, for `identity`: a shell may have made them files."""


def is_standard_output(path: str | None) -> bool:
    """Whether an output is standard output, `-` or by its own name: behind that may be a file that is appended to."""
    return path in (STDIN, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def display_path(path: str) -> str:
    """Return the path as reports show it: with forward slashes, and without the secrets of a URL."""
    if is_url(path):  # whose query may be a signature
        url = re.sub(r"(?<=://)[^/@]*@", "", path)
        return url.partition("#")[0].partition("?")[0] if re.match("https?://", url) else url
    return path if path == STDIN or os.sep == "/" else path.replace(os.sep, "/")
