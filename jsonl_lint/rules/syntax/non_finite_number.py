"""JL014."""

from __future__ import annotations

import re

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, repair


class NonFiniteNumber(LineRule):
    """A number is NaN or infinite, or too large for a 64-bit float.

    Python's `json` writes and reads `NaN` and `Infinity`; JSON has neither, and other parsers refuse the line. They
    also refuse integers of more than 308 digits, and Python itself refuses those of more than 4,300.

    Fix: unsafe. The number becomes null; a `weight` and a bound of a tool's parameters (`maximum`), which must not be
    null, are left out. Rules about missing values then report what the record still lacks, such as `null-content`.
    """

    code = "JL014"
    name = "non-finite-number"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    leaves = (
        *("null-content", "empty-content", "empty-text", "empty-output", "nothing-to-learn"),
        *("missing-tool-call-id", "tool-calls-without-tools", "unmatched-tool-result"),
    )
    help = "Leave the key out, or write null where the format allows it."

    def explain(self, problem: Problem) -> str:
        """Name the number as it is spelled."""
        if problem.detail[-1].isalpha():
            return f"`{problem.detail}` is not a finite number"
        return f"`{problem.detail}` is too large for a 64-bit number"

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Write null, since no value is known; or leave out what must not be null."""
        key = _NEVER_NULL.search(text, max(0, sketch.start - _LONGEST_KEY), sketch.start)
        if key is None:
            return repair("Write null", Substitute(sketch.start, sketch.end, "null"))
        return repair(f"Leave the key `{key[1]}` out", Substitute(*_with_a_comma(text, key.start(), sketch.end), ""))


_LONGEST_KEY = 100
_NEVER_NULL = re.compile(
    r'"(weight|multipleOf|(?:min|max)(?:imum|Length|Items|Properties)|exclusiveM(?:in|ax)imum)"\s*:\s*\Z'
)
"""A key that a format or JSON Schema allows no null for, and without which nothing is bounded or weighted."""
_COMMA_BEFORE = re.compile(r"\s*,\s*\Z")
_COMMA_AFTER = re.compile(r"\s*,\s*")


def _with_a_comma(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the place of the member `start:end` with the comma before it, or else with the one after it."""
    before = _COMMA_BEFORE.search(text, max(0, start - _LONGEST_KEY), start)
    if before:
        return before.start(), end
    after = _COMMA_AFTER.match(text, end)
    return start, after.end() if after else end
