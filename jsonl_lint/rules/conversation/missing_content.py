"""JL208."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity, value_at
from jsonl_lint.rule import (
    Record,
    Rename,
    Repair,
    SchemaRule,
    Sketch,
    Verb,
    Violation,
    Wrap,
    key_meant_for,
    repair,
    shown_key,
)
from jsonl_lint.rule.excuses import holds_broken_calls, is_chat_turn, keys_of_texts

_OTHER_KEYS = ("text", "value", "content")
"""What a message's text is called in one format or another."""


class MissingContent(SchemaRule):
    """A message has no `content`.

    Only an assistant message with tool calls may leave it out. mistral-finetune takes the text under `text` as well,
    and nobody else does.

    Fix: safe where the text stands under exactly one of `text`, ShareGPT's `value` and, in other formats than chat,
    `content`. The key is renamed.
    """

    code = "JL208"
    name = "missing-content"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Add `content`."

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse a message with broken calls, which other rules report, and a chat message (`missing-role` does)."""
        if violation.subject == "value" and is_chat_turn(value_at(value, violation.pointer)):
            return True
        return holds_broken_calls(value, violation.pointer)

    def word(self, violation: Violation) -> str:
        """Name the key, which some formats call `parts` or `value`."""
        return f"the message has no `{violation.subject}`"

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        meant = key_meant_for(violation.subject or "content", value)
        return f"Rename `{shown_key(meant)}` to `{violation.subject}`." if meant else f"Add `{violation.subject}`."

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if there is a text under another key."""
        return self.fix if _other_key(value) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Rename the key, and make the text a part if the format takes only parts."""
        at = (*sketch.pointer, _other_key(record.at(sketch.pointer)) or "")
        key = next((each.content_key for each in record.messages if each.pointer == sketch.pointer), "content")
        verbs: list[Verb] = [Rename(at, key)]
        if key == "parts" or record.format == "bedrock":
            verbs.append(Wrap(at, '[{"text": ', "}]"))
        return repair(f"Rename the key to `{key}`", *verbs)


def _other_key(message: Any) -> str | None:
    """Return the key under which a message has its text, if there is exactly one such key."""
    found = keys_of_texts(message, _OTHER_KEYS) if isinstance(message, dict) else []
    return found[0] if len(found) == 1 else None
