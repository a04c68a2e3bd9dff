"""Bounds on the number of tokens that need no counting.

They hold for every vocabulary in `vocabulary`, which property tests verify.
"""

from __future__ import annotations

import re
import unicodedata

from jsonl_lint.tokens.pieces import PIECE
from jsonl_lint.tokens.vocabulary import Vocabulary

_BOUNDARY = re.compile(r"[A-Za-z][ \t\r\n]")
_NOT_GROWING = bytes(code for code in range(256) if code not in b"{[,0123456789")


def at_most(text: str, vocabulary: Vocabulary) -> int:
    """Return an upper bound: the number of UTF-8 bytes, each of which is one token at worst.

    Qwen's tokenizer normalises to NFC first, which makes some characters longer, so the bytes of that form count.
    """
    prefix = vocabulary.prefix * (1 + len(text) // PIECE)  # a huge text is counted in pieces
    if text.isascii():
        return len(text) + prefix
    if vocabulary.nfc:
        text = unicodedata.normalize("NFC", text)
    return len(text.encode("utf-8", "surrogatepass")) + prefix


def at_least(text: str) -> int:
    """Return a lower bound: no vocabulary has a token in which an ASCII letter precedes white space.

    White space at both ends does not count, because some chat templates remove it.
    """
    stripped = text.strip()
    return 1 + len(_BOUNDARY.findall(stripped)) if stripped else 0


def line_with_tools_at_most(line: bytes) -> int:
    """Return an upper bound for a record that defines or calls tools, without the tokens that its template adds.

    The template writes their JSON out anew, at worst with a line break and four spaces a level around each brace,
    bracket, comma and colon. Such a run of white space is a token for each 16 spaces at most, and three more. A number
    is written out, too: `1e15` becomes `1000000000000000.0`, and none grows by more than five times its digits.
    """
    growing = line.translate(None, _NOT_GROWING)  # short: counting in it costs next to nothing
    opened, commas = growing.count(b"{") + growing.count(b"["), growing.count(b",")
    digits = len(growing) - opened - commas
    colons = len(line) // 3  # each after the two quotes of a key
    return len(line) + colons + 5 * digits + (2 * opened + commas) * (3 + opened // 4)


def longest_sure_line(limit: int, ceiling: int, *, nfc: bool) -> int:
    """Return the bytes up to which a line of JSON has no more than `limit` tokens, whatever it says.

    An escape is never shorter than the UTF-8 of its character, and a message's keys and quotes have more bytes than
    a chat template adds tokens; `ceiling` is what the template adds once. NFC makes a text at most three times as
    long. This does not hold for tool definitions and calls, which the template writes out anew, nor for images.
    """
    return (limit - ceiling) // (3 if nfc else 1)
