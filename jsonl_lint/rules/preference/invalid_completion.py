"""JL511."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import Record, RecordRule, Sketch


class InvalidCompletion(RecordRule):
    """An answer of a Gemini preference record does not have the required shape.

    Each of the two `completions` holds its answer as `completion`, a turn of the model: `{"role": "model", "parts":
    [{"text": …}]}`. Malformed rows are left out of the training.
    """

    code = "JL511"
    name = "invalid-completion"
    severity = Severity.ERROR
    help = 'Write the answer as {"role": "model", "parts": [{"text": …}]}.'
    formats = ("gemini-preference",)
    right_types = {"/completions/*/completion": "object"}

    def concerns(self, record: Record) -> bool:
        """Whether there are any."""
        return isinstance(record.value.get("completions"), list)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield what is wrong with each completion. One that is no object is `invalid-preference-score`'s."""
        for index, item in enumerate(record.value["completions"]):
            for pointer, message in _problems(item) if isinstance(item, dict) else ():
                yield self.sketch(("completions", index, *pointer), message)


def _problems(item: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    answer = item.get("completion")
    if "completion" not in item:
        yield (), "the item has no `completion`"
    elif not isinstance(answer, dict):
        yield ("completion",), "the completion is {value}; it must be an object with `parts`"
    else:
        if answer.get("role", "model") != "model":
            yield ("completion", "role"), "the role is {value}; an answer is the model's"
        parts = answer.get("parts")
        if "parts" not in answer:
            yield ("completion",), "the completion has no `parts`"
        elif not isinstance(parts, list) or not parts:
            yield ("completion", "parts"), "`parts` is {value}; it must be a list of parts"
        else:
            wrong = [at for at, part in enumerate(parts) if not isinstance(part, dict) or not _is_part(part)]
            for at in wrong:
                yield ("completion", "parts", at), "the part is {value}; it must hold a text"


def _is_part(part: dict[str, Any]) -> bool:
    """Whether it is a text, or anything else that a part may be."""
    return isinstance(part["text"], str) if "text" in part else any([isinstance(item, dict) for item in part.values()])
