"""Convert OpenAI's function calls from before November 2023 to tool calls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.records.record import Message, Record, once_per_record
from jsonl_lint.records.toolshapes import BEFORE_FUNCTION
from jsonl_lint.repair import Insert, Rename, Replace, Verb, Wrap, as_json
from jsonl_lint.target import BATCH_FORMATS
from jsonl_lint.toolcalls.calls import calls_of, refuses_older_calls
from jsonl_lint.toolcalls.conversations import conversations, messages
from jsonl_lint.toolcalls.ids import MOST_CHANGES, new_id


class UnclearError(ValueError):
    """There is more than one way to convert the record, or none."""


@once_per_record
def modernised(record: Record) -> tuple[Verb, ...]:
    """Return the verbs that turn all `functions` and `function_call` into `tools` and `tool_calls`.

    There are none if it is not clear how to do that, or if it takes more than `MOST_CHANGES`; nor if a call would have
    no result in the middle of a conversation, unless the target refuses the older form anyway: there it needs none.
    """
    try:
        found = tuple(islice(chain(_definitions(record), _choice(record), _conversation(record)), MOST_CHANGES + 1))
    except UnclearError:
        return ()
    return found if len(found) <= MOST_CHANGES else ()


def _definitions(record: Record) -> Iterator[Verb]:
    """Yield the conversion of `functions`."""
    holder = record.tools_at[:-1]
    pointer = (*holder, "functions")
    functions = record.at(pointer)
    if functions is None:
        return
    described = isinstance(functions, list) and all(isinstance(each, dict) and "name" in each for each in functions)
    if not described or _has(record, (*holder, "tools")):
        raise UnclearError
    yield Rename(pointer, "tools")
    for index in range(len(functions)):
        yield Wrap((*pointer, index), BEFORE_FUNCTION, "}")


def _choice(record: Record) -> Iterator[Verb]:
    """Yield the conversion of the request's `function_call`: a word, or the function that must be called."""
    holder = record.tools_at[:-1]
    pointer = (*holder, "function_call")
    choice = record.at(pointer)
    if choice is None:
        return
    if _has(record, (*holder, "tool_choice")):
        raise UnclearError
    yield Rename(pointer, "tool_choice")
    if isinstance(choice, dict) and "name" in choice:
        yield Wrap(pointer, BEFORE_FUNCTION, "}")
    elif choice not in ("auto", "none"):
        raise UnclearError


def _has(record: Record, pointer: Pointer) -> bool:
    holder = record.at(pointer[:-1])
    return isinstance(holder, dict) and pointer[-1] in holder


def _conversation(record: Record) -> Iterator[Verb]:
    """Yield the conversion of messages: calls get ids, and each result gets the id of the call that it answers.

    Answers begin with the same ids: what they have in common, which may be their prompt, stays alike.
    """
    taken = {call_id for message in messages(record) for call_id, _ in _named_calls(message)}
    refused, asks = refuses_older_calls(record), record.format in BATCH_FORMATS
    converted: set[Pointer] = set()
    for conversation in conversations(record):
        found = [message for message in conversation if message is not None]
        for message, verb in _messages(found, taken, may_wait=refused, asks=asks):
            if message.pointer not in converted:
                yield verb
        converted.update([message.pointer for message in found])


def _messages(found: list[Message], taken: set[Any], *, may_wait: bool, asks: bool) -> Iterator[tuple[Message, Verb]]:
    """Yield the verbs for messages that follow each other, each with its message. No id is given that is `taken`.

    With `may_wait`, a call needs no result before the conversation goes on, or ends where it `asks` for an answer.
    """
    waiting: list[tuple[Any, Any]] = []
    number = 0
    for message in found:
        call = message.value.get("function_call")
        is_result = call is None and (message.role == "function" or message.meaning == "tool")
        if not (is_result or may_wait) and number and new_id(number) in dict(waiting):
            raise UnclearError
        if call is not None:
            number += 1
            while new_id(number) in taken:
                number += 1
            yield from zip(repeat(message), _call(message, call, new_id(number)))
            waiting = [(new_id(number), call["name"])]
        elif message.role == "function":
            yield from zip(repeat(message), _result(message, waiting))
        elif is_result:
            waiting = [each for each in waiting if each[0] != message.value.get("tool_call_id")]
        else:
            waiting = _named_calls(message)
    if asks and not may_wait and number and new_id(number) in dict(waiting):
        raise UnclearError


def _named_calls(message: Message) -> list[tuple[Any, Any]]:
    """Return id and name of each call in `tool_calls`."""
    found: list[tuple[Any, Any]] = []
    for call in calls_of(message):
        if isinstance(call_id := call.value.get("id"), str):
            found.append((call_id, call.function.get("name") if call.function else None))
    return found


def _call(message: Message, call: Any, call_id: str) -> Iterator[Verb]:
    """Yield the conversion of a message's `function_call`."""
    if message.meaning != "assistant" or "tool_calls" in message.value:
        raise UnclearError
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        raise UnclearError
    pointer = (*message.pointer, "function_call")
    yield Rename(pointer, "tool_calls")
    yield Wrap(pointer, f'[{{"id": {as_json(call_id)}, "type": "function", "function": ', "}]")


def _result(message: Message, waiting: list[tuple[Any, Any]]) -> Iterator[Verb]:
    """Yield the conversion of a result, which answers the first waiting call of the same name.

    One without a name answers the only waiting call.
    """
    name = message.value.get("name")
    fits = [each for each in waiting if each[1] == name] if name is not None else waiting
    if not fits or (name is None and len(fits) > 1) or "tool_call_id" in message.value:
        raise UnclearError
    answered = fits[0]
    waiting.remove(answered)
    yield Replace((*message.pointer, "role"), as_json("tool"))
    yield Insert(message.pointer, "tool_call_id", as_json(answered[0]))
