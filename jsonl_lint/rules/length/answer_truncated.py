"""JL602."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import TRAINED, LengthRule, Record, Sketch

if TYPE_CHECKING:
    from jsonl_lint.tokens.overruns import Overrun


class AnswerTruncated(LengthRule):
    """The limit falls before or inside the only answer that is trained.

    What is cut off at the end of a record is its answer. If the cut comes before it, the record teaches nothing and is
    still paid for; if it comes inside, the model learns to stop in the middle of a sentence.
    """

    code = "JL602"
    name = "answer-truncated"
    severity = Severity.ERROR
    help = "Shorten what stands before the answer, or delete the record."

    def check(self, record: Record, overrun: Overrun) -> Iterator[Sketch]:
        """Yield an answer that is cut off, where only the end of a record is and each message was counted."""
        before = overrun.length.before
        if not overrun.cut or not before:
            return
        if record.format == "instruction":
            answers: list[tuple[int, Pointer]] = [(1, ("completion",))]
        elif record.format in TRAINED:
            answers = [(message.index, message.pointer) for message in record.messages if message.trained]
        else:
            return
        starts = [(before[index], pointer) for index, pointer in answers if index in before]
        if not starts:
            return
        start, pointer = starts[0]
        limit = f"the limit of {overrun.room:,}"
        if start >= overrun.room:
            exact = overrun.length.how == "exact"
            where = f"after {limit} tokens" if exact else f"after {overrun.length.how} {start:,} tokens, past {limit}"
            yield self.sketch(pointer, f"the first trained answer begins {where}, so nothing is learned")
        elif len(answers) == 1:
            learned = overrun.room - start
            yield self.sketch(pointer, f"the only trained answer is cut off after about {learned:,} tokens, at {limit}")
