"""JL201."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class MissingMessages(SchemaRule):
    """A record of a chat file has no conversation.

    The key, `messages` in most formats, was left out or misspelt. A record that has another dialect's keys is reported
    by `unknown-format`, one of another known format by `mixed-formats`.
    """

    code = "JL201"
    name = "missing-messages"
    severity = Severity.ERROR
    help = "Add the key with an array of messages; check its spelling."

    def word(self, violation: Violation) -> str:
        """The key of the format's conversation."""
        return f"the key `{violation.subject}` is missing"
