"""JL412."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class TrainedImageMessage(StructureRule):
    """A message with an image has a weight that trains on it.

    Images are not learned. Together refuses a weight other than 0 at a message that holds one.
    """

    code = "JL412"
    name = "trained-image-message"
    severity = Severity.ERROR
    help = "Delete the weight."
    formats = ("chat",)
    needs = "parts"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the weight of a message with an image. Another rule reports a weight that is no number."""
        holding = images.holding_images(record)
        for message in record.messages:
            weight = message.value.get("weight")
            if message.pointer in holding and isinstance(weight, (int, float)) and weight:
                yield self.sketch((*message.pointer, "weight"), "the message holds an image and has the weight {value}")
