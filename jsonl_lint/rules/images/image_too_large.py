"""JL410."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule


class ImageTooLarge(ImageRule):
    """An image has more bytes than the target takes.

    What counts is the image itself; its base64 is a third longer.
    """

    code = "JL410"
    name = "image-too-large"
    severity = Severity.ERROR
    help = "Scale the image down, or compress it more."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image over the limit, by the length of its base64."""
        limit = images.limit(record, "max_image_bytes")
        for image, data in images.embedded(record) if limit is not None else ():
            if data.size > limit:
                message = f"the image has {data.size:,} bytes; the target takes at most {limit:,}"
                yield self.sketch(image.url_pointer, message)
