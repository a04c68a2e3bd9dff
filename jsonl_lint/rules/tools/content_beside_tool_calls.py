"""JL319."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class ContentBesideToolCalls(StructureRule):
    """A message has both content and tool calls, and the target takes one.

    Mistral refuses an assistant message that speaks and calls at once. Most others take both.
    """

    code = "JL319"
    name = "content-beside-tool-calls"
    severity = Severity.ERROR
    help = "Delete the content, or put it into an assistant message of its own if the target takes two in a row."
    formats = toolcalls.OPENAI_FORMATS
    needs = "tools"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the content if the target refuses it. Another rule reports what is neither a text nor a list."""
        if record.target.traits.get("content_beside_tool_calls") is not False:
            return
        for message in toolcalls.messages(record):
            said = isinstance(message.content, (str, list)) and message.content
            if message.meaning == "assistant" and message.value.get("tool_calls") and said:
                yield self.sketch(
                    (*message.pointer, message.content_key), "the message has content beside its tool calls"
                )
