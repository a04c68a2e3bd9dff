"""JL710."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.toolshapes import is_of_tool
from jsonl_lint.rule import Record, Sketch, Text, TextRule
from jsonl_lint.wording import guarded, masked

SHORTEST = 25
"""Shorter answers are labels, names and fragments that are meant to be so."""

_LONGEST_WORD, _LONGEST_SECRET = 20, 400
"""Characters of the end: those that are told, and those that are looked at for a secret that they may be the end of."""

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
                size = len(text.value.split()[-1][-_LONGEST_WORD:])
                word = masked(text.value[-_LONGEST_SECRET:])[-size:]
                within = (len(text.value) - size, len(text.value))
                yield self.sketch(text.pointer, f"the answer ends with `{guarded(word)}`", within=within)


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
