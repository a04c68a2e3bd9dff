"""Find the images of a record, whichever way its format writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from jsonl_lint.images.encoded import Base64, is_measurable, normal_type
from jsonl_lint.model import Pointer
from jsonl_lint.records.formats import PREFERENCE_OUTPUTS, is_message
from jsonl_lint.records.record import Record, once_per_record
from jsonl_lint.records.toolshapes import ANTHROPIC, parts_of
from jsonl_lint.target import Target

FORMATS = (
    *("chat", "preference", "chosen-rejected", "kto", "batch", "instruction", "prompt"),
    *("gemini", "gemini-preference", "bedrock", "anthropic-batch"),
)
"""The record formats in which a message's content may be a list of parts."""

_BESIDE_MESSAGES = {
    "preference": PREFERENCE_OUTPUTS,
    "chosen-rejected": ("prompt", "chosen", "rejected"),
    "kto": ("prompt", "completion"),
    "prompt": ("prompt",),
}
"""Root keys of other conversations."""

LONGEST_MEDIA_TYPE = 200
"""How far a data URL is searched for the end of its media type, in characters."""

DATA_URL = re.compile(r"data:([^,;]*);base64,")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class Content(NamedTuple):
    """A content that is a list of parts: of a message, or of an instruction's prompt or completion.

    `meaning` is the standard role, None if there is none.
    """

    pointer: Pointer
    parts: list[Any]
    meaning: str | None


class Image:
    """A part of a message that is an image.

    Its address or data is at `place` in the part, which is at `pointer`. `url` is an address, which may be a data URL,
    and `raw` is base64 by itself; both are None unless they are strings. `named_type` is the media type that the record
    gives beside the data, at `type_at` in the part.
    """

    def __init__(
        self,
        pointer: Pointer,
        meaning: str | None,
        place: Pointer,
        *,
        url: Any = None,
        raw: Any = None,
        named_type: str | None = None,
        type_at: Pointer | None = None,
    ) -> None:
        self.pointer = pointer
        self.meaning = meaning
        self.url_pointer: Pointer = (*pointer, *place)
        self.url = url if isinstance(url, str) else None
        self.raw = raw if isinstance(raw, str) else None
        self.named_type = named_type
        self.type_pointer = self.url_pointer if type_at is None else (*pointer, *type_at)

    @property
    def scheme(self) -> str:
        """The scheme of the address in lower case, such as `https`; `data` for an image in the record, "" for none."""
        if self.raw is not None:
            return "data"
        found = _SCHEME.match(self.url or "")
        return found[1].lower() if found else ""

    @property
    def media_type(self) -> str | None:
        """The media type that the record gives it, None if it gives none."""
        return self.data.media_type if self.named_type is None and self.data is not None else self.named_type

    @cached_property
    def data(self) -> Base64 | None:
        """The image if the record contains it, as base64 or in a URL like `data:<type>;base64,<data>`; or None."""
        if self.raw is not None:
            return Base64(self.raw, 0, self.named_type or "")
        return base64_in(self.url) if self.url else None


def base64_in(url: str) -> Base64 | None:
    """Return the image that a data URL holds as base64, None if the URL is not one."""
    found = DATA_URL.match(url[: LONGEST_MEDIA_TYPE + 20])
    return Base64(url, found.end(), found[1]) if found else None


def trait(record: Record, name: str) -> Any:
    """Return what the target says about images in records of this format (a trait), None if it says nothing."""
    return trait_of(record.target, record.format, name)


def trait_of(target: Target, format: str | None, name: str) -> Any:
    """Return what a target says about images in records of a format (a trait), None if it says nothing.

    What the target says about no particular format applies to training data, not to batch requests.
    """
    general = None if format == "batch" else target.traits.get(name)
    return target.traits.get(f"{name}_by_format", {}).get(format, general)


def limit(record: Record, name: str) -> Any:
    """Return the target's limit with this name for records of this format, None if there is none."""
    return record.target.limit(name, record.format)


@once_per_record
def contents(record: Record) -> tuple[Content, ...]:
    """Return every content of the record that is a list of parts."""
    found: list[Content] = []
    messages = list(record.messages)
    sides = (("prompt", "user"), ("completion", "assistant")) if record.format == "instruction" else ()
    for key, meaning in sides:
        parts = record.value.get(key)
        if _has_messages(parts) and trait(record, "part_types") is None:
            messages += record.messages_in(parts, (key,))
        elif isinstance(parts, list):
            found.append(Content((key,), parts, meaning))
    for key in _BESIDE_MESSAGES.get(record.format or "", ()):
        messages += record.messages_in(record.value.get(key), (key,))
    for message in messages:
        if isinstance(message.content, list):
            found.append(Content((*message.pointer, message.content_key), message.content, message.meaning))
    if record.format == "anthropic-batch":
        found += chain.from_iterable(map(_results, tuple(found)))
    return tuple(found)


