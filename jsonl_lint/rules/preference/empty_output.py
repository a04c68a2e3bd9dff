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
        """Answers whose content is there, and blank; `chosen` and `rejected` may be texts, or end so."""
        pairs = record.format == "chosen-rejected"
        for key in ("chosen", "rejected") if pairs else ("preferred_output", "non_preferred_output"):
            value = record.value.get(key)
            if pairs and ((isinstance(value, str) and not value.strip()) or value in ([], {})):
                yield self.sketch((key,), f"`{key}` is empty")
            messages = record.messages_in(value, (key,))
            for message in messages[-1:] if pairs else messages:
                if (
                    message.meaning in ("assistant", None)
                    and isinstance(message.content, (str, list))
                    and not message.answers
                ):
                    yield self.sketch((*message.pointer, "content"), f"`{key}` is empty")
