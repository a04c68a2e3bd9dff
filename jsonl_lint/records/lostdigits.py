"""Whether a parser that turns numbers into floats may have lost digits of those in a record."""

from __future__ import annotations

import re
from typing import Any


def doubtful_number(values: list[Any]) -> int | float | None:
    """Return a number in the values that a parser may have changed: infinite or beyond 64 bits, or else a float."""
    waiting: list[Any] = [values]
    found: float | None = None
    while waiting:
        container = waiting.pop()
        for item in container.values() if type(container) is dict else container:
            kind = type(item)
            if kind is str:
                continue
            if kind is dict or kind is list:
                waiting.append(item)
            elif kind is float:
                found = float(item)
                if found - found != 0:
                    return found
            elif kind is int and not -(2**63) <= item < 2**64:
                return int(item)
    return found


def may_have_changed(values: list[Any], text: bytes) -> bool:
    """Whether the parser may have lost digits of a number in the values; `text` contains its spelling."""
    number = doubtful_number(values)
    if number is None:
        return False
    is_finite_float = type(number) is float and number - number == 0
    return not is_finite_float or (_LONG_NUMBER in text.translate(_DIGITS) and _loses_digits(text))


def _loses_digits(text: bytes) -> bool:
    """Whether the text has a decimal with more digits than a float keeps, or an integer that may exceed 64 bits."""
    from jsonl_lint.jsonspan import MAX_SIGNIFICANT_DIGITS  # few records hold such numbers

    for match in re.finditer(rb"([0-9.]{18,})([eE]?)", text):
        digits = match[1]
        if match[2] or b"." in digits:
            if len(digits.replace(b".", b"").strip(b"0")) > MAX_SIGNIFICANT_DIGITS:
                return True
        elif len(digits) > 19 or (len(digits) == 19 and digits >= b"9"):
            return True
    return False


_DIGITS = bytes(ord("0") if code in b"0123456789." else ord(" ") for code in range(256))
_LONG_NUMBER = b"0" * 18
"""What a text with a long number contains after translation by `_DIGITS`: faster than any regular expression."""
