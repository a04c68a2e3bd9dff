"""JL318."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.records.formats import is_spoken
from jsonl_lint.rule import PROMPTED, Message, Record, RecordRule, Repair, Sketch
from jsonl_lint.toolcalls.legacy import modernised

_SUCCESSORS = {"functions": "tools", "function_call": "tool_choice"}


class LegacyFunctionCall(RecordRule):
    """The record uses `functions` and `function_call` instead of `tools`.

    OpenAI replaced them in November 2023. Together does not know them, and newer models are not trained on them.

    Fix: unsafe. They become `tools`, `tool_choice`, `tool_calls` and messages of the role tool, all at once, with ids
    that are made up (`call00001`). Not where the newer keys stand beside them, where a result belongs to no call, or
    where a thousand changes are not enough; nor where the conversation goes on without the result of a call, which only
    the newer form demands, unless the target refuses the older one. Where the target does not know the role function,
    `unknown-role` reports it and repairs it in the same way. Where it knows no `tool_calls` either, `extra-key` and
    `extra-message-key` report the older keys.
    """

    code = "JL318"
    name = "legacy-function-call"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    leaves = ("last-message-calls-tool",)  # which is not looked for in the older form
    help = "Write `tools`, `tool_calls` and messages of the role tool."
    formats = toolcalls.OPENAI_FORMATS
    needs = "tools"

    def concerns(self, record: Record) -> bool:
        """Whether anything of the older kind is there. Where it is an error in data, a request may still have it."""
        if record.format == "chat" and "tool_calls" not in record.target.keys.get("message", ("tool_calls",)):
            return False
        if record.format in PROMPTED and not is_spoken(record.value):
            return False
        request = record.format == "batch" and "function_call" in record.target.keys.get("batch.message", ())
        if request and record.target.severities.get(self.name) is Severity.ERROR:
            return False
        holder = record.tools_at[:-1]
        return any(record.at((*holder, key)) is not None for key in _SUCCESSORS) or any(
            message.value.get("function_call") is not None or _is_known_result(message, record)
            for message in toolcalls.messages(record)
        )

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the definitions, each call and each result of the older kind."""
        fix = self.fix if modernised(record) else None
        holder = record.tools_at[:-1]
        for key in _SUCCESSORS:
            found = record.at((*holder, key))
            if found is not None:
                words = f"`{key}` is the older form of `{_SUCCESSORS[key]}`"
                yield self.sketch((*holder, key), words, at_key=True, fix=fix)
        for message in toolcalls.messages(record):
            if message.value.get("function_call") is not None:
                where = (*message.pointer, "function_call")
                yield self.sketch(where, "`function_call` is the older form of `tool_calls`", at_key=True, fix=fix)
            elif _is_known_result(message, record):
                where = (*message.pointer, "role")
                yield self.sketch(where, "the role function is the older form of the role tool", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair | None:
        """Rewrite the whole record, whichever finding is repaired: its calls and results belong together."""
        verbs = modernised(record)
        return Repair("Write the newer form", verbs) if verbs else None


def _is_known_result(message: Message, record: Record) -> bool:
    return message.role == "function" and "function" in record.roles
