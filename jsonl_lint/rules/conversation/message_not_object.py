"""JL205."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class MessageNotObject(SchemaRule):
    """An item of `messages` is not an object.

    A bare string has no role, so nobody can tell who speaks.
    """

    code = "JL205"
    name = "message-not-object"
    severity = Severity.ERROR
    help = "Write each message as an object with `role` and `content`."

    def word(self, violation: Violation) -> str:
        """Say what it is instead."""
        return "the message is {value}, not an object"

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the keys that a message has in this format."""
        speaker, said = _KEYS.get(violation.pointer[0], ("role", "content"))
        return f"Write each message as an object with `{speaker}` and `{said}`."


_KEYS: dict[str | int, tuple[str, str]] = {"conversations": ("from", "value"), "contents": ("role", "parts")}
"""Keys of a message where they are not chat's, by the root key."""
