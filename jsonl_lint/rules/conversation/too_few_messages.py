"""JL228."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule
from jsonl_lint.wording import plural


class TooFewMessages(StructureRule):
    """A conversation has fewer messages than the target takes.

    Databricks and Bedrock's Llama models want two: an answer alone is an answer to nothing. A conversation without
    any message is what `empty-messages` reports, and one without an answer `no-assistant-message`.
    """

    code = "JL228"
    name = "too-few-messages"
    severity = Severity.ERROR
    help = "Add what the answer is given to, or delete the record."
    formats = ("chat", "bedrock")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a conversation with too few messages, if no other rule says what is missing."""
        minimum = record.target.limits.get("min_messages") or 0
        count = len(record.conversation) if isinstance(record.conversation, list) else 0
        answered = any(message.meaning == "assistant" for message in record.messages)
        if 0 < count < minimum and (answered or not record.every_role_known):
            message = f"the conversation has {plural(count, 'message')}; the target wants at least {minimum:,}"
            yield self.sketch(record.messages_at, message)
