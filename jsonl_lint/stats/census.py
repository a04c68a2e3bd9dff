"""Count messages per record and roles, for reports of a check that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jsonl_lint.model import Census, Lengths, clip
from jsonl_lint.texts import ROLE_KEYS

MOST_ROLES = 100
"""How many roles are counted separately; hostile data may have one per message."""

LONGEST_ROLE = 40
OTHER = "(other)"
NONE = "(none)"

_LISTS = ("messages", "conversations", "conversation")

MOST_WAYS = 100
"""How many ways of counting are counted separately; requests may name any number of models."""

Measured = tuple[int, str, int]
"""Tokens, how they were counted in words, and images that were not."""


class CensusTaker:
    """Counts the messages of one file. Lines over 1 MiB and what no parser reads are left out.

    `length` gives the length of a record, None if it has no known format.
    """

    def __init__(self, length: Callable[[Mapping[str, Any]], Measured | None] | None = None) -> None:
        from orjson import loads

        from jsonl_lint.distribution import Distribution

        self.length = length
        self.lengths = Lengths(Distribution(), {}, 0) if length else None
        self.parse = loads
        self.messages: dict[int, int] = {}
        self.roles: dict[str, int] = {}

    def add(self, line: bytes) -> None:
        """Count the record on this line, if it is a conversation."""
        try:
            record = self.parse(line)
        except ValueError:
            return
        if self.length is not None and isinstance(record, dict):
            self._add_length(self.length(record))
        messages = _messages_of(record)
        if messages is None:
            return
        self.messages[len(messages)] = self.messages.get(len(messages), 0) + 1
        for message in messages:
            self._add_role(message)

    def census(self) -> Census:
        """The counts so far."""
        return Census(self.messages, self.roles, self.lengths)

    def _add_length(self, found: Measured | None) -> None:
        if found is None or self.lengths is None:
            return
        tokens, how, images = found
        counted = self.lengths.counted
        self.lengths.tokens.add(tokens)
        if how not in counted and len(counted) >= MOST_WAYS:
            how = OTHER
        counted[how] = counted.get(how, 0) + 1
        self.lengths = self.lengths._replace(images=self.lengths.images + images)

    def _add_role(self, message: Any) -> None:
        role: Any = None
        if isinstance(message, dict):
            role = next((message[key] for key in ROLE_KEYS if key in message), None)
        name = clip(role, LONGEST_ROLE) if isinstance(role, str) else NONE
        if name not in self.roles and len(self.roles) >= MOST_ROLES:
            name = OTHER
        self.roles[name] = self.roles.get(name, 0) + 1


def _messages_of(record: Any) -> list[Any] | None:
    """The record's messages; those of its input where it is a preference pair."""
    if not isinstance(record, dict):
        return None
    inner = record.get("input")
    for holder in (record, inner if isinstance(inner, dict) else {}):
        for key in _LISTS:
            if isinstance(holder.get(key), list):
                messages: list[Any] = holder[key]
                return messages
    return None
