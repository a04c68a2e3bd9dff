"""Find the tool calls and results in a record's messages, and parse arguments."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.record import Message, Record, once_per_record
from jsonl_lint.records.toolshapes import LEGACY, OPENAI, SHAPES, ToolShape, parts_of
from jsonl_lint.toolcalls.conversations import messages

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""OpenAI's API reference, FunctionObject.name; mistral-common checks the same pattern."""


def shape_of(record: Record) -> ToolShape:
    """Return how the record's format writes tools."""
    return SHAPES.get(record.format or "", OPENAI)


def text_or_none(value: Any) -> str | None:
    """Return a text that is not empty, None for anything else."""
    return value if isinstance(value, str) and value else None


class Call:
    """A tool call: an item of `tool_calls` that is an object, or a part of a message.

    `id` and `name` are None unless they are strings that are not empty. `function` is the object with name and
    arguments, None if it is not an object. `raw_arguments` are the arguments as they are in the record, None if there
    are none.
    """

    __slots__ = ("_arguments", "function", "id", "message", "name", "pointer", "raw_arguments", "shape", "value")

    def __init__(self, value: dict[str, Any], pointer: Pointer, message: Message, shape: ToolShape = OPENAI) -> None:
        self.value = value
        self.pointer = pointer
        self.message = message
        self.shape = shape
        self.id = text_or_none(value.get(shape.id))
        function = value.get(str(shape.called[0])) if shape.called else value
        self.function: dict[str, Any] | None = function if isinstance(function, dict) else None
        self.name = text_or_none(self.function.get("name")) if self.function else None
        self.raw_arguments: Any = self.function.get(shape.arguments) if self.function else None
        self._arguments: Arguments | None = None

    @property
    def id_pointer(self) -> Pointer:
        """The pointer to the id."""
        return (*self.pointer, self.shape.id)

    @property
    def name_pointer(self) -> Pointer:
        """The pointer to the tool's name."""
        return (*self.pointer, *self.shape.called, "name")

    @property
    def arguments_pointer(self) -> Pointer:
        """The pointer to the arguments."""
        return (*self.pointer, *self.shape.called, self.shape.arguments)

    @property
    def key(self) -> str | None:
        """What its result refers to: the id, or else the name if the format allows that."""
        return self.id or (self.name if self.shape.by_name else None)

    @property
    def arguments(self) -> "Arguments":
        """The arguments as a value, whether the record has a JSON text or a value, or leaves them out where it may."""
        if self._arguments is None:
            raw = {} if self.leaves_arguments_out else self.raw_arguments
            self._arguments = parse_arguments(raw) if isinstance(raw, str) else Arguments(raw, None)
        return self._arguments

    @property
    def leaves_arguments_out(self) -> bool:
        """Whether there are none, in a format in which this means that the tool gets none."""
        return (
            not self.shape.needs_arguments and self.function is not None and self.shape.arguments not in self.function
        )


class Result(NamedTuple):
    """A tool result: a tool's message, or a part of a message. `key`, at `key_pointer`, is what it refers to."""

    pointer: Pointer
    key: str | None
    key_pointer: Pointer


class Arguments(NamedTuple):
    """The value of arguments; if there is none, `error` says why, and at which character if that is known."""

    value: Any
    error: str | None


def parse_arguments(text: str) -> Arguments:
    """Parse arguments that are a JSON text."""
    try:
        return Arguments(_fast_parser()(text.encode(), allow_inf_nan=False), None)
    except ValueError:  # the exact parser knows why, or that only the fast one's own limits are exceeded
        pass
    if not text.strip():
        return Arguments(None, "they are empty; no arguments are `{}`")
    try:
        document = jsonspan.parse(text)
    except jsonspan.JsonSyntaxError as error:
        return Arguments(None, f"{error}, at character {error.position + 1}")
    real = [problem for problem in document.problems if problem.kind not in _READABLE]
    if real:
        return Arguments(None, f"{real[0].detail or real[0].kind}, at character {real[0].start + 1}")
    return Arguments(document.root.value, None)


