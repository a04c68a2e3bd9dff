"""What records are like: how many messages they have, and whose. Only reports that show it pay for it."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Census, clip

MOST_ROLES = 100
"""Names of roles that are told apart; hostile data may have one for each message."""

LONGEST_ROLE = 40
OTHER = "(other)"
NONE = "(none)"

_LISTS = ("messages", "conversations", "conversation")
_ROLE_KEYS = ("role", "from")


class CensusTaker:
    """Counts the messages of one file. Lines over 1 MiB and what no parser reads are left out."""

    def __init__(self) -> None:
        from orjson import loads

        self.parse = loads
        self.messages: dict[int, int] = {}
        self.roles: dict[str, int] = {}

    def add(self, line: bytes) -> None:
        """Count the record on this line, if it is a conversation."""
        try:
            record = self.parse(line)
        except ValueError:
            return
        messages = _messages_of(record)
        if messages is None:
            return
        self.messages[len(messages)] = self.messages.get(len(messages), 0) + 1
        for message in messages:
            self._add_role(message)

    def census(self) -> Census:
        """The counts so far."""
        return Census(self.messages, self.roles)

    def _add_role(self, message: Any) -> None:
        role: Any = None
        if isinstance(message, dict):
            role = next((message[key] for key in _ROLE_KEYS if key in message), None)
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
