"""JL217."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import PROMPTED, Record, Sketch, StructureRule


class SeveralSystemMessages(StructureRule):
    """A conversation has more than one system message.

    Most chat templates have room for one: the others are dropped, or the template fails.
    """

    code = "JL217"
    name = "several-system-messages"
    severity = Severity.WARNING
    help = "Join the system messages into one."
    formats = ("chat", "preference", "sharegpt", *PROMPTED)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the second system message."""
        for messages in record.message_lists:
            found = [message for message in messages if message.meaning == "system"]
            if len(found) > 1:
                yield self.sketch(found[1].pointer, f"the conversation has {len(found)} system messages")
