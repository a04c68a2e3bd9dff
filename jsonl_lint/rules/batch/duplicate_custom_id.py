"""JL904."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Pointer, Severity
from jsonl_lint.rule import DatasetRule, Record


class DuplicateCustomId(DatasetRule):
    """Two batch requests have the same `custom_id`.

    Their results cannot be told apart. OpenAI and Azure refuse the file; what Together does is not documented, other
    stacks hang or join the wrong results. Every line after the first one with the id is reported.

    Fix: unsafe. The later ids get a suffix: `_dup2`, `_dup3` and so on.
    """

    code = "JL904"
    name = "duplicate-custom-id"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Give each request an id of its own."
    formats = ("batch", "anthropic-batch")
    root_key = "custom_id"
    suffix = "_dup"

    def concerns(self, record: Record) -> bool:
        """Whether there is an id."""
        return isinstance(record.value.get("custom_id"), str) and record.value["custom_id"] != ""

    def key(self, record: Record) -> tuple[Pointer, str]:
        """Return the id."""
        return ("custom_id",), record.value["custom_id"]

    def word(self, first_line: int) -> str:
        """Name the line where the id stood first."""
        return f"the `custom_id` is the same as that of line {first_line}"
