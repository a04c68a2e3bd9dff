"""Recognise structures of conversations whose length follows from their texts, without parsing the record again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from jsonl_lint.tokens.measure import BESIDE
from jsonl_lint.tokens.shortcut import SHORT_KEYS


class Layout(NamedTuple):
    """The roles of the messages, which of them have a text, and whether tools are defined or called.

    No message has anything else that affects its length but tool calls.
    """

    roles: tuple[str, ...]
    says: tuple[bool, ...]
    tools: bool

    def all_texts(self, texts: list[str]) -> list[str] | None:
        """Return each message's text, given the texts of those that have one; None if their number is different."""
        if len(texts) == len(self.says):
            return texts
        if len(texts) != sum(self.says):
            return None
        left = iter(texts)
        return [next(left) if says else "" for says in self.says]


def layout_of(record: Mapping[str, Any]) -> Layout | None:
    """Return the layout of all records with this one's structure; None if other things affect their length."""
    messages = record.get("messages")
    if not record.keys().isdisjoint(BESIDE):
        return None
    if not isinstance(messages, list) or not messages or not all(map(_is_short, messages)):
        return None
    if messages[-1].keys() != {"role", "content"} or messages[-1]["content"] is None:
        return None
    return Layout(
        tuple([message["role"] for message in messages]),
        tuple([message.get("content") is not None for message in messages]),
        "tools" in record or any(["tool_calls" in message for message in messages]),
    )


def _is_short(message: Any) -> bool:
    """Whether it is a message with a role, no text or one that is not blank, and nothing that a layout lacks."""
    if not isinstance(message, dict) or not message.keys() <= SHORT_KEYS or not isinstance(message.get("role"), str):
        return False
    content = message.get("content")
    return content is None or (isinstance(content, str) and bool(content.strip()))
