"""JL016."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError, gaps
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import BreakLine, Repair, Sketch, SyntaxRule, repair


class SeveralValuesOnOneLine(SyntaxRule):
    """Two or more records share a line.

    A line break was lost, often where two files without a final one were joined. If all of them are whole, what is
    wrong with each is reported as well; it can be fixed once they are apart.

    Fix: safe. Each record gets its own line, if all of them are whole.
    """

    code = "JL016"
    name = "several-values-on-one-line"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Put each record on a line of its own."
    order = 40

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Recognise the beginning of another value after a complete one, with or without a comma between."""
        if error.kind != "extra-data":
            return None
        rest = text[error.position :].lstrip(", \t\r")
        if text.lstrip()[:1] not in ("{", "[") or rest[:1] not in ("{", "["):
            return None
        fix = self.fix if gaps(text) else None
        return self.mark("another value follows the record on the same line", error.position, fix=fix)

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Put a line break in the place of what stands between the values."""
        return repair("Put each record on its own line", *(BreakLine(start, end) for start, end in gaps(text)))
