"""Images in records: which parts of a message are one, in the shape of each format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from jsonl_lint.images.encoded import Base64, is_measurable, normal_type
from jsonl_lint.model import Pointer
from jsonl_lint.record import Record
from jsonl_lint.repair import EditText, Piece, Repair, Replace, as_json, repair
from jsonl_lint.target import Target

FORMATS = ("chat", "preference", "batch", "instruction", "gemini", "gemini-preference", "bedrock", "anthropic-batch")
"""The record formats whose messages have parts."""

LONGEST_MEDIA_TYPE = 200

_DATA = re.compile(r"data:([^,;]*);base64,")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class Content(NamedTuple):
    """The parts of one message, or of the prompt or completion of an instruction; `meaning` is the standard role."""

    pointer: Pointer
    parts: list[Any]
    meaning: str | None


class Image:
    """A part of a message that is an image.

    `url` is its address, which may be a data URL; None where it is no text. `raw` is its base64 where that stands by
    itself. `type_pointer` is the place that names its type.
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
        """`data`, `https` …; empty if there is none."""
        if self.raw is not None:
            return "data"
        found = _SCHEME.match(self.url or "")
        return found[1].lower() if found else ""

    @property
    def media_type(self) -> str | None:
        """The type that the record gives it."""
        return self.data.media_type if self.named_type is None and self.data is not None else self.named_type

    @cached_property
    def data(self) -> Base64 | None:
        """The image inside the record, None if it is elsewhere, or its URL not `data:<type>;base64,<data>`."""
        if self.raw is not None:
            return Base64(self.raw, 0, self.named_type or "")
        found = _DATA.match(self.url[: LONGEST_MEDIA_TYPE + 20]) if self.url else None
        return Base64(self.url, found.end(), found[1]) if found and self.url else None


def trait(record: Record, name: str) -> Any:
    """How the target wants images in records of this format, None where it does not say."""
    return trait_of(record.target, record.format, name)


def trait_of(target: Target, format: str | None, name: str) -> Any:  # noqa: A002
    """The same for any record of a format.

    What the target says of no format in particular is about training data, not about batch requests.
    """
    general = None if format == "batch" else target.traits.get(name)
    return target.traits.get(f"{name}_by_format", {}).get(format, general)


def limit(record: Record, name: str) -> Any:
    """The target's limit on images in records of this format, None where there is none."""
    return record.target.limits_in(record.format).get(name)


def contents(record: Record) -> tuple[Content, ...]:
    """Every content of the record that is a list of parts."""
    return record.shared(_contents)


def _contents(record: Record) -> tuple[Content, ...]:
    if record.format == "instruction":
        sides = (("prompt", "user"), ("completion", "assistant"))
        return tuple(
            Content((key,), parts, meaning)
            for key, meaning in sides
            if isinstance(parts := record.value.get(key), list)
        )
    messages = list(record.messages)
    if record.format == "preference":
        messages += record.output_messages
    return tuple(
        Content((*message.pointer, message.content_key), message.content, message.meaning)
        for message in messages
        if isinstance(message.content, list)
    )


def images(record: Record) -> tuple[Image, ...]:
    """Every image of the record, in order."""
    return record.shared(_images)


def _images(record: Record) -> tuple[Image, ...]:
    read = _READERS.get(record.format or "", _openai)
    found = (
        read((*content.pointer, index), content.meaning, part)
        for content in contents(record)
        for index, part in enumerate(content.parts)
        if isinstance(part, dict)
    )
    return tuple(image for image in found if image is not None)


