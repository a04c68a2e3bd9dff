"""JL020."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule


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
    help = "Restore the character, or delete the half."

    def explain(self, problem: Problem) -> str:
        """The escape, and how many more there are in the string."""
        escape, _, more = problem.detail.partition(" and ")
        rest = f" ({more} in this string)" if more else ""
        return f"`{escape}` is half of a surrogate pair and is no character{rest}"
