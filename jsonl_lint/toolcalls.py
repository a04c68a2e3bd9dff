"""Tools as records use them, in the shape of OpenAI's API: definitions, calls and results, with their places.

Definitions repeat from record to record, so each distinct one is looked into once and remembered.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from jsonl_lint.jsonspan import JsonSyntaxError, parse
from jsonl_lint.model import Pointer
from jsonl_lint.parameters import Parameters
from jsonl_lint.record import STANDARD_ROLES, Message, Record

FORMATS = ("chat", "preference", "batch")
"""The record formats whose tools have this shape."""

MAX_REMEMBERED = 2_000
MAX_REMEMBERED_BYTES = 4_000_000
"""Of each kind, lists of tools, tools and their parameters: how many are remembered, and the bytes of their keys."""


class Remark(NamedTuple):
    """Something to report about a list of definitions: at a place in the list."""

    pointer: Pointer
    message: str
    help: str = ""


class _Memory:
    """Values by their bytes, bounded. What is remembered depends on nothing but the bytes."""

    def __init__(self) -> None:
        self.known: dict[bytes, Any] = {}
        self.size = 0

    def find(self, value: Any, make: Callable[[Any], Any]) -> Any:
        try:
            key = marshal.dumps(value, 2)
        except ValueError:  # a Python object that JSON does not know, or very deep nesting
            return make(value)
        found = self.known.get(key)
        if found is None:
            found = make(value)
            if len(key) > MAX_REMEMBERED_BYTES // 10:
                return found
            if len(self.known) >= MAX_REMEMBERED or self.size > MAX_REMEMBERED_BYTES:
                self.known.clear()
                self.size = 0
            self.known[key] = found
            self.size += len(key)
        return found


_lists, _single, _schemas = _Memory(), _Memory(), _Memory()


class Definition:
    """One item of `tools`. `function` is its function, `name` the function's name: None where it has none."""

    def __init__(self, value: Any) -> None:
        self.value = value
        function = value.get("function") if isinstance(value, dict) else None
        self.function = function if isinstance(function, dict) else None
        name = self.function.get("name") if self.function else None
        self.name = name if isinstance(name, str) else None
        described = self.function is not None and "parameters" in self.function
        self.parameters = _schemas.find((self.function or {})["parameters"], Parameters) if described else None


class Definitions:
    """The items of `tools`. `remarks` is what rules have said of them, by the rule's own function."""

    def __init__(self, items: tuple[Definition, ...]) -> None:
        self.items = items
        self.remarks: dict[Any, tuple[Remark, ...]] = {}
        self.by_name: dict[str, Definition] = {}
        for item in items:
            if item.name is not None:
                self.by_name.setdefault(item.name, item)
        self.named = bool(items) and all(item.name is not None for item in items)


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


def _define(tools: list[Any]) -> Definitions:
    return Definitions(tuple(_single.find(item, Definition) for item in tools))


def definitions(record: Record) -> Definitions:
    """The record's definitions; none if its tools are no array."""
    return record.shared(_definitions)


def _definitions(record: Record) -> Definitions:
    tools = record.tools
    found: Definitions = _lists.find(tools, _define) if isinstance(tools, list) else Definitions(())
    return found


def remarks(record: Record, look: Callable[[Definitions], Iterable[Remark]]) -> Iterable[Remark]:
    """What `look` says of the record's definitions, with places in the record. Equal definitions are asked once."""
    known = record.shared(_definitions)
    found = known.remarks.get(look)
    if found is None:
        found = known.remarks[look] = tuple(look(known))
    return [remark._replace(pointer=(*record.tools_at, *remark.pointer)) for remark in found] if found else ()


def defines_tools(record: Record) -> bool:
    """Whether there are definitions to look into; this much an abstract record tells as well."""
    return isinstance(record.tools, list) and bool(record.tools)


OUTPUTS = ("preferred_output", "non_preferred_output")


def messages(record: Record) -> tuple[Message, ...]:
    """The messages of the conversation and, of a preference pair, those of both answers."""
    return record.shared(_messages)


def _messages(record: Record) -> tuple[Message, ...]:
    if record.format != "preference":
        return record.messages
    return (*record.messages, *(message for key in OUTPUTS for message in _output(record, key)))


def _output(record: Record, key: str) -> tuple[Message, ...]:
    return record.messages_in(record.value.get(key), (key,))


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


class Pairing(NamedTuple):
    """How calls and results fit together."""

    unanswered: list[Call]
    unmatched: list[tuple[Message, str]]
    """Results that answer no call, and why."""
    repeated: list[tuple[Call, Call]]
    """A call whose id an earlier one has, and the earlier one."""


