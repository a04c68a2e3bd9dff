"""A record as rules see it: its messages, and what their roles mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonl_lint.model import Pointer


@dataclass(frozen=True)
class Message:
    """A message that is an object, and what its role means.

    `role` is the role as written; `meaning` the standard role that it stands for, None where nobody can tell.
    """

    index: int
    value: dict[str, Any]
    role: Any
    meaning: str | None

    @property
    def pointer(self) -> Pointer:
        """`("messages", index)`."""
        return ("messages", self.index)

    def has_text(self, key: str = "content") -> bool:
        """Whether the value of `key` is a text with more than white space.

        Content may also be a list of parts, with one such text or with a part that is anything else.
        """
        value = self.value.get(key)
        if isinstance(value, str):
            return bool(value.strip())
        if isinstance(value, list) and key == "content":
            return any(_part_has_content(part) for part in value)
        return False

    @property
    def answers(self) -> bool:
        """Whether there is something to learn from: a text, a tool call or reasoning."""
        calls = self.value.get("tool_calls") or self.value.get("function_call")
        return bool(calls) or self.has_text() or self.has_text("reasoning") or self.has_text("reasoning_content")

    @property
    def trained(self) -> bool:
        """Whether the loss counts this message: an assistant's, unless its weight is 0."""
        return self.meaning == "assistant" and self.value.get("weight") not in (0, False)


def _part_has_content(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type", "text") != "text":
        return True
    text = part.get("text")
    return bool(text.strip()) if isinstance(text, str) else True


class Record:
    """A record as a rule sees it.

    `format` is the format that its keys make, `file_format` that of its file, `checked_as` the one whose schema was
    applied: each is None where nobody can tell. `messages` are those that are objects.
    """

    def __init__(
        self,
        value: Mapping[str, Any],
        *,
        format: str | None,  # noqa: A002
        file_format: str | None,
        checked_as: str | None,
        method: str,
        roles: tuple[str, ...],
        accepted_formats: tuple[str, ...],
        target: str,
    ) -> None:
        self.value = value
        self.format = format
        self.file_format = file_format
        self.checked_as = checked_as
        self.method = method
        self.roles = roles
        self.accepted_formats = accepted_formats
        self.target = target
        found = value.get("messages")
        self.messages = tuple(
            Message(index, item, item.get("role"), role_meaning(item, roles))
            for index, item in enumerate(found if isinstance(found, list) else [])
            if isinstance(item, dict)
        )

    @property
    def whole(self) -> bool:
        """Whether every message is an object whose role anybody can tell."""
        found = self.value.get("messages")
        return (
            isinstance(found, list)
            and bool(found)
            and len(self.messages) == len(found)
            and all(message.meaning is not None for message in self.messages)
        )

    def neighbours(self) -> Iterator[tuple[Message, Message]]:
        """Each message with the one before it, where both stand side by side in the record."""
        for before, message in zip(self.messages, self.messages[1:], strict=False):
            if message.index == before.index + 1:
                yield before, message


ROLE_ALIASES = {
    "human": "user",
    "question": "user",
    "gpt": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "ipython": "tool",
    "function_call": "assistant",
    "tool_call": "assistant",
    "developer": "system",
}
"""What other tools call the standard roles (the facts: provider and trainer documentation of 2023 to 2026)."""


def role_meaning(message: Mapping[str, Any], roles: Iterable[str]) -> str | None:
    """The standard role that a message's `role` stands for, or None where nobody can tell."""
    role = message.get("role")
    if not isinstance(role, str):
        return "assistant" if role is None and message.get("tool_calls") else None
    plain = role.strip().lower()
    if plain in roles and plain != "developer":
        return plain
    return ROLE_ALIASES.get(plain)
