"""JL504."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class OutputNotSingleMessage(SchemaRule):
    """An output of a preference record is not a list of exactly one message.

    Each output is one answer: `[{"role": "assistant", "content": …}]`. A bare object or text is refused, and so are two
    messages. Azure takes several, of which one is the assistant's.
    """

    code = "JL504"
    name = "output-not-single-message"
    severity = Severity.ERROR
    help = "Give each output as a list of one assistant message."

    def word(self, violation: Violation) -> str:
        """Say what stands there instead."""
        name = violation.pointer[-1]
        return f"`{name}` is {{value}}, not a list of one message"
