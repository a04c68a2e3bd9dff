"""Open URLs that fsspec supports (`s3://`, `gs://`, `hf://`, `https://`) as streams; any failure is one clear error."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.pieces import BUFFER_BYTES

LONGEST_REASON = 200
SILENCE_SECONDS = 120
"""How long a server on the web may send nothing. How long it takes for all of the data is its own affair."""

_WEB = ("http://", "https://")
_ANY_URL = re.compile(r"(?<=://)\S+")


def open_url(url: str) -> tuple[BinaryIO, int | None]:
    """Open the URL as a stream; return it with its size in bytes, None if that is unknown.

    Raises:
        UnreadableInputError: the URL cannot be read.
    """
    with _one_error(url):
        files, path = _file_system(url)
        # 0: one request whose answer is read as it comes, instead of one for each block
        handle = files.open(path, "rb", **({"block_size": 0} if url.startswith(_WEB) else {}))
        size = getattr(handle, "size", None)
    return io.BufferedReader(_Stream(url, handle), BUFFER_BYTES), size if isinstance(size, int) else None


def expand_url(url: str, suffixes: tuple[str, ...]) -> Iterator[str | UnreadableInputError]:
    """Yield the URLs that this one names: what matches it if it is a glob, the data files below it if it is a folder.

    On the web there are neither. If it cannot be listed, only the error is yielded.
    """
    if url.startswith(_WEB):
        yield url
        return
    try:
        with _one_error(url):
            found = _listed(url, suffixes)
    except UnreadableInputError as error:
        yield error
    else:
        yield from found


def _listed(url: str, suffixes: tuple[str, ...]) -> list[str]:
    files, path = _file_system(url)
    if any(ch in path for ch in "*?[") and not files.exists(path):
        found = sorted(files.glob(path))
        if not found:
            raise UnreadableInputError(url, "no file matches")
    elif files.isdir(path):
        found = sorted(name for name in files.find(path) if name.lower().endswith(suffixes))
        if not found:
            raise UnreadableInputError(url, "the folder holds no .jsonl or .ndjson file")
    else:
        return [url]
    return [files.unstrip_protocol(name) for name in found]


def _file_system(url: str) -> tuple[Any, str]:
    """Return the file system that can open and list the URL, and the name that the URL has there."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UnreadableInputError(url, "to read URLs: pip install 'jsonl-lint[remote]'") from None
    scheme = url.partition("://")[0]
    try:
        files, path = url_to_fs(url, **(_patience(scheme) if url.startswith(_WEB) else {}))
    except ImportError:
        raise UnreadableInputError(url, f"to read {scheme}:// URLs: pip install 'jsonl-lint[remote]'") from None
    except ValueError as error:
        if not str(error).startswith("Protocol not known"):
            raise
        known = "there are s3://, gs://, hf://, https:// and others that fsspec knows"
        raise UnreadableInputError(url, f"no URL begins with {scheme}://; {known}") from None
    return files, path


def _patience(scheme: str) -> dict[str, Any]:
    """Return options without which an answer would be given up after five minutes.

    What the user has configured for this kind of URL wins.
    """
    from aiohttp import ClientTimeout
    from fsspec.config import conf

    timeout = ClientTimeout(total=None, sock_connect=SILENCE_SECONDS, sock_read=SILENCE_SECONDS)
    return {"client_kwargs": {"timeout": timeout, **conf.get(scheme, {}).get("client_kwargs", {})}}


class _Stream(io.RawIOBase):
    """The open file, with errors of our own: those of fsspec's file systems have nothing in common."""

    def __init__(self, url: str, handle: Any) -> None:
        self.url = url
        self.handle = handle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _one_error(self.url):
            data = self.handle.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the connection, too."""
        if not self.closed:
            super().close()
            self.handle.close()


@contextmanager
def _one_error(url: str) -> Iterator[None]:
    """Turn any error into an `UnreadableInputError`."""
    try:
        yield
    except UnreadableInputError:
        raise
    except Exception as error:  # each file system raises what its own library raises
        raise UnreadableInputError(url, _reason(error)) from None


def _reason(error: Exception) -> str:
    """Return the error in a few words, without URLs, which may contain a signature.

    An answer that the client cannot read has a status as well, and a message that ends with what it could not read.
    """
    if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # on the web, whatever goes wrong before the first byte is "not found"
    status = getattr(error, "status", None)
    if isinstance(status, int) and status and error.__cause__ is None:
        return f"the server answers with status {status}"
    if isinstance(error, FileNotFoundError):
        return "not found"
    if isinstance(error, PermissionError):
        return "permission denied"
    said = str(error) if status is None else str(getattr(error, "message", "")).partition(":")[0]
    words = _ANY_URL.sub("…", " ".join(said.split()))[:LONGEST_REASON]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
