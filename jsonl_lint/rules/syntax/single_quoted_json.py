"""JL013."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError, read_literal, respellings
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Repair, Sketch, Substitute, SyntaxRule, repair


class SingleQuotedJson(SyntaxRule):
    """A line is a Python literal, not JSON: single quotes, True, False or None.

    Somebody wrote `str(record)` or `print(record)` instead of `json.dumps(record)`. What else is wrong with the record
    is reported as well; it can be fixed once this is.

    Fix: unsafe. Python's strings and words are rewritten as JSON, if that makes the line a record.
    """

    code = "JL013"
    name = "single-quoted-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Write records with `json.dumps(record)`."
    order = 20

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Recognise a single quote or a Python word where a key or a value should stand."""
        if error.kind != "python-literal":
            return None
        return self.mark(error.reason, error.position, fix=self.fix if read_literal(text) is not None else None)

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Replace the strings and words that differ."""
        return repair("Write the Python literal as JSON", *(Substitute(*each) for each in respellings(text)))
