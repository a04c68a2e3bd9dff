"""JL019."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, shown_key


class DuplicateKey(LineRule):
    """An object holds the same key twice.

    Parsers keep one of the two values, mostly the last, and say nothing: the other one is lost.

    Fix: safe where both values are equal, else unsafe (the last one is kept, as parsers do).
    """

    code = "JL019"
    name = "duplicate-key"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Keep one of the two."

    def explain(self, problem: Problem) -> str:
        """Both places."""
        first, second = (int(place) + 1 for place in problem.detail.split(","))
        key = shown_key(str(problem.pointer[-1]))
        return f"the key `{key}` stands twice, at columns {first} and {second}; parsers keep only the last value"
