"""JL501."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import (
    Record,
    Rename,
    Repair,
    SchemaRule,
    Sketch,
    Violation,
    Wrap,
    key_meant_for,
    repair,
    shown_key,
)
from jsonl_lint.rule.excuses import is_input_at_root

OTHER_NAMES = {
    "preferred_output": ("preferred_completion", "chosen"),
    "non_preferred_output": ("non_preferred_completion", "rejected"),
}
_KEYS = ("input", *OTHER_NAMES, "weight")
_OF_OTHERS = ("chosen", "rejected")


class MissingPreferenceKey(SchemaRule):
    """A preference record lacks its input or one of its two outputs.

    Without both answers nothing can be compared; Together's server refuses the file. If the answer is under another
    known name, `renamed-output-key` reports it. Trainers that take `chosen` and `rejected` need both as well.

    Fix: safe where the `messages` of the input stand at the root. They are put into `input`. Unsafe if they end with
    the assistant, whose last message may be one of the answers.
    """

    code = "JL501"
    name = "missing-preference-key"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Add the key: a record has `input`, `preferred_output` and `non_preferred_output`."

    def word(self, violation: Violation) -> str:
        """Name the missing key."""
        return f"the key `{violation.subject}` is missing"

    def advise(self, violation: Violation, value: dict[str, Any]) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        key = violation.subject or ""
        if key == "input" and is_input_at_root(value):
            return "Put `messages` into `input`."
        meant = key_meant_for(key, {name: None for name in value if name not in _KEYS})
        if meant:
            return f"Rename `{shown_key(meant)}` to `{key}`."
        return self.help if key in _KEYS else f"Add the key: a record has `{'` and `'.join(_OF_OTHERS)}`."

    def excuses(self, violation: Violation, value: dict[str, Any]) -> bool:
        """Excuse an answer that is there under the name that other tools use."""
        return any(name in value for name in OTHER_NAMES.get(violation.subject or "", ()))

    def fixable(self, violation: Violation, value: dict[str, Any]) -> Applicability | None:
        """Fixable if the conversation is there, one level too high."""
        if violation.subject != "input" or not is_input_at_root(value):
            return None
        last = value["messages"][-1] if value["messages"] else None
        answered = isinstance(last, dict) and last.get("role") == "assistant"
        return Applicability.UNSAFE if answered else self.fix

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Put the messages into an input. What belongs beside them there, such as tools, has rules of its own."""
        at = ("messages",)
        return repair("Put `messages` into `input`", Rename(at, "input"), Wrap(at, '{"messages": ', "}"))
