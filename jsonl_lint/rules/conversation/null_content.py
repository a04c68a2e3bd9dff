"""JL209."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation


class NullContent(SchemaRule):
    """A message's `content` is null although it calls no tool.

    Some chat templates render it as the word None, others fail. Together's client passes it; what the server does is
    not documented.

    Fix: safe for targets where an empty string means the same.
    """

    code = "JL209"
    name = "null-content"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    help = "Write the text, or an empty string where none is meant."

    def word(self, violation: Violation) -> str:
        """Nothing varies but the place."""
        return "`content` is null"
