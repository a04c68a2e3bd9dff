"""JL225."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class UntrainedEarlierTurns(StructureRule):
    """With reasoning, only the last of several answers is trained.

    Together trains reasoning models on the last assistant message alone; the earlier answers only cost tokens.
    With `--method rl` this rule is silent.

    Fix: unsafe. The record is split, so that each answer ends one.
    """

    code = "JL225"
    name = "untrained-earlier-turns"
    severity = Severity.INFO
    fix = Applicability.UNSAFE
    help = "Split the conversation so that each answer ends a record of its own."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Reported once, at the first answer that is not trained. Tool calls on the way to an answer do not count."""
        answers = [
            message
            for message in record.messages
            if message.meaning == "assistant" and message.has_text() and not message.value.get("tool_calls")
        ]
        reasons = any(message.has_text("reasoning") or message.has_text("reasoning_content") for message in answers)
        if record.method != "rl" and reasons and len(answers) > 1:
            yield self.sketch(answers[0].pointer, f"only the last of {len(answers)} answers is trained")
