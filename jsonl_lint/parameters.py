"""A tool's `parameters`: a JSON Schema that comes with the data, so that nobody has vouched for it.

Such a schema may be nested without end, refer to itself in ways that double the work at every step, hold patterns that
backtrack for years, or name an address. So its size is measured before a library sees it, patterns run on an engine
of linear time, nothing is fetched, and what could cost too much is not run: then nothing is found.
"""

from collections.abc import Iterator
from functools import cache, cached_property
from types import ModuleType
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer, excerpt
from jsonl_lint.schemas import Violation
from jsonl_lint.simpleschema import fits, is_simple

MAX_DEPTH = 100
"""Levels of nesting; the most that a provider is known to document is 10."""

MAX_VALUES = 10_000
MAX_REFERENCES = 500
MAX_PATTERNS = 50
MAX_PATTERN_CHARACTERS = 5_000
"""A schema with more than these is not run on arguments."""

MAX_WORK = 20_000_000
"""Values of a schema times values of the arguments that it is run on: about a second, at the very most."""

RUNS_BEFORE_COMPILING = 20
"""A simple schema is run so often without the library, which is faster, but has to be imported and to compile it."""

MAX_PROBLEMS = 10
MAX_VIOLATIONS = 5
"""Reported of one schema, and of one call's arguments."""

_DRAFTS = {
    "json-schema.org/draft/2020-12/schema": "Draft202012",
    "json-schema.org/draft/2019-09/schema": "Draft201909",
    "json-schema.org/draft-07/schema": "Draft7",
    "json-schema.org/draft-06/schema": "Draft6",
    "json-schema.org/draft-04/schema": "Draft4",
}
_META = {
    "Draft202012": "https://json-schema.org/draft/2020-12/schema",
    "Draft201909": "https://json-schema.org/draft/2019-09/schema",
    "Draft7": "http://json-schema.org/draft-07/schema#",
    "Draft6": "http://json-schema.org/draft-06/schema#",
    "Draft4": "http://json-schema.org/draft-04/schema#",
}

_HERE = ("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies")
"""Keywords whose schemas judge the same value again."""

_INSIDE = (
    *("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames", "unevaluatedProperties"),
)
"""Keywords whose schemas judge what is in the value."""

_KEPT = ("$defs", "definitions")
"""Keywords whose schemas judge only where something refers to them."""

_MAPS = frozenset(("dependentSchemas", "dependencies", "properties", "patternProperties", *_KEPT))

_SUBSCHEMAS = frozenset((*_HERE, *_INSIDE, *_KEPT))
_PATTERNS = frozenset(("pattern", "patternProperties"))

_FOREIGN = frozenset(
    ("$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary")
)
"""Below the root these change what a reference means; a schema that uses them is not run."""

_TYPES = "array, boolean, integer, null, number, object, string"


class Problem(NamedTuple):
    """What is wrong with a schema, at a place in it."""

    pointer: Pointer
    message: str


