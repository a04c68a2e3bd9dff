"""JL220."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Message, Record, Sketch, StructureRule


class WeightOnNonAssistant(StructureRule):
    """A message that is not the assistant's has a `weight`.

    Only assistant messages are trained on by default: a weight of 0 says nothing there, and a weight of 1 makes the
    model learn to speak for the user. If the target refuses the weight of a message with an image,
    `trained-image-message` reports it.
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
            spoken = "weight" in message.value and message.meaning not in ("assistant", None)
            if spoken and not _trains_on_image(record, message):
                yield self.sketch((*message.pointer, "weight"), f"a {message.meaning} message has a weight")


def _trains_on_image(record: Record, message: Message) -> bool:
    """Whether `trained-image-message` reports the weight."""
    weight = message.value["weight"]
    if "trained-image-message" in record.target.off or record.format != "chat" or not isinstance(message.content, list):
        return False
    from jsonl_lint import images  # few records get here

    return message.pointer in images.holding_images(record) and isinstance(weight, (int, float)) and bool(weight)
