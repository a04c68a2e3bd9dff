"""Characters: decode lines of any bytes, find surrogates, convert positions to bytes, and skip white space."""

from __future__ import annotations

import re

PUNCTUATION = '"{}[]:,'
WHITESPACE = re.compile(r"[ \t\n\r]*")
_REPLACEMENT = "\ufffd"
_FEW = 4
"""Surrogates that are replaced one at a time; if there are more, one pass over the whole text is faster."""


def decode(line: bytes) -> str:
    """Return the line as text. A byte that is not UTF-8 becomes a surrogate (U+DC80…U+DCFF); `encode` reverses this."""
    return line.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes that `decode` turned into the text."""
    return text.encode("utf-8", "surrogateescape")


class ByteOffsets:
    """Converts positions in a text, in code points, to positions in its bytes. Many look-ups take linear time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known = [0]
        """The number of bytes before every `_STRIDE`th code point, as far as it was needed."""

    def at(self, position: int) -> int:
        """Return the number of bytes before the code point at this position."""
        if self.text.isascii():
            return position
        known, stride = self.known, position // _STRIDE
        while len(known) <= stride:
            end = len(known) * _STRIDE
            known.append(known[-1] + len(encode(self.text[end - _STRIDE : end])))
        return known[stride] + len(encode(self.text[stride * _STRIDE : position]))


_STRIDE = 1 << 12
"""Code points between two positions whose bytes are remembered."""


def surrogates(text: str) -> tuple[int, int]:
    """Return the position of the first surrogate, -1 if there is none, and the number of all.

    The encoder stops at the first one, and is much faster than a regular expression.
    """
    if text.isascii():
        return -1, 0
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start, len(text) - len(text.encode("utf-8", "ignore").decode())
    return -1, 0


def without_surrogates(text: str, stand_in: str = _REPLACEMENT) -> str:
    """Replace each surrogate by one character, U+FFFD by default, so that positions stay the same."""
    for _ in range(_FEW):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            text = f"{text[: error.start]}{stand_in * (error.end - error.start)}{text[error.end :]}"
        else:
            return text
    return text.translate(dict.fromkeys(range(0xD800, 0xE000), stand_in))


def is_unicode(text: str) -> bool:
    """Whether the text contains no surrogate. In a decoded line, a surrogate is a byte that is not UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def after_whitespace(text: str, position: int) -> int:
    """Return the first position, from this one on, that is not white space."""
    if text[position : position + 1] > " ":
        return position
    match = WHITESPACE.match(text, position)
    return match.end() if match else position
