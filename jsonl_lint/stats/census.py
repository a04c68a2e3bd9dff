"""Count the messages of each record and their roles, for reports of a check that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orjson import loads

from jsonl_lint.distribution import Distribution, count_by_name
from jsonl_lint.model import Census, Lengths, value_or_none
from jsonl_lint.records.formats import FORMATS
from jsonl_lint.records.texts import ROLE_KEYS
from jsonl_lint.wording import clip

MOST_ROLES = 100
"""How many roles are counted separately; hostile data may have one for each message."""

LONGEST_ROLE = 40
OTHER = "(other)"
NONE = "(none)"

_MESSAGES_AT = tuple(dict.fromkeys([*(known.messages_at for known in FORMATS if known.messages_at), ("conversation",)]))
"""Where records of all formats have their messages."""

MOST_WAYS = 100
"""How many ways of counting tokens are counted separately; requests may name any number of models."""

Measured = tuple[int, str, int]
"""The length of a record in tokens, how they were counted in words, and the number of images that were not."""


class CensusTaker:
    """Counts the messages of one file. Lines over 1 MiB and lines that are not JSON are left out.

    `length` returns the length of a record, None if it has no known format.
    """

    def __init__(self, length: Callable[[Mapping[str, Any]], Measured | None] | None = None) -> None:
        self.length = length
        self.lengths = Lengths(Distribution(), {}, 0) if length else None
        self.messages: dict[int, int] = {}
        self.roles: dict[str, int] = {}

    def add(self, line: bytes) -> None:
        """Count the record on this line, if it is a conversation."""
        try:
            record = loads(line)
        except ValueError:
            return
        if not isinstance(record, dict):
            return
        if self.length is not None:
            self._add_length(self.length(record))
        messages = _messages_of(record)
        if messages is None:
            return
        self.messages[len(messages)] = self.messages.get(len(messages), 0) + 1
        for message in messages:
            self._add_role(message)

    def census(self) -> Census:
        """Return the counts so far."""
        return Census(self.messages, self.roles, self.lengths)

    def _add_length(self, found: Measured | None) -> None:
        if found is None or self.lengths is None:
            return
        tokens, how, images = found
        self.lengths.tokens.add(tokens)
        count_by_name(self.lengths.counted, how, 1, most=MOST_WAYS, other=OTHER)
        self.lengths = self.lengths._replace(images=self.lengths.images + images)

    def _add_role(self, message: Any) -> None:
        role: Any = None
        if isinstance(message, dict):
            role = next((message[key] for key in ROLE_KEYS if key in message), None)
        name = clip(role, LONGEST_ROLE) if isinstance(role, str) else NONE
        count_by_name(self.roles, name, 1, most=MOST_ROLES, other=OTHER)


def _messages_of(record: dict[str, Any]) -> list[Any] | None:
    """Return the record's messages, None if it has none in any format; of a preference pair, those of its input."""
    places = (value_or_none(record, pointer) for pointer in _MESSAGES_AT)
    return next((found for found in places if isinstance(found, list)), None)
