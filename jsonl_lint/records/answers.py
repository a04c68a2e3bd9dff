"""The two answers of a preference record, and a quick test that they differ, as most do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonl_lint.records.formats import PREFERENCE_OUTPUTS
from jsonl_lint.records.record import Message, Record, Screen
from jsonl_lint.target import Target

ANSWER_KEYS = {"preference": PREFERENCE_OUTPUTS, "chosen-rejected": ("chosen", "rejected")}
"""Formats with the root keys of the better answer and of the other."""

_END = 200
"""Characters at the end of an answer that are compared."""


def last_message(record: Record, key: str) -> tuple[Message, ...]:
    """Return the last message of an answer that is a conversation; none if its last item is not an object."""
    found = record.value.get(key)
    messages = record.messages_in(found, (key,))[-1:]
    return messages if isinstance(found, list) and messages and messages[0].value is found[-1] else ()


def differ(value: Mapping[str, Any], format: str | None, _target: Target) -> bool:
    """Whether both answers are texts whose ends differ by more than white space."""
    if format not in ANSWER_KEYS:
        return False
    one, other = (_end(value.get(key)) for key in ANSWER_KEYS[format])
    size = min(len(one), len(other))
    return one[len(one) - size :] != other[len(other) - size :]


def _end(output: Any) -> str:
    """Return the end of a text, or of the last message's text, without white space; "" for anything else."""
    if type(output) is list and output and type(output[-1]) is dict:
        output = output[-1].get("content")
    return "".join(output[-_END:].split()) if type(output) is str else ""


DIFFER = Screen(differ)
"""The screen of the rule that compares both answers."""
