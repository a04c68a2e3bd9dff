"""Images in records: parts of messages, data URLs, base64, and what the first bytes of an image say.

An image may have ten megabytes, so its base64 is checked a piece at a time and nothing of it is kept: what is read of
the image itself is decoded from the few characters that hold it.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer, excerpt
from jsonl_lint.record import Record
from jsonl_lint.repair import EditText, Piece, Repair, Replace, as_json, repair

FORMATS = ("chat", "preference", "batch", "instruction", "gemini", "bedrock", "anthropic-batch")
"""The record formats whose messages have parts."""

PIECE = 1 << 16
"""Characters of base64 that are decoded at once; a multiple of four."""

LONGEST_MEDIA_TYPE = 200
MAX_SEGMENTS = 2_000
"""Segments of a JPEG before the one that holds its size; real ones have some dozens."""

MAX_PIXELS = 89_478_485
"""Larger images are not decoded: from here on Pillow itself warns of a decompression bomb (Image.MAX_IMAGE_PIXELS)."""

_FOREIGN = re.compile("[^A-Za-z0-9+/]")
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


class Base64:
    """The data of a data URL, which begins at `start` of it; `media_type` is what the URL says that it is."""

    def __init__(self, url: str, start: int, media_type: str) -> None:
        self.url = url
        self.start = start
        self.media_type = media_type

    @property
    def size(self) -> int:
        """Bytes of the image, told from the length of its base64."""
        padding = 2 if self.url.endswith("==") else 1 if self.url.endswith("=") else 0
        return max((len(self.url) - self.start) * 3 // 4 - padding, 0)

    @cached_property
    def problem(self) -> str | None:
        """Why it is not base64, None if it is. Linear in time; a piece is decoded and let go at once."""
        url, length = self.url, len(self.url) - self.start
        if not length:
            return "there is no data after the comma"
        for position in range(self.start, len(url), PIECE):
            piece = url[position : position + PIECE]
            data = piece.rstrip("=") if position + PIECE >= len(url) else piece
            if _bytes_of(data) != len(data) * 3 // 4 or len(piece) - len(data) > 2:
                return self._fault(position, data)
        return f"its length, {length:,}, is not a multiple of 4: it is cut off or not padded" if length % 4 else None

    def _fault(self, position: int, data: str) -> str:
        found = _FOREIGN.search(data)
        at = position + (found.start() if found else len(data)) - self.start + 1
        shown = excerpt(found[0] if found else "=")
        return f"character {at:,} of the data is {shown}"

    def read(self, offset: int, size: int) -> bytes:
        """Bytes `offset:offset + size` of the image, fewer at its end. Only for what is base64."""
        first = self.start + offset // 3 * 4
        skipped = offset % 3
        characters = (skipped + size + 2) // 3 * 4
        return binascii.a2b_base64(self.url[first : first + characters])[skipped : skipped + size]

    @cached_property
    def kind(self) -> str | None:
        """The media type that the first bytes tell, None if nobody knows them."""
        head = self.read(0, 16)
        return next((kind for magic, at, kind in _MAGIC if head[at : at + len(magic)] == magic), None)

    @cached_property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height, None if the header is damaged."""
        measure = _MEASURES.get(self.kind or "")
        found = measure(self.read) if measure else None
        return found if found and found[0] > 0 and found[1] > 0 else None


_MAGIC = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftypavif", 4, "image/avif"),
    (b"ftypheic", 4, "image/heic"),
    (b"II*\x00", 0, "image/tiff"),
    (b"MM\x00*", 0, "image/tiff"),
    (b"BM", 0, "image/bmp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"<svg", 0, "image/svg+xml"),
)
"""The first bytes of image formats: PNG specification 5.2, GIF89a, RFC 9649 (WebP), JPEG (ITU T.81 B.1.1.3), others."""

_Read = Callable[[int, int], bytes]


