"""Decode lines, whatever their bytes are; and what is between the tokens of a line."""

from __future__ import annotations

import re

PUNCTUATION = '"{}[]:,'
WHITESPACE = re.compile(r"[ \t\n\r]*")
_REPLACEMENT = "\ufffd"
_FEW = 4


def decode(line: bytes) -> str:
    """The line as text; a byte that is not UTF-8 becomes a lone surrogate U+DC80…U+DCFF and `encode` restores it."""
    return line.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` made the text from."""
    return text.encode("utf-8", "surrogateescape")


class ByteOffsets:
    """Where the code points of a text stand in its bytes. Many look-ups in a long text stay linear."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known = [0]
        """The bytes before each `_STRIDE` code points."""

    def at(self, position: int) -> int:
        """The bytes before a code point."""
        if self.text.isascii():
            return position
        known, stride = self.known, position // _STRIDE
        while len(known) <= stride:
            end = len(known) * _STRIDE
            known.append(known[-1] + len(encode(self.text[end - _STRIDE : end])))
        return known[stride] + len(encode(self.text[stride * _STRIDE : position]))


_STRIDE = 1 << 12


def surrogates(text: str) -> tuple[int, int]:
    """Where the first surrogate stands, -1 if there is none, and how many there are.

    The encoder stops at the first one, and is much faster than a regular expression.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start, len(text) - len(text.encode("utf-8", "ignore").decode())
    return -1, 0


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each surrogate, so that positions stay what they are."""
    for _ in range(_FEW):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            text = f"{text[: error.start]}{_REPLACEMENT * (error.end - error.start)}{text[error.end :]}"
        else:
            return text
    return text.translate(dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT))


def is_unicode(text: str) -> bool:
    """Whether the text holds no surrogate, as it does where a byte was not UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def after_whitespace(text: str, position: int) -> int:
    """Return the first position, from this one on, that is not white space."""
    match = WHITESPACE.match(text, position)
    return match.end() if match else position
