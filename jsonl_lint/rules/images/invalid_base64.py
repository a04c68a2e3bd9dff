"""JL407."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule


class InvalidBase64(ImageRule):
    """The data of an image are not base64.

    Something else than the base64 alphabet is in them, such as a line break or the alphabet for URLs, or their end is
    missing. The image cannot be decoded.
    """

    code = "JL407"
    name = "invalid-base64"
    severity = Severity.ERROR
    help = "Encode the bytes of the image again, without line breaks."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image that is not base64: the first character that is wrong, or the length."""
        for image, data in images.embedded(record):
            if data.problem is not None:
                yield self.sketch(image.url_pointer, f"the image is not base64: {data.problem}")
