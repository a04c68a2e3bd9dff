"""Find the places of values in lines that are JSON. This is the Python side of `places.h`."""

from __future__ import annotations

from ctypes import PyDLL, c_char, c_uint32
from struct import Struct

from jsonl_lint.model import Pointer

_STEP = Struct("2I")
_AROUND = Struct("4I")
_Place = c_uint32 * 3
_MOST_AROUND = 64
_Around = c_char * (_AROUND.size * _MOST_AROUND)
_MOST_POINTERS, _LONGEST_POINTER = 2_000, 500


class PlaceFinder:
    """Finds places by pointers, of which it remembers the most recent in the form that the library reads."""

    def __init__(self, library: PyDLL) -> None:
        self.find = library.jsonl_lint_place
        self.find_around = library.jsonl_lint_around
        self.steps: dict[Pointer, bytes] = {}

    def place(self, line: bytes, pointer: Pointer, *, key: bool) -> tuple[int, int, int] | None:
        """Return start and end of the value in code points, and its start in bytes; None if they cannot be told here.

        A value that does not exist has the place of its closest existing parent, and with `key` it is that of the
        member's key, as for `jsonspan.locate`. The line must be one that a fast parser accepts, without repeated keys.
        """
        steps = self.steps.get(pointer)
        if steps is None:
            steps = _encoded(pointer)
            if len(self.steps) == _MOST_POINTERS:
                self.steps.clear()
            if len(steps) <= _LONGEST_POINTER:
                self.steps[pointer] = steps
        room = _Place()  # one for each call, since threads share this
        if not self.find(line, len(line), steps, len(steps), key, room):
            return None
        start, end, byte_start = room
        return start, end, byte_start

    def around(self, line: bytes, offset: int) -> Pointer | None:
        """Return the pointer to the value at a byte of a line; None if too many containers are around it.

        At a comma it is the value before it, and at a key the member before, which is `""` for the first one. The line
        needs no more than the brackets and strings of JSON, and keys without escapes.
        """
        room = _Around()
        count = self.find_around(line, len(line), offset, room)
        if count == _MOST_AROUND:
            return None
        steps = _AROUND.iter_unpack(memoryview(room)[: _AROUND.size * count])
        return tuple([line[key:key_end].decode() if is_object else index for is_object, key, key_end, index in steps])


def _encoded(pointer: Pointer) -> bytes:
    steps = []
    for part in pointer:
        if isinstance(part, str):
            name = part.encode("utf-8", "surrogatepass")
            steps.append(_STEP.pack(1, len(name)) + name)
        else:
            steps.append(_STEP.pack(0, part))
    return b"".join(steps)
