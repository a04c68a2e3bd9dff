"""The ids of batch requests: which of them the target takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jsonl_lint.records.record import Screen
from jsonl_lint.records.settings import REQUEST_ID
from jsonl_lint.target import Target


def is_taken(name: str, target: Target) -> bool:
    """Whether the target takes a request's id: it is not too long, and has only the characters that are allowed."""
    limit, pattern = target.limits.get("max_custom_id_characters"), target.traits.get("custom_id_pattern")
    return (limit is None or len(name) <= limit) and (not pattern or re.fullmatch(pattern, name) is not None)


def _passes(record: Mapping[str, Any], _format: str | None, target: Target) -> bool:
    name = record.get(REQUEST_ID)
    return isinstance(name, str) and is_taken(name, target)


TAKEN_ID = Screen(_passes)
"""The screen of the rule about ids."""
