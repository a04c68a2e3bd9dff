"""Lines that are passed over one after the other, and what becomes of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint.model import Severity
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.rule import Sketch


class Group(NamedTuple):
    """What becomes of each record of some structures: findings by rule and severity, and fixes, are counted.

    Or, with `made`, these sketches are made into findings, and nothing is counted here.
    """

    counts: tuple[tuple[str, Severity], ...] = ()
    safe_fixes: int = 0
    unsafe_fixes: int = 0
    failed: bool = False
    made: tuple[Sketch, ...] = ()
    keyed: Verdict | None = None
    """The verdict, if the keys of each record have to be noted by which it is compared with others."""
    settles: bool = False
    """Whether such a record stands in no other, so it ends what was open before it."""


@dataclass(slots=True)
class Run:
    """Lines of one group one after the other: where they begin and end, how many they are, the length of the last.

    `keys` are those of their records, eight bytes each.
    """

    start: int
    end: int
    lines: int
    last_line_bytes: int
    keys: bytearray
    group: Group

    def grow(self, end: int, lines: int, last_line_bytes: int, keys: bytes) -> None:
        """More lines of the group follow."""
        self.end, self.last_line_bytes = end, last_line_bytes
        self.lines += lines
        self.keys += keys

    def records(self, data: bytes) -> Iterator[tuple[bytes, Any]]:
        """The lines and their records."""
        for line in BytesIO(data[self.start : self.end]):
            yield line, loads(line)
