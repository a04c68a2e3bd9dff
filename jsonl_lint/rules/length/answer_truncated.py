"""JL602."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.formats import PAIRS, PREFERENCE_OUTPUTS, REASONING_KEYS
from jsonl_lint.rule import TRAINED, LengthRule, Record, Sketch

if TYPE_CHECKING:
    from jsonl_lint.tokens.overruns import Overrun


class AnswerTruncated(LengthRule):
    """The limit falls before or inside the only answer that is trained.

    What is cut off at the end of a record is its answer. If the cut comes before it, the record teaches nothing and is
    still paid for; if it comes inside, the model learns to stop in the middle of a sentence. Where reasoning models are
    trained on the last answer alone, it is the only one. Preference data teaches nothing if its question fills the
    limit.
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
        answers = _answers(record, reasons=overrun.reasons)
        starts = [(before[index], pointer) for index, pointer in answers if index in before]
        if not starts:
            return
        start, pointer = starts[0]
        limit = f"the limit of {overrun.room:,}"
        if start >= overrun.room:
            exact = overrun.length.how == "exact"
            where = f"after {limit} tokens" if exact else f"after {overrun.length.how} {start:,} tokens, past {limit}"
            yield self.sketch(pointer, f"the first trained answer begins {where}, so nothing is learned")
        elif len(answers) == 1 and record.format not in PAIRS and _end(overrun, answers[0][0]) > overrun.room:
            learned = overrun.room - start
            yield self.sketch(pointer, f"the only trained answer is cut off after about {learned:,} tokens, at {limit}")


def _end(overrun: Overrun, index: int) -> int:
    """Return how many tokens the record has up to the end of an answer; what stands later may be rendered earlier."""
    before = overrun.length.before
    after = [start for later, start in before.items() if later > index and start >= before[index]]
    return min(after, default=overrun.length.tokens)


def _answers(record: Record, *, reasons: bool) -> list[tuple[int, Pointer]]:
    """Return the answers that are trained: the number under which their tokens were counted, and their places."""
    if record.format in _COMPLETIONS:
        prompt = record.value.get("prompt")
        turns = prompt if isinstance(prompt, list) else [prompt]
        spoken = all([isinstance(item, dict) and "role" in item for item in turns])
        before = (len(turns) if spoken else 1) + bool(record.value.get("system"))
        return [(before, (_COMPLETIONS[record.format],))] if "prompt" in record.value else []
    if record.format == "preference":
        asked = record.conversation
        outputs = [(key,) for key in PREFERENCE_OUTPUTS if key in record.value]
        return [(len(asked), output) for output in outputs[:1]] if isinstance(asked, list) else []
    if record.format not in TRAINED:
        return []
    answers = [message for message in record.messages if message.trained]
    if record.format == "chat" and _LAST_ALONE not in record.target.off:
        reasons = reasons or any(answer.has_text(key) for answer in answers for key in REASONING_KEYS)
        answers = answers[-1:] if reasons else answers
    return [(message.index, message.pointer) for message in answers]


_COMPLETIONS = {
    "instruction": "completion",
    "prompt-response": "response",
    "chosen-rejected": "chosen",
    "kto": "completion",
}
"""The key of the answer to a `prompt`, or of the better one, by format."""

_LAST_ALONE = "untrained-earlier-turns"
"""The rule that is off for targets which train on all answers of a reasoning model."""
