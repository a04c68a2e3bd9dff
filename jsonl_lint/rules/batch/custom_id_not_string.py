"""JL902."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class CustomIdNotString(SchemaRule):
    """A batch request's `custom_id` is not a string.

    Numbers are refused, also where they look like a string in the results.
    """

    code = "JL902"
    name = "custom-id-not-string"
    severity = Severity.ERROR
    help = "Write the id in quotes."

    def word(self, violation: Violation) -> str:
        """Say what the id is instead."""
        return "`custom_id` is {value}, not a string"
