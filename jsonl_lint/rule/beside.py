"""What stands beside the messages of a record and belongs among them; for several families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.dialects import PAIRS_OF_TEXTS
from jsonl_lint.records.roles import role_meaning

_ANSWERS = dict.fromkeys((*(answer for _, answer in PAIRS_OF_TEXTS), "ideal"))


def answer_beside(record: Mapping[str, Any]) -> str | None:
    """Return the key of the text that answers the messages, if they end with a question and there is just one text."""
    messages = record.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or role_meaning(last, ()) not in ("user", "tool"):
        return None
    found = [key for key in _ANSWERS if isinstance(record.get(key), str) and record[key]]
    return found[0] if len(found) == 1 else None
