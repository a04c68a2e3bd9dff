"""Messages and parts into which no schema looks, because the structure of a record does not show them: the answers of a
Gemini pair, and what results of tools at Bedrock are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer
from jsonl_lint.records.untyped import BEDROCK_RESULT_PARTS, GEMINI_PARTS
from jsonl_lint.rule import Record


class Hidden(NamedTuple):
    """A message or a part: its place, what it is, the keys that it may have, and whether it has what it cannot lack."""

    pointer: Pointer
    value: dict[str, Any]
    noun: str
    known: tuple[str, ...]
    complete: bool


def may_hide(record: Record) -> bool:
    """Whether a record may have some, as far as its structure tells."""
    if record.format == "bedrock":
        return any(True for _ in _bedrock_results(record))
    return isinstance(record.value.get("completions"), list)


def hidden(record: Record) -> Iterator[Hidden]:
    """Yield each, but no parts without any known key: other rules report those."""
    if record.format == "bedrock":
        for where, parts in _bedrock_results(record):
            yield from _parts(where, parts, BEDROCK_RESULT_PARTS)
        return
    completions = record.value.get("completions")
    for index, item in enumerate(completions if isinstance(completions, list) else ()):
        answer = item.get("completion") if isinstance(item, dict) else None
        if isinstance(answer, dict):
            where = ("completions", index, "completion")
            yield Hidden(where, answer, "message", ("role", "parts"), "parts" in answer)
            yield from _parts((*where, "parts"), answer.get("parts"), GEMINI_PARTS)


def _bedrock_results(record: Record) -> Iterator[tuple[Pointer, Any]]:
    """Yield the content of each result of a tool, and its place."""
    for message in record.messages:
        for index, part in enumerate(message.content if isinstance(message.content, list) else ()):
            result = part.get("toolResult") if isinstance(part, dict) else None
            if isinstance(result, dict):
                yield (*message.pointer, message.content_key, index, "toolResult", "content"), result.get("content")


def _parts(where: Pointer, parts: Any, known: tuple[str, ...]) -> Iterator[Hidden]:
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict) and not part.keys().isdisjoint(known):
            yield Hidden((*where, index), part, "content part", known, complete=True)
