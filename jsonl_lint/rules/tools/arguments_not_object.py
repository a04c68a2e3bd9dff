"""JL312."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, Sketch, Unquote, repair
from jsonl_lint.rules.tools._base import ArgumentsRule
from jsonl_lint.wording import excerpt


class ArgumentsNotObject(ArgumentsRule):
    """The arguments of a call are JSON, but not an object.

    Arguments have names. A list, a number or null cannot be matched to `parameters`, and a text inside the text was
    encoded twice.

    Fix: safe for an object that was encoded twice, as in OpenAI's own sample of function calls (openai-cookbook,
    drone_training.jsonl). It is decoded once.
    """

    code = "JL312"
    name = "arguments-not-object"
    severity = Severity.WARNING
    fix = Applicability.SAFE
    help = "Write the arguments as a JSON object."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield texts that hold another value, where the target takes texts. Another rule reports other types."""
        for call in toolcalls.all_calls(record) if toolcalls.wanted_arguments(record) != "object" else ():
            if isinstance(call.raw_arguments, str) and call.arguments.error is None:
                value = call.arguments.value
                if not isinstance(value, dict):
                    twice = _holds_object(value)
                    words = f"the arguments are {excerpt(value)}, not an object"
                    words += ": they were encoded twice" if twice else ""
                    yield self.sketch(call.arguments_pointer, words, fix=self.fix if twice else None)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Decode the text once."""
        return repair("Decode the arguments once", Unquote(sketch.pointer))


def _holds_object(value: object) -> bool:
    """Whether the value is the JSON text of an object."""
    if not isinstance(value, str) or value.lstrip()[:1] != "{":
        return False
    try:
        return isinstance(json.loads(value), dict)
    except (ValueError, RecursionError):
        return False
