"""Strings that hold as JSON, or as Python, what should stand there itself; for several families."""

from __future__ import annotations

import json
from typing import Any

from jsonl_lint.model import Applicability, Pointer
from jsonl_lint.repair import Replace, Unquote, Verb


def held_in(value: Any) -> Any:
    """Return what a string holds as JSON, None if it is not a string or holds no JSON."""
    if not isinstance(value, str):
        return None
    from jsonl_lint.toolcalls import parse_arguments  # few records have such strings

    return parse_arguments(value).value


def object_in(value: Any) -> dict[str, Any]:
    """Return the object that a string holds as JSON, an empty one if it holds none."""
    if not (isinstance(value, str) and value.lstrip().startswith("{")):
        return {}
    held = held_in(value)
    return held if isinstance(held, dict) else {}


def holds_objects(value: Any) -> bool:
    """Whether it is a string that holds, as JSON, an array of objects that is not empty."""
    if not (isinstance(value, str) and value.lstrip().startswith("[")):
        return False  # parsing would find out why it is no JSON, which takes longer
    return _are_objects(held_in(value))


def objects_in_python(value: Any) -> str:
    """Return as JSON the array of objects that a string holds as `str(value)` writes it, `""` if it holds none."""
    found = json_of_python(value, "[")
    return found if found and _are_objects(json.loads(found)) else ""


def json_of_python(value: Any, opening: str) -> str:
    """Return as JSON, on one line, the value that a string holds as a Python literal with this bracket, else `""`.

    It must be flawless: nobody sees what is wrong inside of a string.
    """
    if not (isinstance(value, str) and value.lstrip().startswith(opening)):
        return ""
    from jsonl_lint import jsonspan  # few records have such strings

    text = jsonspan.read_literal(value.strip())
    if text is None or not jsonspan.is_unicode(text) or jsonspan.parse(text).problems:
        return ""
    return text.replace("\r", " ").replace("\n", " ")


def decoded(value: Any, opening: str) -> tuple[Any, Applicability]:
    """Return what a string with this bracket holds, None if nothing, and how safe it is to replace it by that.

    It is safe if the string is JSON, and unsafe if it is a Python literal.
    """
    if not (isinstance(value, str) and value.lstrip().startswith(opening)):
        return None, Applicability.UNSAFE
    held = held_in(value)
    if held is not None:
        return held, Applicability.SAFE
    python = json_of_python(value, opening)
    return json.loads(python) if python else None, Applicability.UNSAFE


def decoding(place: Pointer, value: str) -> Verb:
    """Return the verb that replaces a string with something `decoded` by that."""
    if held_in(value) is not None:
        return Unquote(place)
    return Replace(place, json_of_python(value, value.lstrip()[0]))


def _are_objects(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and all([isinstance(item, dict) for item in found])
