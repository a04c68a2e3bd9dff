"""Find what the parts of a record hold beside images: videos, documents and other files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.images.parts import Image, bedrock_medium, contents, gemini_file
from jsonl_lint.model import Pointer
from jsonl_lint.records.record import Record


def videos(record: Record) -> list[tuple[Pointer, str | None]]:
    """Return the videos of a Bedrock record: their places, and whose messages they are in."""
    return _blocks(record, "video")


def documents(record: Record) -> list[tuple[Pointer, str | None]]:
    """Return the documents of a Bedrock record: their places, and whose messages they are in."""
    return _blocks(record, "document")


def _blocks(record: Record, kind: str) -> list[tuple[Pointer, str | None]]:
    return [
        ((*content.pointer, index), content.meaning)
        for content in (contents(record) if record.format == "bedrock" else ())
        for index, part in enumerate(content.parts)
        if isinstance(part, dict) and kind in part
    ]


def pdf_files(record: Record) -> list[Pointer]:
    """Return the places of the PDF files of a Gemini record."""
    return [
        (*content.pointer, index)
        for content in (contents(record) if record.format == "gemini" else ())
        for index, part in enumerate(content.parts)
        if _media_type(part) == "application/pdf"
    ]


def other_media(record: Record) -> list[tuple[str, Image]]:
    """Return the videos and documents of a Bedrock record and Gemini's files that are not images, each with its kind.

    `Image` fits them too: like an image, they have a type and an address or base64. Those without a type are left out:
    they may be images, or `invalid-content-part` reports them.
    """
    media = [
        (what, medium)
        for content in (contents(record) if record.format in ("bedrock", "gemini") else ())
        for index, part in enumerate(content.parts)
        if isinstance(part, dict)
        for what, medium in _media_in(part, (*content.pointer, index), content.meaning, record.format)
    ]
    return [(what, medium) for what, medium in media if medium is not None and medium.named_type is not None]


def _media_in(
    part: dict[str, Any], at: Pointer, meaning: str | None, format: str | None
) -> Iterator[tuple[str, Image | None]]:
    if format == "bedrock":
        for what in ("video", "document"):
            yield what, bedrock_medium(at, meaning, part, what)
    elif not str(_media_type(part)).startswith("image/"):
        yield "file", gemini_file(at, meaning, part)


def _media_type(part: Any) -> Any:
    """Return the media type that one of Gemini's parts names for its file."""
    file = part.get("fileData") or part.get("inlineData") if isinstance(part, dict) else None
    return file.get("mimeType") if isinstance(file, dict) else None
