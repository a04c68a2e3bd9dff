"""The Python interface of `digests.h`: a set of digests of 16 bytes that takes 24 to 48 bytes for each."""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import PyDLL, create_string_buffer

DIGEST_BYTES = 16
_FIRST_PLACES = 1 << 12
_FULL = 2 / 3
"""The share of places that are taken at most: in a fuller table it takes long to find a free one."""


class DigestTable:
    """Digests that have been added."""

    def __init__(self, library: PyDLL) -> None:
        self.library = library
        self.size, self.places = 0, _FIRST_PLACES
        self.table = create_string_buffer(DIGEST_BYTES * self.places)

    def add(self, digests: Iterable[bytes]) -> list[int]:
        """Add digests; return the indexes of those that were there before."""
        data = b"".join(digests)
        count = len(data) // DIGEST_BYTES
        while self.size + count > self.places * _FULL:
            self._grow()
        known = self._put(data, count)
        found = [index for index, was_known in enumerate(known) if was_known]
        self.size += count - len(found)
        return found

    def _put(self, digests: bytes, count: int) -> bytes:
        known = create_string_buffer(count)
        self.library.jsonl_lint_add_digests(self.table, self.places, digests, count, known)
        return known.raw

    def _grow(self) -> None:
        """Move everything to a table of twice the size."""
        before, places = self.table, self.places
        self.places *= 2
        self.table = create_string_buffer(DIGEST_BYTES * self.places)
        self.library.jsonl_lint_add_digests(self.table, self.places, before, places, create_string_buffer(places))
