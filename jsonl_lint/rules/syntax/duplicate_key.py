"""JL019."""

from __future__ import annotations

import re

from jsonl_lint.jsonspan import Problem, comma_with_member, member_value, member_with_comma, read_faultless
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, repair, shown_key
from jsonl_lint.wording import column


class DuplicateKey(LineRule):
    """An object holds the same key twice.

    Parsers keep one of the two values, mostly the last, and say nothing: the other one is lost. A key that occurs more
    often is reported again each time, with the place before.

    Fix: safe where both values are equal, else unsafe: the last one is kept, as parsers do, unless
    only that one is null or empty.
    """

    code = "JL019"
    name = "duplicate-key"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Keep one of the two."

    def explain(self, problem: Problem) -> str:
        """Name both places."""
        first, second = (column(int(place)) for place in problem.detail.split(","))
        key = shown_key(str(problem.pointer[-1]))
        return f"the key `{key}` appears twice, at columns {first} and {second}; parsers keep only the last value"

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Fixable if the first member can be cut out; safe if both values are equal, however they are spelled."""
        first, second = map(int, problem.detail.split(","))
        if member_with_comma(text, first) is None:
            return None
        one, other = member_value(text, second), member_value(text, first)
        if one is None or other is None:
            return self.fix
        alike = one[1] - one[0] == other[1] - other[0] and text.startswith(text[one[0] : one[1]], other[0])
        return Applicability.SAFE if alike or _are_equal(text, one[0], other[0]) else self.fix

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """Delete the first of the two, or the second if only that is empty."""
        first, second = map(int, sketch.detail.split(","))
        if _is_empty(text, second) and not _is_empty(text, first):
            place = comma_with_member(text, second)
            return repair("Drop the second of the two, which is empty", Substitute(*place, "")) if place else None
        place = member_with_comma(text, first)
        return repair("Drop the first of the two", Substitute(*place, "")) if place else None


_EMPTY = re.compile(r'null|"\s*"|\[\s*\]|\{\s*\}')


def _is_empty(text: str, key: int) -> bool:
    """Whether the value of the key that begins here is null or empty."""
    place = member_value(text, key)
    return place is not None and _EMPTY.fullmatch(text, *place) is not None


def _are_equal(text: str, *starts: int) -> bool:
    """Whether the values that start here are equal. 1, 1.0 and true are not, nor is what a parser may change."""
    values = [read_faultless(text, start) for start in starts]
    try:
        return all(end >= 0 for _, end, _ in values) and len({repr(value) for value, _, _ in values}) == 1
    except RecursionError:
        return False
