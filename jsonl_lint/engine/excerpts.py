"""Excerpts of a line around a finding, clipped and masked, for reports that show the place."""

from __future__ import annotations

from jsonl_lint.jsonspan import encode
from jsonl_lint.model import Context
from jsonl_lint.wording import masked, printable

MOST_BEFORE = 24
MOST_SHOWN = 96
"""Characters of an excerpt: before the place, and in total."""

MOST_MEASURED = 1_000
"""For a longer place, `byte_end` is None: encoding many long places of one record would be slow."""

_MARGIN = 64

_LONGEST_SECRET = 4_096
"""An excerpt from inside a text may begin in a key; it is masked if no more of it than this comes before."""


def context_of(
    text: str,
    start: int,
    end: int,
    byte_start: int,
    line_bytes: int,
    *,
    sensitive: bool,
    within: tuple[int, int] | None = None,
) -> Context:
    """Return the excerpt around code points `start:end` of a line, or around those of its code points `within` them.

    `byte_start` and `line_bytes` are the start of the place and the length of the line in bytes. A sensitive place is
    masked, and so is anything that looks like a key or token, because a secret may be next to any finding.
    """
    byte_end = None
    if 0 <= end - start <= MOST_MEASURED:
        place = text[start:end]
        byte_end = byte_start + (len(place) if place.isascii() else len(encode(place)))
    if within is not None:
        start, end = within
    begin = start - MOST_BEFORE if start > MOST_BEFORE else 0
    finish = min(begin + MOST_SHOWN, len(text))
    stop = min(max(end, start), finish)
    low = max(begin - (_MARGIN if within is None else _LONGEST_SECRET), 0)
    window = masked(text[low : finish + _MARGIN])
    if sensitive or not window.isprintable():
        before, marked, after = (
            printable(window[begin - low : start - low]),
            printable(window[start - low : stop - low]),
            printable(window[stop - low : finish - low]),
        )
        if sensitive:
            marked = "*" * len(marked)
        shown, first, last = before + marked + after, len(before), len(before) + len(marked)
    else:
        shown, first, last = window[begin - low : finish - low], min(start, finish) - begin, stop - begin
    if begin:
        shown, first, last = "…" + shown, first + 1, last + 1
    if finish < len(text):
        shown += "…"
    return Context(shown, first, last, byte_start, byte_end, line_bytes)
