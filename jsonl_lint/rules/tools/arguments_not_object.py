"""JL312."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import CallRule
from jsonl_lint.wording import excerpt


class ArgumentsNotObject(CallRule):
    """The arguments of a call are JSON, but not an object.

    Arguments have names. A list, a number or null cannot be matched to `parameters`, and a text inside the text was
    encoded twice.
    """

    code = "JL312"
    name = "arguments-not-object"
    severity = Severity.WARNING
    help = "Write the arguments as a JSON object."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield texts that hold another value, where the target takes texts. Another rule reports other types."""
        for call in toolcalls.calls(record) if toolcalls.wanted_arguments(record) != "object" else ():
            if isinstance(call.raw_arguments, str) and call.arguments.error is None:
                value = call.arguments.value
                if not isinstance(value, dict):
                    twice = ": they were encoded twice" if isinstance(value, str) and value.lstrip()[:1] == "{" else ""
                    where = call.arguments_pointer
                    yield self.sketch(where, f"the arguments are {excerpt(value)}, not an object{twice}")
