"""Locate the characters of a string in its JSON spelling, and spell their replacements."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from jsonl_lint.repair import Piece

_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
"""Each stands for one code point (RFC 8259 section 7): a pair of surrogates, four digits, or two characters."""


def pieces_spelled(literal: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with places in the literal (without its quotes), and as JSON.

    The pieces are in order. If the replaced characters are spelled in ASCII, the new ones are, too.
    """
    places = places_of(literal, [place for piece in pieces for place in (piece.start, piece.end)])
    spelled = []
    for index, piece in enumerate(pieces):
        start, end = places[2 * index], places[2 * index + 1]
        text = json.dumps(piece.text, ensure_ascii=literal[start:end].isascii())[1:-1]
        spelled.append(Piece(start, end, text))
    return spelled


def places_of(literal: str, wanted: Sequence[int]) -> list[int]:
    """Return the positions of these code points, which are in order, in the literal, in one pass over its escapes."""
    found: list[int] = []
    more = 0
    escapes = _ESCAPE.finditer(literal) if "\\" in literal else iter(())
    following = next(escapes, None)
    for place in wanted:
        while following is not None and following.start() < place + more:
            more += following.end() - following.start() - 1
            following = next(escapes, None)
        found.append(place + more)
    return found
