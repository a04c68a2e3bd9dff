"""JL208."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation


class MissingContent(SchemaRule):
    """A message has no `content`.

    Only an assistant message with tool calls may leave it out.
    """

    code = "JL208"
    name = "missing-content"
    severity = Severity.ERROR
    help = "Add `content`."

    def word(self, violation: Violation) -> str:
        """The key, which other formats call `parts` or `value`."""
        return f"the message has no `{violation.subject}`"
