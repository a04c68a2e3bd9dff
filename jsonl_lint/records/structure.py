"""The structure of a record: what is left of it without its texts and numbers.

Datasets repeat a few structures endlessly, so each structure is judged only once. `signature` returns the hashable key
of a structure; `abstract` returns a record with the same structure and no content, so that judging it cannot depend on
content. Tests verify that equal signatures mean equal abstract records.

A structure consists of keys in order, types, roles and other short enumerated strings, whether a text is empty, blank
or has text, whether a container is empty, and the class of a number (negative, zero, one, a fraction, more). It
includes messages, the parts of their content, and the objects that contain messages; any other container is just empty
or not. Of a batch request, it includes the endpoint, the method, the model, and how many bits the answer's limit has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from jsonl_lint.records.settings import REQUEST_ID, SETTINGS, is_shown, size_of_number
from jsonl_lint.records.untyped import GEMINI_SYSTEM

Signature = tuple[Any, ...]

ENUMERATED = frozenset({"role", "from", "type"})
"""Keys whose short strings are part of the structure."""

MESSAGE_LISTS = frozenset(
    (
        *("messages", "conversations", "conversation", "interactions", "contents", "system"),
        *("preferred_output", "non_preferred_output", "completions", "chosen", "rejected", "prompt"),
        *("completion", "parts"),
    )
)
"""Root keys of lists whose items are part of the structure: messages, or the parts of a text with images."""

HOLDERS = frozenset({"input", "body", "params", "toolConfig", *GEMINI_SYSTEM})
"""Root keys of objects whose members are part of the structure, as those of a record are."""

PART_LISTS = frozenset({"content", "parts"})
"""Keys of a message whose lists are part of the structure, with their items."""

LONGEST_ENUMERATED = 32

EMPTY, BLANK, TEXT, NULL, TRUE, FALSE, EMPTY_ARRAY, ARRAY, EMPTY_OBJECT, OBJECT, FOREIGN = range(11)
BELOW, ZERO, ONE, ABOVE, HUGE, HUGE_BELOW = range(11, 17)
FLOAT_BELOW, FLOAT_ZERO, FLOAT_FRACTION, FLOAT_ONE, FLOAT_ABOVE_WHOLE, FLOAT_ABOVE, NON_FINITE = range(17, 24)

ABSTRACT: dict[int, Any] = {
    EMPTY: "",
    BLANK: " ",
    TEXT: "words",
    NULL: None,
    TRUE: True,
    FALSE: False,
    EMPTY_ARRAY: [],
    ARRAY: ["item"],
    EMPTY_OBJECT: {},
    OBJECT: {"key": "value"},
    BELOW: -1,
    ZERO: 0,
    ONE: 1,
    ABOVE: 2,
    HUGE: 2**62,
    HUGE_BELOW: -(2**62),
    FLOAT_BELOW: -0.5,
    FLOAT_ZERO: 0.0,
    FLOAT_FRACTION: 0.5,
    FLOAT_ONE: 1.0,
    FLOAT_ABOVE_WHOLE: 2.0,
    FLOAT_ABOVE: 2.5,
    NON_FINITE: inf,
    FOREIGN: True,
}
"""The stand-in for each class of values.

A text is not the name of any type, role or format, since it may also stand for a long value of an enumerated key.
FOREIGN is a Python object that JSON does not know; its stand-in is a value that no schema accepts where it matters. A
non-finite number has a rule of its own; its stand-in is not too small for any schema.
"""


def signature(record: Mapping[str, Any]) -> Signature:
    """Return the hashable key of the record's structure."""
    parts: list[Any] = []
    is_request = False
    for key, value in record.items():
        parts.append(key)
        if type(value) is list and value and key in MESSAGE_LISTS:
            parts.append(_messages(value))
        elif type(value) is dict and key in HOLDERS and value:
            parts.append(_holder(value, is_request))
        elif is_request and key in SETTINGS:
            parts.append(_setting(value))
        else:
            parts.append(_class(value))
            is_request = is_request or key == REQUEST_ID
    return tuple(parts)


def _holder(holder: dict[str, Any], is_request: bool) -> Signature:
    parts: list[Any] = []
    for key, value in holder.items():
        parts.append(key)
        if type(value) is list and value and key in MESSAGE_LISTS:
            parts.append(_messages(value))
        else:
            parts.append(_setting(value) if is_request and key in SETTINGS else _class(value))
    return tuple(parts)


def _setting(value: Any) -> Any:
    """Return a text or the size of a number in a tuple, because other numbers stand for classes."""
    if is_shown(value):
        return (value,)
    size = size_of_number(value)
    return _class(value) if size is None else (size,)


def hides_text(value: Any) -> bool:
    """Whether a value in an abstract record is a text that stands for others."""
    return bool(value == ABSTRACT[TEXT])


def _messages(messages: list[Any]) -> Signature:
    """Return the signature of messages, in which a plain message (a role and a non-blank text) is just its role."""
    parts: list[Any] = []
    for message in messages:
        if type(message) is not dict:
            parts.append((_class(message),))
            continue
        if len(message) == 2:
            role, text = message.get("role"), message.get("content")
            if type(text) is str and type(role) is str and text.lstrip() and len(role) <= LONGEST_ENUMERATED:
                parts.append(role)
                continue
        parts.append(_message(message))
    return tuple(parts)


