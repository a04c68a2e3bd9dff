"""The roles of messages: the standard ones, and what other tools call them."""

from collections.abc import Iterable, Mapping
from typing import Any

STANDARD_ROLES = ("system", "user", "assistant", "tool")

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
"""Other tools' names for the standard roles, from the documentation of providers and trainers of 2023 to 2026."""


def is_call_role(role: str) -> bool:
    """Whether the content of a message with this role is a tool call, as ShareGPT and ms-swift have it."""
    return role.strip().lower() in ("function_call", "tool_call")


def role_meaning(message: Mapping[str, Any], roles: Iterable[str], speaker: str = "role") -> str | None:
    """Return the standard role that a message's `role` (or other key) stands for, None if it is unknown."""
    role = message.get(speaker)
    if not isinstance(role, str):
        return "assistant" if role is None and message.get("tool_calls") else None
    if role in STANDARD_ROLES:
        return role
    plain = role.strip().lower()
    if plain in STANDARD_ROLES:
        return plain
    return ROLE_ALIASES.get(plain, plain if plain in roles else None)