@cache
def _fast_parser() -> Callable[..., Any]:
    from jiter import from_json

    return from_json


_READABLE = frozenset(("duplicate-key", "lone-surrogate", "imprecise-number"))
"""Problems of texts that are JSON nevertheless."""


def has_calls(record: Record) -> bool:
    """Whether any message has calls. Also works for an abstract record."""
    shape = shape_of(record)
    if shape.call:
        return bool(calls(record))
    return any([_call_list(message) for message in messages(record)])


def _call_list(message: Message) -> list[Any]:
    found = message.value.get("tool_calls")
    return found if isinstance(found, list) else []


def has_results(record: Record) -> bool:
    """Whether there are results. Also works for an abstract record."""
    shape = shape_of(record)
    if shape.result:
        return any([results_of(message, shape) for message in record.messages])
    return any([is_result(message) for message in messages(record)])


@once_per_record
def calls(record: Record) -> tuple[Call, ...]:
    """Return all calls of the record, in order."""
    shape = shape_of(record)
    if shape.call:
        return tuple(
            [
                Call(value, (*message.pointer, message.content_key, *place), message, shape)
                for message in record.messages
                for place, value in parts_of(message.content, shape.call, shape)
            ]
        )
    return tuple([call for message in messages(record) if "tool_calls" in message.value for call in calls_of(message)])


def calls_of(message: Message) -> list[Call]:
    """Return the items of a message's `tool_calls` that are objects."""
    return [
        Call(item, (*message.pointer, "tool_calls", index), message)
        for index, item in enumerate(_call_list(message))
        if isinstance(item, dict)
    ]


def has_older_calls(record: Record) -> bool:
    """Whether any message has a `function_call` of whatever type. Also works for an abstract record."""
    if shape_of(record) is not OPENAI:
        return False
    return any([message.value.get("function_call") is not None for message in messages(record)])


@once_per_record
def all_calls(record: Record) -> tuple[Call, ...]:
    """Return the calls and, after them, those in the older form, as which a message has a `function_call`."""
    if not has_older_calls(record):
        return calls(record)
    older = [
        Call(message.value["function_call"], (*message.pointer, "function_call"), message, LEGACY)
        for message in messages(record)
        if isinstance(message.value.get("function_call"), dict)
    ]
    return (*calls(record), *older)


def refuses_older_calls(record: Record) -> bool:
    """Whether the target refuses a `function_call` in data. A request may have one where the target knows the key."""
    if record.format == "batch" and "function_call" in record.target.keys.get("batch.message", ()):
        return False
    return record.target.severities.get("legacy-function-call") is Severity.ERROR


def wanted_arguments(record: Record) -> str:
    """Return what arguments the target takes: `string` (which is the default), `object` or `either`."""
    if shape_of(record) is not OPENAI:
        return "object"
    return record.target.traits.get("tool_arguments") or "string"


ARGUMENT_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "object": (dict,), "either": (str, dict)}
"""The types of the arguments that a target takes, by what `wanted_arguments` returns."""


def is_result(message: Message) -> bool:
    """Whether the message is a result. One with an unknown role is if it has a `tool_call_id`."""
    return message.meaning == "tool" or (message.meaning is None and isinstance(message.value.get("tool_call_id"), str))


def results_of(message: Message, shape: ToolShape) -> list[Result]:
    """Return the results in a message, which is one itself or has parts that are."""
    if not shape.result:
        return [_result(message.pointer, message.value, shape)] if is_result(message) else []
    found = parts_of(message.content, shape.result, shape)
    return [_result((*message.pointer, message.content_key, *place), value, shape) for place, value in found]


def _result(pointer: Pointer, value: dict[str, Any], shape: ToolShape) -> Result:
    key = shape.result_id
    named = text_or_none(value.get(key))
    if named is None and shape.by_name:
        key = "name"
        named = text_or_none(value.get(key))
    return Result(pointer, named, (*pointer, key))
