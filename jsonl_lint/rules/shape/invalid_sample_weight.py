"""JL109."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Delete, Record, Repair, SchemaRule, Sketch, Violation, repair


class InvalidSampleWeight(SchemaRule):
    """The record's `weight` is not a number of 0 or more.

    At the root, `weight` multiplies the loss of the whole sample (Together, since June 2026). 0 leaves the sample
    out; negative numbers, texts and booleans are refused.

    Fix: unsafe for null, which tables leave in records without a weight. The key is dropped.
    """

    code = "JL109"
    name = "invalid-sample-weight"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write a number of 0 or more, or leave the key out (it means 1.0)."

    def word(self, violation: Violation) -> str:
        """Name the value."""
        return "the sample's weight is {value}, not a number of 0 or more"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if there is no weight."""
        return self.fix if value is None else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Drop the key."""
        return repair("Drop the key `weight`", Delete(sketch.pointer))
