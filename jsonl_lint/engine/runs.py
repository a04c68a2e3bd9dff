"""Runs of consecutive lines that the skim recognised, and how their records are counted."""

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
    """How each record of some structures is treated.

    Either the findings of each record are only counted, by rule and severity (`counts`), with their fixes; or the
    sketches in `made` are made into findings.
    """

    counts: tuple[tuple[str, Severity], ...] = ()
    safe_fixes: int = 0
    unsafe_fixes: int = 0
    failed: bool = False
    made: tuple[Sketch, ...] = ()
    keyed: Verdict | None = None
    """The verdict, if the keys by which each record is compared with others have to be noted."""
    settles: bool = False
    """Whether such a record is never part of another, so that it settles what was open before it."""

    @property
    def is_clean(self) -> bool:
        """Whether its records have no finding, and nothing about them has to be noted."""
        return not (self.counts or self.made or self.keyed)


@dataclass(slots=True)
class Run:
    """Consecutive lines of one group: where they begin and end, their number, and the length of the last one.

    `keys` are the record keys, eight bytes each.
    """

    start: int
    end: int
    lines: int
    last_line_bytes: int
    keys: bytearray
    group: Group

    def grow(self, end: int, lines: int, last_line_bytes: int, keys: bytes) -> None:
        """Add more lines of the group."""
        self.end, self.last_line_bytes = end, last_line_bytes
        self.lines += lines
        self.keys += keys

    def records(self, data: bytes) -> Iterator[tuple[bytes, Any]]:
        """Yield the lines and their records."""
        for line in BytesIO(data[self.start : self.end]):
            yield line, loads(line)
