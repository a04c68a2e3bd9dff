"""JL212."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import TRAINED, Record, Sketch, StructureRule


class NoAssistantMessage(StructureRule):
    """A conversation has no assistant message.

    Only assistant messages are trained on, so the record teaches nothing. The same holds for a completion that is a
    list of messages. Data for reinforcement learning has prompts alone: with `--method rl` this rule is silent.
    """

    code = "JL212"
    name = "no-assistant-message"
    severity = Severity.ERROR
    help = "Add the answer, or delete the record; for prompt-only data say `--method rl`."
    formats = (*TRAINED, "instruction", "kto")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the conversation, or the completion, if every role is clear and none is the assistant's."""
        if record.method == "rl":
            return
        if record.format in TRAINED:
            where, messages, words = record.messages_at, record.messages, "the conversation"
        elif "part_types" not in record.target.traits:
            where, words = ("completion",), "`completion`"
            messages = record.messages_in(record.value.get("completion"), where)
        else:
            return  # the target takes no messages there, which is the finding
        spoken = record.at(where)
        clear = isinstance(spoken, list) and 0 < len(spoken) == len(messages)
        if clear and all(message.meaning not in (None, "assistant") for message in messages):
            yield self.sketch(where, f"{words} has no assistant message")
