"""JL211."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation


class ContentWrongType(SchemaRule):
    """A message's `content` is neither a string nor a list of parts.

    A number, a boolean or an object was not turned into text. In an output of a preference record null is wrong too.
    """

    code = "JL211"
    name = "content-wrong-type"
    severity = Severity.ERROR
    help = "Write `content` as a string; encode structured data with `json.dumps`."

    def word(self, violation: Violation) -> str:
        """What stands there instead."""
        return "`content` is {value}, not a string or a list of parts"
