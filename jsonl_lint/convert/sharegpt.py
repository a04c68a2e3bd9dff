"""ShareGPT: `conversations` of `from` and `value`, with LLaMA-Factory's way of calling tools."""

from __future__ import annotations

from typing import Any

from jsonl_lint.convert.pivot import (
    CannotConvertError,
    Conversation,
    Json,
    Losses,
    call,
    calls_of,
    dumped,
    loaded,
    note_message_keys,
    objects,
    plain,
    role_of,
    text,
)

_ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "tool": "tool",
    "observation": "tool",
}
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def read_sharegpt(record: Json, losses: Losses) -> Conversation:
    """Each speaker by its usual names; `function_call` becomes a tool call, `observation` its result."""
    key = "conversations" if "conversations" in record else "conversation"
    losses.rest("extra-keys", record, (key, "system", "tools"))
    messages: list[Json] = []
    if record.get("system"):
        messages.append({"role": "system", "content": text(record["system"], "`system`")})
    waiting: list[str] = []
    for index, turn in enumerate(objects(record[key], f"`{key}`")):
        losses.rest("message-keys", turn, ("from", "value", "weight"), key, index)
        message = _message(turn, index, waiting)
        if "weight" in turn:
            message["weight"] = turn["weight"]
        messages.append(message)
    return Conversation(messages, _tools(record.get("tools")))


def _message(turn: Json, index: int, waiting: list[str]) -> Json:
    """One message; `waiting` holds the ids of calls without a result."""
    speaker, value = turn.get("from"), text(turn.get("value"), "`value`")
    if speaker == "function_call":
        parsed = loaded(value, "the value of a function_call")
        items = objects(parsed if isinstance(parsed, list) else [parsed], "the value of a function_call")
        calls = [call(f"call_{index}_{number}", item.get("name"), item.get("arguments", {}))
                 for number, item in enumerate(items)]  # fmt: skip
        waiting[:] = [made["id"] for made in calls]
        return {"role": "assistant", "content": "", "tool_calls": calls}
    role = _ROLES.get(speaker.lower()) if isinstance(speaker, str) else None
    if role is None:
        raise CannotConvertError(f"nobody knows the speaker {str(speaker)[:40]!r}")
    message: Json = {"role": role, "content": value}
    if role == "tool" and waiting:
        message["tool_call_id"] = waiting.pop(0)
    return message


def _tools(value: Any) -> list[Any] | None:
    """LLaMA-Factory keeps them as JSON text, and as bare functions."""
    if not value:
        return None
    tools = objects(loaded(value, "`tools`") if isinstance(value, str) else value, "`tools`")
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in tools]


def write_sharegpt(conversation: Conversation, losses: Losses) -> Json:
    """Each message as `from` and `value`."""
    conversation = conversation.with_answer(losses)
    note_message_keys(conversation, (), losses)
    turns: list[Json] = []
    for index, message in enumerate(conversation.messages):
        role = role_of(message)
        if role not in _SPEAKERS:
            raise CannotConvertError(f"the role {role!r} has no speaker in ShareGPT")
        if message.get("tool_call_id") is not None:
            losses.note("tool-call-ids", "messages", index, "tool_call_id")
        calls = list(calls_of(message))
        words = plain(message)
        if words or not calls:
            turns.append({"from": _SPEAKERS[role], "value": words})
        if calls:
            losses.note("tool-call-ids", "messages", index, "tool_calls")
            items = [{"name": name, "arguments": loaded(arguments, "`arguments`")} for _, name, arguments in calls]
            turns.append({"from": "function_call", "value": dumped(items[0] if len(items) == 1 else items)})
    record: Json = {"conversations": turns}
    if conversation.tools:
        record["tools"] = dumped(conversation.tools)
    return record
