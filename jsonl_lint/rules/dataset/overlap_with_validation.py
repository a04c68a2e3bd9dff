"""JL805."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import ComparisonRule


class OverlapWithValidation(ComparisonRule):
    """A record is also in the file that `--against` names.

    What the model has been trained on proves nothing in validation: the figures come out too good. A record that is
    there, be it with other case, white space or order of keys, is an error; one whose prompt is there with another
    answer is a warning.
    """

    code = "JL805"
    name = "overlap-with-validation"
    severity = Severity.ERROR
    help = "Take the record out of one of the files."

    def word(self, line: int, file: str, *, whole: bool) -> str:
        """Name the line in the other file."""
        return f"{'the record' if whole else 'its prompt'} is also in {file}, line {line}"
