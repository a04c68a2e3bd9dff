"""JL203."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import DropRecord, Record, Repair, SchemaRule, Sketch, Violation, repair


class EmptyMessages(SchemaRule):
    """`messages` is an empty array.

    There is nothing to train on. Together's present client passes it; a trainer that looks at the first message
    stops the whole job.

    Fix: unsafe. The record is deleted.
    """

    code = "JL203"
    name = "empty-messages"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Delete the record, or fill in its messages."

    def word(self, violation: Violation) -> str:
        """Name the key of the conversation."""
        return f"`{violation.pointer[-1]}` is empty"

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Delete the record, in which nothing can be trained on."""
        return repair("Delete the record", DropRecord())
