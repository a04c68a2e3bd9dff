"""JL901."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation, key_meant_for, shown_key


class MissingCustomId(SchemaRule):
    """A batch request has no `custom_id`.

    Results come in any order and are joined by it; a request without one fails the whole batch.
    """

    code = "JL901"
    name = "missing-custom-id"
    severity = Severity.ERROR
    help = "Give each request an id of its own."

    def word(self, violation: Violation) -> str:
        """Say whether the id is missing or empty."""
        return "the request has no `custom_id`" if violation.subject else "the `custom_id` is empty"

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        meant = key_meant_for("custom_id", value)
        return f"Rename `{shown_key(meant)}` to `custom_id`." if meant else self.help
