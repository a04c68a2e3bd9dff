"""How near records are to one another: the pairs of words that they share.

What decides is exact: the Jaccard index of two sets, which is the share of pairs that both have. MinHash chooses the
records that are compared: each record gets a signature of 32 numbers, and on average two records share as large a part
of these as of their pairs. Records that agree in one of eight groups of four numbers are compared. So of records that
are just near enough, 98 in 100 are found, and of nearer ones nearly all.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, pairwise
from tempfile import TemporaryFile
from typing import NamedTuple

from rensa import RMinHash
from xxhash import xxh3_64_intdigest

from jsonl_lint.records.record import Record

THRESHOLD = 0.8
"""The Jaccard index from which records are near."""

BANDS, ROWS = 8, 4
"""Groups of numbers in a signature, and numbers in a group."""

FEWEST = 5
"""Records with fewer pairs of words are not compared: short texts are often alike by chance."""

LONGEST = 1 << 18
"""Characters of a record that are looked at."""

_SEED = 1
_GROUP_BYTES = ROWS * array("I").itemsize

HEAD, HEAD_PAIRS, HEAD_LEAST = 200, 2_000, 50
"""The template is what half of the first 200 records have, but at least 50. Of each, 2,000 pairs are looked at."""

MOST_TOGETHER = 8
"""How many earlier records are kept for each group of numbers, so that a record is compared with at most 64."""

_BATCH_PAIRS = 20_000
"""Pairs of words whose signatures are made together."""

_WORD_CHARACTERS = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in bytes(range(256)).lower()
)
_PUNCTUATION = re.compile(
    "[\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u2000-\u206f"
    "\u3001-\u3003\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)
"""Punctuation beyond ASCII, such as curly quotes and dashes, also that of Chinese and Japanese."""

_UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff])")
"""Characters of scripts without spaces between words: each counts as a word."""


def pairs_of(record: Record) -> list[bytes]:
    """Return the pairs of words that follow each other, without case, punctuation and the system prompt."""
    text = "\n".join([text.value for text in record.texts if text.meaning != "system"])[:LONGEST]
    if not text.isascii():
        text = _UNSPACED.sub(r" \1 ", _PUNCTUATION.sub(" ", text.lower()))
    words = text.encode("utf-8", "surrogatepass").translate(_WORD_CHARACTERS).split()
    return list(map(b" ".join, pairwise(words)))


def template_of(records: Iterable[Record]) -> frozenset[bytes]:
    """Return the pairs that many records have because they are made from a template."""
    counts: Counter[bytes] = Counter()
    size = 0
    for record in islice(records, HEAD):
        size += 1
        counts.update(set(pairs_of(record)[:HEAD_PAIRS]))
    least = max(HEAD_LEAST, size / 2)
    return frozenset(pair for pair, count in counts.items() if count >= least)


def groups_of(records: Iterable[Record], template: frozenset[bytes]) -> Iterator[list[int] | None]:
    """Yield the keys of each record, one for each group of its signature; None for a record that is not compared."""
    waiting: list[list[bytes]] = []
    compared: list[bool] = []
    size = 0
    for record in records:
        pairs = _own(pairs_of(record), template)
        compared.append(len(pairs) >= FEWEST)
        if compared[-1]:
            waiting.append(pairs)
            size += len(pairs)
        if size >= _BATCH_PAIRS or len(compared) >= _BATCH_PAIRS // 10:
            yield from _keys(waiting, compared)
            waiting, compared, size = [], [], 0
    yield from _keys(waiting, compared)


def _own(pairs: list[bytes], template: frozenset[bytes]) -> list[bytes]:
    return [pair for pair in pairs if pair not in template] if template else pairs


def _keys(waiting: list[list[bytes]], compared: list[bool]) -> Iterator[list[int] | None]:
    """Yield the keys of each of some records; `waiting` has the pairs of those that are `compared`."""
    signatures = iter(RMinHash.digests_from_token_sets(waiting, BANDS * ROWS, _SEED) if waiting else ())
    for wanted in compared:
        if wanted:
            data = array("I", next(signatures)).tobytes()
            yield [xxh3_64_intdigest(data[band * _GROUP_BYTES :][:_GROUP_BYTES], band) or 1 for band in range(BANDS)]
        else:
            yield None


class _Kept(NamedTuple):
    """An earlier record: its line from 1, the number of its pairs, and where they are in the temporary file."""

    line: int
    pairs: int
    start: int
    size: int


class Nearest:
    """Earlier records, whose pairs are on disk. Finds the one that is nearest to a later record."""

    def __init__(self, template: frozenset[bytes]) -> None:
        self.template = template
        self.kept: list[_Kept] = []
        self.together: dict[int, list[int]] = {}
        self.file = TemporaryFile()  # noqa: SIM115  closed below
        self.size = 0

    def __enter__(self) -> Nearest:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def find(self, record: Record, line: int, groups: Collection[int]) -> tuple[int, float] | None:
        """Return the line of the nearest earlier record and how near it is; keep this record if none is near."""
        pairs = set(_own(pairs_of(record), self.template))
        best: tuple[float, int] = (0.0, 0)
        for index in sorted({index for group in groups for index in self.together.get(group, ())}):
            kept = self.kept[index]
            if min(kept.pairs, len(pairs)) >= THRESHOLD * max(kept.pairs, len(pairs)):
                self.file.seek(kept.start)
                both = len(pairs.intersection(self.file.read(kept.size).split(b"\n")))
                best = max(best, (both / (kept.pairs + len(pairs) - both), -kept.line))
        if best[0] >= THRESHOLD:
            return -best[1], best[0]
        self.keep(pairs, line, groups)
        return None

    def keep(self, pairs: set[bytes], line: int, groups: Collection[int]) -> None:
        """Keep a record, so that later ones are compared with it."""
        data = b"\n".join(pairs)
        self.file.seek(self.size)
        self.file.write(data)
        for group in groups:
            indexes = self.together.setdefault(group, [])
            if len(indexes) < MOST_TOGETHER:
                indexes.append(len(self.kept))
        self.kept.append(_Kept(line, len(pairs), self.size, len(data)))
        self.size += len(data)
