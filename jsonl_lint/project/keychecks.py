"""Check the keys and values of a configuration table; errors name the wrong key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jsonl_lint.errors import UserError, suggestion
from jsonl_lint.project.keys import OVERRIDE_KEYS, Key
from jsonl_lint.wording import clip


def check_keys(table: Mapping[str, Any], known: Mapping[str, Key], where: str = "") -> None:
    """Check a table's keys and their values; `where` is the place of the table in the file.

    Raises:
        UserError: a key is not known, or a value is not what its key takes; the message names the key.
    """
    for name, value in table.items():
        key = known.get(name)
        if key is None:
            raise UserError(f"unknown key `{where}{clip(name, 60)}`{suggestion(name, known)}")
        if name == "overrides":
            _check_overrides(value)
        else:
            check_value(value, key.schema, f"{where}{name}")


def _check_overrides(entries: Any) -> None:
    if isinstance(entries, dict):
        raise UserError("`overrides` takes a list of tables; write [[overrides]]")
    check_value(entries, {"type": "array", "items": {"type": "object"}}, "overrides")
    for index, entry in enumerate(entries):
        where = f"overrides[{index}]."
        check_keys(entry, OVERRIDE_KEYS, where)
        if "files" not in entry:
            raise UserError(f"`{where}files` is missing: say which files the entry is about")
        if "ignore" in entry and "reason" not in entry:
            raise UserError(f"`{where}reason` is missing: say why the rules are off")
        if any(split_pointer(text)[1] is not None for text in entry["files"]):
            strangers = [name for name in entry if name not in ("files", "ignore", "reason")]
            if strangers:
                raise UserError(f"`{where}{strangers[0]}` cannot be set for a part of a record, only for whole files")
            if "ignore" not in entry:
                raise UserError(f"`{where}ignore` is missing: say which rules are off there")


def split_pointer(text: str) -> tuple[str, str | None]:
    """Return a glob, and the JSON Pointer that follows its `#`, None if there is none."""
    glob, found, pointer = text.partition("#/")
    if found:
        return glob, "/" + pointer
    return (text[:-1], "") if text.endswith("#") else (text, None)


def check_value(value: Any, schema: Mapping[str, Any], where: str) -> None:
    """Check one value against the few keywords that key schemas use.

    Raises:
        UserError: it does not fit; the message begins with the key.
    """
    if "enum" in schema and value not in schema["enum"]:
        raise UserError(f"`{where}` is {_shown(value)}{suggestion(str(value), schema['enum'])}")
    kind = schema.get("type")
    if kind is not None and not _TYPES[kind][1](value):
        raise UserError(f"`{where}` takes {_TYPES[kind][0]}, not {_shown(value)}")
    if "minimum" in schema and value < schema["minimum"]:
        raise UserError(f"`{where}` is {_shown(value)}; it must be at least {schema['minimum']}")
    if "maximum" in schema and value > schema["maximum"]:
        raise UserError(f"`{where}` is too large; it must be at most {schema['maximum']}")
    if ("minLength" in schema or "minItems" in schema) and not value:
        raise UserError(f"`{where}` is empty")
    if kind == "array":
        for index, item in enumerate(value):
            check_value(item, schema["items"], f"{where}[{index}]")
    if "additionalProperties" in schema:
        for name, item in value.items():
            check_value(item, schema["additionalProperties"], f"{where}.{clip(name, 60)}")


_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "integer": ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "array": ("a list", lambda value: isinstance(value, list)),
    "object": ("a table", lambda value: isinstance(value, dict)),
}


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    return clip(str(value).lower() if isinstance(value, bool) else repr(value), 60)
