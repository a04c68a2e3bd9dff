"""Evaluate a user's schema for all records of a structure at once, whatever their texts and numbers are.

A schema may constrain anything, but most constrain little more than keys and types. If the result depends on content,
or on a keyword that is not known here, it is unknown, and the library validates each record. Otherwise the result is
that of the library for every such record; property tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from jsonl_lint.records import structure
from jsonl_lint.schemas import Schema, has_type

MOST_STEPS, MOST_DEPTH = 20_000, 50
"""The maximum number of subschemas evaluated for one structure, and their maximum depth."""

Holds = bool | None
"""Whether a schema is satisfied; None if that is unknown."""


class Unseen(NamedTuple):
    """A value of which only the type is known; a text, array or object is not empty. With `""`, nothing is known."""

    type: str


_STAND_INS = {
    **structure.ABSTRACT,
    **dict.fromkeys((structure.BLANK, structure.TEXT), Unseen("string")),
    structure.ARRAY: Unseen("array"),
    structure.OBJECT: Unseen("object"),
    **dict.fromkeys((structure.BELOW, structure.ABOVE), Unseen("integer")),
    **dict.fromkeys(range(structure.FLOAT_BELOW, structure.NON_FINITE), Unseen("number")),
    **dict.fromkeys((structure.HUGE, structure.HUGE_BELOW, structure.NON_FINITE, structure.FOREIGN), Unseen("")),
}

_ANNOTATIONS = frozenset(
    (
        *("$schema", "$comment", "$defs", "definitions", "title", "description", "default", "examples"),
        *("deprecated", "readOnly", "writeOnly", "then", "else"),
    )
)
_NEW_DRAFTS = ("https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema")
_OLD_DRAFT = "http://json-schema.org/draft-07/schema"
"""In this draft, keywords beside a `$ref` are ignored."""


def all_satisfy(schema: Schema, record: Mapping[str, Any]) -> bool:
    """Whether every record with the same structure as this one certainly satisfies the schema."""
    draft = schema.get("$schema", _NEW_DRAFTS[0])
    draft = draft.rstrip("#") if isinstance(draft, str) else ""
    if draft not in (*_NEW_DRAFTS, _OLD_DRAFT):
        return False
    outline = structure.abstract(record, _STAND_INS)
    return _Evaluator(schema, references_stand_alone=draft == _OLD_DRAFT).holds(schema, outline) is True


class _Evaluator:
    """Evaluates parts of a schema for values of which only the outline is known, within bounds."""

    def __init__(self, root: Schema, *, references_stand_alone: bool) -> None:
        self.root = root
        self.references_stand_alone = references_stand_alone
        self.steps = self.depth = 0

    def holds(self, schema: Any, value: Any) -> Holds:
        if isinstance(schema, bool):
            return schema
        self.steps += 1
        if not isinstance(schema, dict) or self.steps > MOST_STEPS or self.depth > MOST_DEPTH:
            return None
        if self.references_stand_alone and "$ref" in schema and len(schema) > 1:
            return None
        self.depth += 1
        found = _all(self.keyword(keyword, schema, value) for keyword in schema)
        self.depth -= 1
        return found

    def keyword(self, keyword: str, schema: Schema, value: Any) -> Holds:
        if keyword in _ANNOTATIONS or keyword.startswith("x-") or (keyword == "$id" and schema is self.root):
            return True
        check = _CHECKS.get(keyword)
        if check is None or _is_of_unknown_type(value):
            return None
        return check(self, schema[keyword], value, schema)


def _all(found: Iterable[Holds]) -> Holds:
    known = list(found)
    return False if False in known else None if None in known else True


def _any(found: Iterable[Holds]) -> Holds:
    known = list(found)
    return True if True in known else None if None in known else False


def _is_of_unknown_type(value: Any) -> bool:
    return isinstance(value, Unseen) and not value.type


def _is(value: Any, name: str) -> Holds:
    """Whether the value has the type."""
    if not isinstance(value, Unseen):
        return has_type(name, value)
    if value.type == "number" and name == "integer":
        return None
    return name == value.type or (name == "number" and value.type == "integer")


def _type(_evaluator: _Evaluator, names: Any, value: Any, _schema: Schema) -> Holds:
    return _any(_is(value, name) for name in ([names] if isinstance(names, str) else names))


def _enum(_evaluator: _Evaluator, options: Any, value: Any, _schema: Schema) -> Holds:
    if isinstance(value, (Unseen, list, dict)):
        return None
    same_kind = [option for option in options if _is_number(option) == _is_number(value)]
    return any([option == value and isinstance(option, bool) == isinstance(value, bool) for option in same_kind])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _const(evaluator: _Evaluator, wanted: Any, value: Any, schema: Schema) -> Holds:
    return _enum(evaluator, [wanted], value, schema)


def _required(_evaluator: _Evaluator, keys: Any, value: Any, _schema: Schema) -> Holds:
    if isinstance(value, Unseen) and value.type == "object":
        return None if keys else True
    return not isinstance(value, dict) or all([key in value for key in keys])


def _properties(evaluator: _Evaluator, parts: Any, value: Any, _schema: Schema) -> Holds:
    if isinstance(value, Unseen) and value.type == "object":
        return None if parts else True
    return not isinstance(value, dict) or _all(
        evaluator.holds(part, value[key]) for key, part in parts.items() if key in value
    )


def _additional_properties(evaluator: _Evaluator, rest: Any, value: Any, schema: Schema) -> Holds:
    if (isinstance(value, Unseen) and value.type == "object") or "patternProperties" in schema:
        return None
    known = schema.get("properties", {})
    return not isinstance(value, dict) or _all(evaluator.holds(rest, value[key]) for key in value if key not in known)


def _items(evaluator: _Evaluator, each: Any, value: Any, schema: Schema) -> Holds:
    if (isinstance(value, Unseen) and value.type == "array") or "prefixItems" in schema:
        return None
    return not isinstance(value, list) or _all(evaluator.holds(each, item) for item in value)


def _size(name: str, *, least: bool) -> _Check:
    """Return the check for a minimum or maximum number of characters, items or members."""

    def check(_evaluator: _Evaluator, bound: Any, value: Any, _schema: Schema) -> Holds:
        if not _is(value, name):
            return True
        if isinstance(value, Unseen):
            return True if least and bound <= 1 else None
        return bool(len(value) >= bound if least else len(value) <= bound)

    return check


def _bound(satisfied: Callable[[Any, Any], bool]) -> _Check:
    def check(_evaluator: _Evaluator, bound: Any, value: Any, _schema: Schema) -> Holds:
        if not _is(value, "number"):
            return True
        return None if isinstance(value, Unseen) else satisfied(value, bound)

    return check


def _of_texts(_evaluator: _Evaluator, _constraint: Any, value: Any, _schema: Schema) -> Holds:
    """Check a keyword that depends on the characters of a text: unknown for texts."""
    return None if _is(value, "string") else True


def _all_of(evaluator: _Evaluator, parts: Any, value: Any, _schema: Schema) -> Holds:
    return _all(evaluator.holds(part, value) for part in parts)


def _any_of(evaluator: _Evaluator, parts: Any, value: Any, _schema: Schema) -> Holds:
    return _any(evaluator.holds(part, value) for part in parts)


def _one_of(evaluator: _Evaluator, parts: Any, value: Any, _schema: Schema) -> Holds:
    found = [evaluator.holds(part, value) for part in parts]
    return None if None in found else found.count(True) == 1


def _no(evaluator: _Evaluator, part: Any, value: Any, _schema: Schema) -> Holds:
    found = evaluator.holds(part, value)
    return None if found is None else not found


def _if(evaluator: _Evaluator, condition: Any, value: Any, schema: Schema) -> Holds:
    found = evaluator.holds(condition, value)
    then, otherwise = schema.get("then", True), schema.get("else", True)
    if found is None:
        return True if evaluator.holds(then, value) and evaluator.holds(otherwise, value) else None
    return evaluator.holds(then if found else otherwise, value)


def _reference(evaluator: _Evaluator, reference: Any, value: Any, _schema: Schema) -> Holds:
    """Follow a reference inside the schema; any other is left to the library, and so is one with an escape."""
    start, *steps = reference.split("/")
    part: Any = evaluator.root
    for step in steps:
        part = part.get(step) if isinstance(part, dict) else None
    return None if start != "#" or part is None else evaluator.holds(part, value)


_Check = Callable[[_Evaluator, Any, Any, Schema], Holds]

_CHECKS: dict[str, _Check] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "items": _items,
    "minLength": _size("string", least=True),
    "maxLength": _size("string", least=False),
    "minItems": _size("array", least=True),
    "maxItems": _size("array", least=False),
    "minProperties": _size("object", least=True),
    "maxProperties": _size("object", least=False),
    "minimum": _bound(lambda value, bound: value >= bound),
    "maximum": _bound(lambda value, bound: value <= bound),
    "pattern": _of_texts,
    "format": _of_texts,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _no,
    "if": _if,
    "$ref": _reference,
}
