"""JL310."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, RecordRule, Sketch


class ArgumentsNotString(RecordRule):
    """The arguments of a call are not of the type that the target takes.

    In OpenAI's shape they are a text that holds JSON, not the JSON itself. Where the target wants an object, a text is
    wrong; some targets take either.

    Fix: safe. An object is written as a JSON text, or a JSON text is replaced by its object.
    """

    code = "JL310"
    name = "arguments-not-string"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write the arguments as the target takes them: as a JSON text, or as an object."
    formats = toolcalls.FORMATS
    screen = toolcalls.SCREEN

    def concerns(self, record: Record) -> bool:
        """Whether there are calls."""
        return toolcalls.has_calls(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """A target that does not say takes texts, as OpenAI does."""
        wanted = record.target.traits.get("tool_arguments") or "string"
        types = _TYPES[wanted]
        for call in toolcalls.calls(record):
            if call.function is not None and "arguments" in call.function and not isinstance(call.raw_arguments, types):
                where = (*call.pointer, "function", "arguments")
                yield self.sketch(where, f"the arguments are {{value}}; the target takes {_WORDS[wanted]}")


_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "object": (dict,), "either": (str, dict)}
_WORDS = {"string": "a JSON text", "object": "an object", "either": "a JSON text or an object"}
