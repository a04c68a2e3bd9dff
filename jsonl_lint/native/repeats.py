"""The other side of `repeats.h`: which keys may come again."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from ctypes import PyDLL, byref, c_uint32, create_string_buffer

MOST_AT_ONCE = 8_000_000
"""Keys of one part. Each has 16 to 32 bits, so that one in 30 at most is taken for a repeated one by chance."""

_PIECE_KEYS = 1 << 16


def parts_of(keys: int) -> int:
    """In how many parts so many keys are looked at: a power of two."""
    return 1 << (keys // MOST_AT_ONCE).bit_length()


def suspects(library: PyDLL, pieces: Iterable[array[int]], keys: int, part: int, parts: int) -> set[int]:
    """All keys of the part that come again, and a few others. The pieces are as `RecordKeys.arrays` gives them."""
    bit_count = 1 << max(6, (16 * keys // parts).bit_length())
    bits, in_run = create_string_buffer(bit_count // 8), c_uint32(0)
    room = array("Q", bytes(8 * _PIECE_KEYS))
    room_at, _ = room.buffer_info()
    found: set[int] = set()
    for piece in pieces:
        address, size = piece.buffer_info()
        for start in range(0, size, _PIECE_KEYS):
            count = min(_PIECE_KEYS, size - start)
            state = part, parts, bits, bit_count, byref(in_run), room_at
            found.update(room[: library.jsonl_lint_repeats(address + start * piece.itemsize, count, *state)])
    return found
