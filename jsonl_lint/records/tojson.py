"""Convert records that a caller passes in to JSON."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Mapping
from typing import Any


def as_line(
    record: Mapping[str, Any] | bytes | str, spell: Callable[[object], Any] | None = None, **options: bool
) -> bytes:
    """Return the record as JSON. `spell` (default: `plain`) returns what stands for an object that JSON does not know.

    Python's `json` writes NaN and lone surrogates, too, so that they are found. `options` are its own.

    Raises:
        Exception: a dict that cannot be written as JSON; its own methods may raise anything.
    """
    if isinstance(record, (bytes, bytearray, memoryview)):
        return bytes(record)
    if isinstance(record, str):
        return record.encode("utf-8", "surrogatepass")
    quickly = _quickly(record) if type(record) is dict and not options else None
    return quickly or json.dumps(record, default=spell or plain, **options).encode()  # type: ignore[arg-type]


def _quickly(record: dict[str, Any]) -> bytes | None:
    """Return the record as a fast encoder writes it; None unless `json` would certainly write the same values.

    `marshal` refuses what is not made of Python's own types, such as an Enum or a UUID, which the fast encoder would
    write as a text. It also writes NaN as null.
    """
    import orjson  # files are checked without it

    try:
        marshal.dumps(record)
        line = orjson.dumps(record)
    except (ValueError, TypeError):
        return None
    return None if b"null" in line else line


def plain(value: object) -> Any:
    """Return mappings as dicts, and arrays as lists.

    Raises:
        TypeError: it is anything else.
    """
    if isinstance(value, Mapping):
        return dict(value)
    tolist = getattr(value, "tolist", None)
    if callable(tolist):
        return tolist()
    raise TypeError(f"a value of the type {type(value).__name__} is none of JSON")


def plain_or_wrong(value: object) -> Any:
    """Return what `plain` does, but True for an object that is none of JSON.

    A boolean is wrong where a text or a number belongs, so the place is reported; `wrong_type_at` says what is there.
    """
    try:
        return plain(value)
    except TypeError:
        return True


def wrong_type_at(record: Any, pointer: str) -> str | None:
    """Return the name of the type of what is at this JSON Pointer, if a boolean stands for it."""
    value = record
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[key] if isinstance(value, Mapping) else value[int(key)]
        except Exception:  # a key is no text, or the record's own methods raise it
            return None
    if isinstance(value, (str, int, float, list, tuple)) or value is None:
        return None
    try:
        plain(value)
    except TypeError:
        return type(value).__name__
    return None
