"""JL022."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError
from jsonl_lint.model import Severity
from jsonl_lint.rule import Sketch, SyntaxRule


class TooDeep(SyntaxRule):
    """Arrays and objects are nested deeper than parsers go.

    The limit is 1,024 levels. Python's `json` fails at about 1,000 and takes Together's client down with it.
    """

    code = "JL022"
    name = "too-deep"
    severity = Severity.ERROR
    help = "Flatten the value, or store it as a string."
    order = 10

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Recognise that the parser stopped at the limit."""
        return self.mark(error.reason, error.position) if error.kind == "too-deep" else None
