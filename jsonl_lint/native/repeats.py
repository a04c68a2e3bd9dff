"""Find the lines whose key may occur more than once. This is the Python side of `repeats.h`."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from ctypes import PyDLL, byref, c_uint32, c_uint64, create_string_buffer

BITS_OF_KEY, MOST_BITS = 16, 1 << 26
"""The minimum of bits for each key, with which chance makes at most one key in 16 a suspect; and the maximum of all.

Two sets of `MOST_BITS` take 8 MB each.
"""

_PIECE_KEYS = 1 << 16
"""How many stored numbers one call of the library gets."""


def suspects(library: PyDLL, pieces: Callable[[], Iterable[array[int]]], count: int) -> Iterator[tuple[int, int]]:
    """Yield the number (from 0) and the key of each line whose key is repeated, and of a few others.

    `pieces` is called twice and returns the `count` stored numbers as `RecordKeys.arrays` does.
    """
    bit_count = min(1 << max(6, (BITS_OF_KEY * count).bit_length()), MOST_BITS)
    once, again = create_string_buffer(bit_count // 8), create_string_buffer(bit_count // 8)
    in_run = c_uint32(0)
    for address, size in _at_a_time(pieces()):
        library.jsonl_lint_mark(address, size, once, again, bit_count, byref(in_run))
    del once
    line, in_run = c_uint64(0), c_uint32(0)
    room = array("Q", bytes(2 * 8 * _PIECE_KEYS))
    room_at, _ = room.buffer_info()
    for address, size in _at_a_time(pieces()):
        filled = library.jsonl_lint_marked(address, size, again, bit_count, byref(line), byref(in_run), room_at)
        yield from zip(room[:filled:2], room[1:filled:2], strict=True)


def _at_a_time(pieces: Iterable[array[int]]) -> Iterator[tuple[int, int]]:
    """Yield address and size of pieces that the library can be given."""
    for piece in pieces:
        address, size = piece.buffer_info()
        for start in range(0, size, _PIECE_KEYS):
            yield address + start * piece.itemsize, min(_PIECE_KEYS, size - start)
