"""JL502."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class PreferenceInputNotObject(SchemaRule):
    """The `input` of a preference record is not an object.

    It holds `messages`, and `tools` where there are any; a bare list or text is refused.
    """

    code = "JL502"
    name = "preference-input-not-object"
    severity = Severity.ERROR
    help = 'Write `"input": {"messages": […]}`.'

    def word(self, violation: Violation) -> str:
        """Say what stands there instead."""
        return "`input` is {value}, not an object with `messages`"
