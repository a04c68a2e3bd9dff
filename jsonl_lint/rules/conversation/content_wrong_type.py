"""JL211."""

from __future__ import annotations

from math import isfinite
from typing import Any

from jsonl_lint.model import Applicability, Severity, value_at
from jsonl_lint.rule import Quote, Record, Repair, SchemaRule, Sketch, Violation, Wrap, repair

_TYPES = {"string": "a string", "array": "a list of parts"}


class ContentWrongType(SchemaRule):
    """A message's `content` is not of the type that the format takes.

    In chat records it is a string or a list of parts: a number, a boolean or an object was not turned into text.
    Bedrock and Gemini take a list alone, ShareGPT a string alone. In an output of a preference record
    null is wrong too.

    Fix: safe where nothing is lost. A number becomes its text, and for Bedrock and Gemini a text becomes a list of one
    part. Unsafe for an object in a tool's message, which becomes its JSON text; a part of a text becomes a list of one.
    """

    code = "JL211"
    name = "content-wrong-type"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    leaves = (
        *("mixed-content-shapes", "content-beside-tool-calls", "unmatched-tool-result", "untrained-earlier-turns"),
        *("empty-content", "nothing-to-learn", "identical-outputs", "degenerate-repetition", "reserved-string"),
        "unanswered-tool-call",
    )  # what only a content of the right type can have
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

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if a number stands where a text belongs, or a text where a list of parts does."""
        if violation.keyword != "type":
            return None
        if violation.constraint == "array":
            return self.fix if isinstance(value, str) else None
        if value and isinstance(value, dict):
            return Applicability.UNSAFE
        return self.fix if type(value) is int or (type(value) is float and isfinite(value)) else None

    def resists(self, violation: Violation, value: Any) -> bool:
        """Whether it is an object in a message that is not a tool's: nobody knows what it should say."""
        if not isinstance(value_at(value, violation.pointer), dict):
            return False
        return bool(value_at(value, violation.pointer[:-1]).get("role") != "tool")

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Put quotes around the number, so that every digit stays, or a part around the text; or quote the object."""
        value = record.at(sketch.pointer)
        if isinstance(value, str):
            return repair("Make the text a part", Wrap(sketch.pointer, '[{"text": ', "}]"))
        if isinstance(value, dict):
            if value.get("type") == "text":
                return repair("Make the part a list", Wrap(sketch.pointer, "[", "]"))
            return repair("Write the object as a JSON text", Quote(sketch.pointer))
        return repair("Write the number as a text", Wrap(sketch.pointer, '"', '"'))
