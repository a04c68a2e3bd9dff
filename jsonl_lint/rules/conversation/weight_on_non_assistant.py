"""JL220."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class WeightOnNonAssistant(StructureRule):
    """A message that is not the assistant's has a `weight`.

    Only assistant messages are trained on by default: a weight of 0 says nothing there, and a weight of 1 makes the
    model learn to speak for the user.
    """

    code = "JL220"
    name = "weight-on-non-assistant"
    severity = Severity.WARNING
    help = "Give `weight` to assistant messages only."
    formats = ("chat", "preference")
    needs = "weights"

    def check(self, record: Record) -> Iterator[Sketch]:
        """System, user and tool messages."""
        for message in record.messages if record.weighs_messages else ():
            if "weight" in message.value and message.meaning not in ("assistant", None):
                yield self.sketch((*message.pointer, "weight"), f"a {message.meaning} message has a weight")
