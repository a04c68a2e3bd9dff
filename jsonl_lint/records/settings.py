"""The settings of a batch request that its structure shows: endpoint, method, model, and how long the answer may be.

A record is known to be a request from its `custom_id` on. Others may have addresses or limits that are never the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REQUEST_ID = "custom_id"

SETTINGS = frozenset({"url", "method", "model", "max_tokens", "max_completion_tokens", "max_output_tokens"})
"""Keys of a request and of its body whose short texts are part of the structure, and the sizes of whose numbers."""

LONGEST_SETTING = 64
MOST_BITS = 24
"""How many bits a number has at most whose size is part of the structure."""


def is_shown(value: Any) -> bool:
    """Whether a setting is a text that is part of the structure."""
    return type(value) is str and len(value) <= LONGEST_SETTING


def size_of_number(value: Any) -> int | None:
    """Return how many bits a setting has; None if it is no whole number above 1, or too large to be a limit."""
    return value.bit_length() if type(value) is int and 1 < value < 1 << MOST_BITS else None


def shows_settings(record: Mapping[str, Any], key: str) -> bool:
    """Whether the setting at this root key of a request, or those in the object there, are part of its structure."""
    keys = list(record)
    return REQUEST_ID in record and key in record and keys.index(REQUEST_ID) < keys.index(key)


def at_most(value: Any) -> int | None:
    """Return the largest whole number that records of the same structure have in place of this one; None if any.

    0 if there is none.
    """
    if type(value) not in (int, float) or value < 1:
        return 0
    bits = size_of_number(value)
    if bits is not None:
        return (1 << bits) - 1
    return 1 if value == 1 else None if type(value) is int or value.is_integer() or value > 1e300 else 0
