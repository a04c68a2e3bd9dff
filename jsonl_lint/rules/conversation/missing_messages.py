"""JL201."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation, key_meant_for, shown_key


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
        """Name the key of the format's conversation."""
        return f"the key `{violation.subject}` is missing"

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        key = violation.subject or "messages"
        meant = key_meant_for(key, value)
        return f"Rename `{shown_key(meant)}` to `{key}`." if meant else self.help
