"""JL118."""

from __future__ import annotations

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import DatasetRule, Record


class MixedOptionalKeys(DatasetRule):
    """A record has an optional part that others lack, or lacks one that they have.

    Some targets require certain optional keys in every record of a file or in none: Amazon's Nova a system prompt,
    images and tool calls, Fireworks the `weight` of a record. The target's data file names them. Each further
    combination is reported once, where it first appears. A conversation that cannot be read is not compared.
    """

    code = "JL118"
    name = "mixed-optional-keys"
    severity = Severity.ERROR
    help = "Write a file for each combination, or add the key to every record."
    formats = ("chat", "bedrock", "preference", "instruction", "text")

    distinct = True

    def concerns(self, record: Record) -> bool:
        """Whether the target names such keys. Then every readable record counts, since one may lack a key."""
        return bool(record.target.traits.get("all_or_none")) and (record.format != "bedrock" or _is_readable(record))

    def is_shown(self, record: Record) -> bool:
        """Return True: there is no text or number in the key."""
        return True

    def key(self, record: Record) -> tuple[Pointer, str]:
        """Return those of the keys that the record has, at its root or in a part of a message."""
        parts = [part for message in record.messages if isinstance(message.content, list) for part in message.content]
        holders = [record.value, *(part for part in parts if isinstance(part, dict))]
        wanted: list[str] = record.target.traits["all_or_none"]
        return (), ", ".join(key for key in wanted if any(key in holder for holder in holders)) or "none of them"

    def word(self, first_line: int) -> str:
        """Say what it has, and where the file's first record stands."""
        return (
            f"of the keys that must be in all records or in none, this record has {{value}}, unlike line {first_line}"
        )


def _is_readable(record: Record) -> bool:
    """Whether every message has a list of parts, each with a key, so that none of the keys is lost in a defect."""
    found = record.conversation
    if not isinstance(found, list) or not found or len(record.messages) < len(found):
        return False
    contents = [message.content for message in record.messages]
    return all(isinstance(each, list) and all(isinstance(part, dict) and part for part in each) for each in contents)
