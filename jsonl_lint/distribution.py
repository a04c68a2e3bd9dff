"""Count in bounded memory: whole numbers by their size, and things by their names."""

from collections.abc import Hashable
from typing import Any, NamedTuple, TypeVar

Name = TypeVar("Name", bound=Hashable)

_EXACT_BITS = 10
"""Values below 2^10 are counted exactly; of larger values only the leading 10 bits, with an error below 0.2 %."""

PERCENTILE_ERROR = 0.002
"""The maximum relative error by which a percentile may be too low."""

_SINGLE_VALUES = 12
"""A histogram of at most this range of values has a bin for each; beyond that, bins double in width."""


def count_by_name(counts: dict[Name, int], name: Name, count: int, *, most: int, other: Name) -> Name:
    """Add to the count of a name, or of `other` if `most` names have one already; return which of the two it was."""
    if name not in counts and len(counts) >= most:
        name = other
    counts[name] = counts.get(name, 0) + count
    return name


class Bin(NamedTuple):
    """A bar of a histogram: `size` values from `low` to `high`, both included."""

    low: int
    high: int
    size: int


class Distribution:
    """Counts of values of at least 0. Count, mean, minimum and maximum are exact, percentiles to 0.2 %."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.count = 0
        self.sum = 0
        self.minimum = 0
        self.maximum = 0

    def __repr__(self) -> str:
        """Return the figures that are exact."""
        return f"<Distribution: {self.count:,} values from {self.minimum:,} to {self.maximum:,}, {self.sum:,} in all>"

    def add(self, value: int) -> None:
        """Count one value."""
        shift = value.bit_length() - _EXACT_BITS
        key = value if shift <= 0 else value >> shift << shift
        self.counts[key] = self.counts.get(key, 0) + 1
        self.minimum = min(self.minimum, value) if self.count else value
        self.maximum = max(self.maximum, value)
        self.count += 1
        self.sum += value

    def absorb(self, other: "Distribution") -> None:
        """Count all values of another distribution as well."""
        if other.count:
            self.minimum = min(self.minimum, other.minimum) if self.count else other.minimum
            self.maximum = max(self.maximum, other.maximum)
            self.count += other.count
            self.sum += other.sum
            for key, count in other.counts.items():
                self.counts[key] = self.counts.get(key, 0) + count

    def percentile(self, percent: int) -> int:
        """Return the smallest value that at least `percent` of 100 values do not exceed (nearest rank)."""
        rank = max(1, -(-self.count * percent // 100))
        if rank >= self.count:  # the largest value, which is known exactly
            return self.maximum
        for key in sorted(self.counts):
            rank -= self.counts[key]
            if rank <= 0:
                return min(max(key, self.minimum), self.maximum)
        return self.maximum

    def histogram(self) -> list[Bin]:
        """Return bins without gaps from the minimum to the maximum."""
        if not self.count:
            return []
        if self.maximum - self.minimum < _SINGLE_VALUES and self.maximum < 1 << _EXACT_BITS:
            return [Bin(value, value, self.counts.get(value, 0)) for value in range(self.minimum, self.maximum + 1)]
        sizes: dict[int, int] = {}
        for key, count in self.counts.items():
            sizes[key.bit_length()] = sizes.get(key.bit_length(), 0) + count
        lengths = range(min(sizes), max(sizes) + 1)
        return [Bin(1 << bits >> 1, (1 << bits) - 1, sizes.get(bits, 0)) for bits in lengths]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; all but `count` and `histogram` are None if nothing was counted."""
        empty = not self.count
        return {
            "count": self.count,
            "min": None if empty else self.minimum,
            "mean": None if empty else round(self.sum / self.count, 2),
            "p50": None if empty else self.percentile(50),
            "p90": None if empty else self.percentile(90),
            "p95": None if empty else self.percentile(95),
            "p99": None if empty else self.percentile(99),
            "max": None if empty else self.maximum,
            "histogram": [{"from": bar.low, "to": bar.high, "count": bar.size} for bar in self.histogram()],
        }
