"""How a finding is repaired: verbs that change places in the record, without any bytes.

`splice` turns them into the smallest possible edits of the line. Values are JSON text, so that a rule decides how they
are spelled; `as_json` converts a Python value.
"""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from jsonl_lint.model import Pointer
from jsonl_lint.wording import unguarded

MOST_PLACES = 100_000
"""How many places one repair may change. A hostile line has millions, whose edits would fill the memory."""

_Place = TypeVar("_Place")


class Replace(NamedTuple):
    """Replace the value at `pointer`."""

    pointer: Pointer
    value: str


class Delete(NamedTuple):
    """Delete the member or item at `pointer`, with its comma."""

    pointer: Pointer


class Insert(NamedTuple):
    """Insert a member with the key `at`, or an item before the index `at`, into the `container`.

    A member is inserted at the end, or with `first` in front; the array's length as index means its end.
    """

    container: Pointer
    at: str | int
    value: str
    first: bool = False


class Rename(NamedTuple):
    """Rename the key of the member at `pointer`."""

    pointer: Pointer
    key: str


class Move(NamedTuple):
    """Move the value at `pointer`, byte for byte, into `container`, as with `Insert`."""

    pointer: Pointer
    container: Pointer
    at: str | int


class Wrap(NamedTuple):
    """Put JSON text around the value at `pointer`, which stays as it is: `[` and `]` make it an array."""

    pointer: Pointer
    before: str
    after: str


class Join(NamedTuple):
    """Append `separator` and the string at `source` to the string at `pointer`, keeping escapes as they are."""

    pointer: Pointer
    source: Pointer
    separator: str


class Piece(NamedTuple):
    """Replacement text for the code points `start:end` of a decoded string."""

    start: int
    end: int
    text: str


class EditText(NamedTuple):
    """Replace pieces of the string at `pointer`, in order; the rest of it keeps its spelling."""

    pointer: Pointer
    pieces: tuple[Piece, ...]


class Quote(NamedTuple):
    """Turn the value at `pointer` into a string with its JSON, character for character."""

    pointer: Pointer


class Unquote(NamedTuple):
    """Turn the string at `pointer` into the JSON value that it contains."""

    pointer: Pointer


class Substitute(NamedTuple):
    """Replace the code points `start:end` of the line, for defects that have no place in a record."""

    start: int
    end: int
    text: str


class BreakLine(NamedTuple):
    """Replace the code points `start:end` by a line ending, so that the rest becomes a record of its own."""

    start: int
    end: int


class CopyRecord(NamedTuple):
    """Insert a copy of the record, changed by these verbs, on a line before it."""

    verbs: tuple["Verb", ...]


class DropRecord(NamedTuple):
    """Delete the record with its line."""


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
    """The repair of one finding: a title in the imperative, and verbs that are applied all or not at all."""

    title: str
    verbs: tuple[Verb, ...]


def repair(title: str, *verbs: Verb) -> Repair:
    """Return a `Repair` with these verbs."""
    return Repair(unguarded(title), verbs)


def few(found: Iterable[_Place]) -> tuple[_Place, ...]:
    """Return all of these places, or none if there are more than one repair may change."""
    places = tuple(islice(found, MOST_PLACES + 1))
    return places if len(places) <= MOST_PLACES else ()


def as_json(value: Any) -> str:
    """Return the value as JSON text on one line, with non-ASCII characters unescaped."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False)
"""Made once: `json.dumps` makes one at each call with other options, which takes longer than encoding a short text."""
