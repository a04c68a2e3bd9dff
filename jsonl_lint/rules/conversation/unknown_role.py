"""JL207."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import SchemaRule, describe
from jsonl_lint.schemas import Violation


class UnknownRole(SchemaRule):
    """A message's role is none that the target knows.

    Names are compared exactly: `User` and `human` are refused like any other word. Chat templates drop such messages
    in silence.

    Fix: safe for another spelling of a known role (`User`), unsafe for other tools' names (`human`, `gpt`, `bot`).
    """

    code = "JL207"
    name = "unknown-role"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = (
        "Use system, user, assistant or tool; human means user, gpt and model mean assistant, "
        "developer means system and function means tool."
    )

    def word(self, violation: Violation) -> str:
        """The role, and the known ones."""
        return f"the role {describe(violation)}"
