"""JL710."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, Text, TextRule
from jsonl_lint.toolshapes import is_of_tool

SHORTEST = 25
"""Shorter answers are labels, names and fragments that are meant to be so."""

_WORDS = (
    *("the", "a", "an", "and", "or", "of", "to", "with", "for", "from", "in", "by"),
    *("which", "that", "because", "is", "are", "was"),
)


class CutOffAnswer(TextRule):
    """The last answer stops in the middle of a sentence.

    It ends with a comma, an opening bracket, or a word like `the` or `because`. It was probably generated with too
    small a limit of tokens. The model learns to stop there.
    """

    code = "JL710"
    name = "cut-off-answer"
    severity = Severity.INFO
    help = "Generate the answer again with room to end, or leave the record out."
    endings = (",", "(", *(f" {word}" for word in _WORDS))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each answer of some length that ends like that."""
        for text in record.last_texts:
            cut_off = len(text.value) >= SHORTEST and text.value.endswith(self.endings)
            if text.meaning == "assistant" and cut_off and _is_the_end(record, text):
                word = text.value.split()[-1][-20:]
                within = (len(text.value) - len(word), len(text.value))
                yield self.sketch(text.pointer, f"the answer ends with `{word}`", within=within)


def _is_the_end(record: Record, text: Text) -> bool:
    """Whether nothing comes after the text: no call of a tool, and no other part of the message."""
    last = record.last_message
    if last is not None:
        parts = last.content if isinstance(last.content, list) else []
        ends = text.pointer in (
            (*last.pointer, last.content_key),
            (*last.pointer, last.content_key, len(parts) - 1, "text"),
        )
        if not ends or not {"tool_calls", "function_call"}.isdisjoint(last.value):
            return False
    return not is_of_tool(record.value, text.pointer)
