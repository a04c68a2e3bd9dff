"""Hold a tool's `parameters` to the meta-schemas of JSON Schema: which draft they follow, and where they break it."""

from functools import cache
from math import isfinite
from types import ModuleType
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer, value_or_none
from jsonl_lint.validator import refuse_to_fetch
from jsonl_lint.wording import enumerated, excerpt

_META = {
    "Draft202012": "https://json-schema.org/draft/2020-12/schema",
    "Draft201909": "https://json-schema.org/draft/2019-09/schema",
    "Draft7": "http://json-schema.org/draft-07/schema#",
    "Draft6": "http://json-schema.org/draft-06/schema#",
    "Draft4": "http://json-schema.org/draft-04/schema#",
}
"""The addresses of the meta-schemas."""

_TYPES = "array, boolean, integer, null, number, object, string"


class Flaw(NamedTuple):
    """A defect of a schema. `pointer` leads from the schema to the place."""

    pointer: Pointer
    message: str


def schema_flaws(schema: dict[str, Any]) -> tuple[Flaw, ...]:
    """Return what violates the meta-schema that `$schema` names; without one, 2020-12, unless Draft 7 is satisfied."""
    named = _named_draft(schema)
    found = _flaws(named or "Draft202012", schema)
    return () if named is None and found and not _flaws("Draft7", _in_draft_7(schema)) else found


def draft_of(schema: dict[str, Any]) -> str:
    """Return the draft that it follows, by the library's name for it."""
    return _named_draft(schema) or ("Draft7" if _flaws("Draft202012", schema) else "Draft202012")


def _in_draft_7(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with `$defs` under the name that Draft 7 has for them, which would pass over them."""
    if "$defs" not in schema:
        return schema
    kept, older = schema["$defs"], schema.get("definitions")
    if isinstance(kept, dict) and isinstance(older, dict):
        kept = {**older, **kept}
    return {**schema, "definitions": kept}


def _named_draft(schema: dict[str, Any]) -> str | None:
    """Return the draft that `$schema` names, None if it names none that is known."""
    named = schema.get("$schema")
    if not isinstance(named, str):
        return None
    return next((draft for draft, address in _META.items() if _bare(address) == _bare(named)), None)


def _bare(address: str) -> str:
    """Return the address without its scheme and empty fragment, which vary."""
    return address.rstrip("#").partition("://")[2]


@cache
def library() -> ModuleType | None:
    """Return jsonschema-rs, None if it is not installed. No other engine can run such schemas safely."""
    try:
        import jsonschema_rs
    except ImportError:
        return None
    return jsonschema_rs


@cache
def _meta_validator(draft: str) -> Any:
    rust = library()
    return rust and getattr(rust, f"{draft}Validator")({"$ref": _META[draft]}, retriever=refuse_to_fetch)


def _flaws(draft: str, schema: dict[str, Any]) -> tuple[Flaw, ...]:
    validator = _meta_validator(draft)
    try:
        if validator is None or validator.is_valid(schema):
            return ()
        errors = {
            tuple(error.instance_path): error
            for error in validator.iter_errors(schema)
            if not is_infinite(schema, error)
        }
    except Exception:  # lone surrogates
        return ()
    return tuple(Flaw(pointer, _words(pointer, error)) for pointer, error in errors.items())


def is_infinite(holder: dict[str, Any], error: Any) -> bool:
    """Whether a number is wanted and this is NaN or infinite, as another rule reports; the library sees null."""
    if error.kind.name != "type" or not {"number", "integer"}.intersection(error.kind.value):
        return False
    value = value_or_none(holder, tuple(error.instance_path))
    return isinstance(value, float) and not isfinite(value)


def _words(pointer: Pointer, error: Any) -> str:
    value = excerpt(error.instance)
    if pointer and pointer[-1] == "type":
        return f"{value} is not a type of JSON Schema ({_TYPES})"
    kind = error.kind.value if error.kind.name == "type" else None
    wanted = f": expected {enumerated([str(each) for each in kind])}" if isinstance(kind, list) else ""
    if error.kind.name == "uniqueItems":
        wanted = ": an item is there twice"
    return f"{value} is not allowed here in a JSON Schema{wanted}"
