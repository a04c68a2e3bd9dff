"""JL012."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, repair


class TrailingComma(LineRule):
    """A comma follows the last item of an array or object, or the record itself.

    Python, JavaScript and JSON5 allow it, JSON does not. A comma after each record shows that an array was cut into
    lines by hand.

    Fix: safe. The comma is deleted.
    """

    code = "JL012"
    name = "trailing-comma"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Delete the comma."

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Delete the comma; after the record, with all that follows it."""
        if text[sketch.start :].strip(", \t\r\n"):
            return repair("Delete the comma", Substitute(sketch.start, sketch.end, ""))
        return repair("Delete the comma", Substitute(len(text[: sketch.start].rstrip()), len(text), ""))
