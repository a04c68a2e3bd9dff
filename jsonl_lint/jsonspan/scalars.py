"""Read what has no parts: strings, numbers and words, and the white space and comments between values.

What is wrong with them but has a plausible reading is noted as a `Problem`.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6
from math import isinf
from typing import Any

from jsonl_lint.jsonspan.characters import PUNCTUATION, after_whitespace, is_unicode, without_surrogates
from jsonl_lint.jsonspan.document import A_VALUE, JsonSyntaxError, Node, Problem
from jsonl_lint.jsonspan.problems import ESCAPE, comment, half_pairs, halves_of_pairs, non_finite, raw_controls
from jsonl_lint.jsonspan.strict import MAX_SIGNIFICANT_DIGITS, ScannedText, significant_digits
from jsonl_lint.model import Pointer
from jsonl_lint.wording import clip

MAX_PROBLEMS = 1000
"""How many problems of one text are kept, so that a hostile text cannot fill the memory."""

NOT_READ_YET = Node(0, 0, None)
"""Stands for the value of a member whose key has just been read."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_$.+-]+")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NON_FINITE = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "-NaN": float("nan"),
}
_PYTHON_WORDS = ("True", "False", "None")


class ScalarReader:
    """Reads scalars, and notes their problems. `stack` holds the containers that are open, outermost first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.scanned = text
        """What the C scanner reads: the same text, from its first error on as a `ScannedText`."""
        self.problems: list[Problem] = []
        self.stack: list[Node] = []

    def expect_more_errors(self) -> None:
        """Make further errors of the C scanner cheap. The first one pays for a copy of the text."""
        if self.scanned is self.text:
            self.scanned = ScannedText(self.text)

    def string(self, position: int) -> Node:
        """Read a string, and note raw control characters and lone surrogates in it."""
        try:
            value, end = scanstring(self.scanned, position + 1, True)
        except json.JSONDecodeError as first_error:
            if not first_error.msg.startswith("Invalid control character"):  # which alone can be read
                raise self.broken_string(position, first_error) from None
            self.expect_more_errors()
            try:
                value, end = scanstring(self.scanned, position + 1, False)
            except json.JSONDecodeError as error:
                raise self.broken_string(position, error) from None
            self.problem(*raw_controls(self.text, position, end), tail=self.place())
        if not is_unicode(value):
            value = self.mend_surrogates(value, position, end)
        return Node(position, end, value)

    def broken_string(self, position: int, error: json.JSONDecodeError) -> JsonSyntaxError:
        """Return why the string that begins here cannot be read: it has no end, or an escape that is not one."""
        text = self.text
        if error.msg.startswith("Unterminated"):
            return JsonSyntaxError("unterminated-string", position, "the string never ends")
        at = error.pos - 1 if text[error.pos - 1 : error.pos] == "\\" else error.pos
        at = text.rfind("\\", position, at + 1)
        cut_off = at + 6 > len(text) and '"' not in text[at + 2 : at + 6]
        if cut_off or (at + 6 == len(text) and ESCAPE.fullmatch(text, at)):  # the C scanner wants one character more
            return JsonSyntaxError("unterminated-string", position, "the string never ends")
        return JsonSyntaxError("invalid", at, f"`{text[at : at + 2]}` is not a JSON escape")

    def mend_surrogates(self, value: str, start: int, end: int) -> str:
        """Note escapes like `\\ud83d` without their other half; they are read as U+FFFD."""
        lone = halves_of_pairs(self.text, start, end)
        if lone:
            self.problem(*half_pairs(lone), tail=self.place())
        return without_surrogates(value)

    def number_or_word(self, position: int) -> Node:
        """Read what is neither a string nor a container."""
        match = _NUMBER.match(self.text, position)
        return self.number(match) if match else self.word(position)

    def number(self, match: re.Match[str]) -> Node:
        """Read a number, and note digits that a 64-bit float would lose."""
        start, end = match.span()
        raw = match.group()
        word = _WORD.match(self.text, start)
        if word and word.end() > end:
            return self.word(start)
        if match.group(1) is None and match.group(2) is None:
            return Node(start, end, self.integer(raw, start, end))
        value = float(raw)
        if isinf(value):
            self.problem("non-finite-number", start, end, clip(raw, 40), tail=self.place())
        elif significant_digits(raw) > MAX_SIGNIFICANT_DIGITS:
            self.problem("imprecise-number", start, end, clip(raw, 40), tail=self.place())
        return Node(start, end, value)

    def integer(self, raw: str, start: int, end: int) -> int | float:
        """Return the value of an integer, and note one that 64 bits do not hold."""
        if len(raw) < 19:
            return int(raw)
        value = int(raw) if len(raw) < 4000 else float(raw)
        if not -(2**63) <= value < 2**64:
            kind = "non-finite-number" if isinf(float(raw)) else "imprecise-number"
            self.problem(kind, start, end, clip(raw, 40), tail=self.place())
        return value

    def word(self, position: int) -> Node:
        """Read a literal, or a word that stands for a number (NaN); explain any other word."""
        match = _WORD.match(self.text, position)
        word = match.group() if match else ""
        end = position + len(word)
        if word in _LITERALS:
            return Node(position, end, _LITERALS[word])
        if word in _NON_FINITE:
            self.problem(*non_finite(self.text, position, end), tail=self.place())
            return Node(position, end, _NON_FINITE[word])
        if word in _PYTHON_WORDS:
            raise JsonSyntaxError("python-literal", position, f"`{word}` is Python, not JSON")
        at_end = bool(word) and end == len(self.text.rstrip())
        if at_end and (word == "-" or any(literal.startswith(word) for literal in _LITERALS)):
            raise JsonSyntaxError("truncated", end, "the text ends inside a value")
        if word.lstrip("-+.")[:1].isdigit():
            if at_end and re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?)?", word):
                raise JsonSyntaxError("truncated", end, "the text ends inside a number")
            raise JsonSyntaxError("invalid", position, f"`{word[:20]}` is not a JSON number")
        raise self.unexpected(position, A_VALUE)

    def unexpected(self, position: int, expected: str) -> JsonSyntaxError:
        """Return the error for a text that goes on differently than expected, or ends here."""
        if position >= len(self.text):
            return JsonSyntaxError("truncated", position, f"the text ends where {expected} should follow", expected)
        ch = self.text[position]
        if ch == "'":
            return JsonSyntaxError("python-literal", position, "single quotes are Python, not JSON")
        shown = ch if ch.isprintable() else f"U+{ord(ch):04X}"
        return JsonSyntaxError("invalid", position, f"expected {expected}, found `{shown}`", expected)

    def skip(self, position: int) -> int:
        """Return the next position that is neither white space nor in a comment."""
        ch = self.text[position : position + 1]
        if ch in PUNCTUATION:
            return position
        if ch == " " and self.text[position + 1 : position + 2] in PUNCTUATION:
            return position + 1
        while True:
            position = after_whitespace(self.text, position)
            if self.text[position : position + 1] not in ("/", "#"):
                return position
            found = _COMMENT.match(self.text, position)
            if not found:
                return position
            self.problem(*comment(self.text, position, found.end()))
            position = found.end()

    def place(self) -> Pointer:
        """Return the last step of the pointer to the value that is being read; () for a key."""
        if not self.stack:
            return ()
        container = self.stack[-1]
        if container.items is not None:
            return (len(container.items),)
        if container.members and container.members[-1].node is NOT_READ_YET:
            return (container.members[-1].key,)
        return ()

    def problem(self, kind: str, start: int, end: int, detail: str, tail: Pointer = ()) -> None:
        """Note a problem. Its pointer leads through the open containers; `tail` is the last step."""
        if len(self.problems) >= MAX_PROBLEMS:
            return
        pointer: list[str | int] = []
        for container in self.stack[:-1]:
            if container.items is not None:
                pointer.append(len(container.items) - 1)
            elif container.members:
                pointer.append(container.members[-1].key)
        self.problems.append(Problem(kind, start, end, detail, (*pointer, *tail)))
