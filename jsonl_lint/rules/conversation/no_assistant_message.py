"""JL212."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import TRAINED, Record, Sketch, StructureRule


class NoAssistantMessage(StructureRule):
    """A conversation has no assistant message.

    Only assistant messages are trained on, so the record teaches nothing. Data for reinforcement learning has
    prompts alone: with `--method rl` this rule is silent.
    """

    code = "JL212"
    name = "no-assistant-message"
    severity = Severity.ERROR
    help = "Add the answer, or delete the record; for prompt-only data say `--method rl`."
    formats = TRAINED

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the conversation if every role is clear and none is the assistant's."""
        answered = any(message.meaning == "assistant" for message in record.messages)
        if record.method != "rl" and record.every_role_known and not answered:
            yield self.sketch(record.messages_at, "the conversation has no assistant message")
