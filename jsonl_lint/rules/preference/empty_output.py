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
    formats = ("preference", "chosen-rejected")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Assistant messages whose content is there, and blank."""
        if record.format == "chosen-rejected":
            yield from self.of_answers(record)
            return
        for key in ("preferred_output", "non_preferred_output"):
            for message in record.messages_in(record.value.get(key), (key,)):
                if message.meaning == "assistant" and isinstance(message.content, (str, list)) and not message.answers:
                    yield self.sketch((*message.pointer, "content"), f"`{key}` is empty")

    def of_answers(self, record: Record) -> Iterator[Sketch]:
        """Each is a text, or a conversation that ends with it."""
        for key in ("chosen", "rejected"):
            value = record.value.get(key)
            if isinstance(value, str) and not value.strip():
                yield self.sketch((key,), f"`{key}` is empty")
            for message in record.messages_in(value, (key,))[-1:]:
                if message.meaning == "assistant" and isinstance(message.content, (str, list)) and not message.answers:
                    yield self.sketch((*message.pointer, "content"), f"`{key}` is empty")
