"""JL223."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.formats import REASONING_KEYS
from jsonl_lint.rule import Record, Sketch, StructureRule


class ReasoningOnWrongRole(StructureRule):
    """A message that is not the assistant's has reasoning.

    `reasoning` and `reasoning_content` belong to the assistant's answer; elsewhere they are ignored, and so
    are Bedrock's `reasoningContent` blocks.
    """

    code = "JL223"
    name = "reasoning-on-wrong-role"
    severity = Severity.WARNING
    help = "Move the reasoning to the assistant's message."
    formats = ("chat", "preference", "bedrock")
    needs = "reasoning"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the reasoning of system, user and tool messages."""
        for message in record.messages:
            if message.meaning in ("assistant", None):
                continue
            parts = message.content if isinstance(message.content, list) else []
            for index, part in enumerate(parts):
                if isinstance(part, dict) and "reasoningContent" in part:
                    where = (*message.pointer, message.content_key, index)
                    yield self.sketch(where, f"a {message.meaning} message has `reasoningContent`")
            for key in REASONING_KEYS:
                if message.value.get(key) is not None:
                    yield self.sketch((*message.pointer, key), f"a {message.meaning} message has `{key}`")
                    break
