"""Find pretty-printed records whose lines are all in one batch, so that these need not be held one by one."""

from __future__ import annotations

from jsonl_lint.engine.partial import may_be_held

FIRST_LINES = (b"{\n", b"{\r\n")
_INNER_STARTS = (b"\n{", b"\n[", b"\n\xef")
"""How an inner line begins that may begin another record."""


class PrettyRecords:
    """The pretty-printed records in a batch of lines, as `json.dumps` with an indentation writes them.

    Only those are found that would be taken for one record if their lines came one by one, and that are JSON.
    """

    def __init__(self, data: bytes, longest: int) -> None:
        self.data = data
        self.longest = longest
        self.closing: int | None = None
        """The line break before the next closing bracket that is not indented, -1 if there is none; once known."""

    def end(self, start: int) -> int:
        """Return where the record ends that begins with one of the `FIRST_LINES` there; 0 if that is not certain."""
        data = self.data
        if self.closing is None or 0 <= self.closing < start:
            self.closing = data.find(b"\n}", start)
        if self.closing < 0:
            return 0
        end = data.find(b"\n", self.closing + 1) + 1
        size = end - start
        if size >= self.longest or data[self.closing + len(b"\n}") : end] not in (b"\n", b"\r\n"):
            return 0
        import orjson  # not imported at all for a small clean file

        record = data[start:end]
        try:
            orjson.loads(record)
        except ValueError:
            return 0
        held = may_be_held(record.count(b"\n"), size)
        return end if held and not any([begin in record for begin in _INNER_STARTS]) else 0
