"""Read a whole value with the C scanner of Python's `json`, if it has none of the problems that rules report."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_SIGNIFICANT_DIGITS = 17
"""More digits than these are lost by a 64-bit float (IEEE 754 binary64)."""

_LONE_SURROGATE = re.compile(
    r"\\(?:\\u[dD][89a-fA-F]|u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|[c-fC-F](?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F])))"
)
"""The escape of half a pair of surrogates, or what may be one: a `\\u` after a backslash that may be escaped itself."""


def is_json(text: str | bytes) -> bool:
    """Whether a fast parser can read the text. It does not see repeated keys."""
    import orjson  # clean files do without

    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def significant_digits(number: str) -> int:
    """Return how many digits of a number matter, without zeros at either end.

    >>> significant_digits("-0.012300e5")
    3
    """
    mantissa = number.lower().partition("e")[0].lstrip("-").replace(".", "")
    return len(mantissa.strip("0"))


class ScannedText(str):
    """A text in which an error of the C scanner takes the same time, wherever it is.

    `JSONDecodeError` counts the lines before its position. If a long line has many errors, that takes time that grows
    with the square of its length.
    """

    __slots__ = ()

    def count(self, *_: Any) -> int:
        """Count nothing."""
        return 0

    def rfind(self, *_: Any) -> int:
        """Find nothing."""
        return -1


class _OddError(ValueError):
    """The scanner met a number or word that needs a closer look. The message is its spelling."""


def read_faultless(text: str, position: int) -> tuple[Any, int, int]:
    """Return the value that starts here, its end, and the position up to which there is no problem.

    If there is any problem, the end is -1.
    """
    try:
        value, end = _scan(text, position)
    except json.JSONDecodeError as error:
        return None, -1, error.pos
    except StopIteration as error:
        return None, -1, error.value
    except _OddError as error:
        return None, -1, text.find(str(error), position)
    except (ValueError, RecursionError):
        return None, -1, position
    if text.find("\\u", position, end) >= 0:
        surrogate = _LONE_SURROGATE.search(text, position, end)
        if surrogate is not None:
            return None, -1, surrogate.start()
    return value, end, end


def _refuse_constant(spelling: str) -> Any:
    raise _OddError(spelling)


def _plain_float(spelling: str) -> float:
    value = float(spelling)
    if (len(spelling) > MAX_SIGNIFICANT_DIGITS < significant_digits(spelling)) or value - value != 0:
        raise _OddError(spelling)
    return value


def _plain_integer(spelling: str) -> int:
    if len(spelling) > 18:
        raise _OddError(spelling)
    return int(spelling)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


_scan = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_refuse_constant,
    parse_float=_plain_float,
    parse_int=_plain_integer,
).scan_once  # type: ignore[attr-defined]
