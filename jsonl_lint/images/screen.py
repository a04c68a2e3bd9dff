"""A quick test which proves that no rule about images and other content parts would report a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.images.parts import base64_in, trait_of
from jsonl_lint.model import value_or_none
from jsonl_lint.records.formats import BY_NAME
from jsonl_lint.records.record import Screen
from jsonl_lint.records.untyped import GEMINI_SYSTEM
from jsonl_lint.target import Target

_JUDGED = frozenset(
    (
        *("fileData", "inlineData", "functionResponse", "image", "video", "document", "toolResult", "reasoningContent"),
        *("value", "content"),
    )
)
"""Keys of parts in Gemini's and Bedrock's formats that rules look into, and keys that may be meant as `text`."""

_WITH_PARTS = ("system", "user", "assistant")
"""Roles whose content may be parts in every target that takes parts."""

_OF_CHATS = ("chat", "batch")
"""Formats whose messages are OpenAI's."""

_SCREENED = (*_OF_CHATS, "gemini", "bedrock", "anthropic-batch")
"""The formats that can pass."""


def is_plain(value: Mapping[str, Any], format: str | None, target: Target) -> bool:
    """Whether it is quickly certain that no rule about images and other parts would report the record.

    A record passes if its parts are texts, calls, results of texts and JSON, and images that the target takes: at https
    addresses, or in the record, with a sound header. Tests verify that no rule reports a record that passes.
    """
    if format not in _SCREENED:
        return False
    layout = BY_NAME[format]
    found = value_or_none(value, layout.messages_at)
    messages = [message for message in found if type(message) is dict] if type(found) is list else []
    contents = [(message, parts) for message in messages if type(parts := message.get(layout.content)) is list]
    if format in _OF_CHATS:
        return _are_texts_and_images(contents, format, target)
    parts = [part for _, items in contents for part in items if not _is_result(part)]
    if format == "anthropic-batch":
        takes_all = [trait_of(target, format, name) for name in ("part_types", "text_roles")] == [None, None]
        return takes_all and all([_is_block(part) for part in parts])
    if not all([type(part) is dict and part and _JUDGED.isdisjoint(part) for part in parts]):
        return False
    if format == "bedrock":
        return all(["text" in part or "toolUse" in part for part in parts])
    systems = [value[key] for key in GEMINI_SYSTEM if key in value]
    return all(["text" in part or "functionCall" in part for part in parts]) and all(map(_is_system_message, systems))


def _is_block(part: Any) -> bool:
    """Whether it is a text of Anthropic's messages, a call, or a result that is a text or several."""
    kind = part.get("type") if type(part) is dict else None
    if kind == "tool_result":
        said = part.get("content", "")
        return type(said) is str or (type(said) is list and all([_is_text_block(each) for each in said]))
    return kind == "tool_use" or _is_text_block(part)


def _is_text_block(part: Any) -> bool:
    return type(part) is dict and part.get("type") == "text" and _has_text(part)


def _is_result(part: Any) -> bool:
    """Whether it is a tool's result in the format of Gemini or Bedrock, and holds nothing but texts and JSON."""
    if type(part) is not dict or len(part) != 1:
        return False
    ((key, found),) = part.items()
    if type(found) is not dict:
        return False
    if key == "toolResult":
        items = found.get("content")
        return type(items) is list and all(
            [type(item) is dict and len(item) == 1 and ("json" in item or _has_text(item)) for item in items]
        )
    named = type(found.get("name")) is str and bool(found["name"].strip())
    return key == "functionResponse" and named and type(found.get("response")) is dict and "parts" not in found


def _is_system_message(value: Any) -> bool:
    parts = value.get("parts") if type(value) is dict else None
    return type(parts) is list and bool(parts) and all([type(part) is dict and _has_text(part) for part in parts])


def _has_text(part: dict[str, Any]) -> bool:
    return type(part.get("text")) is str


def _are_texts_and_images(contents: list[tuple[dict[str, Any], list[Any]]], format: str, target: Target) -> bool:
    types, roles = trait_of(target, format, "part_types"), trait_of(target, format, "image_roles")
    takes_images = types is None or "image_url" in types
    if types == []:
        return not contents
    of_texts = bool(trait_of(target, format, "text_roles"))
    most = target.limit("max_images", format)
    count = 0
    for message, parts in contents:
        if of_texts and message.get("role") not in _WITH_PARTS:
            return False
        for part in parts:
            kind = part.get("type") if type(part) is dict else None
            if kind == "text" and _has_text(part) and (types is None or kind in types):
                continue
            if kind != "image_url" or not takes_images or not _is_taken(part.get("image_url"), format, target):
                return False
            if roles is not None and message.get("role") not in roles:
                return False
            count += 1
    return most is None or count <= most


def _is_taken(given: Any, format: str, target: Target) -> bool:
    """Whether it is the https address of an image, or an image in the record, as the target takes it."""
    shape, sources = trait_of(target, format, "image_url_shape"), trait_of(target, format, "image_sources")
    details = trait_of(target, format, "image_details")
    if details and type(given) is dict and given.get("detail", details[0]) not in details:
        return False
    url = given.get("url") if type(given) is dict and shape != "string" else given if shape != "object" else None
    if type(url) is not str:
        return False
    if url.startswith("https:"):
        return sources is None or "https" in sources
    return url.startswith("data:") and (sources is None or "data" in sources) and _is_sound(url, format, target)


def _is_sound(url: str, format: str, target: Target) -> bool:
    data = base64_in(url)
    types, most = trait_of(target, format, "image_types"), target.limit("max_image_bytes", format)
    return (
        data is not None
        and (types is None or data.media_type in types)
        and (most is None or data.size <= most)
        and data.is_sound
    )


SCREEN = Screen(is_plain)
"""The screen of all rules about images."""
