"""What the exact parser notes before it goes on: kind, place and detail of a `Problem`, without its pointer."""

from __future__ import annotations

import re

Noted = tuple[str, int, int, str]

_CONTROL = re.compile(r"[\x00-\x1f]")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def trailing_comma(comma: int, closer: str) -> Noted:
    """Return what is noted of a comma before a bracket, or (without `closer`) after the record."""
    return "trailing-comma", comma, comma + 1, f"`,` before `{closer}`" if closer else "`,` after the record"


def repeated_key(before: int, start: int, end: int) -> Noted:
    """Return what is noted of a key at `start:end` that its object has `before`."""
    return "duplicate-key", start, end, f"{before},{start}"


def comment(text: str, start: int, end: int) -> Noted:
    """Return what is noted of a comment."""
    return "comment-in-json", start, end, "#" if text[start] == "#" else text[start : start + 2]


def non_finite(text: str, start: int, end: int) -> Noted:
    """Return what is noted of a word that stands for a number."""
    return "non-finite-number", start, end, text[start:end]


def raw_controls(text: str, start: int, end: int) -> Noted:
    """Return what is noted of the control characters in a string that has some from `start` on and ends at `end`."""
    found = [match.start() for match in _CONTROL.finditer(text, start, end)]
    first, more = found[0], f" and {len(found) - 1:,} more" if len(found) > 1 else ""
    return "unescaped-control-character", first, first + 1, f"U+{ord(text[first]):04X}{more}"


def halves_of_pairs(text: str, start: int, end: int) -> list[re.Match[str]]:
    """Return the escapes like `\\ud83d` without their other half in a string."""
    high = -1
    lone: list[re.Match[str]] = []
    for match in ESCAPE.finditer(text, start, end):
        code = int(match[1], 16) if match[1] else 0
        if 0xDC00 <= code <= 0xDFFF and high == match.start():
            lone.pop()
            high = -1
        elif 0xD800 <= code <= 0xDFFF:
            lone.append(match)
            high = match.end() if code < 0xDC00 else -1
    return lone


def half_pairs(lone: list[re.Match[str]]) -> Noted:
    """Return what is noted of these escapes, which are those of one string."""
    first, more = lone[0], f" and {len(lone) - 1:,} more" if len(lone) > 1 else ""
    return "lone-surrogate", first.start(), first.end(), first.group() + more
