"""What stands beside the messages of a record and belongs among them; for several families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.dialects import PAIRS_OF_TEXTS
from jsonl_lint.records.formats import PREFERENCE_OUTPUTS
from jsonl_lint.records.roles import role_meaning

_ANSWERS = dict.fromkeys((*(answer for _, answer in PAIRS_OF_TEXTS), "ideal"))

_ANSWERS_OF_PAIRS = (
    *PREFERENCE_OUTPUTS,
    *("preferred_completion", "non_preferred_completion"),
    *("chosen", "rejected", "chosen_response", "rejected_response"),
)


def answer_beside(record: Mapping[str, Any]) -> str | None:
    """Return the key of the text that answers the messages, if they end with a question and there is just one text."""
    found = [key for key in _ANSWERS if isinstance(record.get(key), str) and record[key]] if _asks(record) else []
    return found[0] if len(found) == 1 else None


def is_answer_of_pair(key: str | None, record: Mapping[str, Any]) -> bool:
    """Whether it is the key of one of two answers to the messages, which have none."""
    return key in _ANSWERS_OF_PAIRS and bool(record[key]) and _asks(record)


def _asks(record: Mapping[str, Any]) -> bool:
    """Whether the messages end with a question."""
    messages = record.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and role_meaning(last, ()) in ("user", "tool")
