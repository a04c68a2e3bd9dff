"""Convert Gemini's schemas of arguments, which follow OpenAPI 3.0, to JSON Schema."""

from __future__ import annotations

from typing import Any

from jsonl_lint.toolcalls.parameters import MAX_DEPTH, MAX_VALUES
from jsonl_lint.toolcalls.subschemas import extent

_TYPES = frozenset(("OBJECT", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "NULL"))
_COUNTS = frozenset(("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"))
"""64-bit integers, which the JSON form of protocol buffers writes as strings."""

_MAPS = frozenset(("properties", "defs", "$defs"))
"""Keywords whose value is an object of schemas by name. A name may be that of a keyword, such as `default`."""

_MOST_DIGITS = 19
"""What a 64-bit integer has at most. Python refuses to read a string of many more."""


def json_schema(schema: Any) -> Any:
    """Return the schema as JSON Schema, with every value in its place. One that is too large is not converted."""
    values, depth = extent(schema, MAX_VALUES)
    return schema if values > MAX_VALUES or depth > MAX_DEPTH else _converted(schema)


def _converted(value: Any) -> Any:
    if isinstance(value, list):
        return [_converted(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _keyword(key, item) for key, item in value.items()}
    if value.get("nullable") is True:
        if isinstance(result.get("type"), str):
            result["type"] = [result["type"], "null"]
        if isinstance(result.get("enum"), list):
            result["enum"] = [*result["enum"], None]
    return result


def _keyword(key: str, value: Any) -> Any:
    if key in _MAPS and isinstance(value, dict):
        return {name: _converted(schema) for name, schema in value.items()}
    if key == "type" and isinstance(value, str):
        return value.lower() if value in _TYPES else value
    if key in _COUNTS and isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS:
        return int(value)
    return value if key in ("enum", "example", "default") else _converted(value)
