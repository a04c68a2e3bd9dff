"""JL120."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, RecordRule, Sketch
from jsonl_lint.wording import excerpt


class InvalidHistory(RecordRule):
    """A round in an Alpaca record's `history` is not a question and its answer.

    LLaMA-Factory unpacks each round into two texts, and stops at the first that is anything else.
    """

    code = "JL120"
    name = "invalid-history"
    severity = Severity.ERROR
    help = 'Write each round as ["question", "answer"].'
    formats = ("alpaca",)

    def concerns(self, record: Record) -> bool:
        """Whether there is any round."""
        return isinstance(record.value.get("history"), list) and bool(record.value["history"])

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each round that is not a list of two, and each of the two that is not a text."""
        for index, round_ in enumerate(record.value["history"]):
            if not isinstance(round_, list) or len(round_) != 2:
                yield self.sketch(("history", index), f"the round is {excerpt(round_)}, not a question and its answer")
                continue
            for place, text in enumerate(round_):
                if not isinstance(text, str):
                    whose = "answer" if place else "question"
                    yield self.sketch(("history", index, place), f"the {whose} is {excerpt(text)}, not a text")
