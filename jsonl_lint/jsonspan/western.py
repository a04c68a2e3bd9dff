"""Whether the bytes of a line that are not UTF-8 look like Windows-1252, or like the encoding of another script."""

from __future__ import annotations

import re

_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as `decode` gives it."""

_UNKNOWN = re.compile("[\udc81\udc8d\udc8f\udc90\udc9d]")
"""Bytes that mean nothing in Windows-1252."""

_IN_A_ROW = re.compile("[\udc80-\udcff\u0180-\u1fff\u2e80-\ud7ff]{3,}")
"""Three such bytes in a row. Some pairs of bytes happen to be UTF-8, of characters that Western text hardly has."""

_LETTER = re.compile("[\udcc0-\udcff]")
"""In Windows-1252, all of these but two are letters. Lower bytes are mostly signs, which may well stand in a row."""

_JAPANESE = re.compile("[\udc82\udc83]")
"""Shift-JIS writes kana with one of these and, often, an ASCII character. In Windows-1252 they are rare."""


def may_be_windows_1252(text: str) -> bool:
    """Whether the bytes in a line that are not UTF-8 may be Western European letters and signs.

    These stand alone among ASCII letters. Letters of other scripts take two bytes each, or follow each other.
    """
    found = "".join(_BYTE.findall(text))
    if _UNKNOWN.search(found):
        return False
    rows = [run[0] for run in _IN_A_ROW.finditer(text) if _LETTER.search(run[0])]
    strange = sum([len(_BYTE.findall(row)) for row in rows])
    return 2 * max(strange, len(_JAPANESE.findall(found))) <= len(found)
