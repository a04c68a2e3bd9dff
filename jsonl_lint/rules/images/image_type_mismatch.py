"""JL406."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, Sketch
from jsonl_lint.rules.images._base import ImageRule


class ImageTypeMismatch(ImageRule):
    """An image's bytes are of another type than the record says.

    The first bytes show the type. Strict decoders refuse the image, others go by the bytes.

    Fix: safe, where the target takes the type that the bytes have. The data URL, or the key beside the data, is set to
    it.
    """

    code = "JL406"
    name = "image-type-mismatch"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    help = "Write the type that the image really has."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each image whose first bytes are known and tell another type."""
        types = images.trait(record, "image_types")
        for image, data in images.judgeable(record):
            if data.kind is not None and data.kind != images.normal_type(data.media_type):
                message = f"the record says {data.media_type}, but the image is {data.kind}"
                taken = images.is_measurable(data.kind) and (types is None or data.kind in types)
                yield self.sketch(image.type_pointer, message, fix=self.fix if taken else None)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Write the type that the first bytes tell."""
        kinds = {image.type_pointer: data.kind for image, data in images.judgeable(record)}
        kind = kinds.get(sketch.pointer)
        return images.retyped(record, sketch.pointer, kind) if kind else None
