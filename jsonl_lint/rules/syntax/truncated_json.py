"""JL011."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError
from jsonl_lint.jsonspan.slips import in_words, lacks_a_quote, slips
from jsonl_lint.model import Severity
from jsonl_lint.rule import Sketch, SyntaxRule
from jsonl_lint.wording import column


class TruncatedJson(SyntaxRule):
    """A record is cut off before its end.

    Most often the last line of a file whose writer was stopped or whose download broke off. What is missing cannot be
    known. What is left of a record spread over several lines gives one finding that names its lines.
    """

    code = "JL011"
    name = "truncated-json"
    severity = Severity.ERROR
    help = "Write the record again or delete the line; check whether more is missing."
    order = 30

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Recognise an end inside a value. If all brackets are closed inside a string, a quote is missing instead."""
        end = len(text.rstrip())
        if error.kind == "unterminated-string":
            if lacks_a_quote(text):
                return None
            opens = column(error.position)
            return self.mark(f"the record is cut off inside the string that opens at column {opens}", end)
        if error.kind != "truncated":
            return None
        return self.mark(f"the record is cut off: {error.reason}", end)

    def advise(self, text: str, error: JsonSyntaxError) -> str:
        """Name the brackets, where nothing else need be missing."""
        advice = in_words(text, slips(text, error))
        return f"If nothing more is missing, {advice}; else {self.help[0].lower()}{self.help[1:]}" if advice else ""
