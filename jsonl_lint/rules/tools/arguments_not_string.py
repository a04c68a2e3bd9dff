"""JL310."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import jsonspan, toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Quote, Record, Repair, Sketch, Unquote, repair
from jsonl_lint.rules.tools._base import ArgumentsRule
from jsonl_lint.toolcalls import Call


class ArgumentsNotString(ArgumentsRule):
    """The arguments of a call are not of the type that the target takes.

    In OpenAI's shape they are a text that holds JSON, not the JSON itself. Where the target wants an object, a text is
    wrong; some targets take either. Gemini's `args` and the `input` of Bedrock and Anthropic are always objects.

    Fix: safe for an object where a text belongs, and for the text of an object where the object belongs. What stands
    inside keeps its spelling.
    """

    code = "JL310"
    name = "arguments-not-string"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write the arguments as the target takes them: as a JSON text, or as an object."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield arguments of any other type than the target takes."""
        wanted = toolcalls.wanted_arguments(record)
        types = toolcalls.ARGUMENT_TYPES[wanted]
        for call in toolcalls.all_calls(record):
            given = call.function is not None and call.shape.arguments in call.function
            if given and not isinstance(call.raw_arguments, types):
                where = call.arguments_pointer
                message = f"the arguments are {{value}}; the target takes {_WORDS[wanted]}"
                fixable = wanted != "either" and isinstance(call.arguments.value, dict) and _is_flawless(call)
                yield self.sketch(where, message, fix=self.fix if fixable else None)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Write the same object in the other form."""
        if isinstance(record.at(sketch.pointer), str):
            return repair("Write the arguments as an object", Unquote(sketch.pointer))
        return repair("Write the arguments as a JSON text", Quote(sketch.pointer))


def _is_flawless(call: Call) -> bool:
    """Whether the arguments, if they are a text, stay right outside of it: no key is there twice, for instance."""
    text = call.raw_arguments
    return not (isinstance(text, str) and jsonspan.parse(text).problems)


_WORDS = {"string": "a JSON text", "object": "an object", "either": "a JSON text or an object"}
