"""JL708."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.texts import LONGEST_WHOLE, plain_text
from jsonl_lint.records.toolshapes import is_of_tool
from jsonl_lint.rule import Record, Sketch, TextRule


class PlaceholderContent(TextRule):
    """A text is nothing but a placeholder for a missing value.

    `null`, `NaN`, `N/A`, `TODO`, `<noinput>`: usually an empty cell of a table was turned into text. The model would
    learn to say it. In Alpaca's `input` it would be told so instead of being told nothing.
    """

    code = "JL708"
    name = "placeholder-content"
    severity = Severity.WARNING
    help = "Write the true text, or leave the message or record out."
    whole = frozenset(
        ("null", "nan", "n/a", "#n/a", "<na>", "nil", "undefined", "todo", "tbd", "fixme", "placeholder", "lorem ipsum")
    ) | {"noinput", "no input", "<noinput>", "nooutput", "<nooutput>", "[deleted]", "[removed]", "[object object]"}

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield what somebody says, and plain text. Tools may well answer `null`, and so may a column of figures."""
        plain = (("text",), ("input",)) if record.format == "alpaca" else (("text",),)
        for text in record.texts:
            said = text.meaning in ("system", "user", "assistant") or text.pointer in plain
            said = said and len(text.value) <= LONGEST_WHOLE and plain_text(text.value) in self.whole
            if said and not is_of_tool(record.value, text.pointer):
                yield self.sketch(text.pointer, "the text is nothing but the placeholder {value}")