class Parameters:
    """The schema of one tool's arguments. It is checked and compiled when that is first asked for."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self._runs = 0

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Why it is no schema for arguments; nothing for one that is too large to be looked into."""
        if not isinstance(self.schema, dict):
            return (Problem((), f"`parameters` is {excerpt(self.schema)}; it must be an object, a JSON Schema"),)
        if self._extent[1] > MAX_DEPTH:
            return (Problem((), f"`parameters` is nested over {MAX_DEPTH} levels deep"),)
        if self._extent[0] > MAX_VALUES:
            return ()
        kind = self.schema.get("type", "object")
        found = list(self._against_meta_schema)
        if not found and kind != "object" and not (isinstance(kind, list) and "object" in kind):
            found.append(Problem(("type",), f"`parameters` describes {excerpt(kind)}; arguments are an object"))
        found += self._dangling()
        return tuple(found[:MAX_PROBLEMS])

    def violations(self, arguments: dict[str, Any], size: int) -> list[Violation]:
        """What the arguments break, at most `MAX_VIOLATIONS`; `size` is the length of their JSON text."""
        if self.problems:
            return []
        if self._runs < RUNS_BEFORE_COMPILING and self._simple and self._affordable(arguments, size):
            self._runs += 1
            if fits(self.schema, arguments):
                return []
        if self._compiled is None or not self._affordable(arguments, size):
            return []
        try:
            if self._compiled.is_valid(arguments):
                return []
            return list(_violations(self._compiled, arguments))
        except Exception:  # lone surrogates, numbers and depths that the library does not take
            return []

    @cached_property
    def _extent(self) -> tuple[int, int]:
        return extent(self.schema, MAX_VALUES)

    @cached_property
    def _simple(self) -> bool:
        return is_simple(self.schema)

    @cached_property
    def _keys(self) -> frozenset[str]:
        """Every key in it, whatever it means there: most schemas have none that needs a closer look."""
        found: set[str] = set()
        waiting: list[Any] = [self.schema]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                found.update(item)
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)
        return frozenset(found)

    @cached_property
    def _against_meta_schema(self) -> tuple[Problem, ...]:
        """Violations of the meta-schema that `$schema` names; without one, of 2020-12, unless Draft 7 is satisfied."""
        if self._simple:
            return ()
        named = _draft(self.schema)
        found = _meta_problems(named or "Draft202012", self.schema)
        return () if named is None and found and not _meta_problems("Draft7", self.schema) else found

    @cached_property
    def _parts(self) -> tuple[tuple[Pointer, dict[str, Any]], ...]:
        """Every schema in it with its place, itself first."""
        return tuple(_located(self.schema))

    @cached_property
    def _moves_references(self) -> bool:
        """Whether a schema inside it changes what references mean."""
        return bool(self._keys & _FOREIGN) and any(part.keys() & _FOREIGN for _, part in self._parts[1:])

    def _dangling(self) -> Iterator[Problem]:
        """References that lead nowhere: nothing is fetched, and the model never sees what they mean."""
        if "$ref" not in self._keys or self._moves_references:
            return
        for pointer, part in self._parts:
            reference = part.get("$ref")
            if isinstance(reference, str) and _target(self.schema, reference) is None:
                yield Problem((*pointer, "$ref"), f"the reference {excerpt(reference)} leads nowhere in `parameters`")

    @cached_property
    def _references(self) -> int:
        return sum("$ref" in part for _, part in self._parts) if "$ref" in self._keys else 0

    @cached_property
    def _compiled(self) -> Any:
        """The library's validator, None where the schema is one that must not be run or cannot be compiled."""
        library = _library()
        values, _ = self._extent
        if library is None or values > MAX_VALUES or self._references > MAX_REFERENCES:
            return None
        if self._moves_references or self.schema.keys() & _FOREIGN - {"$schema", "$id"}:
            return None
        patterns = [text for _, part in self._parts for text in _patterns(part)] if self._keys & _PATTERNS else []
        if len(patterns) > MAX_PATTERNS or sum(map(len, patterns)) > MAX_PATTERN_CHARACTERS:
            return None
        schema = {key: value for key, value in self.schema.items() if key not in ("$schema", "$id")}
        named = _draft(self.schema)
        draft = named or ("Draft7" if _meta_problems("Draft202012", self.schema) else "Draft202012")
        try:
            return getattr(library, f"{draft}Validator")(
                schema,
                validate_formats=False,
                retriever=_refuse,
                pattern_options=library.RegexOptions(size_limit=1 << 18, dfa_size_limit=1 << 20),
            )
        except Exception:  # a pattern that the linear engine does not know, a lone surrogate
            return None

    def _affordable(self, arguments: dict[str, Any], size: int) -> bool:
        """Whether the work is bounded: each value is judged by each part of the schema that can reach it."""
        values, depth = size, 0
        if self._references or self._extent[0] * size > MAX_WORK:
            values, depth = extent(arguments, MAX_WORK)
        work = _work(self.schema, self.schema, depth, {}) if self._references else self._extent[0]
        return work * values <= MAX_WORK


def extent(value: Any, most: int) -> tuple[int, int]:
    """How many values there are in a JSON value and how deeply it is nested. Counting stops soon after `most`."""
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


def _draft(schema: dict[str, Any]) -> str | None:
    """The draft that `$schema` names, None if it names none or one that nobody knows."""
    named = schema.get("$schema")
    return _DRAFTS.get(named.rstrip("#").partition("://")[2]) if isinstance(named, str) else None


def _schemas_at(part: dict[str, Any], keyword: str) -> Iterator[tuple[Pointer, Any]]:
    """The schemas under a keyword with their places, whatever its form: one schema, an array or an object of them."""
    value = part.get(keyword)
    if isinstance(value, dict) and keyword in _MAPS:
        for name, inner in value.items():
            yield (keyword, name), inner
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (keyword, index), inner
    elif value is not None:
        yield (keyword,), value


