"""JL510."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class InvalidPreferenceScore(StructureRule):
    """The two answers of a preference record do not have the scores 1 and 0.

    Gemini's preference tuning takes two `completions`: the one to prefer has the score 1, the other 0. With any other
    scores nobody can tell which of them is to be learned.
    """

    code = "JL510"
    name = "invalid-preference-score"
    severity = Severity.ERROR
    help = "Give the better answer the score 1 and the other one 0."
    formats = ("gemini-preference",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each score that is neither 1 nor 0, and the second of two that are the same."""
        found = record.value.get("completions")
        items = found if isinstance(found, list) else []
        scores = []
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                yield self.sketch(("completions", index), "the completion is {value}; it must be an object")
                continue
            score = item.get("score")
            if isinstance(score, bool) or score not in (0, 1):
                pointer = ("completions", index, "score") if "score" in item else ("completions", index)
                words = (
                    "the score is {value}; it must be 1 or 0" if "score" in item else "the completion has no `score`"
                )
                yield self.sketch(pointer, words)
            else:
                scores.append(score)
        if len(items) == 2 and len(scores) == 2 and scores[0] == scores[1]:
            yield self.sketch(("completions", 1, "score"), "both completions have the score {value}")
