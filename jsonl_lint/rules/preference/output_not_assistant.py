"""JL505."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.answers import last_message
from jsonl_lint.records.formats import PREFERENCE_OUTPUTS
from jsonl_lint.rule import Record, Sketch, StructureRule


class OutputNotAssistant(StructureRule):
    """A message of a preference output is not the assistant's.

    The outputs are what the model learns to say; Together's server refuses any other role there. Where `chosen` and
    `rejected` are conversations, the last message is the answer.
    """

    code = "JL505"
    name = "output-not-assistant"
    severity = Severity.ERROR
    help = "Set the role to assistant."
    formats = ("preference", "chosen-rejected")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each role of an output's message that is known but not accepted there."""
        if record.format == "chosen-rejected":
            for key in ("chosen", "rejected"):
                for message in last_message(record, key):
                    if message.meaning not in (None, "assistant") and message.role in record.roles:
                        words = f"the last message of `{key}` is the {message.meaning}'s"
                        yield self.sketch((*message.pointer, "role"), words)
            return
        roles = record.target.traits.get("output_roles", ["assistant"])
        for key in PREFERENCE_OUTPUTS:
            messages = record.messages_in(record.value.get(key), (key,))
            for message in messages:
                if message.role in record.roles and message.role not in roles:
                    yield self.sketch((*message.pointer, "role"), f"an output's message is the {message.meaning}'s")
            known = all(message.role in roles for message in messages)
            if messages and known and not any(message.meaning == "assistant" for message in messages):
                yield self.sketch((key,), "no message of this output is the assistant's")
