"""JL314."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Message, Record, RecordRule, Sketch


class MissingToolCallId(RecordRule):
    """A call or a tool's message has no id.

    The id says which call a result answers. With several calls in one message nobody can tell without it.
    """

    code = "JL314"
    name = "missing-tool-call-id"
    severity = Severity.WARNING
    help = "Give each call an `id`, and the message that answers it the same `tool_call_id`."
    formats = toolcalls.FORMATS
    beyond_texts = True
    screen = toolcalls.SCREEN

    def concerns(self, record: Record) -> bool:
        """Whether there are calls, or results without an id."""
        return toolcalls.has_calls(record) or any(map(_lacks_id, toolcalls.messages(record)))

    def check(self, record: Record) -> Iterator[Sketch]:
        """An id of another type is another rule's."""
        for call in toolcalls.calls(record):
            if call.value.get("id") is None:
                yield self.sketch(call.pointer, "the call has no `id`")
        for message in toolcalls.messages(record):
            if _lacks_id(message):
                yield self.sketch(message.pointer, "the tool's message has no `tool_call_id`")


def _lacks_id(message: Message) -> bool:
    return message.role == "tool" and message.value.get("tool_call_id") in (None, "")
