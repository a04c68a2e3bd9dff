"""JL503."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class InputEndsWithAssistant(StructureRule):
    """The input of a preference record ends with an assistant message.

    The two outputs are what the assistant says next; Together's server refuses an input that already answers. Gemini's
    `contents` end with the user as well.
    """

    code = "JL503"
    name = "input-ends-with-assistant"
    severity = Severity.ERROR
    help = "Move the last answer out of the input, or add the user's next message."
    formats = ("preference", "gemini-preference")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the last message of `input.messages`, or of Gemini's `contents`, if it is the assistant's."""
        last = record.last_message
        if last is not None and last.meaning == "assistant":
            yield self.sketch(last.pointer, "the input ends with an assistant message")
