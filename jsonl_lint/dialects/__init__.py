"""The record formats of other tools: recognised by their keys, and how to convert them."""

from collections.abc import Collection
from functools import lru_cache

from jsonl_lint.dialects.dialect import PARQUET, Dialect
from jsonl_lint.dialects.hints import RECORDS_INSIDE, WEAK_DIALECTS, WRAPPERS
from jsonl_lint.dialects.known import DIALECTS, MESSAGES_AS_TURNS, TURNS_AS_PAIRS, TURNS_AS_TEXTS
from jsonl_lint.dialects.pairs import PAIRS_OF_TEXTS, WITH_CONTEXT

__all__ = [
    "MESSAGES_AS_TURNS",
    "PAIRS_OF_TEXTS",
    "PARQUET",
    "RECORDS_INSIDE",
    "TURNS_AS_PAIRS",
    "TURNS_AS_TEXTS",
    "WITH_CONTEXT",
    "WRAPPERS",
    "Dialect",
    "dialect_of",
]


def dialect_of(keys: Collection[str], *, weak: bool = False) -> Dialect | None:
    """Return the dialect that a record with these root keys resembles most: the one with most keys in common.

    With `weak`, those count as well that are recognised by a single common key.
    """
    # a set goes through what it is intersected with, and a rule may ask about each key of a record with very many
    telling = _TELLING.intersection(keys if len(keys) <= len(_TELLING) else filter(keys.__contains__, _TELLING))
    return _dialect_of(telling, weak)


_TELLING = frozenset().union(*(dialect.keys for dialect in (*DIALECTS, *WEAK_DIALECTS)))


@lru_cache(maxsize=1000)
def _dialect_of(keys: frozenset[str], weak: bool) -> Dialect | None:
    found = [dialect for dialect in DIALECTS if dialect.keys.issubset(keys)]
    if weak and not found:
        found = [dialect for dialect in WEAK_DIALECTS if dialect.keys.issubset(keys)]
    return max(found, key=lambda dialect: len(dialect.keys), default=None)
