"""JL229."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class LastMessageNotUser(StructureRule):
    """A prompt for reinforcement fine-tuning does not end with the user's message.

    The model answers the prompt, so the question comes last. What a good answer contains belongs in keys of its own,
    for the grader. Only with `--method rl`, and for targets that say so.
    """

    code = "JL229"
    name = "last-message-not-user"
    severity = Severity.WARNING
    help = "End `messages` with the user's message, and put the answer in a key for the grader."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the last message if its role is known and not the user's."""
        if record.method != "rl" or record.target.traits.get("prompt_ends_with") != "user":
            return
        last = record.last_message
        if last is not None and last.meaning not in ("user", None):
            yield self.sketch(last.pointer, f"the last message is the {last.meaning}'s, not the user's")
