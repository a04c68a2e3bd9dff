"""The pivot of all conversions: a conversation of chat messages, and what is lost on the way."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.secrets import without_secrets

Json = dict[str, Any]

LOSSES = {
    "extra-keys": "keys of the record that the formats do not share",
    "message-keys": "keys of a message that the new format does not have, for example `name`",
    "weights": "message and sample weights",
    "reasoning": "what the assistant thinks before it answers",
    "system": "the system message",
    "tools": "tool definitions",
    "tool-call-ids": "ids of tool calls; results then stand in the order of their calls",
    "rejected-answer": "the answer that is not preferred",
}
"""What may be lost, by the name that allows it."""


class CannotConvertError(ValueError):
    """The other format cannot express the record."""

    def __init__(self, reason: str) -> None:
        super().__init__(without_secrets(reason))


@dataclass
class Losses:
    """What a conversion loses: the name of each loss, and its place in the record."""

    found: list[tuple[str, Pointer]] = field(default_factory=list)

    def note(self, name: str, *pointer: str | int) -> None:
        """Note that the value at this place is left out."""
        self.found.append((name, pointer))

    def rest(self, name: str, value: Json, known: tuple[str, ...], *pointer: str | int) -> None:
        """Note every key of an object but the known ones, and those that say nothing: tables fill gaps with null."""
        for key in without_nulls(value):
            if key not in known:
                self.note(name, *pointer, key)


@dataclass
class Conversation:
    """A record as chat messages. `preferred` and `rejected` are the two answers of a preference pair.

    Without `own_ids`, the record has no ids of calls, and those of the messages were made for them.
    """

    messages: list[Json]
    tools: list[Any] | None = None
    weight: Any = None
    preferred: Json | None = None
    rejected: Json | None = None
    own_ids: bool = True

    def with_answer(self, losses: Losses) -> Conversation:
        """Return the conversation with the preferred answer as its last message, for formats with a single answer."""
        if self.preferred is None:
            return self
        losses.note("rejected-answer", "non_preferred_output")
        return Conversation([*self.messages, self.preferred], self.tools, self.weight, own_ids=self.own_ids)


def objects(value: Any, what: str) -> list[Json]:
    """Return the value as a list of objects; `what` names it in messages.

    Raises:
        CannotConvertError: it is not.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise CannotConvertError(f"{what} is not a list of objects")
    return value


def text(value: Any, what: str) -> str:
    """Return the value as a text; `what` names it in messages.

    Raises:
        CannotConvertError: it is not.
    """
    if not isinstance(value, str):
        raise CannotConvertError(f"{what} is not a text")
    return value


def role_of(message: Json) -> str:
    """Return the role, clipped for messages; "" if it is not a string."""
    role = message.get("role")
    return role[:40] if isinstance(role, str) else ""


def plain(message: Json) -> str:
    """Return the content of a message as one text; null counts as the empty text.

    Raises:
        CannotConvertError: it is neither a text nor a list with one text.
    """
    content = message.get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        content = content[0]["text"] if without_nulls(content[0]).keys() == {"type", "text"} else content
    return text("" if content is None else content, f"the content of a message of the {role_of(message)}")


def parts_of(message: Json) -> Iterator[Json]:
    """Yield the content as parts of type `text` or `image_url`; there are none if it is empty."""
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    yield from map(without_nulls, objects([] if content is None else content, "`content`"))


def without_nulls(value: Json) -> Json:
    """Return an object without its keys that say nothing: tables fill gaps with null."""
    return {key: inner for key, inner in value.items() if inner is not None} if None in value.values() else value


def only(value: Json, what: str, *known: str) -> None:
    """Make sure that an object has only the known keys, but for null; `what` names it in messages.

    Raises:
        CannotConvertError: it has others.
    """
    for key in without_nulls(value):
        if key not in known:
            raise CannotConvertError(f"{what} has the key {str(key)[:40]!r}, which has no counterpart")


def calls_of(message: Json) -> Iterator[tuple[str | None, str, str]]:
    """Yield each tool call: its id, the function's name and the arguments as JSON text.

    Raises:
        CannotConvertError: a call has another shape.
    """
    for made in objects(message.get("tool_calls") or [], "`tool_calls`"):
        only(made, "a tool call", "id", "type", "function", "index")
        function = made.get("function")
        if not isinstance(function, dict):
            raise CannotConvertError("a tool call has no `function`")
        only(function, "a called function", "name", "arguments")
        arguments = function.get("arguments", "{}")
        arguments = arguments if isinstance(arguments, str) else dumped(arguments)
        yield _id(made.get("id")), text(function.get("name"), "the name of a called function"), arguments


def _id(value: Any) -> str | None:
    return None if value is None else text(value, "the id of a tool call")


def call(call_id: str, name: Any, arguments: Any) -> Json:
    """Return a tool call as chat messages have it."""
    arguments = arguments if isinstance(arguments, str) else dumped(arguments)
    function = {"name": text(name, "the name of a called function"), "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def dumped(value: Any) -> str:
    """Return the value as JSON text with unescaped characters.

    Raises:
        CannotConvertError: a number is not finite, or the value is nested too deeply.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise CannotConvertError(f"cannot be written as JSON: {error}") from None


def loaded(value: str, what: str) -> Any:
    """Return the value of JSON text; `what` names the text in messages.

    Raises:
        CannotConvertError: it is not JSON.
    """
    try:
        return json.loads(value, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise CannotConvertError(f"{what} is not JSON that can be converted") from None


def decoded(value: Any, what: str) -> Any:
    """Return what a text of JSON holds, as some tables have conversations; any other value as it is.

    Raises:
        CannotConvertError: it is a text, and not of JSON.
    """
    return loaded(value, what) if isinstance(value, str) else value


def loaded_object(arguments: str) -> Json:
    """Return the arguments of a call as an object.

    Raises:
        CannotConvertError: they are not the JSON text of one.
    """
    value = loaded(arguments, "`arguments`")
    if not isinstance(value, dict):
        raise CannotConvertError("the arguments of a call are not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands twice")
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def functions_of(tools: list[Any] | None) -> Iterator[Json]:
    """Yield the function of each tool definition.

    Raises:
        CannotConvertError: a definition is of another kind.
    """
    for tool in objects(tools or [], "`tools`"):
        only(tool, "a tool definition", "type", "function")
        function = tool.get("function")
        if not isinstance(function, dict):
            raise CannotConvertError("a tool definition has no `function`")
        yield function


def system_key(record: Json) -> str:
    """Return the key under which a record has its system text beside the rest: `system`, or Orca's name for it."""
    return "system_prompt" if record.get("system") is None and "system_prompt" in record else "system"


def system_of(record: Json) -> list[Json]:
    """Return the system text beside the rest as messages of a chat; there are none if it is missing or empty.

    Raises:
        CannotConvertError: it is not a text.
    """
    key = system_key(record)
    found = record.get(key)
    return [{"role": "system", "content": text(found, f"`{key}`")}] if found else []


def split_system(messages: list[Json]) -> tuple[list[str], list[Json]]:
    """Return the system texts at the beginning, and the messages after them.

    Raises:
        CannotConvertError: a system message comes later.
    """
    count = 0
    while count < len(messages) and role_of(messages[count]) == "system":
        count += 1
    if any(role_of(message) == "system" for message in messages[count:]):
        raise CannotConvertError("a system message stands after the beginning")
    return [plain(message) for message in messages[:count]], messages[count:]
