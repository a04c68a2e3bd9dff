"""The other side of `repeats.h`: which keys may come again, and which lines have certain keys."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from ctypes import PyDLL, byref, c_uint32, c_uint64, create_string_buffer

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


def lines_with(library: PyDLL, pieces: Iterable[array[int]], wanted: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The number, from 0, and the key of each line that has one of these keys."""
    among = array("Q", sorted(wanted))
    line, in_run = c_uint64(0), c_uint32(0)
    room = array("Q", bytes(2 * 8 * _PIECE_KEYS))
    room_at, _ = room.buffer_info()
    for piece in pieces:
        address, size = piece.buffer_info()
        for start in range(0, size, _PIECE_KEYS):
            count = min(_PIECE_KEYS, size - start)
            state = *among.buffer_info(), byref(line), byref(in_run), room_at
            filled = library.jsonl_lint_lines_with(address + start * piece.itemsize, count, *state)
            yield from zip(room[:filled:2], room[1:filled:2], strict=True)
