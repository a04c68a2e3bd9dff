"""Load the shipped JSON Schemas, adapt them to a target, and interpret them.

`schemas/*.schema.json` define the shape of records. Beside a constraint, `x-rules` names the rule that reports its
violation; `x-target` names the list in a target's data file that replaces the value of a keyword.
"""

import json
import marshal
import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.model import Pointer

Schema = dict[str, Any]

_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDERS = (os.path.join(_HERE, "schemas"), os.path.join(os.path.dirname(_HERE), "schemas"))

_SUFFIX = ".schema.json"

DEFAULT_RULE = "wrong-type"

MOST_KNOWN, LONGEST_KNOWN = 1_000, 400
"""A schema caches the violations of this many items, each of at most this many bytes."""


class Violation(NamedTuple):
    """A violated constraint of a schema: `keyword` with its value `constraint`, at `pointer`.

    `subject` is the missing or unexpected key, if there is one; it is not part of `pointer`. `known` are the keys that
    are not unexpected there.
    """

    pointer: Pointer
    keyword: str
    constraint: Any
    subject: str | None
    rule: str
    known: tuple[str, ...] = ()


def schema_names() -> list[str]:
    """Return the names that `load_schema` knows."""
    return sorted(name.removesuffix(_SUFFIX) for name in os.listdir(_folder()) if name.endswith(_SUFFIX))


def load_schema(name: str) -> Schema:
    """Return a shipped schema by name, for example `chat`.

    Raises:
        UserError: no schema has this name.
    """
    if name not in schema_names():
        raise UserError(f"no schema is named {name!r}; there are: {', '.join(schema_names())}")
    with open(os.path.join(_folder(), name + _SUFFIX), "rb") as file:
        schema: Schema = json.load(file)
    return _bundled(schema)


def _bundled(schema: Schema) -> Schema:
    """Return the schema with the parts that it takes from other shipped schemas inside its own `$defs`."""
    for reference in set(references_in(schema)):
        shared = _shared(reference)
        if shared:
            definitions = schema.setdefault("$defs", {})
            for name, part in load_schema(shared[1])["$defs"].items():
                if definitions.setdefault(name, part) != part:
                    raise ValueError(f"{schema['$id']}: `$defs/{name}` is another part in {shared[1]}")
    bundled: Schema = _renamed(schema)
    return bundled


def _shared(reference: str) -> re.Match[str] | None:
    """Match the names of another shipped schema and of the part that the reference takes from it."""
    if reference.startswith("#"):
        return None
    return re.fullmatch(r"urn:jsonl-lint:schema:([a-z-]+)#/\$defs/([a-z-]+)", reference)


def _renamed(node: Any) -> Any:
    """Return a copy in which references to other shipped schemas lead into its own `$defs`."""
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _renamed(value) for key, value in node.items()}
    reference = node.get("$ref")
    shared = _shared(reference) if isinstance(reference, str) else None
    if shared:
        result["$ref"] = f"#/$defs/{shared[2]}"
    return result


def specialise(schema: Schema, lists: Mapping[str, Any]) -> Schema:
    """Return a copy of the schema in which each `x-target` keyword has the target's own value (`lists` by name).

    For `properties`, the list names the known keys: others are removed, and new ones may have any value. None removes
    the keyword.
    """

    def copy(node: Any) -> Any:
        if isinstance(node, list):
            return [copy(item) for item in node]
        if not isinstance(node, dict):
            return node
        result = {key: copy(value) for key, value in node.items()}
        for keyword, name in node.get("x-target", {}).items():
            if name in lists and keyword == "properties":
                result[keyword] = {key: result[keyword].get(key, {}) for key in lists[name]}
            elif name in lists and lists[name] is None:
                del result[keyword]
            elif name in lists:
                result[keyword] = lists[name]
        return result

    specialised: Schema = copy(schema)
    return specialised


def _folder() -> str:
    """Return where the schemas are: inside an installed wheel, or beside the package in a checkout."""
    return next((folder for folder in _FOLDERS if os.path.isdir(folder)), _FOLDERS[0])


