"""JL317."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity, format_pointer
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import CallRule
from jsonl_lint.toolcalls.pairing import pairing
from jsonl_lint.wording import excerpt


class DuplicateToolCallId(CallRule):
    """Two calls of a record have the same id.

    A result cannot be matched to its call. In a preference pair the two answers may use the same ids.
    """

    code = "JL317"
    name = "duplicate-tool-call-id"
    severity = Severity.ERROR
    help = "Give each call of the record an id of its own."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield every call whose id an earlier one has."""
        for call, first in pairing(record).repeated:
            where = format_pointer(first.pointer)
            yield self.sketch(call.id_pointer, f"the id {excerpt(call.id)} is also that of {where}")
