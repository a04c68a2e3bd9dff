"""JL213."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import TRAINED, Record, Sketch, StructureRule


class LastMessageNotAssistant(StructureRule):
    """A conversation goes on after the last answer.

    The messages after it are read but never trained on, and several trainers refuse the record. A tool's result at
    the end is usual and passes.

    Fix: unsafe. The messages after the last answer are cut off.
    """

    code = "JL213"
    name = "last-message-not-assistant"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "End each conversation with the assistant's answer."
    formats = TRAINED

    def check(self, record: Record) -> Iterator[Sketch]:
        """There is an answer, but a user's or system message comes last."""
        if record.method == "rl" or not record.messages:
            return
        last = record.messages[-1]
        answered = any(message.meaning == "assistant" for message in record.messages)
        if answered and last.meaning in ("user", "system") and last.index == len(record.conversation or ()) - 1:
            yield self.sketch(last.pointer, f"the last message is the {last.meaning}'s, not the assistant's")
