"""A quick test which proves that no rule about tools would report a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.records.formats import ANSWERS, PROMPTED
from jsonl_lint.records.record import Screen
from jsonl_lint.records.roles import STANDARD_ROLES, is_call_role, role_meaning
from jsonl_lint.records.toolshapes import SHAPES
from jsonl_lint.target import Target
from jsonl_lint.toolcalls.calls import TOOL_NAME, parse_arguments
from jsonl_lint.toolcalls.definitions import KEYS_OF_TOOLS, NO_DEFINITIONS, Definition, Definitions, define

_SPEAKERS = (*STANDARD_ROLES, "developer")
"""Roles whose messages certainly are results or certainly are not."""

_WISHES = frozenset(("tool_call_id_pattern", "needed_function_keys"))
"""Traits of targets that demand more of definitions and calls than others do."""


def is_plain(value: Mapping[str, Any], format: str | None, target: Target) -> bool:  # noqa: A002
    """Whether it is quickly certain that no rule about tools would report the record.

    A record passes if its definitions are flawless and its calls correct, each with its result right after it. So does
    one without definitions, since another rule reports that. Tests verify that no rule reports a record that passes.
    """
    if format not in _SCREENED or not is_plain_target(target):
        return False
    tools = value.get("tools")
    known = define(tools) if type(tools) is list else NO_DEFINITIONS
    if not known.flawless and not value.keys().isdisjoint(KEYS_OF_TOOLS):
        return False
    if format == "chat":
        return _is_plain_conversation(_list_at(value, "messages"), known)
    asked = _list_at(value, "prompt")
    answers = [found for key in ANSWERS if (found := _list_at(value, key))]
    return all([_is_plain_conversation([*asked, *answer], known) for answer in answers or [[]]])


_SCREENED = ("chat", *[name for name in PROMPTED if name in SHAPES])
"""The formats that it knows; it lets no record of another one pass."""


def _list_at(value: Mapping[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if type(found) is list else []


def _is_plain_conversation(messages: list[Any], known: Definitions) -> bool:
    """Whether the calls are correct in messages that follow each other."""
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
            if not all([_is_right(call, known, ids, waiting) for call in calls]):
                return False
        elif calls is not None:
            return False
    return not (waiting and role == "tool")


def _speaks(message: Mapping[str, Any], role: Any, calls: Any) -> bool:
    """Whether a message is certainly no result; and no call either, if it does not have a common role."""
    if role in _SPEAKERS:
        return True
    if calls is not None or "tool_call_id" in message or (isinstance(role, str) and is_call_role(role)):
        return False
    return role_meaning(message, STANDARD_ROLES) != "tool"


def _is_right(call: Any, known: Definitions, ids: set[str], waiting: set[str]) -> bool:
    """Whether a call is correct and has a new id. Then it waits for its result."""
    if type(call) is not dict or call.get("type") != "function" or type(call.get("function")) is not dict:
        return False
    name, text, id = call["function"].get("name"), call["function"].get("arguments"), call.get("id")  # noqa: A001
    if type(id) is not str or not id or id in ids or type(name) is not str or type(text) is not str:
        return False
    ids.add(id)
    waiting.add(id)
    return fits(known.by_name.get(name), text) if known.placed else fits_undefined(name, text)


def is_plain_target(target: Target) -> bool:
    """Whether the target demands no more of tools and calls than others do."""
    return not target.traits.keys() & _WISHES and target.traits.get("tool_arguments", "string") != "object"


def fits(definition: Definition | None, text: str) -> bool:
    """Whether the tool is defined, and its definition allows these arguments."""
    arguments = parse_arguments(text).value
    if definition is None or type(arguments) is not dict:
        return False
    return definition.parameters is None or not definition.parameters.violations(arguments, len(text))


def fits_undefined(name: str, text: str) -> bool:
    """Whether a tool may have this name, and arguments like these, where no tools are defined."""
    return TOOL_NAME.fullmatch(name) is not None and type(parse_arguments(text).value) is dict


SCREEN = Screen(is_plain)
"""The screen of all rules about tools that see real records."""
