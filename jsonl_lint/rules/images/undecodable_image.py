"""JL408."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Screen, Sketch
from jsonl_lint.rules.images._base import ImageRule


class UndecodableImage(ImageRule):
    """An image cannot be decoded.

    Its first bytes are not those of an image, or its header, which says how many pixels it has, is damaged or cut off,
    or a PNG ends in the middle. With `--decode-images` each image is decoded completely, except those of more than 89
    million pixels; this needs the extra `images`, which brings Pillow.
    """

    code = "JL408"
    name = "undecodable-image"
    severity = Severity.ERROR
    help = "Encode the image again from its source."

    def screen_for(self, record: Record) -> Screen | None:
        """The screen looks at headers alone."""
        return None if record.decode_images else super().screen_for(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image with a broken header and, if the user wants it, each that cannot be decoded as a whole."""
        for image, data in images.judgeable(record):
            if data.kind is None:
                yield self.sketch(image.url_pointer, "the data is not an image: it does not begin like any known type")
            elif images.is_measurable(data.kind) and data.pixels is None:
                yield self.sketch(image.url_pointer, f"the header of the {data.kind} is damaged or cut off")
            elif data.cut_off:
                yield self.sketch(image.url_pointer, "the image/png is cut off")
            elif record.decode_images:
                problem = images.decoding_problem(data)
                if problem is not None:
                    yield self.sketch(image.url_pointer, f"the {data.kind} cannot be decoded: {problem}")
