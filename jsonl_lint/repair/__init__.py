"""How a finding is repaired. What a rule says is here: small verbs about places in the record, and no bytes.

`splice` turns them into the smallest edits of the line. Values are JSON texts, so that a rule decides how they are
spelled; `as_json` spells a Python value.
"""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from jsonl_lint.model import Pointer, unguarded

MOST_PLACES = 100_000
"""Places that one repair may change. A hostile line has millions, and edits of all of them would fill the memory."""

_Place = TypeVar("_Place")


class Replace(NamedTuple):
    """Another value at `pointer`."""

    pointer: Pointer
    value: str


class Delete(NamedTuple):
    """The member or item at `pointer` goes, with its comma."""

    pointer: Pointer


class Insert(NamedTuple):
    """A new member `at` a key, or a new item before index `at`, of the object or array at `container`.

    A member comes last, or with `first` in front; the array's length as index means its end.
    """

    container: Pointer
    at: str | int
    value: str
    first: bool = False


class Rename(NamedTuple):
    """Another key for the member at `pointer`."""

    pointer: Pointer
    key: str


class Move(NamedTuple):
    """The value at `pointer`, byte for byte, becomes a member or item of `container`, as with `Insert`."""

    pointer: Pointer
    container: Pointer
    at: str | int


class Wrap(NamedTuple):
    """JSON text around the value at `pointer`, which stays as it is: `[` and `]` make it an array."""

    pointer: Pointer
    before: str
    after: str


class Join(NamedTuple):
    """The string at `pointer` goes on with `separator` and the string at `source`, escapes and all."""

    pointer: Pointer
    source: Pointer
    separator: str


class Piece(NamedTuple):
    """Other text for the code points `start:end` of a string, as they are counted once it is decoded."""

    start: int
    end: int
    text: str


class EditText(NamedTuple):
    """Pieces of the string at `pointer`, in order; everything else in it keeps its spelling."""

    pointer: Pointer
    pieces: tuple[Piece, ...]


class Quote(NamedTuple):
    """The value at `pointer` becomes a string that holds its JSON, digit for digit."""

    pointer: Pointer


class Unquote(NamedTuple):
    """The string at `pointer` becomes the JSON value that it holds."""

    pointer: Pointer


class Substitute(NamedTuple):
    """Other text for the code points `start:end` of the line: for what has no place in a record."""

    start: int
    end: int
    text: str


class BreakLine(NamedTuple):
    """A line end instead of the code points `start:end`: what follows is a record of its own."""

    start: int
    end: int


class CopyRecord(NamedTuple):
    """A copy of the record, changed by these verbs, on a line of its own before it."""

    verbs: tuple["Verb", ...]


class DropRecord(NamedTuple):
    """The record goes, with its line."""


Verb = (
    Replace
    | Delete
    | Insert
    | Rename
    | Move
    | Wrap
    | Join
    | EditText
    | Quote
    | Unquote
    | Substitute
    | BreakLine
    | CopyRecord
    | DropRecord
)


class Repair(NamedTuple):
    """How one finding is repaired: a title in the imperative, and verbs that are applied all or not at all."""

    title: str
    verbs: tuple[Verb, ...]


def repair(title: str, *verbs: Verb) -> Repair:
    """A `Repair` of these verbs."""
    return Repair(unguarded(title), verbs)


def few(found: Iterable[_Place]) -> tuple[_Place, ...]:
    """All of these places; none at all if they are more than one repair may have."""
    places = tuple(islice(found, MOST_PLACES + 1))
    return places if len(places) <= MOST_PLACES else ()


def as_json(value: Any) -> str:
    """The value as JSON text, on one line, characters as they are."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False)
"""`json.dumps` makes one at each call that wants anything but its defaults, which takes longer than a short text."""
