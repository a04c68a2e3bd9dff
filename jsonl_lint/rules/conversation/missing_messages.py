"""JL201."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation


class MissingMessages(SchemaRule):
    """A record of a chat file has no `messages`.

    The key was left out or misspelt. A record that has another dialect's keys is reported by `unknown-format`, one of
    another known format by `mixed-formats`.
    """

    code = "JL201"
    name = "missing-messages"
    severity = Severity.ERROR
    help = "Add `messages`, an array of objects with `role` and `content`; check the spelling."

    def word(self, violation: Violation) -> str:
        """Nothing varies."""
        return "the key `messages` is missing"
