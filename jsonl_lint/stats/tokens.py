"""Add up the lengths of a dataset's records in tokens, in bounded memory. The sums of files can be merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jsonl_lint.distribution import PERCENTILE_ERROR, Distribution, count_by_name
from jsonl_lint.tokens.lengths import Limit, Price, RecordLengths

MOST_REASONS = 100
"""How many ways of counting tokens are counted separately; requests may name any number of models."""

OTHER_REASONS = "other reasons"


@dataclass
class LimitEffect:
    """The records compared with one limit: how many are `over` it, and the tokens `kept` if each is cut there."""

    over: int = 0
    kept: int = 0


@dataclass
class TokenStatistics:
    """The lengths of records for one model, or of several files for several models. Then `about`, `limits` and `price`
    hold what these have in common.

    `distribution` has the longest sequence of each record, `sum` the tokens of all sequences. `counted` has the number
    of records by how they were counted, and why. `not_counted` records have no known format. `images` images, in
    `with_images` records, were not counted. `effects` has what each of the `limits` does to the records.
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
    effects: list[LimitEffect] = field(default_factory=list)
    most_reasons: int = MOST_REASONS

    def __post_init__(self) -> None:
        if not self.effects:
            self.effects = [LimitEffect() for _ in self.limits]

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
        for effect, (limit, _) in zip(self.effects, self.limits, strict=True):
            if longest > limit:
                effect.over += 1
                effect.kept += sum(min(tokens, limit) for tokens in sequences)
            else:
                effect.kept += sum(sequences)

    def absorb(self, other: TokenStatistics) -> None:
        """Count all records of other statistics as well."""
        if other.about != self.about:
            notes = dict.fromkeys([*self.about["notes"], *other.about["notes"]])
            same = {name: value for name, value in self.about.items() if other.about[name] == value}
            self.about = {**dict.fromkeys(self.about), **same, "notes": list(notes)}
        self.price = self.price if other.price == self.price else None
        self.distribution.absorb(other.distribution)
        for name in ("sequences", "sum", "not_counted", "images", "with_images"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for key, count in other.counted.items():
            self._count(key, count)
        if other.limits != self.limits:
            self.limits, self.effects = (), []
            return
        for effect, more in zip(self.effects, other.effects, strict=True):
            effect.over += more.over
            effect.kept += more.kept

    def _count(self, key: tuple[str, str], count: int) -> None:
        count_by_name(self.counted, key, count, most=self.most_reasons, other=(key[0], OTHER_REASONS))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
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
            "limits": [self._limit_entry(*pair) for pair in zip(self.limits, self.effects, strict=True)],
            "cost": self._cost(),
        }

    def _limit_entry(self, limit: Limit, effect: LimitEffect) -> dict[str, Any]:
        """Return what a limit means for the records.

        Packing cuts records at the limit and fills each sequence but the last; no way of packing needs fewer.
        """
        count = self.distribution.count
        return {
            "limit": limit.tokens,
            "source": limit.source,
            "over": effect.over,
            "share_over": round(effect.over / count, 6) if count else None,
            "per_epoch": effect.kept,
            "packed_sequences_at_least": -(-effect.kept // limit.tokens),
            "unpacked_tokens": self.sequences * limit.tokens,
        }

    def _cost(self) -> dict[str, Any] | None:
        """Return the cost of an epoch in which no record is cut, None if there is no price."""
        if self.price is None:
            return None
        return {
            "currency": "USD",
            "per_epoch": round(self.sum * self.price.dollars / 1e6, 4),
            "per_million_tokens": self.price.dollars,
            "source": self.price.source,
        }
