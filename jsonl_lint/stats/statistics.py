"""The statistics of a file: what is counted of each record, and the sums of all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jsonl_lint.distribution import Distribution, count_by_name
from jsonl_lint.stats.duplicates import Digests
from jsonl_lint.stats.record import Facts
from jsonl_lint.stats.tokens import TokenStatistics

MAX_NAMES = 1_000
"""How many names of roles or tools are counted separately; the rest is counted as `(other)`."""

TOKENS = "tokens"
"""The name of the distribution of lengths in tokens."""


class Measure(NamedTuple):
    """A number that records have. `of` returns that of a record, given its facts and its line; None if it has none."""

    name: str
    of: Callable[[Facts, bytes], int | None]


MEASURES = (
    Measure("turns", lambda facts, _: facts.turns),
    Measure("characters", lambda facts, _: facts.characters),
    Measure("bytes", lambda _, line: len(line)),
)


@dataclass
class Statistics:
    """The statistics of a file, or the total of several, for which `path` is None.

    `records` and `valid` are counted as in a check, everything else only for records that are JSON objects. `size` is
    in bytes. `distributions` are by the name of the measure; `roles` (with `role_characters`), `tools` and `calls` by
    the names of roles and tools.
    """

    path: str | None
    size: int = 0
    records: int = 0
    valid: int = 0
    formats: dict[str, int] = field(default_factory=dict)
    distributions: dict[str, Distribution] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    role_characters: dict[str, int] = field(default_factory=dict)
    records_with_tools: int = 0
    tools: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    digests: Digests = field(default_factory=Digests)
    tokens: TokenStatistics | None = None
    """None if tokens are not counted. Their distribution is also one of `distributions`."""
    most_names: int = MAX_NAMES

    def add(self, facts: Facts, line: bytes) -> None:
        """Count one record."""
        self._count(self.formats, facts.format)
        for measure in MEASURES:
            value = measure.of(facts, line)
            if value is not None:
                self.distributions[measure.name].add(value)
        for role, characters in zip(facts.roles, facts.role_characters, strict=True):
            self._count(self.role_characters, self._count(self.roles, role), characters)
        self.records_with_tools += bool(facts.tools)
        for name in facts.tools:
            self._count(self.tools, name)
        for name in facts.calls:
            self._count(self.calls, name)
        self.digests.add(line)

    def absorb(self, other: Statistics) -> None:
        """Add the statistics of another file, or of the next range of this one."""
        for name in ("size", "records", "valid", "records_with_tools"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("formats", "roles", "role_characters", "tools", "calls"):
            for key, count in getattr(other, name).items():
                self._count(getattr(self, name), key, count)
        for name, distribution in other.distributions.items():
            if name != TOKENS:
                self.distributions.setdefault(name, Distribution()).absorb(distribution)
        if other.tokens is not None:
            tokens = self.tokens or TokenStatistics(other.tokens.about, other.tokens.limits, other.tokens.price)
            self.count_tokens(tokens)
            tokens.absorb(other.tokens)
        self.digests.absorb(other.digests)

    def count_tokens(self, tokens: TokenStatistics) -> None:
        """Set what tokens are counted in."""
        self.tokens = tokens
        self.distributions[TOKENS] = tokens.distribution

    def count_all_names(self) -> None:
        """Count each name separately: only those who add up the ranges of a file know which are its first names."""
        self.most_names = sys.maxsize
        if self.tokens is not None:
            self.tokens.most_reasons = sys.maxsize

    def _count(self, counts: dict[str, int], name: str, count: int = 1) -> str:
        return count_by_name(counts, name, count, most=self.most_names, other="(other)")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with the most frequent names first."""
        return {
            "path": self.path,
            "bytes": self.size,
            "records": self.records,
            "valid_records": self.valid,
            "formats": _by_count(self.formats),
            "distributions": {name: found.to_dict() for name, found in self.distributions.items()},
            "roles": {
                role: {"messages": count, "characters": self.role_characters.get(role, 0)}
                for role, count in _by_count(self.roles).items()
            },
            "tools": {
                "records": self.records_with_tools,
                "defined": _by_count(self.tools),
                "called": _by_count(self.calls),
            },
            "tokens": self.tokens.to_dict() if self.tokens else None,
            "duplicates": {"exact": self.digests.duplicates(), "compared": self.digests.count},
        }


def _by_count(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
