"""JL512."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.formats import is_message
from jsonl_lint.rule import Record, Sketch, StructureRule


class MixedPairShapes(StructureRule):
    """A prompt and its answers mix texts and lists of messages.

    TRL asks one of them whether it is a conversation, and which one it asks changes from run to run: such a file may
    crash, or not. Other trainers do not say what they make of it. Where a target takes no messages there, it is those
    that are reported.
    """

    code = "JL512"
    name = "mixed-pair-shapes"
    severity = Severity.WARNING
    help = "Write all of them as texts, or all as lists of messages."
    formats = ("chosen-rejected", "instruction", "kto")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the worse answer if its shape is not that of the better one, else the prompt if it differs."""
        pair = record.format == "chosen-rejected"
        if not pair and "part_types" in record.target.traits:
            return
        answer, other = ("chosen", "rejected") if pair else ("completion", "")
        shape, of_other, of_prompt = (_shape(record, key) for key in (answer, other, "prompt"))
        if shape and of_other and shape != of_other:
            yield self.sketch((other,), f"`{other}` is {of_other}, and `{answer}` is {shape}")
        elif shape and of_prompt and shape != of_prompt:
            yield self.sketch(("prompt",), f"`prompt` is {of_prompt}, and `{answer}` is {shape}")


def _shape(record: Record, key: str) -> str:
    """Return what the value is, in words; nothing for what is neither, or empty, which other rules say."""
    value = record.value.get(key)
    if isinstance(value, str) and value.strip():
        return "a text"
    of_messages = isinstance(value, list) and (record.format != "instruction" or any(map(is_message, value)))
    return "a list of messages" if value and of_messages else ""
