"""JL507."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class EmptyOutput(StructureRule):
    """An output of a preference record is empty.

    A message without text, tool call or reasoning teaches the model to say nothing, or never to. An image or another
    part counts as content.
    """

    code = "JL507"
    name = "empty-output"
    severity = Severity.WARNING
    help = "Fill the answer in, or delete the record."
    formats = ("preference",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Assistant messages whose content is there, and blank."""
        for key in ("preferred_output", "non_preferred_output"):
            for message in record.messages_in(record.value.get(key), (key,)):
                if message.meaning == "assistant" and isinstance(message.content, (str, list)) and not message.answers:
                    yield self.sketch((*message.pointer, "content"), f"`{key}` is empty")
