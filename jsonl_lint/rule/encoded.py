"""Strings that hold as JSON what should stand there itself; for several families."""

from __future__ import annotations

from typing import Any


def held_in(value: Any) -> Any:
    """Return what a string holds as JSON, None if it is not a string or holds no JSON."""
    if not isinstance(value, str):
        return None
    from jsonl_lint.toolcalls import parse_arguments  # few records have such strings

    return parse_arguments(value).value


def holds_objects(value: Any) -> bool:
    """Whether it is a string that holds, as JSON, an array of objects that is not empty."""
    if not (isinstance(value, str) and value.lstrip().startswith("[")):
        return False  # parsing would find out why it is no JSON, which takes longer
    found = held_in(value)
    return isinstance(found, list) and bool(found) and all([isinstance(item, dict) for item in found])
