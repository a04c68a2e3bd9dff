"""Add up the lengths of a dataset's records for a model, in bounded memory. The sums can be merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jsonl_lint.distribution import PERCENTILE_ERROR, Distribution
from jsonl_lint.tokens.lengths import Limit, Price, RecordLengths

MOST_REASONS = 100
"""How many reasons for how records were counted are kept apart; requests may name any number of models."""

OTHER_REASONS = "other reasons"


@dataclass
class Held:
    """The records compared with one limit: how many are `over` it, and the tokens that remain if each is cut there."""

    over: int = 0
    kept: int = 0


@dataclass
class TokenStatistics:
    """Lengths for one model. `about`, `limits` and `price` are the same for all files of a run.

    `distribution` is of each record's longest sequence, `sum` of all sequences, once. `counted`: records by how they
    were counted, and why. `not_counted` records are of no known format; `images` in `with_images` records are left out.
    """

    about: dict[str, Any]
    limits: tuple[Limit, ...] = ()
    price: Price | None = None
    distribution: Distribution = field(default_factory=Distribution)
    sequences: int = 0
    sum: int = 0
    counted: dict[tuple[str, str], int] = field(default_factory=dict)
    not_counted: int = 0
    images: int = 0
    with_images: int = 0
    held: list[Held] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.held:
            self.held = [Held() for _ in self.limits]

    def add(self, lengths: RecordLengths) -> None:
        """Count one record."""
        sequences = lengths.sequences
        longest = max(sequences)
        self.distribution.add(longest)
        self.sequences += len(sequences)
        self.sum += sum(sequences)
        self._count((lengths.how, lengths.why), 1)
        if lengths.images:
            self.images += lengths.images
            self.with_images += 1
        for held, (limit, _) in zip(self.held, self.limits, strict=True):
            if longest > limit:
                held.over += 1
                held.kept += sum(min(tokens, limit) for tokens in sequences)
            else:
                held.kept += sum(sequences)

    def absorb(self, other: TokenStatistics) -> None:
        """Count all records of other statistics with the same limits as well."""
        self.distribution.absorb(other.distribution)
        for name in ("sequences", "sum", "not_counted", "images", "with_images"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for key, count in other.counted.items():
            self._count(key, count)
        for held, more in zip(self.held, other.held, strict=True):
            held.over += more.over
            held.kept += more.kept

    def _count(self, key: tuple[str, str], count: int) -> None:
        if key not in self.counted and len(self.counted) >= MOST_REASONS:
            key = (key[0], OTHER_REASONS)
        self.counted[key] = self.counted.get(key, 0) + count

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            **self.about,
            "records": self.distribution.count,
            "not_counted": self.not_counted,
            "counted": [
                {"how": how, "why": why, "records": count}
                for (how, why), count in sorted(self.counted.items(), key=lambda item: (-item[1], item[0]))
            ],
            "percentile_error": PERCENTILE_ERROR,
            "images_not_counted": {"images": self.images, "records": self.with_images},
            "sequences": self.sequences,
            "per_epoch": self.sum,
            "limits": [self._beside(*pair) for pair in zip(self.limits, self.held, strict=True)],
            "cost": self._cost(),
        }

    def _beside(self, limit: Limit, held: Held) -> dict[str, Any]:
        """Packed: records cut at the limit, in sequences that are full but for the last. No packing needs fewer."""
        count = self.distribution.count
        return {
            "limit": limit.tokens,
            "source": limit.source,
            "over": held.over,
            "share_over": round(held.over / count, 6) if count else None,
            "per_epoch": held.kept,
            "packed_sequences_at_least": -(-held.kept // limit.tokens),
            "unpacked_tokens": self.sequences * limit.tokens,
        }

    def _cost(self) -> dict[str, Any] | None:
        """Of one epoch, each record as it is: what a provider makes of those over its limit is in `limits`."""
        if self.price is None:
            return None
        return {
            "currency": "USD",
            "per_epoch": round(self.sum * self.price.dollars / 1e6, 4),
            "per_million_tokens": self.price.dollars,
            "source": self.price.source,
        }
