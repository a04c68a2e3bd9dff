"""JL504."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, SchemaRule, Sketch, Violation, repair
from jsonl_lint.rules.preference._answers import made_a_list


class OutputNotSingleMessage(SchemaRule):
    """An output of a preference record is not a list of exactly one message.

    Each output is one answer: `[{"role": "assistant", "content": …}]`. A bare object or text is refused, and so are two
    messages. Azure takes several, of which one is the assistant's.

    Fix: safe for a text or a message, which becomes a list of one message. A text that holds such a message or list as
    JSON is decoded. What is wrong with the message itself shows only then.
    """

    code = "JL504"
    name = "output-not-single-message"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Give each output as a list of one assistant message."

    def word(self, violation: Violation) -> str:
        """Say what stands there instead."""
        name = violation.pointer[-1]
        return f"`{name}` is {{value}}, not a list of one message"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if something that may be an answer is not in a list."""
        return self.fix if value and isinstance(value, (str, dict)) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Make it a list of one message, unless it is a whole conversation."""
        verbs = made_a_list(sketch.pointer, record.at(sketch.pointer))
        return repair("Make it a list of one message", *verbs) if verbs else None
