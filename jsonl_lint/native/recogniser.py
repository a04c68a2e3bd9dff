"""The Python interface of `skim.c`."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from ctypes import (
    PyDLL,
    Structure,
    addressof,
    byref,
    c_char_p,
    c_size_t,
    c_uint32,
    c_void_p,
    create_string_buffer,
)
from struct import Struct, iter_unpack
from typing import NamedTuple

from jsonl_lint.native.names import NAME_BYTES, table_of_names

IS_NEW, IS_LONG, HAS_TOOLS, HAS_NO_KEY, HAS_ODD_CALLS, HAS_OUTPUTS, HAS_MARK, MAY_HIDE = 1, 2, 4, 8, 16, 32, 64, 128
HAS_SLIPS, MAY_END = 512, 1024
"""Flags of `Entry.why`: the reasons for which Python has to look at a record. `skim.c` explains each."""

SLIPS = {
    "trailing-comma": 1,
    "non-finite-number": 2,
    "duplicate-key": 4,
    "unescaped-control-character": 8,
    "lone-surrogate": 16,
    "invalid-utf8": 32,
    "comment-in-json": 64,
    "single-quoted-json": 128 + 256,
    "truncated-json": 512,
    "several-values-on-one-line": 1024,
    "not-an-object": 2048,
}
"""The slips that can be tolerated (`cursor.h`), by the rules that report them."""

NEEDS_TOOLS, NEEDS_OUTPUTS, NEEDS_A_LOOK = 1, 2, 4
"""Flags of `needs`: what Python has to see of every record of a structure. `skim.c` explains each."""

LONGEST_LINE = 2**32 - 1
"""Places are numbers of 32 bits."""

_ENTRY = Struct("18I")
_PLACED_FORMAT = "4I"
_PLACED_BYTES, KEY_BYTES, _SHORTEST_LINE = 16, 8, len(b'{"":1}\n')
_MOST_ENTRIES, _MOST_CALLS, _MOST_SLIPS, _MOST_SIGNED = 8192, 16_384, 16_384, 1 << 18
_CODE_UNITS = 1 << 16


class Entry(NamedTuple):
    """Consecutive lines of one group that are passed over (`why` is 0), or one record that Python has to look at.

    `start`, `end` and the places of the tools are bytes of the data. Those of the signature, the calls, the texts and
    the slips are positions in the fields of `Found`.
    """

    start: int
    end: int
    lines: int
    last_bytes: int
    group: int
    why: int
    signature: int
    signature_end: int
    tools: int
    tools_end: int
    calls: int
    calls_end: int
    texts: int
    texts_end: int
    most_tokens: int
    profile: int
    slips: int
    slips_end: int


class PlacedSlip(NamedTuple):
    """A slip: its kind, one of the numbers in `SLIPS`, and its place in bytes of the line.

    It is the place of a comma, a word, a key with its quotes, or a comment. For slips of characters in a string, it
    ends at the closing quote. `before` is where a repeated key was before.
    """

    kind: int
    start: int
    end: int
    before: int


class Found(NamedTuple):
    """What was recognised: entries in order, and the key of each of their lines, eight bytes each.

    The rest belongs to entries at which Python has to look. A call is the places of its tool's name and its arguments,
    four numbers. Of a line that may be too long, `texts` has the texts of its messages as a JSON array; nothing if they
    are many, or the last message has more than one text. If the line has tools or no `texts`, `Entry.most_tokens` is
    what `line_with_tools_at_most` returns.
    """

    entries: Iterator[Entry]
    keys: bytes
    calls: list[tuple[int, ...]]
    slips: list[PlacedSlip]
    signatures: bytes
    texts: bytes

    def signature_of(self, entry: Entry) -> bytes:
        """Return the encoded structure of an entry's record; nothing if it is too long."""
        return self.signatures[entry.signature : entry.profile]

    def profile_of(self, entry: Entry) -> bytes:
        """Return the same with the profile of its messages in their place; nothing if they have none."""
        return self.signatures[entry.profile : entry.signature_end]

    def calls_of(self, entry: Entry) -> list[tuple[int, ...]]:
        """Return the places of its calls."""
        return self.calls[entry.calls : entry.calls_end]

    def slips_of(self, entry: Entry) -> list[PlacedSlip]:
        """Return its slips, in the order in which a parser meets them."""
        return self.slips[entry.slips : entry.slips_end]

    def texts_of(self, entry: Entry) -> bytes:
        """Return its texts as a JSON array, or nothing."""
        return self.texts[entry.texts : entry.texts_end]


class _Wanted(Structure):
    """`Wanted` in `skim.c`."""

    _fields_ = (
        ("hidden", c_char_p),
        ("endings", c_char_p),
        ("endings_size", c_size_t),
        ("marks", c_void_p),
        ("marks_end", c_void_p),
        ("all_marks", c_void_p),
        ("all_marks_end", c_void_p),
        ("asks", c_uint32),
        ("loops", c_uint32),
        ("keys", c_uint32),
        ("tolerated", c_uint32),
        ("profiles", c_uint32),
    )


