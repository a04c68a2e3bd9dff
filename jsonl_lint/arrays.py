"""Split a file that is one JSON array into its items, holding only one item at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jsonl_lint.files.source import BATCH_BYTES, MOST_BRACKETS_AND_COMMAS, brackets_and_commas
from jsonl_lint.native import load

if TYPE_CHECKING:
    from jsonl_lint.native.cuts import CutFinder

_IN_STRING = re.compile(rb'["\\]')
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*){0,500}"'
_WHITESPACE = b" \t\r\n"
_A_STRING = re.compile(_STRING, re.DOTALL)
_SHALLOW, _DEEP = (
    re.compile(rb"[^%b]*(?:%b[^%b]*){0,100}" % (stops, _STRING, stops), re.DOTALL)
    for stops in (rb'"\[\]{},', rb'"\[\]{}')
)
"""Match up to the next bracket or, outside of items (`_SHALLOW`), comma, skipping strings.

The number of strings, and of escapes in each, is limited, because each takes memory in the regular expression engine.
"""

_MOST_PARTS = 1 << 13
"""How many parts are held at most: each takes more memory than its bytes."""

_TOO_LARGE = "the item that begins on line {line} is too large"

ONE_CONVERSATION = "its items are the messages of one conversation"
"""Why such an array is not split: its lines would be messages, without the conversation that they belong to."""


class BrokenArrayError(ValueError):
    """The bytes are not one array of items.

    Where it is raised, `{line}` stands for the line on which the last item begins; `items_of` knows it.
    """


class Item(bytes):
    """An item's bytes, from its first to its last character."""


class Gap(bytes):
    """The bytes before, between or after the items: brackets, commas, white space."""


def items_of(pieces: Iterable[bytes], longest: int) -> Iterator[Item | Gap]:
    """Yield a gap, an item, a gap, and so on to a last gap, which together make up the bytes.

    Raises:
        BrokenArrayError: items are not separated by single commas, brackets or strings stay open, text follows the
            array, or an item is longer than `longest` or has too many values.
    """
    splitter = _Splitter(longest)
    try:
        for piece in pieces:
            yield from splitter.parts(piece)
        yield splitter.end()
    except BrokenArrayError as error:
        raise BrokenArrayError(str(error).format(line=splitter.line_of_item())) from None


def in_batches(parts: Iterable[Item | Gap]) -> Iterator[list[Item | Gap]]:
    """Yield the parts in lists of about `BATCH_BYTES`, or of `_MOST_PARTS` that are short."""
    batch: list[Item | Gap] = []
    size = 0
    for part in parts:
        batch.append(part)
        size += len(part)
        if size >= BATCH_BYTES or len(batch) >= _MOST_PARTS:
            yield batch
            batch, size = [], 0
    yield batch


def on_one_line(item: bytes) -> bytes:
    """Return an item as a line, if there are line breaks only between its values."""
    return item.replace(b"\r", b" ").replace(b"\n", b" ")


def is_message(item: bytes) -> bool:
    """Whether an item is not a record but a message, so that the array is one conversation."""
    try:
        value = json.loads(item)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and any([keys <= value.keys() for keys in _OF_MESSAGES])


_OF_MESSAGES = ({"role", "content"}, {"role", "parts"}, {"from", "value"})
"""Sets of root keys that only a message has."""


