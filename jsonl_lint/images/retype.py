"""Change the media type that a record gives one of its images."""

from __future__ import annotations

from jsonl_lint.images.parts import DATA_URL, LONGEST_MEDIA_TYPE
from jsonl_lint.model import Pointer
from jsonl_lint.records.record import Record
from jsonl_lint.repair import EditText, Piece, Repair, Replace, as_json, repair


def is_jpeg_alias(media_type: str, types: list[str] | None) -> bool:
    """Whether the type is another name of image/jpeg and should be written like that.

    `types` are those that the target takes, None if it does not say. A target that lists the other name takes it.
    """
    alias = media_type in ("image/jpg", "image/pjpeg")
    return alias and (types is None or ("image/jpeg" in types and media_type not in types))


def retyped(record: Record, pointer: Pointer, media_type: str) -> Repair | None:
    """Write another media type where the record names it or in the data URL, without touching the data."""
    title, value = f"Write the type as {media_type}", record.at(pointer)
    if pointer[-1] in _TYPE_KEYS:
        return repair(title, Replace(pointer, as_json(media_type.removeprefix(_TYPE_KEYS[str(pointer[-1])]))))
    found = DATA_URL.match(value[: LONGEST_MEDIA_TYPE + 20]) if isinstance(value, str) else None
    if found is None:
        return None
    return repair(title, EditText(pointer, (Piece(*found.span(1), media_type),)))


_TYPE_KEYS = {"format": "image/", "mimeType": "", "media_type": ""}
"""Keys whose value is an image's media type, and the beginning of it that they leave out."""
