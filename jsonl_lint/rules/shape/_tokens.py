"""What the rules about tokenised records have in common."""

from __future__ import annotations

from typing import Any

from jsonl_lint.rule import Record

TOKEN_LISTS = ("token_ids", "input_ids", "attention_mask", "labels", "position_ids")
"""Keys of tokenised records whose lists correspond item by item."""

IGNORED = -100
"""The label of a token that is left out of the loss."""


def token_lists(record: Record) -> dict[str, list[Any]]:
    """Return the lists of a tokenised record by key, the token ids first."""
    found = {key: record.value.get(key) for key in TOKEN_LISTS}
    return {key: value for key, value in found.items() if isinstance(value, list)}
