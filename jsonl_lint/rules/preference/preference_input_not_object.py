"""JL502."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, SchemaRule, Sketch, Violation, Wrap, repair


class PreferenceInputNotObject(SchemaRule):
    """The `input` of a preference record is not an object.

    It holds `messages`, and `tools` where there are any; a bare list or text is refused.

    Fix: safe for a list, which becomes the `messages` of an object. What is wrong with these shows only then.
    """

    code = "JL502"
    name = "preference-input-not-object"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = 'Write `"input": {"messages": […]}`.'

    def word(self, violation: Violation) -> str:
        """Say what stands there instead."""
        return "`input` is {value}, not an object with `messages`"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if it is a list, which can only be the conversation."""
        return self.fix if value and isinstance(value, list) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Put an object around the messages."""
        return repair("Make it the `messages` of an object", Wrap(sketch.pointer, '{"messages": ', "}"))
