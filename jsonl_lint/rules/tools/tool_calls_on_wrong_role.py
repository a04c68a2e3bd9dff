"""JL308."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class ToolCallsOnWrongRole(StructureRule):
    """A message that is not the assistant's has tool calls.

    Only the assistant calls tools. Chat templates drop the calls of others, or fail.
    """

    code = "JL308"
    name = "tool-calls-on-wrong-role"
    severity = Severity.ERROR
    help = "Move the calls to the assistant's message, or correct the role."
    formats = toolcalls.FORMATS
    needs = "tools"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the calls of any role but the assistant's. Null and an empty array call nothing."""
        if toolcalls.shape_of(record).call:
            for call in toolcalls.calls(record):
                who = call.message.meaning
                if who not in (None, "assistant"):
                    yield self.sketch(call.pointer, f"a {who} message calls a tool; only the assistant does")
            return
        for message in toolcalls.messages(record):
            if message.meaning not in (None, "assistant") and message.value.get("tool_calls"):
                where = (*message.pointer, "tool_calls")
                yield self.sketch(
                    where, f"a {message.meaning} message has `tool_calls`; only the assistant calls tools"
                )
