"""Find tool calls and results that are parts of a message, as in the formats of Bedrock, Gemini and Anthropic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.records.toolshapes import IN_PARTS, SNAKE_CASE, ToolShape, in_part

CALL, RESULT = "tool calls", "tool results"

WITH_TOOL_PARTS = ("bedrock", "gemini", "gemini-preference", "anthropic-batch")
"""Record formats whose messages have such parts."""

_WORDS = {shape.call: (CALL, shape) for shape in IN_PARTS} | {shape.result: (RESULT, shape) for shape in IN_PARTS}
_WORDS |= {spelled: _WORDS[name] for name, spelled in SNAKE_CASE.items()}
"""What the shapes' words for calls and results stand for, as keys or types of parts."""


def calls_and_results(parts: Any) -> Iterator[tuple[str, Any]]:
    """Yield the calls and results among the parts of a content: which of the two it is, and its value."""
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            yield from _in_part(part)


def _in_part(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = part.get("type")
    for word in dict.fromkeys((kind, *part)) if isinstance(kind, str) else part:
        if word in _WORDS:
            what, shape = _WORDS[word]
            value = in_part(part, word, shape)
            if value is not None:
                yield what, _call(value, shape) if what == CALL else value.get(shape.answer)


def _call(value: dict[str, Any], shape: ToolShape) -> dict[str, Any]:
    return {"name": value.get("name"), "arguments": value.get(shape.arguments)}
