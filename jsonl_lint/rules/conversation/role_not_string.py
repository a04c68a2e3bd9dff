"""JL206."""

from __future__ import annotations

from typing import Any

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

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the roles of Gemini in its records."""
        return "Write `role` as user or model." if violation.pointer[0] == "contents" else self.help