def _message(message: dict[str, Any]) -> Signature:
    parts: list[Any] = []
    append = parts.append
    for key, value in message.items():
        append(key)
        kind = type(value)
        if kind is str:
            if key in ENUMERATED and len(value) <= LONGEST_ENUMERATED:
                append(value)
            else:
                append(TEXT if value.lstrip() else BLANK if value else EMPTY)
        elif value is None:
            append(NULL)
        elif kind is list and value and key in PART_LISTS:
            append(tuple([_part(item) if type(item) is dict else (_class(item),) for item in value]))
        else:
            append(_class(value))
    return tuple(parts)


def _part(part: dict[str, Any]) -> Signature:
    parts: list[Any] = []
    for key, value in part.items():
        parts.append(key)
        enumerated = type(value) is str and key in ENUMERATED and len(value) <= LONGEST_ENUMERATED
        parts.append(value if enumerated else _class(value))
    return tuple(parts)


def _class(value: Any) -> int:
    kind = type(value)
    if kind is str:
        return TEXT if value.lstrip() else BLANK if value else EMPTY
    if kind is bool:
        return TRUE if value else FALSE
    if kind is int:
        if not -(2**63) <= value < 2**64:
            return HUGE if value > 0 else HUGE_BELOW
        return (BELOW if value < 0 else ZERO) if value < 1 else ONE if value == 1 else ABOVE
    if kind is float:
        return _float_class(value)
    if kind is list or kind is tuple:
        return ARRAY if value else EMPTY_ARRAY
    if kind is dict:
        return OBJECT if value else EMPTY_OBJECT
    return NULL if value is None else FOREIGN


def _float_class(value: float) -> int:
    if not -1e400 < value < 1e400:
        return NON_FINITE
    if value < 0:
        return FLOAT_BELOW
    if value in (0.0, 1.0):
        return FLOAT_ONE if value else FLOAT_ZERO
    if value < 1:
        return FLOAT_FRACTION
    return FLOAT_ABOVE_WHOLE if value.is_integer() else FLOAT_ABOVE


def abstract(record: Mapping[str, Any], stand_ins: Mapping[int, Any] = ABSTRACT) -> dict[str, Any]:
    """Return a record with the same structure, in which each value is replaced by the stand-in for its class."""

    def of_item(key: str, value: Any) -> Any:
        if type(value) is list and value and key in MESSAGE_LISTS:
            return [of_message(item, nested=True) for item in value]
        return stand_ins[_class(value)]

    def of_message(item: Any, *, nested: bool) -> Any:
        if type(item) is not dict:
            return stand_ins[_class(item)]
        result: dict[str, Any] = {}
        for key, value in item.items():
            if type(value) is str and key in ENUMERATED and len(value) <= LONGEST_ENUMERATED:
                result[key] = value
            elif nested and type(value) is list and value and key in PART_LISTS:
                result[key] = [of_message(part, nested=False) for part in value]
            else:
                result[key] = stand_ins[_class(value)]
        return result

    def of_setting(key: str, value: Any) -> Any:
        return value if is_request and key in SETTINGS and is_shown(value) else of_item(key, value)

    result: dict[str, Any] = {}
    is_request = False
    for key, value in record.items():
        if type(value) is dict and key in HOLDERS and value:
            result[key] = {inner: of_setting(inner, item) for inner, item in value.items()}
        else:
            result[key] = of_setting(key, value)
            is_request = is_request or key == REQUEST_ID
    return result


def message_lists(record: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of messages that are part of the structure, each with the pointer of its items."""
    for key, value in record.items():
        if type(value) is list and key in MESSAGE_LISTS:
            yield f"/{key}/*", value
        elif type(value) is dict and key in HOLDERS:
            for inner, item in value.items():
                if type(item) is list and inner in MESSAGE_LISTS:
                    yield f"/{key}/{inner}/*", item


def number_holders(record: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values whose numbers the structure does not show as they are: numbers, and containers outside of it."""
    for key, value in record.items():
        if type(value) is dict and key in HOLDERS:
            for inner, item in value.items():
                yield from _holders_at(inner, item)
        else:
            yield from _holders_at(key, value)


def _holders_at(key: str, value: Any) -> Iterator[Any]:
    if type(value) is list and value and key in MESSAGE_LISTS:
        for message in value:
            yield from _holders_in(message)
    elif _may_hold_numbers(value):
        yield value


def _holders_in(item: Any, looked_into: frozenset[str] = PART_LISTS) -> Iterator[Any]:
    """Yield the values of a message that may hold such numbers; with no `looked_into`, those of one of its parts."""
    if type(item) is not dict:
        if _may_hold_numbers(item):
            yield item
        return
    for key, value in item.items():
        if type(value) is str:
            continue
        if type(value) is list and key in looked_into:
            for part in value:
                yield from _holders_in(part, frozenset())
        elif _may_hold_numbers(value):
            yield value


def _may_hold_numbers(value: Any) -> bool:
    return type(value) is not str and _class(value) in _HOLDERS_OF_NUMBERS


_HOLDERS_OF_NUMBERS = frozenset({ARRAY, OBJECT, HUGE, HUGE_BELOW, *range(FLOAT_BELOW, NON_FINITE + 1)})
