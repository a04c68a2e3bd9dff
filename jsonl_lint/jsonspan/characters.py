"""Lines as texts, whatever their bytes are, and what stands between the tokens of one."""

from __future__ import annotations

import re

PUNCTUATION = '"{}[]:,'
WHITESPACE = re.compile(r"[ \t\n\r]*")
_FEW = 4


def decode(line: bytes) -> str:
    """The line as text; a byte that is not UTF-8 becomes a lone surrogate U+DC80…U+DCFF and `encode` restores it."""
    return line.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` made the text from."""
    return text.encode("utf-8", "surrogateescape")


def surrogates(text: str) -> list[int]:
    """Where surrogates stand. The encoder stops at the first of them, and is much faster than a regular expression."""
    found: list[int] = []
    if text.isascii():
        return found
    position = 0
    for _ in range(_FEW):
        try:
            text[position:].encode()
        except UnicodeEncodeError as error:
            found += range(position + error.start, position + error.end)
            position += error.end
        else:
            return found
    return found + [position + match.start() for match in re.finditer("[\ud800-\udfff]", text[position:])]


def without_surrogates(text: str, found: list[int] | None = None) -> str:
    """The text with U+FFFD for each surrogate, so that positions stay what they are. `found` is where they stand."""
    if found is None:
        found = surrogates(text)
    if len(found) > _FEW:
        return re.sub("[\ud800-\udfff]", "\ufffd", text)
    for position in found:
        text = f"{text[:position]}\ufffd{text[position + 1 :]}"
    return text


def is_unicode(text: str) -> bool:
    """Whether the text holds no surrogate, as it does where a byte was not UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def match_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a match that may be empty ends."""
    match = pattern.match(text, position)
    return match.end() if match else position
