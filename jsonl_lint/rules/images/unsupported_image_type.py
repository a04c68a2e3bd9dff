"""JL404."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule
from jsonl_lint.wording import enumerated, excerpt


class UnsupportedImageType(ImageRule):
    """An image is of a type that the target does not take.

    The type is what the data URL says, which must name one, or the key beside the address. Most targets take JPEG, PNG
    and WEBP; spelling and case are compared exactly.
    """

    code = "JL404"
    name = "unsupported-image-type"
    severity = Severity.ERROR
    help = "Convert the image to a type that the target takes."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image of a type that the target does not list. `image-jpg-alias` has the other names of JPEG."""
        types: list[str] | None = images.trait(record, "image_types")
        nameless = types is not None or "data" in (images.trait(record, "image_sources") or ())
        wanted = "" if types is None else f"; the target takes {enumerated(types)}"
        wrong = []
        for image in images.images(record):
            kind = image.media_type
            if not kind and kind is not None and nameless:
                wrong.append((image, "the image names no media type"))
            elif kind and types is not None and kind not in types and not images.is_jpeg_alias(kind, types):
                wrong.append((image, f"the image is {excerpt(kind)}"))
        known = {image.type_pointer: data.kind for image, data in images.judgeable(record)} if wrong else {}
        for image, words in wrong:
            meant = [known.get(image.type_pointer), (image.media_type or "").lower()]
            right = next((kind for kind in meant if kind and kind in (types or ())), None)
            yield self.sketch(image.type_pointer, words + wanted, f"Write {right}." if right else "")
