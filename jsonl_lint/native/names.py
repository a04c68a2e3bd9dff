"""What the keys of records mean to the C code: a table of names, each with the kinds of values that it may have."""

from __future__ import annotations

from functools import cache
from itertools import chain
from struct import Struct

from jsonl_lint.records.answers import ANSWER_KEYS
from jsonl_lint.records.formats import RECORD_STARTS
from jsonl_lint.records.likeness import QUESTION_LISTS, QUESTION_OBJECT, QUESTION_TEXTS
from jsonl_lint.records.settings import REQUEST_ID, SETTINGS
from jsonl_lint.records.structure import ENUMERATED, HOLDERS, MESSAGE_LISTS, PART_LISTS
from jsonl_lint.records.texts import NO_TEXTS

_NAME = Struct("6B26s")
"""`Name` in `signature.h`."""

NAME_BYTES = _NAME.size

_KINDS = (
    *((1, MESSAGE_LISTS), (2, HOLDERS), (4, ENUMERATED), (8, PART_LISTS), (16, NO_TEXTS), (32, RECORD_STARTS)),
    (64, SETTINGS),
)
_USES = (
    *("content", "value", "parts", "role", "tool_calls", "tool_call_id", "function_call"),
    *("text", "tools", "messages", "contents", REQUEST_ID),
)
"""In the order of the enumeration in `signature.h`."""

_COMMON = ("role", "content", "messages")
"""Keys that come first in the table, because most lines have them."""


@cache
def table_of_names() -> bytes:
    """Return the table, whose rows have `NAME_BYTES` each."""
    kinds = {name for _, kind in _KINDS for name in kind}
    names = dict.fromkeys((*_COMMON, *sorted({*_USES, *QUESTION_TEXTS, *chain(*ANSWER_KEYS.values()), *kinds})))
    return b"".join(
        _NAME.pack(
            len(name),
            sum(bit for bit, kind in _KINDS if name in kind),
            _USES.index(name) + 1 if name in _USES else 0,
            _rank(name, (*QUESTION_LISTS, QUESTION_OBJECT)),
            _rank(name, QUESTION_TEXTS),
            next((_rank(name, pair) for pair in ANSWER_KEYS.values() if name in pair), 0),
            name.encode(),
        )
        for name in names
    )


def _rank(name: str, names: tuple[str, ...]) -> int:
    """Return the place of a name among these, from 1; 0 if it is not there."""
    return names.index(name) + 1 if name in names else 0
