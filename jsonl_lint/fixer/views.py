"""Files that are no lines of UTF-8, read as if they were: each view can be taken back exactly."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator

from jsonl_lint.errors import UnreadableInputError

_MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def mark_of(encoding: str, beginning: bytes) -> bytes:
    """The byte order mark that the file begins with, or nothing."""
    mark = _MARKS[encoding]
    return mark if beginning.startswith(mark) else b""


def transcoded(pieces: Iterable[bytes], encoding: str, mark: bytes, path: str) -> Iterator[bytes]:
    """UTF-16 or UTF-32 as UTF-8, without the mark. Half of a surrogate pair stays one, and is a finding later.

    Raises:
        UnreadableInputError: the bytes are not of this encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    skip = len(mark)
    try:
        for piece in pieces:
            yield decoder.decode(piece[skip:]).encode("utf-8", "surrogatepass")
            skip = 0
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeError:
        raise UnreadableInputError(path, f"the file is not whole {encoding.upper()} text") from None


def line_fed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A file without line feeds, with one for each carriage return."""
    for piece in pieces:
        yield piece.replace(b"\r", b"\n")


def taken_back(view: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """What makes the file's own bytes of those of a view, which is named as in a log of changes."""
    if view == "cr":
        return lambda pieces: (piece.replace(b"\n", b"\r") for piece in pieces)
    encoding, _, marked = view.partition("+")

    def encoded(pieces: Iterable[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        if marked:
            yield _MARKS[encoding]
        for piece in pieces:
            yield decoder.decode(piece).encode(encoding, "surrogatepass")
        yield decoder.decode(b"", final=True).encode(encoding, "surrogatepass")

    return encoded
