"""JL220."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Message, Record, Sketch, StructureRule


class WeightOnNonAssistant(StructureRule):
    """A message that is not the assistant's has a `weight` that is not 0.

    Only assistant messages are trained on by default, and a weight of 1 makes the model learn to speak for the user, or
    is ignored. A weight of 0 says what holds anyway: Together's documentation has it on messages of the user (data
    preparation, 2026-09). If the target refuses the weight of a message with an image, `trained-image-message` reports
    it.
    """

    code = "JL220"
    name = "weight-on-non-assistant"
    severity = Severity.WARNING
    help = "Give `weight` to assistant messages only."
    formats = ("chat", "preference")
    needs = "weights"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the weight of system, user and tool messages."""
        for message in record.messages if record.weighs_messages else ():
            weighty = message.value.get("weight") not in _UNTRAINED and message.meaning not in ("assistant", None)
            if weighty and not _trains_on_image(record, message):
                yield self.sketch((*message.pointer, "weight"), f"a {message.meaning} message has a weight")


_UNTRAINED = (None, 0)
"""Weights that say what holds without one."""


def _trains_on_image(record: Record, message: Message) -> bool:
    """Whether `trained-image-message` reports the weight."""
    weight = message.value["weight"]
    if "trained-image-message" in record.target.off or record.format != "chat" or not isinstance(message.content, list):
        return False
    from jsonl_lint import images  # few records get here

    return message.pointer in images.holding_images(record) and isinstance(weight, (int, float)) and bool(weight)
