"""JL020."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule, Repair, Sketch, Substitute, few, repair

_OF_STRING = re.compile(
    r'[^"\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\.'
)
"""Of a string: plain text, a pair of surrogates, half of one, any other escape."""


class LoneSurrogate(LineRule):
    """A string holds half of a surrogate pair, like `\\ud83d` alone.

    An emoji was cut in two. Such a string cannot be written as UTF-8: tokenizers and loaders fail, Python's `json`
    passes it on.

    Fix: unsafe. It becomes U+FFFD, the replacement character.
    """

    code = "JL020"
    name = "lone-surrogate"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    leaves = ("replacement-character",)
    help = "Restore the character, or delete the half."

    def explain(self, problem: Problem) -> str:
        """Name the escape, and how many more there are in the string."""
        escape, _, more = problem.detail.partition(" and ")
        rest = f" ({more} in this string)" if more else ""
        return f"`{escape}` is half of a surrogate pair, not a character{rest}"

    def repair_line(self, text: str, sketch: Sketch) -> Repair | None:
        """Replace every half from the first one to the end of its string."""
        found = few(_substitutes(text, sketch.start))
        return repair("Write the replacement character", *found) if found else None


def _substitutes(text: str, position: int) -> Iterator[Substitute]:
    """Yield what is written instead, from the position to the end of its string."""
    while (match := _OF_STRING.match(text, position)) is not None:
        if match[1]:
            yield Substitute(position, match.end(), "\\ufffd")
        position = match.end()