class _Splitter:
    """Splits the bytes at each comma of the array. `held` are those since the last one, which is on line `line`."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.scanner = _scanner()
        self.held: list[bytes] = []
        self.size = 0
        """The number of bytes in `held`."""
        self.piece, self.start = b"", 0
        """The piece that is being read, and where the part of it begins that is not held yet."""
        self.line = 1
        self.first = True

    def parts(self, piece: bytes) -> Iterator[Item | Gap]:
        """Yield the items that end in the next piece, and the gaps around them."""
        self.piece, self.start = piece, 0
        for end in self.scanner.cuts(piece):
            data = b"".join([*self.held, piece[self.start : end]])
            yield from self.split(data)
            self.line += data.count(b"\n")
            self.held, self.size, self.start, self.first = [], 0, end, False
        if self.scanner.broken:
            raise BrokenArrayError("brackets do not match in the item that begins on line {line}")
        self.held.append(piece[self.start :])
        self.size += len(piece) - self.start
        self.piece = b""
        if self.size > self.longest + len(piece):
            raise BrokenArrayError(_TOO_LARGE)

    def split(self, data: bytes) -> Iterator[Item | Gap]:
        """Split the bytes from one comma of the array to the next into the item and the gaps around it."""
        lead = 0
        if self.first:
            lead = data.find(b"[") + 1
            if data[: lead - 1].strip():
                raise BrokenArrayError("text stands before the array")
        end = len(data) - 1
        core = data[lead:end]
        item = core.strip(_WHITESPACE)
        if not item:
            if not data.endswith(b"]"):
                raise BrokenArrayError("an item is missing on line {line}")
            yield Gap(data)
            return
        if len(item) > self.longest or _has_too_many_values(item):
            raise BrokenArrayError(_TOO_LARGE)
        start = lead + core.find(item)
        yield Gap(data[:start])
        yield Item(item)
        yield Gap(data[start + len(item) :])

    def end(self) -> Gap:
        """Return what follows the array."""
        gap = b"".join(self.held)
        blank = not gap.strip()
        if not self.scanner.closed:
            where = "" if blank else "; its last item begins on line {line}"
            raise BrokenArrayError(f"the array does not end{where}")
        if not blank:
            raise BrokenArrayError("text follows the array on line {line}")
        return Gap(gap)

    def line_of_item(self) -> int:
        """Return the line on which what follows the last comma begins, white space aside."""
        data = b"".join([*self.held, self.piece[self.start :]])
        item = data.lstrip(_WHITESPACE)
        if self.first:
            item = item.removeprefix(b"[").lstrip(_WHITESPACE)
        return self.line + data.count(b"\n", 0, len(data) - len(item))


def _has_too_many_values(item: bytes) -> bool:
    """Whether an item has more values than a line may have. Most items are shorter than that."""
    return len(item) > MOST_BRACKETS_AND_COMMAS < brackets_and_commas(item)


def _scanner() -> CutFinder | _Scanner:
    """Return what finds the commas of the outermost array, and its end."""
    library = load()
    if library is None:
        return _Scanner()
    from jsonl_lint.native.cuts import CutFinder  # slow to import, and few files are arrays

    return CutFinder(library)


class _Scanner:
    """Does what `CutFinder` does, without the C code."""

    def __init__(self) -> None:
        self.depth = 0
        self.in_string = False
        self.escaped = False
        self.closed = self.broken = False

    def cuts(self, piece: bytes) -> Iterator[int]:
        """Yield the positions after these commas and after the closing bracket."""
        position = 0
        if self.escaped and piece:
            self.escaped, position = False, 1
        while not (self.closed or self.broken) and position < len(piece):
            if self.in_string:
                position = self.rest_of_string(piece, position)
                continue
            passed = (_DEEP if self.depth > 1 else _SHALLOW).match(piece, position)
            position = passed.end() if passed else position
            token = piece[position : position + 1]
            if token == b'"':
                whole = _A_STRING.match(piece, position)
                self.in_string = whole is None
                position = whole.end() if whole else position + 1
            elif token:
                position += 1
                if self.bracket(token):
                    yield position

    def rest_of_string(self, piece: bytes, position: int) -> int:
        """Return the position after an open string, or after the piece if the string goes on."""
        match = _IN_STRING.search(piece, position)
        if match is None:
            return len(piece)
        if match.group() == b'"':
            self.in_string = False
            return match.end()
        self.escaped = match.end() == len(piece)
        return match.end() + 1

    def bracket(self, token: bytes) -> bool:
        """Track the nesting; return True at a comma of the outermost array and at its end."""
        if token in b"[{":
            self.depth += 1
        elif token in b"]}":
            self.depth -= 1
        self.broken = self.depth < 0 or (self.depth == 0 and token != b"]")
        self.closed = self.depth == 0 and not self.broken
        return self.closed or (token == b"," and self.depth == 1)
