"""JL021."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Severity
from jsonl_lint.rule import LineRule


class ImpreciseNumber(LineRule):
    """A number has more digits than a parser keeps.

    Many parsers silently round integers beyond 64 bits and decimals of more than 17 digits to a float, so ids change.
    """

    code = "JL021"
    name = "imprecise-number"
    severity = Severity.WARNING
    help = "Write ids and long figures as strings."

    def explain(self, problem: Problem) -> str:
        """Name the number as it is spelled."""
        return f"`{problem.detail}` has more digits than a 64-bit number keeps"
