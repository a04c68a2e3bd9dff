"""JL711."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.texts import LOOP_TEXT, LOOP_TURNS, ends_in_loop
from jsonl_lint.rule import Record, Sketch, TextRule


class DegenerateRepetition(TextRule):
    """The last answer ends with the same words again and again.

    Models fall into such loops when they generate; trained on one, they do it more often. A loop is reported if it
    repeats at least eight times and fills at least the last 60 characters.
    """

    code = "JL711"
    name = "degenerate-repetition"
    severity = Severity.INFO
    help = "Generate the answer again, or leave the record out."
    repeats = True

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each answer that ends in a loop. Rulers and empty table rows, without letters or digits, may repeat."""
        for text in record.last_texts:
            end = text.value[-40:]
            if text.meaning in ("assistant", None) and any(map(str.isalnum, end)) and ends_in_loop(text.value):
                within = (len(text.value) - LOOP_TEXT, len(text.value))
                message = f"the text ends with a loop of {LOOP_TURNS} or more turns"
                yield self.sketch(text.pointer, message, within=within)
