"""JL102."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Unquote, repair


class DoubleEncodedRecord(LineRule):
    """A line is a JSON string that holds a record as JSON.

    `json.dumps` was called twice. What the string holds is checked as well: pointers lead into it, and what is found
    there can be fixed once it is decoded.

    Fix: safe. The string is replaced by the record that it holds.
    """

    code = "JL102"
    name = "double-encoded-record"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Call `json.dumps` once."

    def explain(self, problem: Problem) -> str:
        """Return the message, which is always the same."""
        return "the record was encoded twice: the line is a string that holds JSON"

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Fixable unless the line is broken: then the string has to be repaired before it can be read."""
        return None if problem.detail else self.usual_fix()

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Replace the string by its text, on one line. What else is on the line has its own rules."""
        return repair("Decode the string", Unquote(()))
