"""The one part that is not Python: `skim.c`, compiled when the package is built where there is a C compiler.

Without it everything is the same, but slower. It is a plain shared library that knows nothing of Python's own
interface, so one file serves every version of Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from struct import Struct

LIBRARY = Path(__file__).with_name("skim.library")
"""Not called `.so`: that would be taken for a module."""

HIDES, MAY_END, CRLF, WIDE, UNITS = 1, 2, 4, 8, 16
"""Flags of a line; `skim.c` says what each means."""

TAIL = 192
"""Bytes that there are in `tails` for each line."""

_LINE = Struct("10I")
_SHORTEST_MESSAGE = 28
_CODE_UNITS = 1 << 16


class Recogniser:
    """Finds plain conversations in lines.

    Of each line it tells the ten numbers of `Line` in `skim.c`, in its order; and for all of them together the codes of
    roles and the tails that these speak of.
    """

    def __init__(
        self, function: Callable[..., int], hidden: Iterable[int], endings: Iterable[bytes], loops: bool
    ) -> None:
        units = bytearray(_CODE_UNITS // 8)
        for unit in hidden:
            units[unit >> 3] |= 1 << (unit & 7)
        spelled = b"".join(bytes([len(ending)]) + ending for ending in endings)
        self.function = function
        self.wanted = bytes(units), spelled, len(spelled), loops

    def __call__(self, data: bytes, most_bytes: int) -> tuple[Iterator[tuple[int, ...]], bytes, bytes]:
        """What is recognised in `data`, of lines of at most so many bytes."""
        from ctypes import byref, c_char

        room = data.count(b"\n")
        lines = bytearray(_LINE.size * room)
        codes = bytearray(len(data) // _SHORTEST_MESSAGE)
        tails = bytearray(TAIL * room)
        if not (room and codes):
            return iter(()), b"", b""
        starts = [byref(c_char.from_buffer(buffer)) for buffer in (lines, codes, tails)]
        count = self.function(data, len(data), most_bytes, *self.wanted, room, *starts)
        return _LINE.iter_unpack(memoryview(lines)[: _LINE.size * count]), bytes(codes), bytes(tails)


@cache
def load() -> Callable[..., int] | None:
    """The compiled function; None where it was not compiled."""
    if not LIBRARY.exists():
        return None
    import ctypes

    try:
        function = ctypes.CDLL(str(LIBRARY)).jsonl_lint_skim
    except (OSError, AttributeError):  # compiled for another kind of machine, or from another source
        return None
    text, size, room = ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_char)
    function.argtypes = text, size, size, text, text, size, ctypes.c_int, size, room, room, room
    function.restype = size
    found: Callable[..., int] = function
    return found
