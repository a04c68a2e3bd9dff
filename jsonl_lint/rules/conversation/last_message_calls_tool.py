"""JL227."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class LastMessageCallsTool(StructureRule):
    """A conversation ends with a tool call, where the target wants an answer in words.

    Nebius and Mistral document that the last message is an answer. Other providers train on a call at the end; there
    this rule is silent.
    """

    code = "JL227"
    name = "last-message-calls-tool"
    severity = Severity.WARNING
    help = "Add the tool's result and the answer, or cut the call off."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the last message if it only calls tools and the target refuses that."""
        if record.target.traits.get("last_answer") != "text" or record.method == "rl":
            return
        last = record.last_message
        if last is not None and last.value.get("tool_calls") and not last.has_text():
            yield self.sketch(last.pointer, "the last message is a tool call, not an answer")
