"""Strings that hold as JSON what should stand there itself; for several families."""

from __future__ import annotations

from typing import Any


def holds_objects(value: Any, *keys: str) -> bool:
    """Whether it is a string that holds, as JSON, an array of objects that is not empty; each object has these keys."""
    if not isinstance(value, str):
        return False
    from jsonl_lint.toolcalls import parse_arguments  # few records have such strings

    found = parse_arguments(value).value
    return (
        isinstance(found, list)
        and bool(found)
        and all([isinstance(item, dict) and item.keys() >= set(keys) for item in found])
    )
