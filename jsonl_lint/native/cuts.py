"""Find where the items of a JSON array end. This is the Python side of `cuts.h`."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from ctypes import PyDLL, Structure, byref, c_size_t, c_uint32, c_uint64
from itertools import pairwise

MOST_ITEMS = 256
"""How many items an array has at most that is split as a whole."""

_MOST_CUTS = 4096
"""How many places one call of the library finds at most."""


class _Brackets(Structure):
    """`Brackets` in `cuts.h`."""

    _fields_ = (
        ("depth", c_uint64),
        ("in_string", c_uint32),
        ("escaped", c_uint32),
        ("closed", c_uint32),
        ("broken", c_uint32),
    )


_Cuts = c_uint32 * MOST_ITEMS


def items(library: PyDLL, array: bytes) -> list[bytes]:
    """Return the items of a JSON array, each as it is spelled; nothing if they are too many or it is empty."""
    room, start = _Cuts(), c_size_t(0)
    found = library.jsonl_lint_cuts(byref(_Brackets()), array, len(array), byref(start), room, MOST_ITEMS)
    cuts = room[:found]
    if found == MOST_ITEMS or start.value < len(array):
        return []
    return [array[before : after - 1].strip() for before, after in pairwise([1, *cuts])]


class CutFinder:
    """Finds the commas of the outermost array, and its end. `closed`: it has ended, unless it is `broken`."""

    def __init__(self, library: PyDLL) -> None:
        self.library = library
        self.open = _Brackets()
        self.room = array("I", bytes(4 * _MOST_CUTS))
        self.room_at, _ = self.room.buffer_info()

    @property
    def closed(self) -> bool:
        """Whether the array has ended."""
        return bool(self.open.closed) and not self.open.broken

    @property
    def broken(self) -> bool:
        """Whether brackets do not match."""
        return bool(self.open.broken)

    def cuts(self, piece: bytes) -> Iterator[int]:
        """Yield the positions in the next piece after these commas and after the closing bracket."""
        start, size = c_size_t(0), len(piece)
        while start.value < size and not self.open.closed:
            found = self.library.jsonl_lint_cuts(byref(self.open), piece, size, byref(start), self.room_at, _MOST_CUTS)
            yield from self.room[:found]
