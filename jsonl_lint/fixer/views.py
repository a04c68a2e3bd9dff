"""Views: read files that are not lines of UTF-8 as if they were. Each view can be reversed exactly."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.head import BOMS

_TRANSCODED = [encoding for encoding in BOMS if encoding != "utf-8-sig"]

VIEWS = ("cr", *_TRANSCODED, *(f"{encoding}+mark" for encoding in _TRANSCODED))
"""The views by their names in a log of changes; `+mark` means that the file begins with a byte order mark."""

_UTF8_RECORD = re.compile(rb'\n\x00{0,3}\{ ?"[ -~]{8}')
"""How a line of UTF-8 begins that was appended: in UTF-16 this would be text of rare characters."""

_RECORD_BYTES = 15


def bom_of(encoding: str, beginning: bytes) -> bytes:
    """Return the byte order mark that the file begins with, or b""."""
    bom = BOMS[encoding]
    return bom if beginning.startswith(bom) else b""


def transcoded(pieces: Iterable[bytes], encoding: str, bom: bytes, path: str) -> Iterator[bytes]:
    """Convert UTF-16 or UTF-32 to UTF-8, without its byte order mark. Lone surrogates stay, and become findings later.

    Raises:
        UnreadableInputError: the bytes are not in this encoding, or some records are UTF-8.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    skip = len(bom)
    before = b""
    try:
        for piece in pieces:
            if _UTF8_RECORD.search(before + piece):
                raise UnreadableInputError(path, f"the file is {encoding.upper()} text in part, and UTF-8 in part")
            before = piece[-_RECORD_BYTES:]
            yield decoder.decode(piece[skip:]).encode("utf-8", "surrogatepass")
            skip = 0
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeError:
        raise UnreadableInputError(path, f"the file is not whole {encoding.upper()} text") from None


def line_fed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Replace each carriage return by a line feed, in a file that has none."""
    for piece in pieces:
        yield piece.replace(b"\r", b"\n")


def taken_back(view: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """Return what turns the bytes of a view, named as in a log of changes, back into those of the file."""
    if view == "cr":
        return lambda pieces: (piece.replace(b"\n", b"\r") for piece in pieces)
    encoding, _, marked = view.partition("+")

    def encoded(pieces: Iterable[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        if marked:
            yield BOMS[encoding]
        for piece in pieces:
            yield decoder.decode(piece).encode(encoding, "surrogatepass")
        yield decoder.decode(b"", final=True).encode(encoding, "surrogatepass")

    return encoded
