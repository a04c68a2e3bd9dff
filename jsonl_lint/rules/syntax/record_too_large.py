"""JL023."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Severity
from jsonl_lint.rule import LineRule


class RecordTooLarge(LineRule):
    """A line is longer than the limit and was not parsed.

    The limit is `--max-line-bytes` (64 MiB), or less where the target says so. Memory stays small whatever the length.
    A line with more than 4,000,000 brackets and commas, strings included, is not parsed either.
    """

    code = "JL023"
    name = "record-too-large"
    severity = Severity.ERROR
    help = "Shorten the record; if it is meant to be so long, raise `--max-line-bytes`."

    def explain(self, problem: Problem) -> str:
        """Name the length and the limit."""
        return problem.detail
