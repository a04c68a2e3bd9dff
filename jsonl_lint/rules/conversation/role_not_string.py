"""JL206."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class RoleNotString(SchemaRule):
    """A message's `role` is not a string.

    Null, numbers and lists name no speaker.
    """

    code = "JL206"
    name = "role-not-string"
    severity = Severity.ERROR
    help = "Write `role` as one of system, user, assistant or tool."

    def word(self, violation: Violation) -> str:
        """Say what it is instead."""
        return "the role is {value}, not a string"
