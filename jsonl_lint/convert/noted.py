"""What of a conversation is noted as lost, for formats that have no place for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.convert.pivot import Conversation, Json, Losses, calls_of, functions_of, role_of
from jsonl_lint.convert.results import called_functions


def note_weight(conversation: Conversation, losses: Losses) -> None:
    """Note the weight of the record, for a format that has none."""
    if conversation.weight is not None:
        losses.note("weights", "weight")


def note_ids(conversation: Conversation, index: int, losses: Losses) -> None:
    """Note the ids of calls in a message, for a format that has none, unless they were made up."""
    if not conversation.own_ids:
        return
    message = conversation.messages[index]
    if message.get("tool_call_id") is not None:
        losses.note("tool-call-ids", "messages", index, "tool_call_id")
    if any(call_id is not None for call_id, _, _ in calls_of(message)):
        losses.note("tool-call-ids", "messages", index, "tool_calls")


def note_message_keys(conversation: Conversation, known: tuple[str, ...], losses: Losses) -> None:
    """Note the keys of messages that the new format has no place for, unless what they hold says nothing.

    It has one for calls in what the user and the assistant say, and for the id of a call in what a tool says.
    """
    called: dict[str, str] = {}
    for index, message in enumerate(conversation.messages):
        called |= called_functions(message)
        own = _OWN_KEY.get(role_of(message), "tool_calls")
        for key, value in message.items():
            if key not in ("role", "content", own, *known) and not _says_nothing(message, key, value, called):
                losses.note(_LOSS_OF_KEY.get(key, "message-keys"), "messages", index, key)


def _says_nothing(message: Json, key: str, value: Any, called: dict[str, str]) -> bool:
    """Whether a key of a message is null or empty, or repeats which function it is that answers."""
    if key == "name" and role_of(message) == "tool":
        call_id = message.get("tool_call_id")
        return value is None or (isinstance(call_id, str) and called.get(call_id) == value)
    return value is None or (key in _NOTHING_IF_EMPTY and not value)


_NOTHING_IF_EMPTY = ("tool_calls", "tool_call_id", "reasoning", "reasoning_content")

_OWN_KEY = {"tool": "tool_call_id", "system": ""}
"""The key about calls that messages of a role have, where it is not `tool_calls`."""

_LOSS_OF_KEY = {"weight": "weights", "reasoning": "reasoning", "reasoning_content": "reasoning"}


def declared_functions(conversation: Conversation, losses: Losses) -> Iterator[Json]:
    """Yield the function of each tool definition, without OpenAI's `strict`, which no other format has."""
    for index, function in enumerate(functions_of(conversation.tools)):
        if function.get("strict"):
            losses.note("extra-keys", "tools", index, "function", "strict")
        yield {key: value for key, value in function.items() if key != "strict"}
