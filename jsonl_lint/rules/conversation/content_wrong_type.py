"""JL211."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation

_TYPES = {"string": "a string", "array": "a list of parts"}


class ContentWrongType(SchemaRule):
    """A message's `content` is not of the type that the format takes.

    In chat records it is a string or a list of parts: a number, a boolean or an object was not turned into text.
    Bedrock and Gemini take a list alone, ShareGPT a string alone. In an output of a preference record
    null is wrong too.
    """

    code = "JL211"
    name = "content-wrong-type"
    severity = Severity.ERROR
    help = "Write `content` as a string; encode structured data with `json.dumps`."

    def advise(self, violation: Violation, value: Any) -> str:
        """Ask for a text, or for a list of parts if the format takes nothing else."""
        if violation.constraint == "array":
            return 'Write a list of parts: [{"text": …}].'
        return self.help.replace("content", str(violation.pointer[-1]), 1)

    def word(self, violation: Violation) -> str:
        """Say what the content is, and what the format takes."""
        types = [violation.constraint] if isinstance(violation.constraint, str) else violation.constraint
        if violation.keyword == "not":
            types = list(_TYPES)
        wanted = " or ".join(words for name, words in _TYPES.items() if name in types)
        return f"`{violation.pointer[-1]}` is {{value}}, not {wanted}"