def _openai(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    if part.get("type") != "image_url":
        return None
    given = part.get("image_url")
    if isinstance(given, dict):
        return Image(pointer, meaning, ("image_url", "url"), url=given.get("url"))
    return Image(pointer, meaning, ("image_url",), url=given)


def _gemini(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    """A file by its address, or inside the record. Its type may be that of a film, a sound or a document."""
    for key, inner in (("fileData", "fileUri"), ("inlineData", "data")):
        file = part.get(key)
        if isinstance(file, dict):
            kind = file.get("mimeType")
            if isinstance(kind, str) and not kind.startswith("image/"):
                return None
            value, place = file.get(inner), (key, inner)
            named = kind if isinstance(kind, str) else None
            where = {"url": value} if key == "fileData" else {"raw": value}
            return Image(pointer, meaning, place, named_type=named, type_at=(key, "mimeType"), **where)
    return None


def _bedrock(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    image = part.get("image")
    if not isinstance(image, dict):
        return None
    kind, source = image.get("format"), image.get("source")
    named = f"image/{kind}" if isinstance(kind, str) else None
    type_at = ("image", "format")
    location = source.get("s3Location") if isinstance(source, dict) else None
    if isinstance(location, dict):
        place = ("image", "source", "s3Location", "uri")
        return Image(pointer, meaning, place, url=location.get("uri"), named_type=named, type_at=type_at)
    raw = source.get("bytes") if isinstance(source, dict) else None
    return Image(pointer, meaning, ("image", "source", "bytes"), raw=raw, named_type=named, type_at=type_at)


def _anthropic(pointer: Pointer, meaning: str | None, part: dict[str, Any]) -> Image | None:
    source = part.get("source")
    if part.get("type") != "image" or not isinstance(source, dict):
        return None
    if "data" not in source:
        return Image(pointer, meaning, ("source", "url"), url=source.get("url"))
    kind = source.get("media_type")
    named, type_at = kind if isinstance(kind, str) else None, ("source", "media_type")
    return Image(pointer, meaning, ("source", "data"), raw=source["data"], named_type=named, type_at=type_at)


_READERS: dict[str, Callable[[Pointer, str | None, dict[str, Any]], Image | None]] = {
    "gemini": _gemini,
    "gemini-preference": _gemini,
    "bedrock": _bedrock,
    "anthropic-batch": _anthropic,
}


def embedded(record: Record) -> list[tuple[Image, Base64]]:
    """The images that stand in the record itself."""
    return [(image, image.data) for image in images(record) if image.data is not None]


def judgeable(record: Record) -> list[tuple[Image, Base64]]:
    """The embedded images of a known type whose base64 is right: their bytes can be looked at."""
    return [
        (image, data)
        for image, data in embedded(record)
        if is_measurable(normal_type(data.media_type)) and data.problem is None
    ]


def spoken(record: Record) -> list[tuple[Pointer, Any]]:
    """Every content with something in it, text or parts, with its place. Of a preference pair, those of the input."""
    found: list[tuple[Pointer, Any]] = [
        ((*message.pointer, message.content_key), message.content) for message in record.messages
    ]
    if record.format == "instruction":
        found = [((key,), record.value.get(key)) for key in ("prompt", "completion")]
    return [(pointer, value) for pointer, value in found if value]


def is_jpeg_alias(media_type: str, types: list[str] | None) -> bool:
    """Whether a type only means JPEG, and the target (None: any) takes JPEG under its own name alone."""
    alias = media_type in ("image/jpg", "image/pjpeg")
    return alias and (types is None or ("image/jpeg" in types and media_type not in types))


def retyped(record: Record, pointer: Pointer, media_type: str) -> Repair | None:
    """Another media type where the record names it, or in the data URL; the image's megabytes are not touched."""
    title, value = f"Write the type as {media_type}", record.at(pointer)
    if pointer[-1] in _TYPE_KEYS:
        return repair(title, Replace(pointer, as_json(media_type.removeprefix(_TYPE_KEYS[str(pointer[-1])]))))
    found = _DATA.match(value[: LONGEST_MEDIA_TYPE + 20]) if isinstance(value, str) else None
    if found is None:
        return None
    return repair(title, EditText(pointer, (Piece(*found.span(1), media_type),)))


_TYPE_KEYS = {"format": "image/", "mimeType": "", "media_type": ""}
"""Keys that name an image's type, and what of the type they leave out."""
