"""Parse the tools at the end of a line once, not again for each record.

In most datasets with tools, many lines end with the same definitions. Such a tail, from the last comma before `"tools"`
to the end of the line, is looked up by its bytes. This is safe: if the tail was valid JSON in one line, it is in every
line that ends with it, provided that the rest of the line is an object. For the tail's first quote cannot close a
string, since a bare word follows; so it opens a key. And since the brackets after it are balanced up to the last one,
which closes the record, it is a key of the record itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jsonl_lint.records.lostdigits import may_have_changed

KEY = "tools"
_QUOTED = b'"tools"'
_COMMA = re.compile(rb",[ \t]*\Z")


class CommonTails:
    """The most recent tails, and the values in them. There are few, because every line is compared with each of them.

    The collections are replaced and never changed, because other threads may be reading them.
    """

    MOST = 8

    def __init__(self, parse: Callable[[bytes], Any]) -> None:
        self.parse = parse
        self.values: dict[bytes, Any] = {}
        self.tails: tuple[bytes, ...] = ()
        self.known: dict[int, Any] = {}
        """The values, by their ids."""

    def record(self, line: bytes) -> dict[str, Any] | None:
        """Return the record of a line with a known tail, sharing that tail's value; None if it must be parsed whole.

        Raises:
            ValueError: the line is not JSON, or has a key twice.
        """
        values = self.values
        for tail in values:
            if line.endswith(tail):
                break
        else:
            return None
        found = self.parse(line[: -len(tail)] + b"}")
        if type(found) is not dict or not found or KEY in found:
            return None
        found[KEY] = values[tail]
        return found

    def learn(self, line: bytes, record: dict[str, Any]) -> None:
        """Remember the line's tail, if it ends with tools in which no number can lose digits, and is not known yet."""
        if id(record[KEY]) in self.known:
            return
        start = line.rfind(_QUOTED)
        comma = _COMMA.search(line[max(0, start - 64) : start])
        if comma is None or next(reversed(record)) != KEY:
            return
        tail = comma[0] + line[start:]
        try:
            same = self.parse(b"{" + line[start:]) == {KEY: record[KEY]}
        except (ValueError, RecursionError):  # no JSON by itself, or nested deeper than Python compares
            return
        if same and tail not in self.values and not may_have_changed([record[KEY]], tail):
            kept = dict([*self.values.items(), (tail, record[KEY])][-self.MOST :])
            self.values, self.tails, self.known = kept, tuple(kept), {id(value): value for value in kept.values()}
