"""JL404."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity, excerpt
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule


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
        """Silent where the target does not say; another name of JPEG has a rule of its own."""
        types: list[str] | None = images.trait(record, "image_types")
        nameless = types is not None or "data" in (images.trait(record, "image_sources") or ())
        wanted = "" if types is None else f"; the target takes {', '.join(types)}"
        for image in images.images(record):
            kind = image.media_type
            if not kind:
                if kind is not None and nameless:
                    yield self.sketch(image.type_pointer, f"the image names no media type{wanted}")
            elif types is not None and kind not in types and not images.is_jpeg_alias(kind, types):
                yield self.sketch(image.type_pointer, f"the image is {excerpt(kind)}{wanted}")
