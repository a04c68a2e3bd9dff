"""JL905."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation, key_meant_for, shown_key


class MissingBody(SchemaRule):
    """A batch request has no body.

    `body` (Anthropic: `params`) is what the endpoint would be sent; without it the whole batch fails.
    """

    code = "JL905"
    name = "missing-body"
    severity = Severity.ERROR
    help = "Put the request's parameters into it."

    def word(self, violation: Violation) -> str:
        """Name the missing key."""
        return f"the request has no `{violation.subject}`"

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        key = violation.subject or "body"
        meant = key_meant_for(key, value)
        return f"Rename `{shown_key(meant)}` to `{key}`." if meant else self.help
