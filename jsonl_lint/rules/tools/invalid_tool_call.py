"""JL309."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Pointer, Severity
from jsonl_lint.records.toolshapes import IN_PARTS
from jsonl_lint.rule import (
    Delete,
    Insert,
    Message,
    Record,
    Repair,
    SchemaRule,
    Sketch,
    Violation,
    Wrap,
    as_json,
    repair,
)
from jsonl_lint.rule.encoded import decoded, decoding
from jsonl_lint.rules.tools._base import ToolRule
from jsonl_lint.toolcalls import Call
from jsonl_lint.wording import excerpt

if TYPE_CHECKING:
    from jsonl_lint.rule import Verb


class InvalidToolCall(SchemaRule, ToolRule):
    """A tool call does not have the required shape.

    A call is `{"id": …, "type": "function", "function": {"name": …, "arguments": …}}`, and with Gemini, Bedrock and
    Anthropic a part of the message. Some providers also say what an id looks like: nine letters or digits at Mistral.
    Others take more: mistral-finetune calls without a `type`, Fireworks a `name` with its `args`. The older
    `function_call` is `{"name": …, "arguments": …}`.

    Fix: safe where `tool_calls` is a single call, or a string that holds an array of calls as JSON, and nothing else is
    wrong with these: it becomes an array. Safe also where a call lacks only its `type`, which can be nothing but
    `function`, or the object `function` around its name and arguments; where a string holds such a call, or its
    `function`, as JSON; and for a whole number as id, which becomes its text. Unsafe where such a string is written as
    Python, and where the target does not take an id: the call and its results get another one, unless a second call has
    the same id.
    """

    code = "JL309"
    name = "invalid-tool-call"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = 'Write {"id": …, "type": "function", "function": {"name": …, "arguments": …}}.'
    right_types = {"/*/tool_calls": "array"}  # not the arguments: targets may take two types, but no loader takes both

    def word(self, violation: Violation) -> str:
        """Say that the call of Gemini or Bedrock is no object."""
        return f"`{violation.pointer[-1]}` is {{value}}; it must be an object"

    def advise(self, violation: Violation, value: Any) -> str:
        """Show a call of this format."""
        shape = next(shape for shape in IN_PARTS if shape.call == violation.pointer[-1])
        return f"Write {shape.call_example}."

    def fixable(self, violation: Violation, value: Any) -> None:
        """Nobody knows what it should have been."""

    def concerns(self, record: Record) -> bool:
        """Whether a message has calls of whatever type, null excepted, or parts that are calls."""
        return toolcalls.has_calls(record) or any(
            [message.value.get(key) is not None for message in toolcalls.messages(record) for key in _KEYS]
        )

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each part that is missing or of a wrong type. A missing id has a rule of its own."""
        shape = toolcalls.shape_of(record)
        if shape is toolcalls.OPENAI:
            yield from self._lists(record)
        for call in toolcalls.all_calls(record):
            for pointer, words in _problems(call, record.target.traits):
                where = (*call.pointer, *pointer)
                fix = self._fixable(record, call, pointer)
                yield self.sketch(where, words, f"Write {call.shape.call_example}.", fix=fix)

    def _fixable(self, record: Record, call: Call, pointer: Pointer) -> Applicability | None:
        value = record.at((*call.pointer, *pointer))
        if pointer == (call.shape.id,) and type(value) is int:
            return self.fix if _takes_id(str(value), record.target.traits) else None
        if call.shape is not toolcalls.OPENAI:
            return None
        if pointer == ("function",):
            held, fix = decoded(value, "{")
            return fix if _are_sound([{**call.value, "function": held}], call.message, record) else None
        if pointer == (call.shape.id,) and call.id is not None:
            return Applicability.UNSAFE if call.pointer in _renamed_calls(record) else None
        return self.fix if pointer == () and (_lacks_type(call.value) or _is_flat(call.value)) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Make the calls an array, complete a call, or give it another id."""
        value, place = record.at(sketch.pointer), sketch.pointer
        if type(value) is int:
            return repair("Write the number as a text", Wrap(place, '"', '"'))
        if isinstance(value, str) and place[-1] != "id":
            return repair("Decode the string", decoding(place, value))
        if place[-1] == "tool_calls":
            return repair("Make it a list", Wrap(place, "[", "]"))
        if place[-1] == "id":
            return repair("Give the call another id", *_renamed_calls(record)[place[:-1]])
        if _lacks_type(value):
            return repair("Add the type", Insert(place, "type", as_json("function")))
        before = toolcalls.BEFORE_FUNCTION
        if "id" in value:
            before = f'{{"id": {as_json(value["id"])}, {before[1:]}'
        verbs = [Delete((*place, key)) for key in ("id", "type") if key in value]
        return repair("Put name and arguments inside `function`", Wrap(place, before, "}"), *verbs)

    def _lists(self, record: Record) -> Iterator[Sketch]:
        for message in toolcalls.messages(record):
            found = message.value.get("tool_calls")
            if found is not None and not isinstance(found, list):
                words = "`tool_calls` is {value}; it must be an array"
                calls, fix = ([found], self.fix) if isinstance(found, dict) else decoded(found, "[")
                sound = _are_sound(calls, message, record)
                yield self.sketch((*message.pointer, "tool_calls"), words, fix=fix if sound else None)
            for index, item in enumerate(found if isinstance(found, list) else ()):
                if not isinstance(item, dict):
                    where = (*message.pointer, "tool_calls", index)
                    call, fix = decoded(item, "{")
                    sound = _are_sound([call], message, record)
                    words = "the call is {value}; it must be an object"
                    yield self.sketch(where, words, fix=fix if sound else None)
            older = message.value.get("function_call")
            if older is not None and not isinstance(older, dict):
                where = (*message.pointer, "function_call")
                advice = f"Write {toolcalls.LEGACY.call_example}."
                yield self.sketch(where, "`function_call` is {value}; it must be an object", advice, fix=None)


def _renamed_calls(record: Record) -> Mapping[Pointer, tuple[Verb, ...]]:
    from jsonl_lint.toolcalls.ids import renamed_calls  # with the repairs, which clean files do not need

    return renamed_calls(record)


_KEYS = ("tool_calls", "function_call")
"""Keys of calls, and of one in the older form."""


def _are_sound(calls: Any, message: Message, record: Record) -> bool:
    """Whether these are calls with nothing else wrong about them."""
    if not (isinstance(calls, list) and calls) or not all([isinstance(call, dict) for call in calls]):
        return False
    return not any([[*_problems(Call(call, (), message), record.target.traits)] for call in calls])


def _lacks_type(call: Mapping[str, Any]) -> bool:
    """Whether a call says everything but that it calls a function, the only thing that there is to call."""
    return "type" not in call and isinstance(call.get("function"), dict)


def _is_flat(call: Mapping[str, Any]) -> bool:
    """Whether a call is a name with its arguments, without the object around them, and nothing more."""
    return (
        isinstance(call.get("name"), str)
        and call["name"] != ""
        and isinstance(call.get("arguments"), (str, dict))
        and call.get("type", "function") == "function"
        and isinstance(call.get("id", ""), str)
        and call.keys() <= {"id", "type", "name", "arguments"}
    )


def _problems(call: Call, traits: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    shape, value = call.shape, call.value
    given = value.get(shape.id)
    if given is not None and call.id is None:
        yield (shape.id,), f"the id is {excerpt(given)}; it must be a text with something in it"
    elif call.id is not None and not _takes_id(call.id, traits):
        wanted = traits["tool_call_id_pattern"]
        yield (shape.id,), f"the id {excerpt(call.id)} does not match {wanted}, as the target demands"
    if traits.get("bare_tool_calls") and _is_bare(value):
        return
    if shape is toolcalls.OPENAI:
        if "type" not in value and not ("function" in value and traits.get("tool_type_optional")):
            missing = "no `type`" if "function" in value else "neither `type` nor `function`"
            yield (), f"the call has {missing}"
        elif value.get("type", "function") != "function":
            yield ("type",), f'the type is {excerpt(value["type"])}; it must be "function"'
    function = call.function
    if function is None:
        if "function" in value:
            yield ("function",), f"`function` is {excerpt(value['function'])}; it must be an object"
        elif shape is not toolcalls.OPENAI or "type" in value:
            yield (), "the call has no `function`"
        return
    if "name" not in function:
        yield shape.called, "the call names no tool: `name` is missing"
    elif call.name is None:
        yield (*shape.called, "name"), f"`name` is {excerpt(function['name'])}; it must be the name of a tool"
    if shape.needs_arguments and shape.arguments not in function:
        yield shape.called, f"the call has no `{shape.arguments}`; no arguments are `{{}}`"


def _takes_id(call_id: str, traits: Mapping[str, Any]) -> bool:
    """Whether the target takes an id like this one."""
    pattern = traits.get("tool_call_id_pattern")
    return pattern is None or re.search(pattern, call_id) is not None


def _is_bare(value: Mapping[str, Any]) -> bool:
    """Whether a call is a name with its arguments."""
    return "function" not in value and isinstance(value.get("name"), str) and isinstance(value.get("args"), dict)