class _Found(Structure):
    """`Found` in `skim.c`."""

    _fields_ = (
        ("entry_room", c_size_t),
        ("call_room", c_size_t),
        ("slip_room", c_size_t),
        ("signature_room", c_size_t),
        ("key_room", c_size_t),
        ("entries", c_void_p),
        ("keys", c_void_p),
        ("calls", c_void_p),
        ("slips", c_void_p),
        ("signatures", c_void_p),
        ("texts", c_void_p),
        ("entry_count", c_size_t),
        ("key_count", c_size_t),
        ("call_count", c_size_t),
        ("slip_count", c_size_t),
        ("signature_bytes", c_size_t),
        ("text_bytes", c_size_t),
    )


class Recogniser:
    """Recognises records of the structures that it has learned, in one stream of lines."""

    def __init__(self, library: PyDLL, hidden: Iterable[int], endings: Iterable[bytes], *, loops: bool) -> None:
        units = bytearray(_CODE_UNITS // 8)
        for unit in hidden:
            units[unit >> 3] |= 1 << (unit & 7)
        spelled = b"".join(bytes([len(ending)]) + ending for ending in endings)
        self.library = library
        self.names = table_of_names()
        self.wanted = _Wanted(hidden=bytes(units), endings=spelled, endings_size=len(spelled), loops=loops)
        self.entries = create_string_buffer(_ENTRY.size * _MOST_ENTRIES)
        self.calls = create_string_buffer(_PLACED_BYTES * _MOST_CALLS)
        self.slips = create_string_buffer(_PLACED_BYTES * _MOST_SLIPS)
        self.signatures = create_string_buffer(_MOST_SIGNED)
        self.keys = create_string_buffer(KEY_BYTES)
        self.texts = create_string_buffer(0)
        self.profiles = False
        """Whether the recogniser looks for profiles, too."""
        self.tolerated = 0
        """The slips with which records are recognised nevertheless."""
        self.found = _Found(_MOST_ENTRIES, _MOST_CALLS, _MOST_SLIPS, _MOST_SIGNED)
        self.found.entries, self.found.calls = addressof(self.entries), addressof(self.calls)
        self.found.slips, self.found.signatures = addressof(self.slips), addressof(self.signatures)
        self.forget()

    def forget(self) -> None:
        """Forget all structures."""
        self.known = create_string_buffer(self.library.jsonl_lint_structures_size())

    def learn(self, signature: bytes, group: int, most_bytes: int, needs: int = 0) -> bool:
        """Learn a structure, whose records belong to this group (0: they go the usual way); False if there is no room.

        Python has to look at records with more than `most_bytes`, and at all of them if `needs` says so.
        """
        most_bytes = max(0, min(most_bytes, LONGEST_LINE))
        learned = self.library.jsonl_lint_learn(self.known, signature, len(signature), group, most_bytes, needs)
        return bool(learned)

    def skim(
        self,
        data: bytes,
        most_bytes: int,
        marks: list[int],
        all_marks: list[int] | None = None,
        *,
        crlf: bool = False,
        texts: bool = True,
        keys: bool = True,
    ) -> Found:
        """Recognise records in lines of at most `most_bytes` that end in LF, or with `crlf` in CRLF.

        Python has to look at lines with one of the `marks`, which are places in the data, in order; for lines with
        slips `all_marks` count instead, if they are others. `texts`: escapes and endings of texts matter; `keys`: the
        keys of records do.
        """
        wanted, found = self.wanted, self.found
        places, all_places = array("I", marks), array("I", marks if all_marks is None else all_marks)
        wanted.marks, wanted.marks_end = _ends_of(places)
        wanted.all_marks, wanted.all_marks_end = _ends_of(all_places)
        wanted.asks, wanted.keys, wanted.tolerated = texts, keys, self.tolerated
        wanted.profiles = self.profiles
        room = KEY_BYTES * (len(data) // _SHORTEST_LINE + 1)
        if len(self.keys) < room:
            self.keys = create_string_buffer(room)
        if len(self.texts) < len(data):
            self.texts = create_string_buffer(len(data))
        found.key_room = len(self.keys) // KEY_BYTES
        found.keys, found.texts = addressof(self.keys), addressof(self.texts)
        names = self.names, len(self.names) // NAME_BYTES
        self.library.jsonl_lint_skim(data, len(data), most_bytes, crlf, *names, byref(wanted), self.known, byref(found))
        return Found(
            map(Entry._make, _ENTRY.iter_unpack(memoryview(self.entries)[: _ENTRY.size * found.entry_count])),
            bytes(memoryview(self.keys)[: KEY_BYTES * found.key_count]),
            list(iter_unpack(_PLACED_FORMAT, memoryview(self.calls)[: _PLACED_BYTES * found.call_count])),
            [
                PlacedSlip(*slip)
                for slip in iter_unpack(_PLACED_FORMAT, memoryview(self.slips)[: _PLACED_BYTES * found.slip_count])
            ],
            bytes(memoryview(self.signatures)[: found.signature_bytes]),
            bytes(memoryview(self.texts)[: found.text_bytes]),
        )


def _ends_of(places: array[int]) -> tuple[int, int]:
    """Return the addresses of the first number and of what is behind the last one."""
    start, count = places.buffer_info()
    return start, start + count * places.itemsize
