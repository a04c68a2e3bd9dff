"""Lines that may be part of a record spread over several lines."""

import re
from collections.abc import Callable
from typing import NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import Nesting, decode, nesting
from jsonl_lint.records.formats import RECORD_STARTS

SAYS_SPREAD = frozenset(("pretty-printed-json", "truncated-json", "unescaped-control-character"))
"""Rules whose findings may show that a record is spread over several lines."""

RECORD_START = re.compile(rb'\{[ \t]*"(?:' + b"|".join(key.encode() for key in sorted(RECORD_STARTS)) + rb')"')
"""The beginning of a line that begins a record, and so is no part of another."""

OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")


class Judged(NamedTuple):
    """The result of judging a fragment by itself.

    `alone` is its report if it turns out not to be part of a record spread over lines. `opens` says that its end leaves
    brackets or a string open, so that such a record may start here. The finding of that record is `pretty`, or
    `broken_string` if it is a raw line break inside a string that splits it. Their fixes have an edit if edits are
    wanted.
    """

    opens: bool
    alone: JudgedLines
    pretty: RawFinding | None = None
    broken_string: RawFinding | None = None


class Fragment:
    """A line that may be part of a record spread over several lines. It is judged only on demand.

    Most fragments are inner lines of such a record, and never are.
    """

    __slots__ = ("_judged", "_nesting", "line")

    def __init__(self, line: bytes, judged: Judged | Callable[[], Judged]) -> None:
        self.line = line
        self._judged = judged
        self._nesting: dict[bool, Nesting] = {}

    @property
    def judged(self) -> Judged:
        """The result of judging the line by itself."""
        if callable(self._judged):
            self._judged = self._judged()
        return self._judged

    def nesting(self, *, in_string: bool) -> Nesting:
        """Return how the line changes the nesting, if it starts inside or outside a string."""
        found = self._nesting.get(in_string)
        if found is None:
            found = self._nesting[in_string] = nesting(decode(self.line), in_string=in_string)
        return found

    def follows_whole(self, pending: "list[Fragment]") -> bool:
        """Whether it begins a value and the last line before it ends one, so that they cannot be one record."""
        if not pending or self.line[:1] not in OPENING or not (stripped(self.line) in OPENING or self.is_whole):
            return False
        return next((before.ends_value for before in reversed(pending) if not before.line.isspace()), False)

    @property
    def ends_value(self) -> bool:
        """Whether it is the closing bracket of a value that was not indented, or such a value."""
        return stripped(self.line) in _CLOSING or (self.line[:1] in OPENING and self.is_whole)

    @property
    def is_whole(self) -> bool:
        """Whether the line is JSON by itself."""
        return jsonspan.is_json(self.line)

    @property
    def is_record(self) -> bool:
        """Whether the line is a record by itself, and so no part of another, however it is indented."""
        line = self.line.strip()
        if not (line.startswith(b"{") and line.endswith(b"}")):
            return False
        import orjson  # few lines are asked

        try:
            return not RECORD_STARTS.isdisjoint(orjson.loads(line))
        except ValueError:
            return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fragment) and (self.line, self.judged) == (other.line, other.judged)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> "tuple[type[Fragment], tuple[bytes, Judged]]":
        return Fragment, (self.line, self.judged)


def stripped(line: bytes) -> bytes:
    """Return a short line without its ending; b"" for a longer one, which is not a lone bracket and is not copied."""
    return line.rstrip(b"\r\n") if len(line) <= len(b"{\r\n") else b""


def is_spread(finding: RawFinding) -> bool:
    """Whether the finding says that a record is spread over several lines. The findings inside the record follow it."""
    return finding.end_line > finding.line and finding.rule in SAYS_SPREAD
