"""JL014."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, repair


class NonFiniteNumber(LineRule):
    """A number is NaN or infinite, or too large for a 64-bit float.

    Python's `json` writes and reads `NaN` and `Infinity`; JSON has neither, and other parsers refuse the line. They
    also refuse integers of more than 308 digits, and Python itself refuses those of more than 4,300.

    Fix: unsafe. The number becomes null.
    """

    code = "JL014"
    name = "non-finite-number"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Leave the key out, or write null where the format allows it."

    def explain(self, problem: Problem) -> str:
        """Name the number as it is spelled."""
        if problem.detail[-1].isalpha():
            return f"`{problem.detail}` is not a finite number"
        return f"`{problem.detail}` is too large for a 64-bit number"

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Write null, since no value is known."""
        return repair("Write null", Substitute(sketch.start, sketch.end, "null"))
