"""Determine how a line changes the nesting of brackets, which shows whether a record goes on after it."""

import re
from functools import cache
from typing import NamedTuple

_BRACKET = r'(?s)"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[\[\]{}]'
_FLAT = r'(?s)(?:[^"\[\]{}]+|"[^"\\]*(?:\\.[^"\\]*)*")*'
_STRING_END = r'(?s)[^"\\]*(?:\\.[^"\\]*)*"'

_compiled = cache(re.compile)
"""Compiles each pattern when it is first used: few files have a record that is spread over lines."""


class Nesting(NamedTuple):
    """How a text changes the depth, the lowest depth on the way (0 or below), and whether it ends inside a string."""

    change: int
    lowest: int
    in_string: bool


_LEVEL = Nesting(0, 0, False)


def nesting(text: str, *, in_string: bool) -> Nesting:
    """Return how a line changes the nesting. `in_string`: it starts inside a string."""
    position = 0
    if in_string:
        match = _compiled(_STRING_END).match(text)
        if not match:
            return Nesting(0, 0, True)
        position = match.end()
    flat = _compiled(_FLAT).match(text, position)
    if flat and flat.end() == len(text):
        return _LEVEL
    depth = lowest = 0
    for match in _compiled(_BRACKET).finditer(text, position):
        token = match.group()
        if token in ("{", "["):
            depth += 1
        elif token in ("}", "]"):
            depth -= 1
            lowest = min(lowest, depth)
        elif len(token) < 2 or not token.endswith('"') or _escaped_end(token):
            return Nesting(depth, lowest, True)
    return Nesting(depth, lowest, False)


def _escaped_end(token: str) -> bool:
    """Whether the string's last quote is escaped, so that it does not end the string."""
    backslashes = len(token) - 1 - len(token[:-1].rstrip("\\"))
    return backslashes % 2 == 1
