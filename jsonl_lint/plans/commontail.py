"""Tools that many lines end with: parsed once, not again for each record.

In most datasets whose records have tools, these are the same few, and stand last. What follows the last comma of such a
line, from the key on, is known by its bytes: if it was valid JSON in one line, it is in every line that ends with it
and is an object up to there. For its first quote cannot close a string, as no bare word may follow; so it opens a key;
and since the brackets after it are balanced up to the last, which closes the record, it is a key of the record itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jsonl_lint.structure import may_have_changed

KEY = "tools"
_QUOTED = b'"tools"'
_COMMA = re.compile(rb",[ \t]*\Z")


class CommonTails:
    """The tails seen last, and the values in them: a few, as each is compared with every line.

    What is known is replaced and never changed: other threads may be looking at it.
    """

    MOST = 8

    def __init__(self, parse: Callable[[bytes], Any]) -> None:
        self.parse = parse
        self.values: dict[bytes, Any] = {}
        self.tails: tuple[bytes, ...] = ()
        self.known: dict[int, Any] = {}
        """The values by their identity."""

    def record(self, line: bytes) -> dict[str, Any] | None:
        """The record of a line with one of the tails, whose value it shares; None if it has to be parsed whole.

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
        """Remember how the line ends, if that is with tools in which no number can lose digits."""
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
