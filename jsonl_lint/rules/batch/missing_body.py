"""JL905."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class MissingBody(SchemaRule):
    """A batch request has no body.

    `body` (Anthropic: `params`) is what the endpoint would be sent; without it the whole batch fails.
    """

    code = "JL905"
    name = "missing-body"
    severity = Severity.ERROR
    help = "Put the request's parameters into it."

    def word(self, violation: Violation) -> str:
        """The missing key."""
        return f"the request has no `{violation.subject}`"
