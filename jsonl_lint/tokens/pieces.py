"""Count a text that is too long for an engine in pieces, and determine whether the sum is certainly exact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Counter = Callable[[str], int]
"""Says how many tokens a text has."""

PIECE = 500_000
"""The longest text, in code points, that is passed to an engine at once.

tiktoken panics on about a million white-space characters (openai/tiktoken #15), and no engine should be given more
than it was tested with.
"""

LONG_BLANK = 10_000
"""White space of this length is cut for Gemma, where the engine's time grows with its square."""

_LONG_BLANKS = re.compile(rf"\s{{{LONG_BLANK}}}")

SEAM = re.compile(r"[A-Za-z](?=[ \t\r\n])")
"""Where no token of any vocabulary is: a text may be counted in two parts here, if no space is put before each."""

_SEAM_AT_SPACE = re.compile(r"[A-Za-z](?= )")
_SURROGATE = re.compile("[\ud800-\udfff]")


def guarded_counter(count: Counter, *, prefix: bool = False) -> Counter:
    """The same counter for any text: lone surrogates become U+FFFD, and a huge text is counted in pieces.

    `prefix`: the engine puts a space before each text. Then a piece that follows a seam gives its own for it.
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
    """Whether a text is so long, and so much like one word, that it is cut where a token may be.

    Between an ASCII letter and white space there is none: no vocabulary has a token across it, and each that splits
    texts before it merges splits there.
    """
    return len(text) > PIECE and not all(sure for _, sure in _pieces(text, prefix))


def blank_cuts_tokens(text: str) -> bool:
    """The same for Gemma, where long white space is cut too."""
    return cuts_tokens(text) or has_long_blank(text)


def has_long_blank(text: str) -> bool:
    """Whether it holds white space that is too long for Gemma."""
    return len(text) > LONG_BLANK and _LONG_BLANKS.search(text) is not None


def _pieces(text: str, prefix: bool) -> Iterator[tuple[str, bool]]:
    """The pieces that a huge text is counted in, and whether each surely ends where a token does."""
    start = 0
    while len(text) - start > PIECE:
        end = _last_seam(text, start, start + PIECE, _SEAM_AT_SPACE if prefix else SEAM)
        yield text[start : end or start + PIECE], end > 0
        start = end + prefix if end else start + PIECE
    yield text[start:], True


def _last_seam(text: str, start: int, stop: int, pattern: re.Pattern[str]) -> int:
    """Where the last seam is; 0 if there is none."""
    for begin in (max(start, stop - 4000), start):
        end = max((seam.end() for seam in pattern.finditer(text, begin, stop)), default=0)
        if end:
            return end
    return 0
