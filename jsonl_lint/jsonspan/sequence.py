"""Find the values of a text that holds several, and the value of each of several equal keys."""

from __future__ import annotations

import re
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6

from jsonl_lint.jsonspan.document import JsonSyntaxError
from jsonl_lint.jsonspan.parser import Parser
from jsonl_lint.jsonspan.places import scan

_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")


@lru_cache(maxsize=1)  # a line is asked about twice: whether it can be repaired, and how
def gaps(text: str) -> tuple[tuple[int, int], ...]:
    """Return the places between the values of a text that holds several objects or arrays.

    Between them are only commas and white space. If anything else follows a value, or a value has no plausible reading,
    nothing is returned: on a line of its own, such a part might go on in the line after it.
    """
    found: list[tuple[int, int]] = []
    parser = Parser(text)
    position = 0
    while True:
        try:
            end = _end_of_value(parser, position)
        except JsonSyntaxError:
            return ()
        position = end
        while text[position : position + 1] in (",", " ", "\t", "\r", "\n"):
            position += 1
        if position == len(text):
            return tuple(found)
        if text[position] not in "{[":
            return ()
        found.append((end, position))


def _end_of_value(parser: Parser, position: int) -> int:
    """Return where the value ends that begins here. The C scanner tells it, up to the first value that it rejects."""
    if parser.scanned is parser.text:
        try:
            end: int = scan(parser.text, position)[1]
            if not parser.may_be_too_deep(position, end):
                return end
        except (ValueError, StopIteration, RecursionError):
            parser.expect_more_errors()
    end = parser.tree(position).end
    parser.whole.clear()  # or the values of all would be held at once
    return end


@lru_cache(maxsize=1)  # of many equal keys, each asks for the first one's value
def member_value(text: str, key: int) -> tuple[int, int] | None:
    """Return the place of the value whose key begins at `key`, None if the C scanner cannot read it."""
    try:
        start = _COLON.match(text, scanstring(text, key + 1, False)[1])
        return (start.end(), scan(text, start.end())[1]) if start else None
    except (ValueError, StopIteration, RecursionError):
        return None


def member_with_comma(text: str, key: int) -> tuple[int, int] | None:
    """Return the place of the member whose key begins at `key`, with the comma after it; None as in `member_value`."""
    value = member_value(text, key)
    comma = _COMMA.match(text, value[1]) if value else None
    return (key, comma.end()) if comma else None


def comma_with_member(text: str, key: int) -> tuple[int, int] | None:
    """Return the place of the member whose key begins at `key`, with the comma before it; None as in `member_value`."""
    value, start = member_value(text, key), key
    while start and text[start - 1] in ", \t\n\r":
        start -= 1
    return (start, value[1]) if value and "," in text[start:key] else None
