"""Count exact duplicates by digests of eight bytes per record."""

from __future__ import annotations

from array import array
from hashlib import blake2b

MAX_RECORDS = 50_000_000
"""How many digests are kept: 400 MB. Further records are not compared."""

_PARTS = 256
"""How many parts the digests are divided into, so that a set of one part, which finds repeated digests, is small."""


class Digests:
    """The digests of records, by which repeated ones are counted.

    Of 50 million different records, two share a digest of 64 bits with a probability of 10^-4.
    """

    def __init__(self) -> None:
        self.parts = [array("Q") for _ in range(_PARTS)]
        self.count = 0

    def add(self, record: bytes) -> None:
        """Keep the digest of a record's bytes."""
        if self.count < MAX_RECORDS:
            value = int.from_bytes(blake2b(record, digest_size=8).digest(), "little")
            self.parts[value % _PARTS].append(value)
            self.count += 1

    def absorb(self, other: Digests) -> None:
        """Keep the digests of other records as well."""
        if self.count + other.count <= MAX_RECORDS:
            for part, more in zip(self.parts, other.parts, strict=True):
                part.extend(more)
            self.count += other.count

    def duplicates(self) -> int:
        """Return how many records equal an earlier one."""
        return sum(len(part) - len(set(part)) for part in self.parts)
