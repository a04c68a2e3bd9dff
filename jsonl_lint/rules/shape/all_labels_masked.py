"""JL119."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import TOKENISED, Record, RecordRule, Sketch
from jsonl_lint.rules.shape._tokens import IGNORED, token_lists


class AllLabelsMasked(RecordRule):
    """Every label of a tokenised record is -100.

    Then no token of it is learned. Most often the mask was made with a marker that the text does not hold, or the
    answer was cut off. Trainers leave such records out, or stop if all are like that.
    """

    code = "JL119"
    name = "all-labels-masked"
    severity = Severity.ERROR
    help = "Label the tokens of the answer with their ids, or delete the record."
    formats = TOKENISED

    def concerns(self, record: Record) -> bool:
        """Whether there are labels."""
        return bool(token_lists(record).get("labels"))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the labels if all are masked."""
        labels = token_lists(record)["labels"]
        if labels.count(IGNORED) == len(labels):
            yield self.sketch(("labels",), f"every label is {IGNORED}: nothing is learned")
