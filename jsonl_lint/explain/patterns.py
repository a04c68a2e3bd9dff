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
    name="unknown",
    statuses=(),
    codes=(),
    texts=(),
    category="validation",
    cause="No known message or status is in this text.",
    rules=(),
    retry=False,
    how="Give the HTTP status as well, and the whole body of the answer.",
    next="jsonl-lint explain --help",
    source="jsonl-lint",
    date="2026-11",
)
"""For a text that nothing is known about. Most errors of datasets are refusals, so it counts as one."""


class Patterns(NamedTuple):
    """The patterns to ask first, those to ask then, and the latter by status."""

    special: tuple[Pattern, ...]
    general: tuple[Pattern, ...]
    by_status: dict[int | str, Pattern]


@lru_cache(maxsize=1)
def load_patterns() -> Patterns:
    """Return all patterns, in the order of the files and in them."""
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
    """Return the pattern that explains the evidence best; `UNKNOWN` if none does."""
    special, of_status, general = _candidates(evidence.status)
    keys = [key for key in evidence.keys if "_" in key or not key.islower()]  # others count: {"expired": 0}
    codes = {code.lower() for code in (*evidence.codes, *evidence.words, *keys)}
    messages = [message.lower() for message in evidence.messages]
    return _best(special, codes, messages) or of_status or _best(general, codes, messages) or UNKNOWN


class _Index(NamedTuple):
    """Patterns by code, and their texts with the longest first: what is found first has won."""

    by_code: dict[str, Pattern]
    texts: list[tuple[int, tuple[str, ...], Pattern]]


@lru_cache(maxsize=600)
def _candidates(status: int | None) -> tuple[_Index, Pattern | None, _Index]:
    """Return the special patterns that may come with a status, the general one of the status, and all general ones."""
    known = load_patterns()
    of_status = None
    if status is not None:
        of_status = known.by_status.get(status) or known.by_status.get(f"{status // 100}xx")
    special = [pattern for pattern in known.special if _may_come_with(pattern, status, of_status)]
    return _index(special), of_status, _index(known.general)


def _may_come_with(pattern: Pattern, status: int | None, of_status: Pattern | None) -> bool:
    """Whether the pattern does not contradict the status, or names it."""
    if status is None or of_status is None:
        return True
    if pattern.statuses:
        return status in pattern.statuses
    return status in (200, 400) or pattern.category == of_status.category


def _index(patterns: Iterable[Pattern]) -> _Index:
    by_code: dict[str, Pattern] = {}
    texts = []
    for pattern in patterns:
        for code in pattern.codes:
            by_code.setdefault(code, pattern)
        texts += [(sum(map(len, parts)), parts, pattern) for parts in pattern.texts]
    return _Index(by_code, sorted(texts, key=lambda text: -text[0]))


def _best(index: _Index, codes: set[str], messages: list[str]) -> Pattern | None:
    """Return the pattern whose code or text is the longest that matches; at the same length, that of the code."""
    code = max((code for code in codes if code in index.by_code), key=lambda code: (len(code), code), default="")
    everything = "\n".join(messages)
    for weight, parts, pattern in index.texts:
        if weight <= len(code):
            break
        if parts[0] in everything and any(_in_order(parts, message) for message in messages):
            return pattern
    return index.by_code.get(code)


def _in_order(parts: tuple[str, ...], text: str) -> bool:
    position = 0
    for part in parts:
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True
