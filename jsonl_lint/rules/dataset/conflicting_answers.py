"""JL804."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import ComparisonRule


class ConflictingAnswers(ComparisonRule):
    """A record has the prompt of an earlier one, and another answer.

    The prompt is everything before the last answer: all messages but the last, with the tools, or the prompt's own
    keys. The model is taught both answers and learns neither well; often one of them is a mistake. Answers that
    differ only in case or white space are the same. Preference data is not compared.

    Some data has several answers to each prompt on purpose. So where at least 50 records answer a prompt differently,
    and they are a quarter of the file's, one finding says how many there are.
    """

    code = "JL804"
    name = "conflicting-answers"
    severity = Severity.WARNING
    help = "Keep the right answer, unless the prompt is meant to have several."

    def word(self, line: int, file: str, *, whole: bool) -> str:
        """Name the line of the first record with the prompt."""
        return f"the prompt of line {line} is answered differently here"

    def word_for_all(self, count: int) -> str:
        """Say how many there are."""
        return f"{count:,} records answer an earlier prompt differently, as if that were meant; this is the first"
