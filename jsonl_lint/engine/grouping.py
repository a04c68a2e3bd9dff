"""Find out which of the lines that are held make up a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jsonl_lint.engine.fragments import OPENING, Fragment, stripped


def records_in(pending: list[Fragment], *, may_go_on: bool) -> Iterator[tuple[list[Fragment], bool]]:
    """Yield the lines of each record, and whether they are all of it; a line that is none may stand alone.

    `may_go_on`: the lines that follow are not known, so a record that seems to be cut off at the end may not be.
    """
    ends = _closing_lines(pending) if len(pending) > 1 else [0]
    index = 0
    while index < len(pending):
        last = index
        if pending[index].judged.opens:
            last = ends[index] or _last_indented(pending, index)
            if may_go_on and not ends[index] and last == len(pending) - 1:
                last = index
        yield pending[index : last + 1], bool(ends[index])
        index = last + 1


def _last_indented(pending: list[Fragment], start: int) -> int:
    """Return the last of the lines that are indented below the line `start`, or of the bracket that follows them.

    Blank lines alone are none of its lines, and neither is what follows a whole record.
    """
    is_indented = False
    for index in range(start + 1, len(pending)):
        line = pending[index].line
        if line[:1] in (b"}", b"]"):
            return index
        if line[:1] not in (b" ", b"\t") or pending[index].is_record:
            return index - 1 if is_indented else start
        is_indented = is_indented or not line.isspace()
    return len(pending) - 1 if is_indented else start


def next_start(pending: list[Fragment]) -> int:
    """Return the last line that seems to begin another record after one that is cut off inside a string, or 0.

    Read on from that string, all texts of the next record would count as its structure, and its structure as texts.
    """
    cut = next((at for at, line in enumerate(pending) if line.nesting(in_string=False).in_string), len(pending))
    for index in range(len(pending) - 1, cut, -1):
        if pending[index].is_record or _seems_to_begin(pending, index):
            return index
    return 0


def _seems_to_begin(pending: list[Fragment], index: int) -> bool:
    """Whether a pretty-printed record seems to begin on a line: it is a lone bracket, and the next one is indented.

    The next one begins like a key, a text or a container, as a text of several lines cannot.
    """
    if index + 1 == len(pending) or stripped(pending[index].line) not in OPENING:
        return False
    following = pending[index + 1].line
    return following[:1] in (b" ", b"\t") and following.lstrip()[:1] in (b'"', *OPENING)


def _closing_lines(pending: list[Fragment]) -> list[int]:
    """Return for each line the line after which a value that begins there is complete, or 0. Linear time.

    If a value is never complete with its strings read on over line ends, it is read as if no string went on there.
    """
    seeming = _closed(pending, read_on=False)
    if not any([fragment.nesting(in_string=False).in_string for fragment in pending]):
        return seeming
    return [read or seen for read, seen in zip(_closed(pending, read_on=True), seeming, strict=True)]


class _Place(NamedTuple):
    """The beginning of a line, if it is read outside or inside a string."""

    line: int
    depth: tuple[int, bool]
    """How deep it is nested, from the end of all lines; and deeper inside a string, where no value is complete."""
    lower: _Place | None = None
    """The next place that is less deep."""


def _closed(pending: list[Fragment], *, read_on: bool) -> list[int]:
    """Return for each line the line after which a value is complete, reading strings on over line ends, or not.

    A value begins outside a string, but the lines after it may begin inside one. So there are two places for each line,
    from each of which it leads to one of the next two.
    """
    closed = [0] * len(pending)
    following = [_Place(len(pending), (0, False)), _Place(len(pending), (0, True))]
    for index in reversed(range(len(pending))):
        places = []
        for in_string in (False, True) if read_on else (False,):
            if in_string and _seems_to_begin(pending, index):
                places.append(_Place(index, (0, True)))
                continue
            effect = pending[index].nesting(in_string=in_string)
            after = following[read_on and effect.in_string]
            depth = after.depth[0] - effect.change, in_string
            found: _Place | None = after
            while found and found.depth > depth:
                found = found.lower
            if found and found.depth == depth:
                if not in_string:
                    closed[index] = found.line - 1
                found = found.lower
            places.append(_Place(index, depth, found))
        following = places
    return closed
