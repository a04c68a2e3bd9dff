"""JL512."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class MixedPairShapes(StructureRule):
    """A prompt and its two answers mix texts and lists of messages.

    TRL asks one of the three whether it is a conversation, and which one it asks changes from run to run: such a file
    may crash, or not. Other trainers do not say what they make of it.
    """

    code = "JL512"
    name = "mixed-pair-shapes"
    severity = Severity.WARNING
    help = "Write all of them as texts, or all as lists of messages."
    formats = ("chosen-rejected",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the worse answer if its shape is not that of the better one, else the prompt if it differs."""
        prompt, chosen, rejected = (_shape(record.value.get(key)) for key in ("prompt", "chosen", "rejected"))
        if chosen and rejected and chosen != rejected:
            yield self.sketch(("rejected",), f"`rejected` is {rejected}, and `chosen` is {chosen}")
        elif prompt and chosen and prompt != chosen:
            yield self.sketch(("prompt",), f"`prompt` is {prompt}, and `chosen` is {chosen}")


def _shape(value: Any) -> str:
    """Return what the value is, in words; nothing for what is neither, or empty, which other rules say."""
    if isinstance(value, str) and value.strip():
        return "a text"
    return "a list of messages" if isinstance(value, list) and value else ""
