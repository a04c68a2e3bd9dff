"""JL109."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation


class InvalidSampleWeight(SchemaRule):
    """The record's `weight` is not a number of 0 or more.

    At the root, `weight` multiplies the loss of the whole sample (Together, since June 2026). 0 leaves the sample
    out; negative numbers, texts and booleans are refused.
    """

    code = "JL109"
    name = "invalid-sample-weight"
    severity = Severity.ERROR
    help = "Write a number of 0 or more, or leave the key out (it means 1.0)."

    def word(self, violation: Violation) -> str:
        """Name the value."""
        return "the sample's weight is {value}, not a number of 0 or more"
