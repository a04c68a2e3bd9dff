"""Images as base64: check it, and read type and size from the image's header.

An image may have ten megabytes, so its base64 is looked at piece by piece. Only the header is decoded, from the few
characters that contain it.
"""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Callable
from functools import cached_property

from jsonl_lint.wording import excerpt

PIECE = 1 << 16
"""How many characters of base64 are looked at together; a multiple of four."""

MAX_SEGMENTS = 2_000
"""How many segments of a JPEG are searched for its size; real ones have some dozens before it."""

MAX_CHUNKS = 2_000
"""How many chunks of a PNG are looked at; those of its data have some kilobytes each, or more in large images."""

MAX_PIXELS = 89_478_485
"""Larger images are not decoded: Pillow itself warns of a decompression bomb then (`Image.MAX_IMAGE_PIXELS`)."""

_ALPHABET = (string.ascii_letters + string.digits + "+/").encode()
_FOREIGN = re.compile("[^A-Za-z0-9+/]")
_FOREIGN_OR_PADDING = re.compile("[^A-Za-z0-9+/=]")


class Base64:
    """An image as base64: the characters of `url` from `start` on. `media_type` is what the record calls it."""

    def __init__(self, url: str, start: int, media_type: str) -> None:
        self.url = url
        self.start = start
        self.media_type = media_type

    @property
    def size(self) -> int:
        """The number of the image's bytes, computed from the length of its base64."""
        padding = 2 if self.url.endswith("==") else 1 if self.url.endswith("=") else 0
        return max((len(self.url) - self.start) * 3 // 4 - padding, 0)

    @cached_property
    def problem(self) -> str | None:
        """Why it is not base64, None if it is. Looked at piece by piece, in linear time."""
        url, length = self.url, len(self.url) - self.start
        if not length:
            return "there is no data"
        for position in range(self.start, len(url), PIECE):
            piece = url[position : position + PIECE]
            data = piece.rstrip("=") if position + PIECE >= len(url) else piece
            if len(data) % 4 == 1 or not _is_of_alphabet(data) or len(piece) - len(data) > 2:
                return self._fault(position, data)
        return f"its length, {length:,}, is not a multiple of 4: it is cut off or not padded" if length % 4 else None

    def _fault(self, position: int, data: str) -> str:
        """Return what is wrong with a piece that begins at this position and cannot be decoded."""
        found = _FOREIGN_OR_PADDING.search(data) or _FOREIGN.search(data)
        if found is None and position + len(data) == len(self.url):
            return "the last character stands alone: it is cut off"
        at = position + (found.start() if found else len(data)) - self.start + 1
        shown = excerpt(found[0] if found else "=")
        return f"character {at:,} of the data is {shown}"

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes `offset:offset + size` of the image, fewer at its end. There must be no `problem`."""
        first = self.start + offset // 3 * 4
        skipped = offset % 3
        characters = (skipped + size + 2) // 3 * 4
        return binascii.a2b_base64(self.url[first : first + characters])[skipped : skipped + size]

    @cached_property
    def kind(self) -> str | None:
        """The media type according to the first bytes, None if they are not known."""
        head = self.read(0, 16)
        return next((kind for magic, at, kind in _MAGIC if head[at : at + len(magic)] == magic), None)

    @cached_property
    def cut_off(self) -> bool:
        """Whether a PNG ends inside one of its chunks (PNG specification 5.3). Other types do not show it."""
        offset = 8
        for _ in range(MAX_CHUNKS if self.kind == "image/png" else 0):
            head = self.read(offset, 8)
            if len(head) < 8 or not head[4:].isalpha() or head[4:] == b"IEND":
                return 0 < len(head) < 8
            offset += 12 + _big(head[:4])
            if offset > self.size:
                return True
        return False

    @property
    def is_sound(self) -> bool:
        """Whether it is base64 of an image of its `media_type`, whose header is not damaged."""
        return (
            self.problem is None
            and self.kind == self.media_type
            and is_measurable(self.media_type)
            and self.pixels is not None
            and not self.cut_off
        )

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
    (b"<svg", 0, "image/svg+xml"),
)
"""Bytes by which a type is recognised, their offset, and the type.

Sources: PNG specification 5.2, GIF89a, RFC 9649 (WebP), ITU T.81 B.1.1.3 (JPEG), and others.
"""

_Read = Callable[[int, int], bytes]
"""`Base64.read`."""


def _jpeg(read: _Read) -> tuple[int, int] | None:
    """Read the size from the first start-of-frame segment (ITU T.81 B.2.2): markers C0 to CF but C4, C8 and CC."""
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
    """Read the size of a lossy, lossless or extended WebP: RFC 9649 sections 2.5 to 2.7, RFC 6386 section 9.1."""
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
"""Returns width and height, None if the header is damaged, for each type whose header is read."""


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _is_of_alphabet(characters: str) -> bool:
    return characters.isascii() and not characters.encode().translate(None, _ALPHABET)


def normal_type(media_type: str) -> str:
    """Return the registered name of a media type: `image/jpg` is not one, but everybody knows what it means."""
    plain = media_type.lower()
    return "image/jpeg" if plain in ("image/jpg", "image/pjpeg") else plain


def decoding_problem(data: Base64) -> str | None:
    """Return why Pillow cannot decode the image as a whole. None if it can, or if it is not tried.

    Raises:
        ImportError: Pillow is not installed.
    """
    import io

    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    kind, pixels = data.kind, data.pixels
    if kind not in _MEASURES or pixels is None or pixels[0] * pixels[1] > MAX_PIXELS:
        return None
    try:
        raw = binascii.a2b_base64(memoryview(data.url.encode("ascii"))[data.start :])
        with Pillow.open(io.BytesIO(raw), formats=[kind.removeprefix("image/").upper()]) as image:
            if image.size[0] * image.size[1] > MAX_PIXELS:
                return None
            image.load()
    except UnidentifiedImageError:  # which names the place in memory, another in each run
        return "its header is damaged"
    except Exception as error:  # a damaged file makes a decoder raise anything
        return excerpt(str(error) or type(error).__name__, 80)[1:-1]
    return None


def is_measurable(kind: str) -> bool:
    """Whether the size of an image of this type can be read from its header."""
    return kind in _MEASURES
