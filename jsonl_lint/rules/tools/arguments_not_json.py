"""JL311."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Message, Record, Sketch
from jsonl_lint.rules.tools._base import ArgumentsRule
from jsonl_lint.wording import guarded


class ArgumentsNotJson(ArgumentsRule):
    """The arguments of a call are a text that is not JSON.

    The model learns to write what no program can read, and chat templates that parse the arguments fail. Python
    literals with single quotes are the usual cause: `str(arguments)` was written instead of `json.dumps(arguments)`. In
    ShareGPT a whole call is such a text, the turn of the speaker `function_call`.
    """

    code = "JL311"
    name = "arguments-not-json"
    severity = Severity.WARNING
    help = "Write the arguments with a JSON library; no arguments are {}."
    formats = (*toolcalls.FORMATS, "sharegpt")

    def concerns(self, record: Record) -> bool:
        """Whether there are calls."""
        return any(_spoken_calls(record)) if record.format == "sharegpt" else super().concerns(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield what the parser says, with the character of the text, unless the target takes no text at all."""
        if record.format == "sharegpt":
            yield from self._spoken(record)
            return
        for call in toolcalls.all_calls(record) if toolcalls.wanted_arguments(record) != "object" else ():
            error = call.arguments.error
            if error is not None:
                where = call.arguments_pointer
                yield self.sketch(where, f"the arguments are not JSON: {guarded(error)}")

    def _spoken(self, record: Record) -> Iterator[Sketch]:
        for message in _spoken_calls(record):
            if isinstance(message.content, str) and _THOUGHT not in message.content:
                error = toolcalls.parse_arguments(message.content).error
                if error is not None:
                    where = (*message.pointer, message.content_key)
                    yield self.sketch(where, f"the call is not JSON: {guarded(error)}", _HELP)


def _spoken_calls(record: Record) -> Iterator[Message]:
    """Yield the turns of ShareGPT that are calls, as LLaMA-Factory and ms-swift read them."""
    return (message for message in record.messages if message.role in ("function_call", "tool_call"))


_THOUGHT = "</think>"
"""Trainers that know thoughts take them off the call that follows."""

_HELP = 'Write the call with a JSON library: {"name": …, "arguments": {…}}.'
