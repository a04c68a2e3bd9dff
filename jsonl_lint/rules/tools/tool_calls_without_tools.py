"""JL306."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, RecordRule, Sketch


class ToolCallsWithoutTools(RecordRule):
    """A message calls a tool, and the record defines none.

    The model learns to call what it is not told about. With definitions in the record it learns to read them. At
    Fireworks these may also stand in a message.
    """

    code = "JL306"
    name = "tool-calls-without-tools"
    severity = Severity.WARNING
    help = "Add the definitions of the tools as `tools`."
    formats = toolcalls.FORMATS
    needs = "tools"

    def concerns(self, record: Record) -> bool:
        """Whether there are such calls. Only the record shows where they are: structures may share a verdict."""
        return any(True for _ in self.check(record))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the first calls. Another rule reports definitions of a wrong type or in a wrong place."""
        older = record.at((*record.tools_at[:-1], "functions"))
        if record.tools not in (None, []) or older not in (None, []):
            return
        if record.format == "preference" and (
            record.value.get("tools") or not isinstance(record.value.get("input"), dict)
        ):
            return
        in_messages = "tools" in record.target.keys.get("message", ())
        if in_messages and any("tools" in message.value for message in toolcalls.messages(record)):
            return
        if toolcalls.shape_of(record).call:
            for call in toolcalls.calls(record)[:1]:
                yield self.sketch(call.pointer, "the record has tool calls, but defines no tools")
            return
        for message in toolcalls.messages(record):
            for key, kind in (("tool_calls", list), ("function_call", dict)):
                if isinstance(message.value.get(key), kind) and message.value[key]:
                    yield self.sketch((*message.pointer, key), "the record has tool calls, but no `tools`")
                    return
