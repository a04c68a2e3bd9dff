"""JL710."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule
from jsonl_lint.toolshapes import is_of_tool

SHORTEST = 40
"""Shorter answers are labels, names and fragments that are meant to be so."""


class CutOffAnswer(TextRule):
    """The last answer stops in the middle of a sentence.

    It ends with a comma, an opening bracket, or a word like `the`. It was probably generated with too small a limit
    of tokens. The model learns to stop there.
    """

    code = "JL710"
    name = "cut-off-answer"
    severity = Severity.INFO
    help = "Generate the answer again with room to end, or leave the record out."
    endings = (",", "(", " the", " a", " an", " of", " and", " or", " to", " with", " for", " from", " in", " which")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each answer of some length that ends like that."""
        for text in record.last_texts:
            cut_off = len(text.value) >= SHORTEST and text.value.endswith(self.endings)
            if text.meaning == "assistant" and cut_off and not is_of_tool(record.value, text.pointer):
                yield self.sketch(text.pointer, f"the answer ends with `{text.value.split()[-1][-20:]}`")
