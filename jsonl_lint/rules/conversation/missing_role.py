"""JL204."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation


class MissingRole(SchemaRule):
    """A message has no `role`.

    Together's server rejects the file and names only the first such message.

    Fix: unsafe, and only where one reading fits: a message with `tool_calls` is the assistant's.
    """

    code = "JL204"
    name = "missing-role"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Add `role`: system, user, assistant or tool."

    def word(self, violation: Violation) -> str:
        """The key, which ShareGPT calls `from`."""
        return f"the message has no `{violation.subject}`"
