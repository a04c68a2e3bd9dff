"""JL301."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class ToolsNotArray(StructureRule):
    """`tools` is not an array.

    The definitions of tools are a list, even if there is one tool. A JSON text in their place is not parsed: the model
    would see no tools.
    """

    code = "JL301"
    name = "tools-not-array"
    severity = Severity.ERROR
    help = "Make `tools` an array of definitions."
    formats = toolcalls.FORMATS
    needs = "tools"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield tools of another type. Null is what table formats write for nothing."""
        if record.tools is not None and not isinstance(record.tools, list):
            yield self.sketch(record.tools_at, "`tools` is {value}; it must be an array")
