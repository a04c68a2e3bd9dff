"""ShareGPT: `conversations` of `from` and `value`, with LLaMA-Factory's way of calling tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.convert.noted import note_ids, note_message_keys, note_weight
from jsonl_lint.convert.pivot import (
    CannotConvertError,
    Conversation,
    Json,
    Losses,
    call,
    calls_of,
    decoded,
    dumped,
    loaded,
    loaded_object,
    objects,
    plain,
    role_of,
    system_key,
    system_of,
    text,
)
from jsonl_lint.convert.results import in_order_of_calls
from jsonl_lint.records.roles import ROLE_ALIASES, STANDARD_ROLES

_ROLES = {role: role for role in STANDARD_ROLES} | ROLE_ALIASES
_CALLERS = ("function_call", "tool_call")
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def read_sharegpt(record: Json, losses: Losses) -> Conversation:
    """Read turns by the usual names of their speakers; `function_call` is a tool call, `observation` its result.

    Turns may also be chat messages, or have `role` instead of `from`.
    """
    key = "conversations" if "conversations" in record else "conversation"
    losses.rest("extra-keys", record, (key, system_key(record), "tools"))
    messages = system_of(record)
    waiting: list[str] = []
    own_ids = False
    for index, turn in enumerate(_turns(objects(decoded(record[key], f"`{key}`"), f"`{key}`"))):
        who = "role" if "from" not in turn and "role" in turn else "from"
        if who == "role" and "value" not in turn:
            messages.append(turn)
            own_ids = True
            continue
        losses.rest("message-keys", turn, (who, "value", "weight"), key, index)
        message = _message(turn.get(who), turn.get("value"), index, waiting)
        weight = turn.get("weight")
        if weight is not None:
            message["weight"] = int(weight) if weight in (0, 1) else weight
        messages.append(message)
    return Conversation(messages, tools_of(record.get("tools")), own_ids=own_ids)


def _turns(found: list[Json]) -> Iterator[Json]:
    """Yield the turns. ms-swift has a question and its answer in one object, with the speakers as keys.

    XTuner calls them `input` and `output`.
    """
    for turn in found:
        if turn and all(_plain_name(key) in _ROLES or key in _IN_PAIRS for key in turn):
            yield from ({"from": _IN_PAIRS.get(key, key), "value": value} for key, value in turn.items())
        else:
            yield turn


_IN_PAIRS = {"input": "user", "output": "assistant"}


def _plain_name(speaker: str) -> str:
    return speaker.strip().lower().replace("-", "_")


def _message(speaker: Any, said: Any, index: int, waiting: list[str]) -> Json:
    """Return a turn as a message; `waiting` has the ids of the calls without a result."""
    name, value = _plain_name(speaker) if isinstance(speaker, str) else "", text(said, "`value`")
    if name in _CALLERS:
        parsed = loaded(value, f"the value of a {name}")
        items = objects(parsed if isinstance(parsed, list) else [parsed], f"the value of a {name}")
        calls = [
            call(f"call_{index}_{number}", item.get("name"), item.get("arguments", {}))
            for number, item in enumerate(items)
        ]
        waiting[:] = [made["id"] for made in calls]
        return {"role": "assistant", "content": "", "tool_calls": calls}
    role = _ROLES.get(name)
    if role is None:
        raise CannotConvertError(f"nobody knows the speaker {str(speaker)[:40]!r}")
    message: Json = {"role": role, "content": value}
    if role == "tool" and waiting:
        message["tool_call_id"] = waiting.pop(0)
    return message


def tools_of(value: Any) -> list[Any] | None:
    """Return tool definitions, which LLaMA-Factory has as JSON text, and as functions without their `type`."""
    if not value:
        return None
    tools = objects(loaded(value, "`tools`") if isinstance(value, str) else value, "`tools`")
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in tools]


def write_sharegpt(conversation: Conversation, losses: Losses) -> Json:
    """Write each message as `from` and `value`; a message that also calls tools becomes two turns."""
    note_weight(conversation, losses)
    note_message_keys(conversation, (), losses)
    turns: list[Json] = []
    for index, message in in_order_of_calls(conversation.messages, tells_names=False):
        role = role_of(message)
        if role not in _SPEAKERS:
            raise CannotConvertError(f"the role {role!r} has no speaker in ShareGPT")
        calls = list(calls_of(message))
        note_ids(conversation, index, losses)
        words = plain(message)
        if words or not calls:
            turns.append({"from": _SPEAKERS[role], "value": words})
        if calls:
            items = [{"name": name, "arguments": loaded_object(arguments)} for _, name, arguments in calls]
            turns.append({"from": "function_call", "value": dumped(items[0] if len(items) == 1 else items)})
    record: Json = {"conversations": turns}
    if conversation.tools:
        record["tools"] = dumped(conversation.tools)
    return record