def _jpeg(read: _Read) -> tuple[int, int] | None:
    """The size in the first start-of-frame segment (ITU T.81 B.2.2): markers C0 to CF but C4, C8 and CC."""
    offset = 2
    for _ in range(MAX_SEGMENTS):
        head = read(offset, 9)
        if len(head) < 4 or head[0] != 0xFF:
            return None
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            offset += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return (_big(head[7:9]), _big(head[5:7])) if len(head) == 9 else None
        elif marker in (0xD8, 0xD9, 0xDA):  # the image's data begin, and no size was given
            return None
        else:
            offset += 2 if marker == 0x01 or 0xD0 <= marker <= 0xD7 else 2 + max(_big(head[2:4]), 2)
    return None


def _png(read: _Read) -> tuple[int, int] | None:
    head = read(12, 12)
    return (_big(head[4:8]), _big(head[8:12])) if len(head) == 12 and head[:4] == b"IHDR" else None


def _gif(read: _Read) -> tuple[int, int] | None:
    head = read(6, 4)
    return (_little(head[:2]), _little(head[2:])) if len(head) == 4 else None


def _webp(read: _Read) -> tuple[int, int] | None:
    """Lossy, lossless or extended: RFC 9649 sections 2.5 to 2.7, RFC 6386 section 9.1."""
    head = read(0, 30)
    kind = head[12:16]
    if head[:4] != b"RIFF" or len(head) < 25:
        return None
    if kind == b"VP8L":
        bits = _little(head[21:25])
        return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1) if head[20] == 0x2F else None
    if len(head) < 30:
        return None
    if kind == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return None


_MEASURES: dict[str, Callable[[_Read], tuple[int, int] | None]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
}


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _bytes_of(characters: str) -> int:
    """How many bytes the characters decode to, -1 if they cannot be decoded. Foreign ones are passed over."""
    try:
        return len(binascii.a2b_base64(characters + "=" * (-len(characters) % 4)))
    except ValueError:  # not ASCII, or a number of characters that no bytes have
        return -1


def normal_type(media_type: str) -> str:
    """The registered spelling of a media type: `image/jpg` is no type, but everybody knows what it means."""
    plain = media_type.lower()
    return "image/jpeg" if plain in ("image/jpg", "image/pjpeg") else plain


def trait(record: Record, name: str) -> Any:
    """How the target wants images in training data; None where it does not say, and for what a request may hold."""
    if record.format == "batch":
        return None
    traits = record.target.traits
    return traits.get(f"{name}_by_format", {}).get(record.format, traits.get(name))


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
            Content((key,), record.value[key], meaning) for key, meaning in sides if _is_list(record.value.get(key))
        )
    messages = list(record.messages)
    if record.format == "preference":
        for key in ("preferred_output", "non_preferred_output"):
            messages += record.messages_in(record.value.get(key), (key,))
    return tuple(
        Content((*message.pointer, message.content_key), message.content, message.meaning)
        for message in messages
        if _is_list(message.content)
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


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
        if normal_type(data.media_type) in _MEASURES and data.problem is None
    ]


def decoding_problem(data: Base64) -> str | None:
    """Why Pillow cannot decode the image as a whole, None if it can.

    Raises:
        ImportError: there is no Pillow.
    """
    import io

    from PIL import Image as Pillow

    kind, pixels = data.kind, data.pixels
    if kind not in _MEASURES or pixels is None or pixels[0] * pixels[1] > MAX_PIXELS:
        return None
    try:
        raw = binascii.a2b_base64(memoryview(data.url.encode("ascii"))[data.start :])
        with Pillow.open(io.BytesIO(raw), formats=[kind.removeprefix("image/").upper()]) as image:
            if image.size[0] * image.size[1] > MAX_PIXELS:
                return None
            image.load()
    except Exception as error:  # a damaged file makes a decoder raise anything
        return excerpt(str(error) or type(error).__name__, 80)[1:-1]
    return None


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


def is_measurable(kind: str) -> bool:
    """Whether the header of this type is read."""
    return kind in _MEASURES


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
