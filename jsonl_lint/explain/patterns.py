"""The known messages of providers, as data: `data/*.json`, described by `schemas/error-patterns.schema.json`.

A pattern is known by fragments of the message (`*` stands for anything in between) or by a code. The longest match
wins. Patterns of a file that is `general` (statuses and error classes) are asked only if no other one matches.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.explain.evidence import Evidence

CATEGORIES = ("auth", "billing", "rate_limit", "validation", "not_found", "conflict", "server", "network")

_FOLDER = os.path.join(os.path.dirname(__file__), "data")


class Pattern(NamedTuple):
    """A known error. `statuses` holds numbers and classes such as `5xx`; empty where it comes with any status."""

    name: str
    statuses: tuple[int | str, ...]
    codes: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    category: str
    cause: str
    rules: tuple[str, ...]
    retry: bool
    how: str
    next: str
    source: str
    date: str


UNKNOWN = Pattern(
    "unknown",
    (),
    (),
    (),
    "validation",
    "No known message or status is in this text.",
    (),
    False,
    "Give the HTTP status as well, and the whole body of the answer.",
    "jsonl-lint explain --help",
    "jsonl-lint",
    "2026-11",
)
"""For a text that nothing is known about. Most errors of datasets are refusals, so it counts as one."""


class Patterns(NamedTuple):
    """The patterns to ask first, those to ask then, and the latter by status."""

    special: tuple[Pattern, ...]
    general: tuple[Pattern, ...]
    by_status: dict[int | str, Pattern]


@lru_cache(maxsize=1)
def load_patterns() -> Patterns:
    """All patterns, in the order of the files and in them."""
    special: list[Pattern] = []
    general: list[Pattern] = []
    for name in sorted(os.listdir(_FOLDER)):
        if name.endswith(".json"):
            with open(os.path.join(_FOLDER, name), "rb") as file:
                data = json.load(file)
            (general if data.get("general") else special).extend(_pattern(item) for item in data["patterns"])
    by_status = {status: pattern for pattern in general for status in pattern.statuses}
    return Patterns(tuple(special), tuple(general), by_status)


def _pattern(item: dict[str, Any]) -> Pattern:
    return Pattern(
        name=item["name"],
        statuses=tuple(item.get("statuses", ())),
        codes=tuple(code.lower() for code in item.get("codes", ())),
        texts=tuple(tuple(text.lower().split("*")) for text in item.get("texts", ())),
        category=item["category"],
        cause=item["cause"],
        rules=tuple(item["rules"]),
        retry=item["retry"],
        how=item["how"],
        next=item["next"],
        source=item["source"],
        date=item["date"],
    )


def match(evidence: Evidence) -> Pattern:
    """The pattern that explains the evidence best; `UNKNOWN` if none does."""
    known = load_patterns()
    of_status = _of_status(known, evidence.status)
    codes = {code.lower() for code in (*evidence.codes, *evidence.keys)}
    messages = [message.lower() for message in evidence.messages]
    possible = [pattern for pattern in known.special if _may_come_with(pattern, evidence.status, of_status)]
    special = _heaviest(possible, codes, messages)
    return special or of_status or _heaviest(known.general, codes, messages) or UNKNOWN


def _heaviest(patterns: Iterable[Pattern], codes: set[str], messages: list[str]) -> Pattern | None:
    """The first of those that match with the longest code or text."""
    best, weight = None, 0
    for pattern in patterns:
        found = max(_weight_of_codes(pattern, codes), _weight_of_texts(pattern, messages))
        if found > weight:
            best, weight = pattern, found
    return best


def _of_status(known: Patterns, status: int | None) -> Pattern | None:
    if status is None:
        return None
    return known.by_status.get(status) or known.by_status.get(f"{status // 100}xx")


def _may_come_with(pattern: Pattern, status: int | None, of_status: Pattern | None) -> bool:
    """A pattern that contradicts the status is not taken, unless it names this status."""
    if status is None or of_status is None:
        return True
    if pattern.statuses:
        return status in pattern.statuses
    return status in (200, 400) or pattern.category == of_status.category


def _weight_of_codes(pattern: Pattern, codes: set[str]) -> int:
    return max((len(code) for code in pattern.codes if code in codes), default=0)


def _weight_of_texts(pattern: Pattern, messages: list[str]) -> int:
    found = 0
    for parts in pattern.texts:
        weight = sum(map(len, parts))
        if weight > found and any(_in_order(parts, message) for message in messages):
            found = weight
    return found


def _in_order(parts: tuple[str, ...], text: str) -> bool:
    position = 0
    for part in parts:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True
