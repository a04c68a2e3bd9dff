"""A quick test which proves that no rule about tools would report a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.model import value_or_none
from jsonl_lint.records.formats import ANSWERS, BY_NAME, PROMPTED
from jsonl_lint.records.record import Screen
from jsonl_lint.records.roles import STANDARD_ROLES, is_call_role, role_meaning
from jsonl_lint.records.toolshapes import SHAPES, ToolShape, in_part, is_part
from jsonl_lint.target import BATCH_FORMATS, Target
from jsonl_lint.toolcalls.calls import ARGUMENT_TYPES, TOOL_NAME, parse_arguments
from jsonl_lint.toolcalls.definitions import KEYS_OF_TOOLS, NO_DEFINITIONS, Definition, Definitions, define

_SPEAKERS = (*STANDARD_ROLES, "developer")
"""Roles whose messages certainly are results or certainly are not."""

_WISHES = frozenset(("tool_call_id_pattern", "needed_function_keys"))
"""Traits of targets that demand more of definitions and calls than others do."""


def is_plain(value: Mapping[str, Any], format: str | None, target: Target) -> bool:
    """Whether it is quickly certain that no rule about tools would report the record.

    A record passes if its definitions are flawless and its calls correct, each with its result right after it. So does
    one without definitions and with calls in `tool_calls`, since another rule reports that. Tests verify that no rule
    reports a record that passes.
    """
    if format not in _SCREENED or not is_plain_target(target):
        return False
    layout, shape = BY_NAME[format], SHAPES[format]
    holder = value_or_none(value, layout.tools_at[:-1])
    if not isinstance(holder, Mapping):
        return False
    tools = holder.get(layout.tools_at[-1])
    known = define(tools, shape) if type(tools) is list else NO_DEFINITIONS
    if not known.flawless and any([key in found for found in (value, holder) for key in KEYS_OF_TOOLS]):
        return False
    types, asks = argument_types(target), format in BATCH_FORMATS
    if layout.messages_at:
        found = value_or_none(value, layout.messages_at)
        messages = found if type(found) is list else []
        if shape.call:
            return known.flawless and _are_plain_parts(messages, known, shape, layout.content, asks=asks)
        return _is_plain_conversation(messages, known, types, asks=asks)
    asked = _list_at(value, "prompt")
    answers = [found for key in ANSWERS if (found := _list_at(value, key))]
    return all([_is_plain_conversation([*asked, *answer], known, types) for answer in answers or [[]]])


_SCREENED = (
    *("chat", "batch", "gemini", "bedrock", "anthropic-batch"),
    *[name for name in PROMPTED if name in SHAPES],
)
"""The formats that it knows; it lets no record of another one pass."""


def _list_at(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if type(found) is list else []


def _is_plain_conversation(
    messages: list[Any], known: Definitions, types: tuple[type, ...], *, asks: bool = False
) -> bool:
    """Whether the calls are correct in messages that follow each other. Arguments are of one of the `types`.

    If the conversation `asks` for an answer, no call may be left open.
    """
    ids: set[str] = set()
    waiting: set[str] = set()
    role: Any = None
    for message in messages:
        if type(message) is not dict:
            return False
        role, calls = message.get("role"), message.get("tool_calls")
        if role == "tool":
            answered = message.get("tool_call_id")
            if calls is not None or type(answered) is not str or answered not in waiting:
                return False
            waiting.remove(answered)
        elif waiting or "function_call" in message or not _speaks(message, role, calls):
            return False
        elif type(calls) is list:
            if not all([_is_right(call, known, ids, waiting, types) for call in calls]):
                return False
        elif calls is not None:
            return False
    return not (waiting and (asks or role == "tool"))


def _speaks(message: Mapping[str, Any], role: Any, calls: Any) -> bool:
    """Whether a message is certainly no result; and no call either, if it does not have a common role."""
    if role in _SPEAKERS:
        return True
    if calls is not None or "tool_call_id" in message or (isinstance(role, str) and is_call_role(role)):
        return False
    return role_meaning(message, STANDARD_ROLES) != "tool"


def _is_right(call: Any, known: Definitions, ids: set[str], waiting: set[str], types: tuple[type, ...]) -> bool:
    """Whether a call is correct and has a new id. Then it waits for its result."""
    if type(call) is not dict or call.get("type") != "function" or type(call.get("function")) is not dict:
        return False
    name, given, call_id = call["function"].get("name"), call["function"].get("arguments"), call.get("id")
    if type(call_id) is not str or not call_id or call_id in ids or type(name) is not str or type(given) not in types:
        return False
    ids.add(call_id)
    waiting.add(call_id)
    return fits(known.by_name.get(name), given) if known.placed else fits_undefined(name, given)


def _are_plain_parts(
    messages: list[Any], known: Definitions, shape: ToolShape, content_key: str, *, asks: bool
) -> bool:
    """Whether calls and results are correct that are parts of messages which follow each other."""
    keys: set[str] = set()
    waiting: set[str] = set()
    answering = False
    for message in messages:
        if type(message) is not dict or "tools" in message:
            return False
        parts = message.get(content_key)
        if type(parts) is not list:
            if type(parts) is not str or not shape.typed:
                return False
            parts = []
        made: list[dict[str, Any]] = []
        answers: list[dict[str, Any]] = []
        for part in parts:
            if type(part) is dict and len(part) == 1 and "text" in part:
                continue
            if not is_part(part):
                return False
            if (call := in_part(part, shape.call, shape)) is not None:
                made.append(call)
            if (answer := in_part(part, shape.result, shape)) is not None:
                answers.append(answer)
        if answers:
            if made or not all([_takes(answer, waiting, shape) for answer in answers]):
                return False
        elif waiting or not all([_makes(call, known, keys, waiting, shape) for call in made]):
            return False
        answering = bool(answers)
    return not (waiting and (asks or answering))


def _makes(call: dict[str, Any], known: Definitions, keys: set[str], waiting: set[str], shape: ToolShape) -> bool:
    """Whether a call is correct, and its result will be known by its key. Then it waits for that."""
    name, given = call.get("name"), call.get(shape.arguments, None if shape.needs_arguments else {})
    key = call.get(shape.id)
    if type(name) is not str or not name or type(given) is not dict:
        return False
    named = shape.by_name and shape.id not in call
    key = name if named else key
    if type(key) is not str or not key or key in waiting or (key in keys and not named):
        return False
    keys.add(key)
    waiting.add(key)
    return fits(known.by_name.get(name), given)


def _takes(answer: dict[str, Any], waiting: set[str], shape: ToolShape) -> bool:
    """Whether a result is that of a call which waits for it."""
    key = answer.get(shape.result_id)
    if shape.by_name and shape.result_id not in answer:
        key = answer.get("name")
    if type(key) is not str or key not in waiting:
        return False
    waiting.remove(key)
    return True


def is_plain_target(target: Target) -> bool:
    """Whether the target demands no more of tools and calls than others do."""
    return not target.traits.keys() & _WISHES


def argument_types(target: Target) -> tuple[type, ...]:
    """Return the types of the arguments that the target takes in `tool_calls`."""
    return ARGUMENT_TYPES[target.traits.get("tool_arguments") or "string"]


def fits(definition: Definition | None, given: str | dict[str, Any]) -> bool:
    """Whether the tool is defined, and its definition allows these arguments: a JSON text, or an object."""
    arguments, size = (parse_arguments(given).value, len(given)) if type(given) is str else (given, 0)
    if definition is None or type(arguments) is not dict:
        return False
    return definition.parameters is None or not definition.parameters.violations(arguments, size)


def fits_undefined(name: str, given: str | dict[str, Any]) -> bool:
    """Whether a tool may have this name, and arguments like these, where no tools are defined."""
    arguments = parse_arguments(given).value if type(given) is str else given
    return TOOL_NAME.fullmatch(name) is not None and type(arguments) is dict


SCREEN = Screen(is_plain)
"""The screen of all rules about tools that see real records."""