def pairing(record: Record) -> Pairing:
    """Pair the record's calls with its results. The two answers of a preference pair each go on from the input."""
    return record.shared(_pairing)


def _pairing(record: Record) -> Pairing:
    by_message: dict[Pointer, list[Call]] = {}
    for call in calls(record):
        by_message.setdefault(call.message.pointer, []).append(call)
    if record.format != "preference":
        return _pair(record.messages, by_message)
    first, second = (_pair((*record.messages, *_output(record, key)), by_message) for key in OUTPUTS)
    seen = {message.pointer for message, _ in first.unmatched} | {call.pointer for call in first.unanswered}
    seen |= {call.pointer for call, _ in first.repeated}
    return Pairing(
        first.unanswered + [call for call in second.unanswered if call.pointer not in seen],
        first.unmatched + [pair for pair in second.unmatched if pair[0].pointer not in seen],
        first.repeated + [pair for pair in second.repeated if pair[0].pointer not in seen],
    )


class _Open:
    """Calls that wait for their results, None for one that stands elsewhere than in `tool_calls`.

    Each of its steps takes constant time, however many calls there are.
    """

    def __init__(self, calls: list[Call | None]) -> None:
        self.calls = calls
        self.answered = [False] * len(calls)
        self.first = 0
        self.by_id: dict[str | None, list[int]] = {}
        for index in range(len(calls) - 1, -1, -1):
            call = calls[index]
            self.by_id.setdefault(call.id if call else None, []).append(index)

    def take(self, id: str | None) -> bool:  # noqa: A002
        """Answer the first call that waits and has this id, or has none."""
        indices = self.by_id.get(id, [])
        while indices:
            index = indices.pop()
            if not self.answered[index]:
                self.answered[index] = True
                return True
        return False

    def take_first(self) -> bool:
        """Answer the first call that waits, whatever its id."""
        while self.first < len(self.calls):
            self.first += 1
            if not self.answered[self.first - 1]:
                self.answered[self.first - 1] = True
                return True
        return False

    def left(self) -> list[Call]:
        """The calls in `tool_calls` that still wait."""
        pairs = zip(self.calls, self.answered, strict=True)
        return [call for call, answered in pairs if call is not None and not answered]


def _pair(conversation: tuple[Message, ...], by_message: dict[Pointer, list[Call]]) -> Pairing:
    """Results follow their calls at once; the calls at the very end need none, unless some of them have one.

    A result without an id answers the first call that is still open.
    """
    result = Pairing([], [], [])
    ids: dict[str, Call] = {}
    answered: set[str] = set()
    waiting = _NONE_OPEN
    some_answered = False
    for message in conversation:
        if message.meaning == "tool":
            problem = _answer(message, waiting, ids, answered)
            some_answered = True
            if problem is not None:
                result.unmatched.append((message, problem))
            continue
        if waiting.calls:
            result.unanswered.extend(waiting.left())
        some_answered = False
        made = by_message.get(message.pointer, [])
        for call in made:
            if call.id is not None and ids.setdefault(call.id, call) is not call:
                result.repeated.append((call, ids[call.id]))
                answered.discard(call.id)
        plain = message.role in STANDARD_ROLES and "function_call" not in message.value
        elsewhere = 0 if plain and type(message.content) is str else _other_calls(message)
        waiting = _Open([*[None] * elsewhere, *made]) if made or elsewhere else _NONE_OPEN
    if some_answered:
        result.unanswered.extend(waiting.left())
    return result


_NONE_OPEN = _Open([])


def _other_calls(message: Message) -> int:
    """Calls in another form: OpenAI's older `function_call`, a message of that role, parts as other formats have."""
    content = message.content
    parts = content if isinstance(content, list) else []
    in_parts = sum([isinstance(part, dict) and part.get("type") in ("tool_call", "tool_use") for part in parts])
    return in_parts + (bool(message.value.get("function_call")) or message.role in ("function_call", "tool_call"))


def _answer(message: Message, waiting: _Open, ids: dict[str, Call], answered: set[str]) -> str | None:
    """Take the call that a result answers from those that are waiting; why there is none, otherwise."""
    wanted = message.value.get("tool_call_id")
    if not (isinstance(wanted, str) and wanted):
        return None if waiting.take_first() else "answers no call: there is none before it that is still open"
    if waiting.take(wanted):
        answered.add(wanted)
        return None
    if wanted in answered:
        return "answers {value}, which has been answered before"
    if wanted in ids:  # too late: its call has been reported as unanswered
        answered.add(wanted)
        return None
    if waiting.take(None):
        return None
    waiting.take_first()  # one defect, not two: the call that was meant is not reported as well
    return "answers {value}, which is the id of no call before it"
