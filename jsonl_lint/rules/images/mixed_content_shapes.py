"""JL411."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint import images
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, Sketch, StructureRule, Wrap, repair


class MixedContentShapes(StructureRule):
    """Some contents of the record are texts and others lists of parts.

    Together wants one shape in all messages of a record: as soon as one has parts, each text must be a list of one
    part.

    Fix: safe. Each text becomes a list of one text part.
    """

    code = "JL411"
    name = "mixed-content-shapes"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = 'Write each text as [{"type": "text", "text": …}].'
    formats = ("chat", "preference", "instruction")
    needs = "parts"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each text beside lists of parts. What is empty has no shape, nor has a list without a part."""
        found = images.spoken(record)
        if any(isinstance(value, list) and any(map(_is_part, value)) for _, value in found):
            for pointer, value in found:
                if isinstance(value, str):
                    words = "the content is a text, but other messages of the record have parts"
                    if record.format == "instruction":
                        words = f"`{pointer[-1]}` is a text, but the record's other text has parts"
                    yield self.sketch(pointer, words)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Wrap the text into a part. It stays as it is spelled."""
        return repair("Make the text a part", Wrap(sketch.pointer, '[{"type": "text", "text": ', "}]"))


def _is_part(item: Any) -> bool:
    """Whether it is meant as a part. Data in its place, such as a list of rows from a tool, sets no shape."""
    return isinstance(item, dict) and ("type" in item or "text" in item)
