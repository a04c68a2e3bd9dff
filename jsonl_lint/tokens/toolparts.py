"""Find tool calls and results that are parts of a message, as in the formats of Bedrock, Gemini and Anthropic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CALL, RESULT = "tool calls", "tool results"

WITH_TOOL_PARTS = ("bedrock", "gemini", "gemini-preference", "anthropic-batch")
"""Record formats whose messages have such parts."""

_CALLS = (("toolUse", "input"), ("functionCall", "args"), ("function_call", "args"))
_RESULTS = (("toolResult", "content"), ("functionResponse", "response"), ("function_response", "response"))


def said_by_tools(parts: Any) -> Iterator[tuple[str, Any]]:
    """Yield the calls and results among the parts of a content: which of the two it is, and its value."""
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            yield from _in_part(part)


def _in_part(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if part.get("type") == "tool_use":
        yield CALL, {"name": part.get("name"), "arguments": part.get("input")}
    elif part.get("type") == "tool_result":
        yield RESULT, part.get("content")
    for key, arguments in _CALLS:
        call = part.get(key)
        if isinstance(call, dict):
            yield CALL, {"name": call.get("name"), "arguments": call.get(arguments)}
    for key, content in _RESULTS:
        result = part.get(key)
        if isinstance(result, dict):
            yield RESULT, result.get(content)
