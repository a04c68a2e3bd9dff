"""See early that a record has more problems than its rounds of fixes can reach: each round reaches a limited number."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection

from jsonl_lint.engine.judging.texts import readable
from jsonl_lint.fixer.patch import lines_of
from jsonl_lint.jsonspan import MAX_PROBLEMS, JsonSyntaxError, decode
from jsonl_lint.jsonspan.parser import Parser
from jsonl_lint.model import Pointer


class _ProblemCounter(Parser):
    """Reads a text to the end, and counts all its problems by kind instead of keeping the first ones."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.kinds: Counter[str] = Counter()

    def problem(self, kind: str, start: int, end: int, detail: str, tail: Pointer = ()) -> None:
        """Count a problem."""
        self.kinds[kind] += 1


def has_too_many(text: bytes, rounds: int, fixed: Collection[str]) -> bool:
    """Whether a line of the text has more problems than can be fixed in this many rounds.

    False if one of them is of a rule that is not among those `fixed`, since it may hide other problems.
    """
    return any(_count(line, fixed) > rounds * MAX_PROBLEMS for line in lines_of(text))


def _count(line: bytes, fixed: Collection[str]) -> int:
    counter = _ProblemCounter(readable(decode(line.rstrip(b"\r\n"))))
    with contextlib.suppress(JsonSyntaxError):  # what comes before an error has been counted
        counter.document()
    return counter.kinds.total() if counter.kinds.keys() <= set(fixed) else 0
