"""JL222."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class ConflictingReasoningKeys(StructureRule):
    """A message has both `reasoning` and `reasoning_content`.

    They are two spellings of one thing; which one counts when both are there is not documented.
    """

    code = "JL222"
    name = "conflicting-reasoning-keys"
    severity = Severity.WARNING
    help = "Keep one of the two."
    formats = ("chat", "preference")
    needs = "reasoning"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each message that has both keys, neither of them null."""
        for message in record.messages:
            if message.value.get("reasoning") is not None and message.value.get("reasoning_content") is not None:
                yield self.sketch(message.pointer, "the message has both `reasoning` and `reasoning_content`")
