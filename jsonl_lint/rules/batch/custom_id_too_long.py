"""JL903."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.requestids import TAKEN_ID
from jsonl_lint.rule import Record, RecordRule, Sketch


class CustomIdTooLong(RecordRule):
    """A batch request's `custom_id` is too long, or has characters that are refused.

    Together and Anthropic take 64 characters; Anthropic takes only letters, digits, `_` and `-`.
    """

    code = "JL903"
    name = "custom-id-too-long"
    severity = Severity.ERROR
    help = "Shorten the id, and keep it unique."
    formats = ("batch", "anthropic-batch")
    screen = TAKEN_ID

    def concerns(self, record: Record) -> bool:
        """Whether there is an id, and the target says something of ids."""
        limited = "max_custom_id_characters" in record.target.limits or "custom_id_pattern" in record.target.traits
        return limited and isinstance(record.value.get("custom_id"), str)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield an id that is too long, or has other characters than the target allows. A length is in characters."""
        name = record.value["custom_id"]
        limit = record.target.limits.get("max_custom_id_characters")
        pattern = record.target.traits.get("custom_id_pattern")
        if limit is not None and len(name) > limit:
            yield self.sketch(
                ("custom_id",), f"the `custom_id` has {len(name):,} characters; at most {limit} are taken"
            )
        elif pattern and name and not re.fullmatch(pattern, name):
            words = f"the `custom_id` {{value}} does not match {pattern}"
            yield self.sketch(("custom_id",), words, "Use only the characters that the pattern allows; keep it unique.")
