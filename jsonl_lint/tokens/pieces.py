"""Count a text that is too long for an engine in pieces, and determine whether the sum is certainly exact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Counter = Callable[[str], int]
"""Returns how many tokens a text has."""

PIECE = 500_000
"""The longest text, in code points, that is passed to an engine at once.

tiktoken panics on about a million white-space characters (openai/tiktoken #15), and no engine should be given more
than it was tested with.
"""

LONG_BLANK = 10_000
"""White space of this length is cut for Gemma, where the engine's time grows with its square."""

_LONG_BLANKS = re.compile(rf"\s{{{LONG_BLANK}}}")

SEAM = re.compile(r"[A-Za-z](?=[ \t\r\n])")
"""Where no vocabulary has a token across: a text may be cut here, unless the engine puts a space before each part."""

_SEAM_AT_SPACE = re.compile(r"[A-Za-z](?= )")
_SURROGATE = re.compile("[\ud800-\udfff]")


def guarded_counter(count: Counter, *, prefix: bool = False) -> Counter:
    """Return a counter for all texts: lone surrogates become U+FFFD, and a huge text is counted in pieces.

    `prefix`: the engine puts a space before each text. Then a piece after a seam is passed without its own space.
    """

    def guarded(text: str) -> int:
        if len(text) > PIECE:
            return sum(guarded(piece) for piece, _ in _pieces(text, prefix))
        try:
            return count(text)
        except UnicodeEncodeError:
            return count(_SURROGATE.sub("\ufffd", text))

    return guarded


def cuts_tokens(text: str, *, prefix: bool = False) -> bool:
    """Whether a text is so long, and has so few words, that it is cut where a token may be.

    No token contains an ASCII letter followed by white space: no vocabulary has one, and those that split texts before
    they merge split there.
    """
    return len(text) > PIECE and not all(sure for _, sure in _pieces(text, prefix))


def blank_cuts_tokens(text: str) -> bool:
    """Whether a text is cut where a token of Gemma may be: its long white space is cut as well."""
    return cuts_tokens(text) or has_long_blank(text)


def has_long_blank(text: str) -> bool:
    """Whether the text contains white space that is too long for Gemma."""
    return len(text) > LONG_BLANK and _LONG_BLANKS.search(text) is not None


def _pieces(text: str, prefix: bool) -> Iterator[tuple[str, bool]]:
    """Yield the pieces in which a huge text is counted, and whether each certainly ends at the end of a token."""
    start = 0
    while len(text) - start > PIECE:
        end = _last_seam(text, start, start + PIECE, _SEAM_AT_SPACE if prefix else SEAM)
        yield text[start : end or start + PIECE], end > 0
        start = end + prefix if end else start + PIECE
    yield text[start:], True


def _last_seam(text: str, start: int, stop: int, pattern: re.Pattern[str]) -> int:
    """Return the position of the last seam, 0 if there is none."""
    for begin in (max(start, stop - 4000), start):
        end = max((seam.end() for seam in pattern.finditer(text, begin, stop)), default=0)
        if end:
            return end
    return 0
