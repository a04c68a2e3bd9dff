"""JL316."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import CallRule
from jsonl_lint.target import BATCH_FORMATS
from jsonl_lint.toolcalls.pairing import pairing
from jsonl_lint.wording import excerpt


class UnansweredToolCall(CallRule):
    """A call has no result before the conversation goes on.

    Chat APIs refuse such conversations, and the model learns to answer without waiting for its tools. Calls at the very
    end need no result where they are what is learned; in a batch request they do. If some calls of the last message
    have results, all must. A call in the older form, as `function_call`, needs none unless the target refuses that
    form.
    """

    code = "JL316"
    name = "unanswered-tool-call"
    severity = Severity.WARNING
    help = "Add a tool's message for the call right after it, or delete the call."

    def concerns(self, record: Record) -> bool:
        """Whether there are calls that need results."""
        older = toolcalls.has_older_calls(record) and toolcalls.refuses_older_calls(record)
        return older or super().concerns(record)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each call of the assistant's that is open when the conversation goes on, or has to go on."""
        for call in pairing(record).unanswered:
            if call.message.meaning not in (None, "assistant"):
                continue
            name = f" of {excerpt(call.name)}" if call.name is not None else ""
            last = call.message.index == len(record.conversation or ()) - 1
            words = "no result" if last and record.format in BATCH_FORMATS else "no result before the next message"
            yield self.sketch(call.pointer, f"the call{name} has {words}")
