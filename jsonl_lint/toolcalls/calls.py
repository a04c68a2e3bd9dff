"""The calls of tools in a record's messages, and their arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from jsonl_lint.jsonspan import JsonSyntaxError, parse
from jsonl_lint.model import Pointer
from jsonl_lint.record import Message, Record

OUTPUTS = ("preferred_output", "non_preferred_output")


def messages(record: Record) -> tuple[Message, ...]:
    """The messages of the conversation and, of a preference pair, those of both answers."""
    return record.shared(_messages)


def _messages(record: Record) -> tuple[Message, ...]:
    if record.format != "preference":
        return record.messages
    return (*record.messages, *(message for key in OUTPUTS for message in output(record, key)))


def output(record: Record, key: str) -> tuple[Message, ...]:
    """The messages of one answer of a preference pair."""
    return record.messages_in(record.value.get(key), (key,))


class Call:
    """One item of `tool_calls` that is an object.

    `id` and `name` are None if they are no text with something in it, `function` if it is no object. `raw_arguments`
    stand so in the record, None if there are none.
    """

    __slots__ = ("_arguments", "function", "id", "message", "name", "pointer", "raw_arguments", "value")

    def __init__(self, value: dict[str, Any], pointer: Pointer, message: Message) -> None:
        self.value = value
        self.pointer = pointer
        self.message = message
        found = value.get("id")
        self.id = found if isinstance(found, str) and found else None
        function = value.get("function")
        self.function: dict[str, Any] | None = None
        self.name: str | None = None
        self.raw_arguments: Any = None
        self._arguments: Arguments | None = None
        if isinstance(function, dict):
            self.function = function
            name = function.get("name")
            self.name = name if isinstance(name, str) and name else None
            self.raw_arguments = function.get("arguments")

    @property
    def arguments(self) -> Arguments:
        """The arguments as a value, whether they are given as a text or as an object."""
        if self._arguments is None:
            raw = self.raw_arguments
            self._arguments = parse_arguments(raw) if isinstance(raw, str) else Arguments(raw, None)
        return self._arguments


class Arguments(NamedTuple):
    """The value of arguments; `error` says why there is none, with the column of the text if it is known."""

    value: Any
    error: str | None


def parse_arguments(text: str) -> Arguments:
    """The value of a JSON text."""
    try:
        return Arguments(_fast_parser()(text.encode(), allow_inf_nan=False), None)
    except ValueError:  # the exact parser knows why, or that only the fast one's own limits are exceeded
        pass
    if not text.strip():
        return Arguments(None, "they are empty; no arguments are `{}`")
    try:
        document = parse(text)
    except JsonSyntaxError as error:
        return Arguments(None, f"{error} at character {error.position + 1}")
    real = [problem for problem in document.problems if problem.kind not in _READABLE]
    if real:
        return Arguments(None, f"{real[0].detail or real[0].kind} at character {real[0].start + 1}")
    return Arguments(document.root.value, None)


@cache
def _fast_parser() -> Callable[..., Any]:
    from jiter import from_json

    return from_json


_READABLE = frozenset(("duplicate-key", "lone-surrogate", "imprecise-number", "too-deep"))
"""Problems of a text that is JSON all the same."""


def has_calls(record: Record) -> bool:
    """Whether any message has calls; this much an abstract record tells as well."""
    return any([_call_list(message) for message in messages(record)])


def _call_list(message: Message) -> list[Any]:
    found = message.value.get("tool_calls")
    return found if isinstance(found, list) else []


def has_results(record: Record) -> bool:
    """Whether any message is a tool's; this much an abstract record tells as well."""
    return any([message.meaning == "tool" for message in messages(record)])


def calls(record: Record) -> tuple[Call, ...]:
    """All calls, in order."""
    return record.shared(_calls)


def _calls(record: Record) -> tuple[Call, ...]:
    return tuple([call for message in messages(record) if "tool_calls" in message.value for call in calls_of(message)])


def calls_of(message: Message) -> list[Call]:
    """The calls of one message that are objects."""
    return [
        Call(item, (*message.pointer, "tool_calls", index), message)
        for index, item in enumerate(_call_list(message))
        if isinstance(item, dict)
    ]
