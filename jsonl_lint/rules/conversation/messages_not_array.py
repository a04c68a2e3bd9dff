"""JL202."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class MessagesNotArray(SchemaRule):
    """`messages` is not an array.

    Often the conversation was stored as a string, or as a single message without brackets.
    """

    code = "JL202"
    name = "messages-not-array"
    severity = Severity.ERROR
    help = "Write `messages` as an array of objects."

    def word(self, violation: Violation) -> str:
        """Say what it is instead."""
        return f"`{violation.pointer[-1]}` is {{value}}, not an array"
