"""Find pretty-printed records whose lines are all in one batch, so that these need not be held one by one."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from jsonl_lint.engine.partial import may_be_held
from jsonl_lint.engine.skimming import length_limit
from jsonl_lint.engine.skimming.clearance import Clearance
from jsonl_lint.jsonspan import is_json
from jsonl_lint.plans.plan import Plan

_FIRST_LINE = re.compile(rb"^\{\r?\n", re.MULTILINE)
_OTHER_STARTS = (b"\n{", b"\n[", b"\n\xef")
"""How an inner line begins that may begin another record."""


_MOST_RECORDS = 1 << 13
"""How many are looked for in a batch: very short ones would take more memory than its bytes."""


class PrettyRecord(NamedTuple):
    """A record: where it ends, and whether what is inside is certainly clean."""

    end: int
    clean: bool


class PrettySearch:
    """Finds the pretty-printed records in the lines of one file, batch by batch."""

    def __init__(self, plan: Plan, file_format: str | None) -> None:
        self.longest = length_limit(plan)
        self.clearance = Clearance(plan.alone, file_format)
        self.searched = b""
        self.found: dict[int, PrettyRecord] = {}
        """The records in the batch that was `searched` last, by where they begin."""

    def record_at(self, start: int, data: bytes) -> PrettyRecord | None:
        """Return the record that begins there in a batch; None if there is none that is JSON and ends in the batch."""
        if self.searched is not data:
            self.searched, self.found = data, pretty_records(data, self.longest, self.clearance)
        return self.found.get(start)


def pretty_records(data: bytes, longest: int, clearance: Clearance) -> dict[int, PrettyRecord]:
    """Return the pretty-printed records in a batch of lines, as `json.dumps` indents them, by where they begin.

    Only those are found that would be taken for one record if their lines came one by one, and that are JSON, and
    shorter than `longest`.
    """
    found = islice(_places(data), _MOST_RECORDS)
    places = [place for place in found if _is_record(data[slice(*place)], longest)]
    clean = clearance.cleared([data[start:end] for start, end in places])
    return {start: PrettyRecord(end, index in clean) for index, (start, end) in enumerate(places)}


def _places(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where records may begin and end. What is looked at for one is not looked at for another."""
    closing = data.find(b"\n}")
    for first in _FIRST_LINE.finditer(data):
        start = first.start()
        if 0 <= closing < start:
            closing = data.find(b"\n}", start)
        if closing < 0:
            return
        end = data.find(b"\n", closing + 1) + 1
        ends = data[closing:end] in (b"\n}\n", b"\n}\r\n")
        if ends and not any([data.find(begin, start, closing) >= 0 for begin in _OTHER_STARTS]):
            yield start, end


def _is_record(data: bytes, longest: int) -> bool:
    return len(data) < longest and may_be_held(data.count(b"\n"), len(data)) and is_json(data)
