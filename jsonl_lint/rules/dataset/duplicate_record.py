"""JL801."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import ComparisonRule, DropRecord, Record, Repair, Sketch, repair


class DuplicateRecord(ComparisonRule):
    """A record is the same as an earlier one of its file, byte for byte.

    The model sees it once more in each epoch, so it counts for more than the others and is memorised sooner. Line ends
    do not matter. Every record after the first one is reported.

    Fix: unsafe. The record is deleted, and the first one stays.
    """

    code = "JL801"
    name = "duplicate-record"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Keep one of the records, unless it is meant to count twice."

    def word(self, line: int, file: str, *, whole: bool) -> str:
        """Name the line of the first one."""
        return f"the record is that of line {line} again"

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Delete the record; the first one stays."""
        return repair("Delete the record", DropRecord())
