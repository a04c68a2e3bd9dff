"""JL311."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Message, Record, Repair, Replace, Sketch, as_json, repair
from jsonl_lint.rule.encoded import json_of_python
from jsonl_lint.rules.tools._base import ArgumentsRule
from jsonl_lint.wording import guarded


class ArgumentsNotJson(ArgumentsRule):
    """The arguments of a call are a text that is not JSON.

    The model learns to write what no program can read, and chat templates that parse the arguments fail. Python
    literals with single quotes are the usual cause: `str(arguments)` was written instead of `json.dumps(arguments)`. In
    ShareGPT a whole call is such a text, the turn of the speaker `function_call`.

    Fix: unsafe for a Python literal, which is written as JSON, and for an empty text, which becomes `{}`.
    """

    code = "JL311"
    name = "arguments-not-json"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    leaves = ("arguments-schema-mismatch", "arguments-not-object")  # which can be told only of JSON
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
                where, fix = call.arguments_pointer, self.fix if _in_json(call.raw_arguments) else None
                yield self.sketch(where, f"the arguments are not JSON: {guarded(error)}", fix=fix)

    def _spoken(self, record: Record) -> Iterator[Sketch]:
        for message in _spoken_calls(record):
            if isinstance(message.content, str) and _THOUGHT not in message.content:
                error = toolcalls.parse_arguments(message.content).error
                if error is not None:
                    where = (*message.pointer, message.content_key)
                    fix = self.fix if _in_json(message.content) and message.content.strip() else None
                    yield self.sketch(where, f"the call is not JSON: {guarded(error)}", _HELP, fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Write what the text says as JSON."""
        text = _in_json(record.at(sketch.pointer))
        return repair("Write the arguments as JSON", Replace(sketch.pointer, as_json(text)))


def _in_json(text: str) -> str:
    """Return the JSON that was meant by an empty text or a Python literal, `""` for any other text."""
    return json_of_python(text, "{") if text.strip() else "{}"


def _spoken_calls(record: Record) -> Iterator[Message]:
    """Yield the turns of ShareGPT that are calls, as LLaMA-Factory and ms-swift read them."""
    return (message for message in record.messages if message.role in ("function_call", "tool_call"))


_THOUGHT = "</think>"
"""Trainers that know thoughts take them off the call that follows."""

_HELP = 'Write the call with a JSON library: {"name": …, "arguments": {…}}.'
