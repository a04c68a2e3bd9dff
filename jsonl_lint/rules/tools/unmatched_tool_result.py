"""JL315."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import ToolRule
from jsonl_lint.toolcalls.pairing import pairing


class UnmatchedToolResult(ToolRule):
    """A tool's message answers no call.

    No call before it has its id, or the call has been answered already. Chat APIs refuse such conversations, and the
    model learns that results come from nowhere. A result without an id answers the first call that is still open.
    """

    code = "JL315"
    name = "unmatched-tool-result"
    severity = Severity.WARNING
    help = "Correct the `tool_call_id`, add the call, or delete the message."
    help_without_id = "Add the call to the `tool_calls` of the assistant's message before it, or delete the message."

    def concerns(self, record: Record) -> bool:
        """Whether there are results."""
        return toolcalls.has_results(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each result that no call is waiting for."""
        parts = toolcalls.shape_of(record).result
        who = "the result" if parts else "the tool's message"
        for result, reason in pairing(record).unmatched:
            where = result.key_pointer if "{value}" in reason else result.pointer
            advice = self.help_without_id if result.key is None and not parts else self.help
            yield self.sketch(where, f"{who} {reason}", advice)
