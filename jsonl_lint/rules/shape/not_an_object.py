"""JL101."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class NotAnObject(SchemaRule):
    """A line is JSON, but not an object.

    A record is an object with keys. A bare list of messages wants `{"messages": …}` around it; a bare string, number
    or null is no record.
    """

    code = "JL101"
    name = "not-an-object"
    severity = Severity.ERROR
    help = 'Write each record as an object, for example `{"messages": […]}`.'

    def word(self, violation: Violation) -> str:
        """Say what stands there instead."""
        return "the record is {value}, not an object"
