"""JL802."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import ComparisonRule


class NormalizedDuplicate(ComparisonRule):
    """A record is an earlier one, but for case, white space or the order of keys.

    It teaches the same once more. A record that is the same byte for byte is `duplicate-record`'s to report.
    """

    code = "JL802"
    name = "normalized-duplicate"
    severity = Severity.WARNING
    help = "Keep the better one of the two."

    def word(self, line: int, file: str, *, whole: bool) -> str:
        """Name the line of the first one."""
        return f"but for case, white space or the order of keys, the record is that of line {line} again"
