"""JL405."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, Sketch
from jsonl_lint.rules.images._base import ImageRule


class ImageJpgAlias(ImageRule):
    """An image is called `image/jpg`, which is no media type.

    The registered name is `image/jpeg`, and targets compare it exactly.

    Fix: safe. The type becomes `image/jpeg`.
    """

    code = "JL405"
    name = "image-jpg-alias"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write image/jpeg."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each alias of image/jpeg if the target takes that type, or does not say."""
        types = images.trait(record, "image_types")
        for image in images.images(record):
            if image.media_type is not None and images.is_jpeg_alias(image.media_type, types):
                yield self.sketch(image.type_pointer, f"{image.media_type} is not a media type; image/jpeg is")

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Write the registered name."""
        return images.retyped(record, sketch.pointer, "image/jpeg")
