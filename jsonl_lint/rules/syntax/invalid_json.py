"""JL010."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError
from jsonl_lint.model import Severity, excerpt
from jsonl_lint.rule import Sketch, SyntaxRule


class InvalidJson(SyntaxRule):
    """A line is not JSON, and no rule with a better name knows why.

    Unescaped quotes inside a text, a missing comma or bracket, or prose between the records. The column is the first
    character that cannot be there.
    """

    code = "JL010"
    name = "invalid-json"
    severity = Severity.ERROR
    help = "Write records with a JSON library, never by hand or by joining strings."
    order = 99

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Whatever is left."""
        if error.kind == "unterminated-string":
            return self.mark(f"the string that opens at column {error.position + 1} is never closed", error.position)
        around = text[max(0, error.position - 12) : error.position + 12]
        return self.mark(f"{error.reason}, near {excerpt(around)}", error.position)
