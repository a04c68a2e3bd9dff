"""JL311."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import CallRule
from jsonl_lint.wording import guarded


class ArgumentsNotJson(CallRule):
    """The arguments of a call are a text that is not JSON.

    The model learns to write what no program can read, and chat templates that parse the arguments fail. Python
    literals with single quotes are the usual cause: `str(arguments)` was written instead of `json.dumps(arguments)`.
    """

    code = "JL311"
    name = "arguments-not-json"
    severity = Severity.WARNING
    help = "Write the arguments with a JSON library; no arguments are {}."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield what the parser says, with the character of the text, unless the target takes no text at all."""
        for call in toolcalls.calls(record) if toolcalls.wanted_arguments(record) != "object" else ():
            error = call.arguments.error
            if error is not None:
                where = call.arguments_pointer
                yield self.sketch(where, f"the arguments are not JSON: {guarded(error)}")
