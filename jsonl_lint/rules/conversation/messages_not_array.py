"""JL202."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class MessagesNotArray(SchemaRule):
    """`messages` is not an array.

    Often the conversation was stored as a string, or as a single message without brackets. pandas makes an object of a
    column, unless it is told `orient="records"`.
    """

    code = "JL202"
    name = "messages-not-array"
    severity = Severity.ERROR
    help = "Write `messages` as an array of objects."

    def word(self, violation: Violation) -> str:
        """Say what it is instead."""
        return f"`{violation.pointer[-1]}` is {{value}}, not an array"

    def advise(self, violation: Violation, value: Any) -> str:
        """How it may have come about."""
        if isinstance(value, str):
            return f"{self.help[:-1]}; if it is a text that holds JSON, decode that with `json.loads`."
        if isinstance(value, dict):
            return f"{self.help[:-1]}; if pandas wrote it, use `to_json(OUT, orient='records', lines=True)`."
        return self.help
