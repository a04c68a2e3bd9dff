"""Find the subschemas of a JSON Schema, which may be hostile, and estimate how much work they may cause.

Nothing here runs a schema, fetches a URL, or recurses deeper than is safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer

_HERE = ("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies")
"""Keywords whose schemas apply to the same value."""

_INSIDE = (
    *("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "unevaluatedProperties"),
)
"""Keywords whose schemas apply to what is in the value."""

_KEPT = ("$defs", "definitions")
"""Keywords whose schemas apply only where something refers to them."""

_SUBSCHEMAS = frozenset((*_HERE, *_INSIDE, *_KEPT))

_MAPS = frozenset(("dependentSchemas", "dependencies", "properties", "patternProperties", *_KEPT))
"""Keywords whose value is an object of schemas instead of a schema."""

PATTERNS = frozenset(("pattern", "patternProperties"))


def extent(value: Any, most: int) -> tuple[int, int]:
    """Return how many values a JSON value contains, and how deep it is nested. Counting stops soon after `most`."""
    count, depth = 1, 0
    level = [value]
    while level and count <= most:
        depth += 1
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        count += len(inner)
        level = inner
    return count, depth


def _schemas_at(part: dict[str, Any], keyword: str) -> Iterator[tuple[Pointer, Any]]:
    """Yield the schemas under a keyword (one, an array or an object of them), with pointers from `part`."""
    value = part.get(keyword)
    if isinstance(value, dict) and keyword in _MAPS:
        for name, inner in value.items():
            yield (keyword, name), inner
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (keyword, index), inner
    elif value is not None:
        yield (keyword,), value


def located(schema: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the schema and every schema inside it, with their pointers, in the order in which they are written."""
    waiting: list[tuple[Pointer, Any]] = [((), schema)]
    while waiting:
        pointer, part = waiting.pop()
        if isinstance(part, dict):
            yield pointer, part
            inside = [found for name in part if name in _SUBSCHEMAS for found in _schemas_at(part, name)]
            waiting += [((*pointer, *tail), inner) for tail, inner in reversed(inside)]


def patterns_of(part: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Yield the regular expressions of a schema with their places, without those of schemas inside it."""
    if isinstance(part.get("pattern"), str):
        yield ("pattern",), part["pattern"]
    keyed = part.get("patternProperties")
    for text in keyed if isinstance(keyed, dict) else ():
        yield ("patternProperties", text), text


def referred(root: dict[str, Any], reference: str) -> Any:
    """Return the schema to which a reference leads; None if it leads nowhere or out of `root`."""
    from urllib.parse import unquote  # slow to import, and few schemas have references

    path, hash_sign, fragment = reference.partition("#")
    if path or not hash_sign or (fragment and not fragment.startswith("/")):
        return None
    found: Any = root
    for step in unquote(fragment).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and not key.isdecimal():  # Python would take -1 for the last item
            return None
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return found if isinstance(found, (dict, bool)) else None


def work(schema: dict[str, Any], depth: int, most: int) -> int:
    """Return how many values of the schema may judge one value and what is in it, `depth` levels deep.

    References are followed. Counting stops after `most`; a schema that refers to itself for the same value gets there.
    """
    known: dict[tuple[int, int], int] = {}

    def of(part: Any, depth: int) -> int:
        if not isinstance(part, dict):
            return 1
        key = (id(part), depth)
        if key in known:
            return known[key]
        known[key] = most + 1
        total = 1 + sum(extent(part[name], most)[0] for name in ("enum", "const") if name in part)
        here = [(inner, depth) for name in _HERE for _, inner in _schemas_at(part, name)]
        if isinstance(part.get("$ref"), str):
            here.append((referred(schema, part["$ref"]), depth))
        inside = [(inner, depth - 1) for name in _INSIDE for _, inner in _schemas_at(part, name)] if depth else []
        try:
            for inner, levels in (*here, *inside):
                total = min(total + of(inner, levels), most + 1)
        except RecursionError:
            total = most + 1
        known[key] = total
        return total

    return of(schema, depth)
