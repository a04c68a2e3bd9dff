"""What the rules about images have in common."""

from __future__ import annotations

from jsonl_lint import images
from jsonl_lint.rule import Record, RecordRule


class ImageRule(RecordRule):
    """Judges images."""

    formats = images.FORMATS
    needs = "parts"
    screen = images.SCREEN

    def concerns(self, record: Record) -> bool:
        """Whether there may be images."""
        return images.may_have_images(record)
