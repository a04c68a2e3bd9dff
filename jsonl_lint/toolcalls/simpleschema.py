"""Check and run schemas with only a few plain keywords, as most tools have, without a library.

Importing the library takes a third of the time of checking ten records. Schemas with other keywords are left to it, and
so is any value that is not certain to be valid. Property tests compare the two.
"""

from __future__ import annotations

from typing import Any

_KEYWORDS = frozenset(
    (
        *("type", "title", "description", "default", "enum", "minimum", "maximum"),
        *("properties", "required", "additionalProperties", "items"),
    )
)
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
    """Whether it has only plain keywords with correct values, which makes it a schema in every draft from 6 on."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if type(part) is not dict or not (part.keys() <= _KEYWORDS and _is_right(part)):
            return False
        waiting += part.get("properties", {}).values()
        if "items" in part:
            waiting.append(part["items"])
    return True


def _is_right(part: dict[str, Any]) -> bool:
    """Whether each keyword has a correct value. Schemas inside this one are not looked at."""
    texts = (part.get("title", ""), part.get("description", ""))
    return (
        ("type" not in part or (type(part["type"]) is str and part["type"] in _TYPES))
        and all([type(text) is str for text in texts])
        and all([type(bound) in (int, float) for bound in (part.get("minimum", 0), part.get("maximum", 0))])
        and type(part.get("properties", {})) is dict
        and type(part.get("additionalProperties", True)) is bool
        and _are_names(part.get("required", []))
        and ("enum" not in part or (bool(part["enum"]) and _are_names(part["enum"])))
    )


def _are_names(value: Any) -> bool:
    """Whether it is a list of different strings."""
    return type(value) is list and all([type(item) is str for item in value]) and len(set(value)) == len(value)


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
