"""JL228."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity, plural
from jsonl_lint.rule import Record, Sketch, StructureRule


class TooFewMessages(StructureRule):
    """A conversation has fewer messages than the target takes.

    Databricks and Bedrock's Llama models want two: an answer alone is an answer to nothing. A conversation without
    any message is what `empty-messages` reports.
    """

    code = "JL228"
    name = "too-few-messages"
    severity = Severity.ERROR
    help = "Add what the answer is given to, or delete the record."
    formats = ("chat", "bedrock")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Whatever the messages are."""
        minimum = record.target.limits.get("min_messages") or 0
        count = len(record.conversation) if isinstance(record.conversation, list) else 0
        if 0 < count < minimum:
            message = f"the conversation has {plural(count, 'message')}; the target wants at least {minimum:,}"
            yield self.sketch(record.messages_at, message)
