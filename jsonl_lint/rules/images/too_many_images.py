"""JL409."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import images
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.images._base import ImageRule


class TooManyImages(ImageRule):
    """A record has more images than the target takes.

    Together takes ten, whatever the messages that hold them.
    """

    code = "JL409"
    name = "too-many-images"
    severity = Severity.ERROR
    help = "Leave some images out, or split the record."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the first image too many."""
        limit = images.limit(record, "max_images")
        found = images.images(record)
        if limit is not None and len(found) > limit:
            message = f"the record has {len(found):,} images; the target takes at most {limit:,}"
            yield self.sketch(found[limit].pointer, message)
