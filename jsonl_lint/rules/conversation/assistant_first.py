"""JL215."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import TRAINED, Record, Sketch, StructureRule


class AssistantFirst(StructureRule):
    """The assistant speaks before any user does.

    Together documents that a conversation starts with system or user, and does not check it; some chat templates
    fail, and the model learns an answer to nothing.
    """

    code = "JL215"
    name = "assistant-first"
    severity = Severity.WARNING
    help = "Begin with the user's message."
    formats = TRAINED

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the first message that is not the system's, if it is the assistant's."""
        for expected, message in enumerate(record.messages):
            if message.index != expected or message.meaning is None:
                return
            if message.meaning != "system":
                if message.meaning == "assistant":
                    yield self.sketch(message.pointer, "the assistant speaks first")
                return
