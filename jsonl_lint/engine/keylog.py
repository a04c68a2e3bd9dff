"""The keys by which a `DatasetRule` compares records: a digest of each, and where it is."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from jsonl_lint.wording import excerpt


class Occurrence(NamedTuple):
    """Where a key is, in lines and bytes from the start of the part; `failed`: its record has another error anyway."""

    line: int
    byte_offset: int
    column: int
    end_column: int
    failed: bool
    pointer: str
    shown: str = ""


KeyPlace = tuple[int, int, int, int, int]
"""The digest of a key and where it is: line, byte offset, column and end column."""


def digest_of(key: str) -> int:
    """Return the 64 bits that stand for a key in a log."""
    return digest_of_bytes(key.encode("utf-8", "surrogatepass"))


def digest_of_bytes(key: bytes) -> int:
    """Return the same of a key as UTF-8."""
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big")


class KeyLog:
    """The keys of consecutive records, 43 bytes each. If `distinct`, only the first occurrence of each key is kept.

    `append` is associative, so the log of a file does not depend on how the file was cut.
    """

    def __init__(self, *, distinct: bool) -> None:
        self.distinct = distinct
        self.digests = array("Q")
        self.lines = array("Q")
        self.offsets = array("Q")
        self.columns = array("L")
        self.end_columns = array("L")
        self.failed = bytearray()
        self.pointers: list[str] = []
        self.pointer_of = array("H")
        self.shown: list[str] = []
        self.known: set[int] = set()
        """The digests, if `distinct`."""

    def knows(self, key: str) -> bool:
        """Whether another record with this key would not change the log."""
        return self.distinct and digest_of(key) in self.known

    def note(self, key: str, where: Occurrence) -> None:
        """Add the next record's key."""
        digest = digest_of(key)
        if self.distinct:
            if digest in self.known:
                return
            self.shown.append(excerpt(key))
        self._add(digest, where)

    def _add(self, digest: int, where: Occurrence) -> None:
        self.digests.append(digest)
        if self.distinct:
            self.known.add(digest)
        self.lines.append(where.line)
        self.offsets.append(where.byte_offset)
        self.columns.append(where.column)
        self.end_columns.append(where.end_column)
        self.failed.append(where.failed)
        self.pointer_of.append(self._index_of(where.pointer))

    def _index_of(self, pointer: str) -> int:
        if pointer not in self.pointers:
            self.pointers.append(pointer)
        return self.pointers.index(pointer)

    def extend(self, places: Iterable[KeyPlace], pointer: str, *, failed: bool) -> None:
        """Add the keys of the next records, which are at one pointer. The log is not `distinct`."""
        kept = (self.digests, self.lines, self.offsets, self.columns, self.end_columns)
        before = len(self.digests)
        for numbers, added in zip(
            kept, zip(*places, strict=True), strict=False
        ):  # nothing is added if nothing is given
            numbers.extend(added)
        count = len(self.digests) - before
        self.failed.extend(bytes([failed]) * count)
        self.pointer_of.extend([self._index_of(pointer)] * count)

    def append(self, right: KeyLog, lines: int, offset: int) -> None:
        """Add the log of the next part, which begins after `lines` lines and `offset` bytes."""
        if not self.distinct:
            self._append_all(right, lines, offset)
            return
        for index, digest in enumerate(right.digests):
            if digest not in self.known:
                where = right.at(index)
                self._add(digest, where._replace(line=where.line + lines, byte_offset=where.byte_offset + offset))
                self.shown.append(right.shown[index])

    def _append_all(self, right: KeyLog, lines: int, offset: int) -> None:
        self.digests.extend(right.digests)
        self.lines.extend(map(lines.__add__, right.lines))
        self.offsets.extend(map(offset.__add__, right.offsets))
        self.columns.extend(right.columns)
        self.end_columns.extend(right.end_columns)
        self.failed.extend(right.failed)
        places = [self._index_of(pointer) for pointer in right.pointers]
        self.pointer_of.extend(map(places.__getitem__, right.pointer_of))

    def copy(self) -> KeyLog:
        """Return a copy that can grow independently."""
        log = KeyLog(distinct=self.distinct)
        log.append(self, 0, 0)
        return log

    def at(self, index: int) -> Occurrence:
        """Return one occurrence."""
        shown = self.shown[index] if self.distinct else ""
        return Occurrence(
            self.lines[index],
            self.offsets[index],
            self.columns[index],
            self.end_columns[index],
            bool(self.failed[index]),
            self.pointers[self.pointer_of[index]],
            shown,
        )

    def found(self) -> Iterator[tuple[Occurrence, Occurrence]]:
        """Yield what the rule reports, with what came first: if `distinct`, each further key, else each repetition."""
        if self.distinct:
            for index in range(1, len(self.digests)):
                yield self.at(index), self.at(0)
            return
        from jsonl_lint.repeats.recurrences import Recurrences

        recurrences = Recurrences()
        for index, digest in enumerate(self.digests):
            recurrences.add(index, digest)
        for index, before in recurrences:
            if index != before:
                yield self.at(index), self.at(before)