def _located(schema: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    waiting: list[tuple[Pointer, Any]] = [((), schema)]
    while waiting:
        pointer, part = waiting.pop()
        if isinstance(part, dict):
            yield pointer, part
            for name in part.keys() & _SUBSCHEMAS:
                waiting += [((*pointer, *tail), inner) for tail, inner in _schemas_at(part, name)]


def _patterns(part: dict[str, Any]) -> Iterator[str]:
    if isinstance(part.get("pattern"), str):
        yield part["pattern"]
    keyed = part.get("patternProperties")
    if isinstance(keyed, dict):
        yield from keyed


def _target(root: dict[str, Any], reference: str) -> Any:
    """What a reference inside the schema refers to; None if that is nothing, or somewhere else."""
    from urllib.parse import unquote  # slow to import, and few schemas have references

    path, hash_sign, fragment = reference.partition("#")
    if path or not hash_sign or (fragment and not fragment.startswith("/")):
        return None
    found: Any = root
    for step in unquote(fragment).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return found if isinstance(found, (dict, bool)) else None


def _work(root: dict[str, Any], part: Any, depth: int, known: dict[tuple[int, int], int]) -> int:
    """How many values of the schema may judge one value and, `depth` levels deep, what is in it; references followed.

    More than `MAX_WORK` for a schema that refers to itself without going deeper.
    """
    if not isinstance(part, dict):
        return 1
    key = (id(part), depth)
    if key in known:
        return known[key]
    known[key] = MAX_WORK + 1
    total = 1 + sum(extent(part[name], MAX_WORK)[0] for name in ("enum", "const") if name in part)
    reached = [inner for name in _HERE for _, inner in _schemas_at(part, name)]
    if isinstance(part.get("$ref"), str):
        reached.append(_target(root, part["$ref"]))
    try:
        for inner in reached:
            total = min(total + _work(root, inner, depth, known), MAX_WORK + 1)
        if depth:
            for _, inner in (pair for name in _INSIDE for pair in _schemas_at(part, name)):
                total = min(total + _work(root, inner, depth - 1, known), MAX_WORK + 1)
    except RecursionError:
        total = MAX_WORK + 1
    known[key] = total
    return total


@cache
def _library() -> ModuleType | None:
    """jsonschema-rs; without it neither schemas nor arguments are checked, as no other engine is safe to run them."""
    try:
        import jsonschema_rs
    except ImportError:
        return None
    return jsonschema_rs


@cache
def _meta_validator(draft: str) -> Any:
    library = _library()
    return library and getattr(library, f"{draft}Validator")({"$ref": _META[draft]}, retriever=_refuse)


def _meta_problems(draft: str, schema: dict[str, Any]) -> tuple[Problem, ...]:
    validator = _meta_validator(draft)
    try:
        if validator is None or validator.is_valid(schema):
            return ()
        errors = {tuple(error.instance_path): error for error in validator.iter_errors(schema)}
    except Exception:  # lone surrogates
        return ()
    return tuple(Problem(pointer, _meta_words(pointer, error)) for pointer, error in errors.items())


def _meta_words(pointer: Pointer, error: Any) -> str:
    value = excerpt(error.instance)
    if pointer and pointer[-1] == "type":
        return f"{value} is not a type of JSON Schema ({_TYPES})"
    kind = error.kind.value if error.kind.name == "type" else None
    wanted = f": expected {' or '.join(map(str, kind))}" if isinstance(kind, list) else ""
    if error.kind.name == "uniqueItems":
        wanted = ": an item is there twice"
    return f"{value} is not allowed here in a JSON Schema{wanted}"


def _violations(validator: Any, arguments: dict[str, Any]) -> Iterator[Violation]:
    left = MAX_VIOLATIONS
    for error in validator.iter_errors(arguments):
        pointer = tuple(error.instance_path)
        subjects = getattr(error.kind, "unexpected", None) or [getattr(error.kind, "property", None)]
        for subject in subjects:
            if not left:
                return
            left -= 1
            yield Violation(pointer, error.kind.name, error.kind.value, subject, "")


def _refuse(address: str) -> Any:
    raise ValueError(f"{address} is outside the schema; nothing is fetched")
