"""JL318."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class LegacyFunctionCall(StructureRule):
    """The record uses `functions` and `function_call` instead of `tools`.

    OpenAI replaced them in November 2023. Together does not know them, and newer models are not trained on them.

    Fix: unsafe. They become `tools` and `tool_calls`, with ids that are made up.
    """

    code = "JL318"
    name = "legacy-function-call"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Write `tools`, `tool_calls` and messages of the role tool."
    formats = toolcalls.FORMATS

    def check(self, record: Record) -> Iterator[Sketch]:
        """The definitions, each call and each result of the older kind."""
        holder = record.tools_at[:-1]
        for key in ("functions", "function_call"):
            found = record.at((*holder, key))
            if found is not None:
                yield self.sketch((*holder, key), f"`{key}` is the older form of `{_SUCCESSORS[key]}`", at_key=True)
        for message in toolcalls.messages(record):
            if message.value.get("function_call") is not None:
                where = (*message.pointer, "function_call")
                yield self.sketch(where, "`function_call` is the older form of `tool_calls`", at_key=True)
            elif message.role == "function":
                where = (*message.pointer, "role")
                yield self.sketch(where, "the role function is the older form of the role tool")


_SUCCESSORS = {"functions": "tools", "function_call": "tool_choice"}
