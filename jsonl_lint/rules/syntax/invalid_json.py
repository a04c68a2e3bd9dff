"""JL010."""

from __future__ import annotations

import json
import re

from jsonl_lint.jsonspan import JsonSyntaxError
from jsonl_lint.jsonspan.slips import in_words, slips
from jsonl_lint.model import Severity
from jsonl_lint.rule import Sketch, SyntaxRule
from jsonl_lint.wording import around, column, excerpt

_CELL = r'"[^"]*(?:""[^"]*)*"'
_CSV_ROW = re.compile(rf"(?:[^\W\d]\w*(?:[,;\t][^\W\d]\w*)+|{_CELL}(?:[,;\t]{_CELL})+)\s*\Z")
"""Names of columns, or cells in quotes."""
_LONGEST_ROW = 1 << 20
_OF_CSV = "Read the file with a CSV library, and write what its cells hold."
_OF_ROWS = "Read the file with a CSV library, and write each row as an object."
_CONFLICT = re.compile(r"(?:<{7}|>{7}) \S|={7}\s*\Z")
_OF_CONFLICT = "Resolve the conflict: keep one of the two versions, and delete the marks."
_OF_NULS = "Write or copy the file again: records may be missing here."
_BEFORE = "Delete what stands before the record's `{`."
_LONGEST_PREFIX = 40
_LONGEST_RECORD = 1 << 20
"""Characters that are read once more to see that nothing but a prefix is wrong."""


class InvalidJson(SyntaxRule):
    """A line is not JSON, and no more specific rule explains why.

    Unescaped quotes inside a text, a missing comma or bracket, or prose between the records. The column is the first
    character that cannot be there. If changing a few characters would make the line a record, the help names them; this
    is a guess, so there is no fix. If text follows a whole record, what is wrong with that is reported as well.
    """

    code = "JL010"
    name = "invalid-json"
    severity = Severity.ERROR
    help = "Write records with a JSON library, never by hand or by joining strings."
    order = 99
    takes_all = True

    def recognise(self, text: str, error: JsonSyntaxError) -> Sketch | None:
        """Recognise whatever no other rule does."""
        if text.startswith(('"{""', '"[{""')):
            return self.mark("the line is a cell of CSV, with its quotes doubled", 0, help=_OF_CSV)
        if len(text) <= _LONGEST_ROW and _CSV_ROW.match(text):
            return self.mark("the line looks like a row of CSV, not like a record", 0, len(text.rstrip()), _OF_ROWS)
        if text.startswith("```"):
            return self.mark("the line is a fence of Markdown, not a record", 0, len(text.rstrip()), "Delete the line.")
        if _CONFLICT.match(text):
            return self.mark("the line is a mark of a merge conflict", 0, len(text.rstrip()), _OF_CONFLICT)
        if not text.strip("\0"):
            return self.mark(f"the line holds nothing but NUL bytes: {len(text):,}", 0, help=_OF_NULS)
        start = _record_behind(text)
        if start:
            return self.mark(
                f"text stands before the record, which begins at column {column(start)}", 0, start, _BEFORE
            )
        if error.kind == "unterminated-string":
            return self.mark(
                f"the string that opens at column {column(error.position)} is never closed", error.position
            )
        return self.mark(f"{error.reason}, near {excerpt(''.join(around(text, error.position, 12)))}", error.position)

    def advise(self, text: str, error: JsonSyntaxError) -> str:
        """Name the few characters that keep the line from being a record."""
        advice = in_words(text, slips(text, error))
        return f"{advice[0].upper()}{advice[1:]}: then the line is a record." if advice else ""


def _record_behind(text: str) -> int:
    """Return where a whole record begins behind a few other characters; 0 if there is none."""
    start = text.find("{", 0, _LONGEST_PREFIX)
    if start <= 0 or len(text) > _LONGEST_RECORD or '"' in text[:start]:
        return 0
    try:
        json.loads(text[start:])
    except (ValueError, RecursionError):
        return 0
    return start
