"""JL204."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import (
    Insert,
    Record,
    Rename,
    Repair,
    SchemaRule,
    Sketch,
    Violation,
    as_json,
    key_meant_for,
    repair,
    shown_key,
)
from jsonl_lint.rule.excuses import is_chat_turn


class MissingRole(SchemaRule):
    """A message has no `role`.

    Together's server rejects the file and names only the first such message. Where a turn of ShareGPT has `role` and
    `content` instead of `from` and `value`, this one finding is about both. Gemini's `contents` may hold a single turn
    without a role.

    Fix: unsafe. ShareGPT's `from` is renamed. Where nothing says who speaks, only if one reading fits: a message with
    `tool_calls` is the assistant's, one with `tool_call_id` the tool's. Not where the target's messages have no such
    keys.
    """

    code = "JL204"
    name = "missing-role"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Add `role`: system, user, assistant or tool."

    def word(self, violation: Violation) -> str:
        """Name the key, which ShareGPT calls `from`."""
        return f"the message has no `{violation.subject}`"

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the format's roles, and the key that is probably a misspelling of this one, if there is one."""
        key = violation.subject or "role"
        roles = _roles(violation)
        if key == "from" and is_chat_turn(value):
            return "Rename `role` to `from` (system, human or gpt) and `content` to `value`."
        meant = key_meant_for(key, value)
        do = f"Rename `{shown_key(meant)}` to `{key}`" if meant else f"Add `{key}`"
        return f"{do}: {'system, human or gpt' if key == 'from' else roles}."

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if another key shows who speaks."""
        if violation.subject == "role" and _is_turn(value):
            return self.fix
        role = _speaker(value) if violation.subject == "role" else None
        return self.fix if role and _SHOWN_BY[role] in violation.known else None

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Insert the role in front of the other keys, or rename the key that has it."""
        message = record.at(sketch.pointer)
        if _is_turn(message):
            return repair("Rename the key to `role`", Rename((*sketch.pointer, "from"), "role"))
        role = _speaker(message)
        if role is None:
            return None
        return repair(f"Add the role {role}", Insert(sketch.pointer, "role", as_json(role), first=True))


def _roles(violation: Violation) -> str:
    """Name the roles. Where messages have no calls, targets have names of their own for some of them."""
    if violation.pointer[:1] == ("contents",):
        return "user or model"
    calls = "tool_calls" in violation.known
    return "system, user, assistant or tool" if calls else "system, user or assistant, as the target calls them"


_SHOWN_BY = {"assistant": "tool_calls", "tool": "tool_call_id"}
"""The key that only messages of this role have."""


def _is_turn(message: Mapping[str, Any]) -> bool:
    """Whether a message says who speaks as a turn of ShareGPT does."""
    return isinstance(message.get("from"), str)


def _speaker(message: Mapping[str, Any]) -> str | None:
    """Return the only role that a message with these keys can have, None if there is no such role."""
    calls, answers = bool(message.get("tool_calls")), bool(message.get("tool_call_id"))
    return None if calls is answers else "assistant" if calls else "tool"
