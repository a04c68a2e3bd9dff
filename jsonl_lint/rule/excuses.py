"""What a schema calls wrong and another rule says better: questions that rules of several families ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.model import Pointer, value_at


def holds_broken_calls(record: Any, pointer: Pointer) -> bool:
    """Whether the message at a place calls tools, with a `tool_calls` that is no list."""
    message = value_at(record, pointer)
    if not isinstance(message, dict) or message.get("role") in ("system", "user", "tool"):
        return False
    return message.get("tool_calls") is not None and not isinstance(message["tool_calls"], list)


_WITH_OLDER_CALLS = ("messages", "interactions", "input", "body", "preferred_output", "non_preferred_output")
"""Root keys of the formats whose calls may be of OpenAI's older kind."""


def is_older_call(record: Mapping[str, Any], pointer: Pointer, key: str) -> bool:
    """Whether a key at a place holds functions or a call as OpenAI had them before there were tools."""
    if key not in ("functions", "function_call") or "schemaVersion" in record:
        return False
    if value_at(record, pointer).get(key) is None:
        return False
    return pointer[0] in _WITH_OLDER_CALLS if pointer else "messages" in record or "interactions" in record
