"""JL110."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class EmptyText(StructureRule):
    """A `text`, `prompt` or `completion` is empty or only white space.

    Such a record teaches nothing but to stop; no provider refuses it.
    """

    code = "JL110"
    name = "empty-text"
    severity = Severity.WARNING
    help = "Fill the text in, or delete the record."
    formats = ("instruction", "text")

    def check(self, record: Record) -> Iterator[Sketch]:
        """Each of the three keys, where its value is a string."""
        for key in ("text", "prompt", "completion"):
            value = record.value.get(key)
            if isinstance(value, str) and not value.strip():
                state = "only white space" if value else "empty"
                yield self.sketch((key,), f"`{key}` is {state}")
