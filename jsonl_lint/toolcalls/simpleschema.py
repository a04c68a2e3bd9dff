"""Check and run schemas with only a few plain keywords, as most tools have, without a library.

Importing the library takes a third of the time of checking ten records. Schemas with other keywords are left to it, and
so is any value that is not certain to be valid. Property tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MOST_SCHEMAS = 49
"""A schema with more subschemas is not simple: one in another in another, they are nested 100 levels deep at most."""

MOST_NAMES = 90
"""How many names `required` and `enum` may have; so a simple schema has less than 10,000 values."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def is_simple(schema: Any) -> bool:
    """Whether it is small and has only plain keywords with correct values: a schema in every draft from 6 on.

    It contains no references or patterns.
    """
    found = [schema]
    for part in found:  # which grows
        if type(part) is not dict or len(found) > MOST_SCHEMAS:
            return False
        for keyword, value in part.items():
            is_right = _KEYWORDS.get(keyword)
            if is_right is None or not is_right(value):
                return False
        if "properties" in part:
            found += part["properties"].values()
        if "items" in part:
            found.append(part["items"])
    return True


def _is_type(value: Any) -> bool:
    return type(value) is str and value in _TYPES


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_bound(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _is_object(value: Any) -> bool:
    return type(value) is dict


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_plain(value: Any) -> bool:
    return not value or (type(value) is not dict and type(value) is not list)


def _are_names(value: Any) -> bool:
    """Whether it is a short list of different strings."""
    return (
        type(value) is list
        and len(value) <= MOST_NAMES
        and all([type(item) is str for item in value])
        and len(set(value)) == len(value)
    )


def _are_choices(value: Any) -> bool:
    return bool(value) and _are_names(value)


_KEYWORDS: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "title": _is_text,
    "description": _is_text,
    "default": _is_plain,
    "enum": _are_choices,
    "minimum": _is_bound,
    "maximum": _is_bound,
    "properties": _is_object,
    "required": _are_names,
    "additionalProperties": _is_flag,
    "items": _is_object,
}
"""The plain keywords, each with a test whether its value is correct, apart from schemas inside it."""


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value certainly satisfies a simple schema. False means nothing: `1.0` is an integer, too."""
    kind = schema.get("type")
    if kind is not None and type(value) not in _TYPES[kind]:
        return False
    if "enum" in schema and not (type(value) is str and value in schema["enum"]):
        return False
    if type(value) in (int, float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if type(value) is list:
        items = schema.get("items")
        return items is None or all([fits(items, item) for item in value])
    if type(value) is not dict:
        return True
    known = schema.get("properties", {})
    if not all([name in value for name in schema.get("required", ())]):
        return False
    if not schema.get("additionalProperties", True) and not value.keys() <= known.keys():
        return False
    return all([fits(known[name], item) for name, item in value.items() if name in known])
