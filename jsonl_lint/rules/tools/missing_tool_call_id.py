"""JL314."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Pointer, Severity
from jsonl_lint.rule import Message, Record, Repair, Sketch, repair
from jsonl_lint.rules.tools._base import ToolRule

if TYPE_CHECKING:
    from jsonl_lint.rule import Verb


class MissingToolCallId(ToolRule):
    """A call or a tool's message has no id.

    The id says which call a result answers. With several calls in one message nobody can tell without it. Gemini needs
    none: there a result names the function.

    Fix: unsafe, and only for a call that is alone in its message and a result that alone follows it. Both get the id
    that one of them has, or a new one.
    """

    code = "JL314"
    name = "missing-tool-call-id"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
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
                fix = self._fixable(record, call.pointer)
                yield self.sketch(call.pointer, f"the call has no `{shape.id}`", fix=fix)
        if shape.result:
            for message in record.messages:
                for result in toolcalls.results_of(message, shape):
                    if result.key is None:
                        yield self.sketch(result.pointer, f"the result has no `{shape.result_id}`", fix=None)
            return
        for message in toolcalls.messages(record):
            if _lacks_id(message):
                words = "the tool's message has no `tool_call_id`"
                yield self.sketch(message.pointer, words, fix=self._fixable(record, message.pointer))

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Write the id that the call and its result share."""
        return repair("Give the call and its result an id", _given_ids(record)[sketch.pointer])

    def _fixable(self, record: Record, place: Pointer) -> Applicability | None:
        return self.fix if place in _given_ids(record) else None


def _given_ids(record: Record) -> Mapping[Pointer, Verb]:
    if record.format not in toolcalls.OPENAI_FORMATS:
        return {}
    from jsonl_lint.toolcalls.ids import given_ids  # with the repairs, which clean files do not need

    return given_ids(record)


def _lacks_id(message: Message) -> bool:
    return message.role == "tool" and message.value.get("tool_call_id") in (None, "")
