"""JL320."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class UnansweredToolResult(StructureRule):
    """The user speaks after a tool's result, before the assistant has answered.

    Mistral documents that an answer follows the results of tools, and mistral-finetune refuses a user's message there.
    Other providers do not ask for it; for them this rule is silent.
    """

    code = "JL320"
    name = "unanswered-tool-result"
    severity = Severity.ERROR
    help = "Add the assistant's answer after the result, or delete the call with its result."
    formats = ("chat",)
    needs = "tools"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each user's message that follows a result, system messages aside, if the target refuses that."""
        if record.target.traits.get("answers_follow_results"):
            conversation = [message for message in record.messages if message.meaning != "system"]
            for before, message in pairwise(conversation):
                if before.meaning == "tool" and message.meaning == "user":
                    yield self.sketch(message.pointer, "the user's message follows a tool's result without an answer")
