"""JL314."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Message, Record, Sketch
from jsonl_lint.rules.tools._base import ToolRule


class MissingToolCallId(ToolRule):
    """A call or a tool's message has no id.

    The id says which call a result answers. With several calls in one message nobody can tell without it. Gemini needs
    none: there a result names the function.
    """

    code = "JL314"
    name = "missing-tool-call-id"
    severity = Severity.WARNING
    help = "Give each call an `id`, and the message that answers it the same `tool_call_id`."
    formats = tuple(name for name in toolcalls.FORMATS if name != "gemini")

    def concerns(self, record: Record) -> bool:
        """Whether there are calls, or results without an id."""
        if toolcalls.shape_of(record).result:
            return toolcalls.has_calls(record) or toolcalls.has_results(record)
        return toolcalls.has_calls(record) or any(map(_lacks_id, toolcalls.messages(record)))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield calls and results without an id. Another rule reports an id of another type."""
        shape = toolcalls.shape_of(record)
        for call in toolcalls.calls(record):
            if call.value.get(shape.id) is None:
                yield self.sketch(call.pointer, f"the call has no `{shape.id}`")
        if shape.result:
            for message in record.messages:
                for result in toolcalls.results_of(message, shape):
                    if result.key is None:
                        yield self.sketch(result.pointer, f"the result has no `{shape.result_id}`")
            return
        for message in toolcalls.messages(record):
            if _lacks_id(message):
                yield self.sketch(message.pointer, "the tool's message has no `tool_call_id`")


def _lacks_id(message: Message) -> bool:
    return message.role == "tool" and message.value.get("tool_call_id") in (None, "")