def _results(content: Content) -> list[Content]:
    """Return the results of tools that are lists of parts themselves, as Anthropic's may be."""
    results = [(at, result.get("content")) for at, result in parts_of(content.parts, ANTHROPIC.result, ANTHROPIC)]
    return [
        Content((*content.pointer, *at, "content"), parts, content.meaning)
        for at, parts in results
        if isinstance(parts, list)
    ]


def _has_messages(value: Any) -> bool:
    return isinstance(value, list) and any(map(is_message, value))


@once_per_record
def images(record: Record) -> tuple[Image, ...]:
    """Return every image of the record, in order."""
    read = _READERS.get(record.format or "", _openai)
    found = (
        read((*content.pointer, index), content.meaning, part)
        for content in contents(record)
        for index, part in enumerate(content.parts)
        if isinstance(part, dict)
    )
    return tuple(image for image in found if image is not None)


def may_have_images(record: Record) -> bool:
    """Whether there are images, or results of tools that may be some: an abstract record does not show these."""
    return bool(images(record)) or (record.format == "anthropic-batch" and any(map(_results, contents(record))))


@once_per_record
def holding_images(record: Record) -> frozenset[Pointer]:
    """Return the pointers of the messages that hold images."""
    return frozenset([image.pointer[:-2] for image in images(record)])


def _openai(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    if part.get("type") != "image_url":
        return None
    given = part.get("image_url")
    if isinstance(given, dict):
        return Image(pointer, meaning, ("image_url", "url"), url=given.get("url"))
    return Image(pointer, meaning, ("image_url",), url=given)


def _gemini(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    """Return the image if a file is one: not a video, a sound or a document."""
    file = gemini_file(pointer, meaning, part)
    return file if file is not None and (file.named_type or "image/").startswith("image/") else None


def gemini_file(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    """Return the file, of whatever type, that a part of Gemini gives by its address or holds."""
    for key, inner in (("fileData", "fileUri"), ("inlineData", "data")):
        file = part.get(key)
        if isinstance(file, dict):
            kind = file.get("mimeType")
            value, place = file.get(inner), (key, inner)
            named = kind if isinstance(kind, str) else None
            where = {"url": value} if key == "fileData" else {"raw": value}
            return Image(pointer, meaning, place, named_type=named, type_at=(key, "mimeType"), **where)
    return None


def bedrock_medium(pointer: Pointer, meaning: str | None, part: dict[str, Any], what: str = "image") -> Image | None:
    """Return the image, or another medium, that a part of Bedrock holds under this key."""
    medium = part.get(what)
    if not isinstance(medium, dict):
        return None
    kind, source = medium.get("format"), medium.get("source")
    named = f"{what}/{kind}" if isinstance(kind, str) else None
    type_at = (what, "format")
    location = source.get("s3Location") if isinstance(source, dict) else None
    if isinstance(location, dict):
        place = (what, "source", "s3Location", "uri")
        return Image(pointer, meaning, place, url=location.get("uri"), named_type=named, type_at=type_at)
    raw = source.get("bytes") if isinstance(source, dict) else None
    return Image(pointer, meaning, (what, "source", "bytes"), raw=raw, named_type=named, type_at=type_at)


def _anthropic(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    source = part.get("source")
    if part.get("type") != "image" or not isinstance(source, dict):
        return None
    if "data" not in source:
        return Image(pointer, meaning, ("source", "url"), url=source.get("url"))
    kind = source.get("media_type")
    named, type_at = (kind, ("source", "media_type")) if isinstance(kind, str) else (None, None)
    return Image(pointer, meaning, ("source", "data"), raw=source["data"], named_type=named, type_at=type_at)


_READERS: dict[str, Callable[[Pointer, str | None, dict[str, Any]], Image | None]] = {
    "gemini": _gemini,
    "gemini-preference": _gemini,
    "bedrock": bedrock_medium,
    "anthropic-batch": _anthropic,
}
"""Returns the image that a part of a message is, if it is one, for each format that differs from OpenAI's."""


def embedded(record: Record) -> list[tuple[Image, Base64]]:
    """Return the images that the record itself contains."""
    return [(image, image.data) for image in images(record) if image.data is not None]


def judgeable(record: Record) -> list[tuple[Image, Base64]]:
    """Return the embedded images of a type whose header can be read, if their base64 has no problem."""
    return [
        (image, data)
        for image, data in embedded(record)
        if is_measurable(normal_type(data.media_type)) and data.problem is None
    ]


def spoken(record: Record) -> list[tuple[Pointer, Any]]:
    """Return every content that is not empty, text or parts, with its place; of a preference pair, the input's.

    A prompt or completion that is a list of messages is neither.
    """
    found: list[tuple[Pointer, Any]] = [
        ((*message.pointer, message.content_key), message.content) for message in record.messages
    ]
    if record.format == "instruction":
        said = [((key,), record.value.get(key)) for key in ("prompt", "completion")]
        found = [(where, value) for where, value in said if not _has_messages(value)]
    return [(pointer, value) for pointer, value in found if value]
