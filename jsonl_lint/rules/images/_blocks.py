"""What is wrong inside the images, documents and results of tools of Anthropic, and the results of tools of Bedrock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.records.untyped import BEDROCK_RESULT_PARTS
from jsonl_lint.wording import enumerated, excerpt


def block_problems(part: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield what is wrong inside one of Anthropic's images, documents or results of tools."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in ("image", "document"):
        yield from _source_problems(part)
    elif kind == "tool_result" and not isinstance(part.get("content"), (str, list, type(None))):
        yield ("content",), f"`content` is {excerpt(part['content'])}; it must be a text or a list of blocks"


def result_problems(part: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield what is wrong with the parts of a result of a tool at Bedrock: texts, JSON and media."""
    result = part.get("toolResult") if isinstance(part, dict) else None
    items = result.get("content") if isinstance(result, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        for place, words in _result_part_problems(item):
            yield ("toolResult", "content", index, *place), words


def _result_part_problems(part: Any) -> Iterator[tuple[Pointer, str]]:
    if not isinstance(part, dict):
        yield (), f"the part is {excerpt(part)}; it must be an object"
        return
    if part.keys().isdisjoint(BEDROCK_RESULT_PARTS):
        yield (), f"the part is {excerpt(part)}; it must hold {enumerated(BEDROCK_RESULT_PARTS, 'or')}"
    for key, held in part.items():
        if key in _OBJECTS_IN_RESULT and not isinstance(held, dict):
            yield (key,), f"`{key}` is {excerpt(held)}; it must be an object"
    if not isinstance(part.get("text", ""), str):
        yield ("text",), f"`text` is {excerpt(part['text'])}; it must be a text"


def is_somewhere(medium: Any) -> bool:
    """Whether the source of a medium of Bedrock says where it is. What is no source at all is said already."""
    source = medium.get("source") if isinstance(medium, dict) else None
    if not isinstance(source, dict) or "bytes" in source:
        return True
    location = source.get("s3Location")
    return isinstance(location, dict) and isinstance(location.get("uri"), str) and bool(location["uri"])


def _source_problems(part: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    source = part.get("source")
    if "source" not in part:
        yield (), "the part has no `source`"
    elif not isinstance(source, dict):
        yield ("source",), f"`source` is {excerpt(source)}; it must be an object"
    elif not isinstance(source.get("type"), str):
        yield ("source",), "the source has no `type`"
    else:
        for key in _SOURCES.get(source["type"], ()):
            if key not in source:
                yield ("source",), f"the source has no `{key}`"
            elif not isinstance(source[key], str) or not source[key]:
                yield ("source", key), f"`{key}` is {excerpt(source[key])}; it must be a text that is not empty"


_SOURCES = {"base64": ("media_type", "data"), "text": ("media_type", "data"), "url": ("url",), "file": ("file_id",)}
"""What each type of source has in Anthropic's API (its Python SDK, types/*_source_param.py, 2026-11)."""

_OBJECTS_IN_RESULT = [key for key in BEDROCK_RESULT_PARTS if key not in ("text", "json")]
