"""JL013."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Sketch, SyntaxRule


class SingleQuotedJson(SyntaxRule):
    """A line is a Python literal, not JSON: single quotes, True, False or None.

    Somebody wrote `str(record)` or `print(record)` instead of `json.dumps(record)`.

    Fix: unsafe. The literal is read as Python reads it and written as JSON.
    """

    code = "JL013"
    name = "single-quoted-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write records with `json.dumps(record)`."
    order = 20

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """A single quote or a Python word stands where a key or a value should."""
        return self.mark(error.reason, error.position) if error.kind == "python-literal" else None
