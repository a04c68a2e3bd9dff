"""Find the places of values in lines that are JSON. This is the Python side of `places.h`."""

from __future__ import annotations

from ctypes import PyDLL, c_uint32
from struct import Struct

from jsonl_lint.model import Pointer

_STEP = Struct("2I")
_Place = c_uint32 * 3
_MOST_POINTERS, _LONGEST_POINTER = 2_000, 500


class PlaceFinder:
    """Finds places by pointers, of which it remembers the most recent in the form that the library reads."""

    def __init__(self, library: PyDLL) -> None:
        self.find = library.jsonl_lint_place
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


def _encoded(pointer: Pointer) -> bytes:
    steps = []
    for part in pointer:
        if isinstance(part, str):
            name = part.encode("utf-8", "surrogatepass")
            steps.append(_STEP.pack(1, len(name)) + name)
        else:
            steps.append(_STEP.pack(0, part))
    return b"".join(steps)
