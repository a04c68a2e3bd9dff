"""JL007."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import DropRecord, LineRule, Repair, Sketch, repair


class BlankLine(LineRule):
    """A line holds nothing, or only white space.

    Together's present client skips it, versions up to 2.14 refused the file, and what the server does is not
    documented. Readers that call `json.loads` on each line fail.

    Fix: safe. The line is deleted.
    """

    code = "JL007"
    name = "blank-line"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    help = "Delete the line."

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Delete the line."""
        return repair("Delete the line", DropRecord())
