"""What is wrong inside the images, documents and results of tools that Anthropic's messages are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.wording import excerpt


def block_problems(part: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield what is wrong inside one of Anthropic's images, documents or results of tools."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in ("image", "document"):
        yield from _source_problems(part)
    elif kind == "tool_result" and not isinstance(part.get("content"), (str, list, type(None))):
        yield ("content",), f"`content` is {excerpt(part['content'])}; it must be a text or a list of blocks"


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