class Shape:
    """Interprets a shipped schema, for which only a few keywords and no library are needed.

    A structure is judged once, so speed does not matter here. Start-up time does, and importing a schema library would
    take a third of it. Property tests compare this with jsonschema-rs and jsonschema.

    Raises:
        ValueError: the schema uses a keyword that is not known here.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.known: dict[tuple[int, bytes], list[Violation]] = {}
        """What items break, with pointers into them, by the identity of the schema that they were held to."""
        for keyword in _keywords(schema):
            if keyword not in _CHECKS and keyword not in _SILENT_KEYWORDS:
                raise ValueError(f"{schema.get('$id')}: the keyword {keyword!r} is not interpreted")

    def violations(self, value: Any) -> list[Violation]:
        """Return every violation; each missing or unexpected key is one."""
        return list(self.each(value))

    def each(self, value: Any) -> Iterator[Violation]:
        """Yield the violations one after the other: a hostile value has millions."""
        return self._violations(self.schema, value, ())

    def _violations(self, schema: Schema, value: Any, pointer: Pointer) -> Iterator[Violation]:
        if "$ref" in schema:
            yield from self._violations(part_at(self.schema, schema["$ref"].split("/")[1:]), value, pointer)
        for keyword, constraint in schema.items():
            check = _CHECKS.get(keyword)
            if check is not None and (broken := check(constraint, value, schema)):
                yield from violations_of(schema, pointer, keyword, constraint, broken)
        if "if" in schema:
            holds = next(self._violations(schema["if"], value, ()), None) is None
            yield from self._violations(schema.get("then" if holds else "else", {}), value, pointer)
        if isinstance(value, dict):
            for key, part in schema.get("properties", {}).items():
                if key in value:
                    yield from self._violations(part, value[key], (*pointer, key))
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                for violation in self._of_item(schema["items"], item):
                    yield violation._replace(pointer=(*pointer, index, *violation.pointer))

    def _of_item(self, schema: Schema, item: Any) -> list[Violation]:
        """Return the violations in an item of an array, with pointers from it. Known items are not checked again.

        Most structures differ from earlier ones in a single message.
        """
        key = id(schema), marshal.dumps(item, 2)  # which tells `1` from `true`
        found = self.known.get(key)
        if found is None:
            found = list(self._violations(schema, item, ()))
            if len(key[1]) <= LONGEST_KNOWN and len(self.known) < MOST_KNOWN:
                self.known[key] = found
        return found


def _is_whole(value: Any) -> bool:
    """Whether a number has no fraction; the standard counts it as an integer."""
    return isinstance(value, float) and value.is_integer()


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool)) or _is_whole(value),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}


def has_type(names: str | list[str], value: Any) -> bool:
    """Whether the value has the type, or one of these types."""
    return any(_TYPES[name](value) for name in ([names] if isinstance(names, str) else names))


_Broken = list[str | None]
"""The keys that break a constraint: `[None]` if the value itself breaks it, `[]` if nothing does."""

_CHECKS: dict[str, Callable[[Any, Any, Schema], _Broken]] = {
    "type": lambda names, value, _: [] if has_type(names, value) else [None],
    "enum": lambda options, value, _: [] if isinstance(value, str) and value in options else [None],
    "minItems": lambda least, value, _: [None] if isinstance(value, list) and len(value) < least else [],
    "maxItems": lambda most, value, _: [None] if isinstance(value, list) and len(value) > most else [],
    "const": lambda wanted, value, _: [] if isinstance(value, str) and value == wanted else [None],
    "minimum": lambda least, value, _: [None] if _TYPES["number"](value) and value < least else [],
    "required": lambda keys, value, _: [key for key in keys if key not in value] if isinstance(value, dict) else [],
    "additionalProperties": lambda _, value, schema: (
        [key for key in value if key not in schema["properties"]] if isinstance(value, dict) else []
    ),
    "not": lambda schema, value, _: [None] if not Shape(schema).violations(value) else [],
}
_SILENT_KEYWORDS = frozenset(
    (
        *("$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples", "x-rules", "x-target"),
        *("if", "then", "else", "properties", "items"),
    )
)


def _keywords(schema: Any) -> Iterator[str]:
    """Yield every keyword of a schema and of the schemas in it."""
    for keyword, value in schema.items():
        yield keyword
        if keyword in ("if", "then", "else", "items", "not"):
            yield from _keywords(value)
        elif keyword in ("properties", "$defs"):
            for part in value.values():
                yield from _keywords(part)


def references_in(node: Any) -> Iterator[str]:
    """Yield every `$ref` inside it."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from references_in(item)


def part_at(schema: Schema, steps: list[str | int]) -> Schema:
    """Return the schema at these steps inside another one; `{}` if there is none."""
    parent: Any = schema
    for step in steps:
        try:
            parent = parent[step]
        except (KeyError, IndexError, TypeError):  # a step into a schema that another `$id` embeds
            return {}
    return parent if isinstance(parent, dict) else {}


def violations_of(
    parent: Schema, pointer: Pointer, keyword: str, constraint: Any, subjects: list[str | None]
) -> Iterator[Violation]:
    """Yield the violations of a keyword of the schema `parent`: one for each subject, with the rule that reports it."""
    properties = parent.get("properties") if keyword in ("additionalProperties", "required") else None
    known = tuple(properties) if isinstance(properties, dict) else ()
    for subject in subjects:
        rules = parent.get("x-rules")  # a user's schema may use the word for anything
        rule = rules.get(keyword, DEFAULT_RULE) if isinstance(rules, dict) else DEFAULT_RULE
        if isinstance(rule, dict):
            rule = rule.get(subject) or rule.get("*", DEFAULT_RULE)
        yield Violation(pointer, keyword, constraint, subject, rule, known)
