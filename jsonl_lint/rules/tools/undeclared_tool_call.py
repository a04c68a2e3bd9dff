"""JL307."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import DefinedCallRule
from jsonl_lint.wording import excerpt


class UndeclaredToolCall(DefinedCallRule):
    """A call names a tool that the record does not define.

    The model learns to invent tools. Often a tool was renamed, and its definition or its calls were forgotten.
    """

    code = "JL307"
    name = "undeclared-tool-call"
    severity = Severity.WARNING
    help = "Define the tool in `tools`, or correct the name."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield calls of unknown names, unless a definition has no name: it may be the one that is meant."""
        known = toolcalls.definitions(record)
        sure = known.named or (bool(toolcalls.shape_of(record).listed) and not known.placed)
        for call in toolcalls.all_calls(record):
            if sure and call.name is not None and call.name not in known.by_name:
                message = f"the tool {excerpt(call.name)} is not in `{toolcalls.placed_tools(record)[0][-1]}`"
                yield self.sketch(call.name_pointer, message)
