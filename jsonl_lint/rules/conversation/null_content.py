"""JL209."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity, value_at
from jsonl_lint.records.formats import PREFERENCE_OUTPUTS
from jsonl_lint.rule import Record, Repair, Replace, SchemaRule, Sketch, Violation, repair
from jsonl_lint.rule.excuses import holds_broken_calls, is_refused, keys_of_texts


class NullContent(SchemaRule):
    """A message's `content` is null although it calls no tool.

    Some chat templates render it as the word None, others fail. Together's client passes it; what the server does is
    not documented. In an output of a preference record null is an error, which `content-wrong-type` reports.

    Fix: safe. Null becomes an empty string, which means the same; if it does not for a target, the target's data file
    says so. `empty-content`, or outside of conversations `empty-text` or `empty-output`, then reports the empty text.
    Not where the message has a text under `text`, or as in ShareGPT under `value`, beside it.
    """

    code = "JL209"
    name = "null-content"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    leaves = ("empty-content", "empty-text", "empty-output")
    help = "Write the text, or an empty string where none is meant."

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse null in an output (`content-wrong-type` reports it), beside a refusal, and beside broken calls.

        Broken calls have rules of their own.
        """
        if violation.pointer[0] in PREFERENCE_OUTPUTS:
            return True
        if holds_broken_calls(value, violation.pointer[:-1]):
            return True
        return is_refused(value_at(value, violation.pointer[:-1]))

    def word(self, violation: Violation) -> str:
        """Return the message, which is always the same."""
        return "`content` is null"

    def resists(self, violation: Violation, value: Any) -> bool:
        """Whether the text of the message stands under another key, as in tables that were made of two formats."""
        return bool(keys_of_texts(value_at(value, violation.pointer[:-1]), ("text", "value")))

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Write an empty text."""
        return repair("Write an empty string", Replace(sketch.pointer, '""'))
