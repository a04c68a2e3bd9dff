"""JL705."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, TextRule
from jsonl_lint.wording import plural


class ReplacementCharacter(TextRule):
    """A text holds U+FFFD, the replacement character.

    It stands where a program could not decode what was there. The true character is lost. Somewhere before this file
    a text was read in the wrong encoding or cut inside a character.
    """

    code = "JL705"
    name = "replacement-character"
    severity = Severity.WARNING
    help = "Export the record again from its source, read in the right encoding."
    excused_by = ("lone-surrogate", "invalid-utf8")
    marks = "\ufffd"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each text."""
        for text in record.texts:
            count = text.value.count("\ufffd")
            if count:
                first = text.value.index("\ufffd")
                message = f"the text holds {plural(count, 'replacement character')} U+FFFD"
                yield self.sketch(text.pointer, message, within=(first, first + 1))
