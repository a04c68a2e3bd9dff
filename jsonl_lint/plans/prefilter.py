"""A short cut for the scan: one pass of Hyperscan, if it is installed, over many raw lines at once.

It finds every place that may contain what a text rule asks for, and some more; lines with one take the usual path. So
the findings are the same without it. A line differs from its texts in two ways. An escape may hide a character, so
escapes that could hide what a rule asks for are found as well. And white space and quotes are spelled differently, so
a pattern with these is replaced by its rule's marks.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, reduce
from operator import itemgetter, or_
from typing import Any, NamedTuple

from jsonl_lint.rule import TextRule

_NOT_RAW = re.compile(r"""\[\^(?![A-Za-z0-9-]+\])|\\[bBdDsSwWnrtAZxuUN]|["']|(?<!\\)\.|\(\?[^:]""")
"""Parts of a pattern that may match differently, or not at all, in a raw line.

Where its text has no letter, a raw line has none either, except in an escape, which begins with a backslash.
"""

_TAIL = re.compile(r"\[[^\]]+\]\{\d+\}\Z")
"""A repeated character class at the end of a pattern.

It is cut off: that finds little more, and Hyperscan, which expands it, compiles in a third of the time.
"""

_RARE_ESCAPE = re.compile(rb"\\[bfu/]")
"""Escapes that may hide something. Most lines have none, and looking for one is faster than scanning one line."""

ALL = -1
"""All rules, where a set of rules is an integer with a bit for each rule, by its index."""

Mark = tuple[int, int]
"""The end of a match, in bytes, and the set of rules that it may concern."""

Prefilter = Callable[[bytes], list[Mark]]
"""Finds the marks in lines, in order."""


def rules_marked(marks: Sequence[Mark], start: int, end: int) -> int:
    """Return the set of rules that the marks in these bytes concern."""
    place = itemgetter(0)
    between = marks[bisect_right(marks, start, key=place) : bisect_right(marks, end, key=place)]
    return reduce(or_, [rules for _, rules in between], 0)


class Prefilters(NamedTuple):
    """Find the places in lines of valid JSON that may concern a rule by its marks, long words or whole texts."""

    plain: Prefilter
    """Finds those that are spelled without escapes, in any number of lines."""
    hidden: Prefilter
    """Finds those that an escape may hide."""


def compile_prefilters(rules: Sequence[TextRule]) -> Prefilters | None:
    """Compile the filters for these rules; None without Hyperscan.

    A rule without triggers needs every line, so if there is one, there is no short cut.
    """
    if not all(rule.triggers for rule in rules):
        return None
    plain = [
        (pattern, 1 << index)
        for index, rule in enumerate(rules)
        for pattern in (*map(_as_bytes, _raw_patterns(rule)), *_beside_escapes(rule))
    ]
    as_it_stands, hidden = _compiled(tuple(plain)), _compiled(tuple((escape, ALL) for escape in _escapes(rules)))
    if as_it_stands is None or hidden is None:
        return None

    def behind_escapes(lines: bytes) -> list[Mark]:
        return hidden(lines) if _RARE_ESCAPE.search(lines) else []

    return Prefilters(as_it_stands, behind_escapes)


@cache
def _compiled(patterns: tuple[tuple[bytes, int], ...]) -> Prefilter | None:
    """Compile a filter for patterns, each with the rules that it concerns: some 50 ms for all rules, once."""
    if not patterns:  # rules that ask for the ends of texts alone
        return lambda _: []
    try:
        import hyperscan
    except ImportError:
        return None
    database = hyperscan.Database()
    flags = [hyperscan.HS_FLAG_PREFILTER] * len(patterns)
    expressions, concerned = zip(*patterns, strict=True)
    try:
        database.compile(expressions=expressions, ids=list(range(len(patterns))), elements=len(patterns), flags=flags)
    except hyperscan.error:  # somebody's pattern that Hyperscan does not know
        return None

    from threading import local

    scratches = local()  # nothing else of a database changes while it is used

    def note(pattern: int, _start: int, end: int, _flags: int, found: Any) -> None:
        found.append((end, concerned[pattern]))

    def marks(lines: bytes) -> list[Mark]:
        found: list[Mark] = []
        if not hasattr(scratches, "own"):
            scratches.own = hyperscan.Scratch(database)
        database.scan(lines, match_event_handler=note, context=found, scratch=scratches.own)
        found.sort()
        return found

    return marks


def _raw_patterns(rule: TextRule) -> Iterator[str]:
    patterns = [pattern for pattern in rule.patterns if not _NOT_RAW.search(pattern.replace("\\\\", ""))]
    if len(patterns) < len(rule.patterns) or not rule.patterns:
        marks = [mark for mark in rule.marks if mark >= " "]  # those below are not in valid JSON but as escapes
        patterns = ["[" + "".join(map(re.escape, marks)) + "]"] if marks else []
    yield from (_TAIL.sub("", pattern).replace("\\\\", "\\\\\\\\") for pattern in patterns)
    if rule.long_words:
        yield rule.long_word_pattern
    if rule.whole:
        space = r"(?:[ \t]|\\[nrt])*"
        yield rf"""(?i)["']{space}(?:{"|".join(map(re.escape, sorted(rule.whole)))}){space}["']"""


def _as_bytes(pattern: str) -> bytes:
    """Encode the pattern for UTF-8. Hyperscan could do so itself, but only for lines that are known to be UTF-8."""
    return b"".join(_piece(piece) for piece in _PIECES.findall(pattern))


_PIECES = re.compile(r"\[(?:\\.|[^\]\\])+\]|\\.|.", re.DOTALL)
"""A class, an escape or a character."""


def _piece(piece: str) -> bytes:
    if piece.isascii():
        return piece.encode()
    if len(piece) == 1:
        return _one_of([piece])
    return _one_of(_members(piece[1:-1]))


def _members(inside: str) -> Iterator[str]:
    """Yield the characters of a class."""
    for first, last in re.findall(r"\\?(.)(?:-\\?(.))?", inside, re.DOTALL):
        yield from map(chr, range(ord(first), ord(last or first) + 1))


def _one_of(characters: Iterable[str]) -> bytes:
    """Return a pattern for any of these characters, grouped by their first bytes."""
    last_bytes: dict[bytes, bytes] = {}
    for character in sorted(set(characters)):
        encoded = character.encode()
        last_bytes[encoded[:-1]] = last_bytes.get(encoded[:-1], b"") + rb"\x%02x" % encoded[-1]
    found = (b"".join(rb"\x%02x" % code for code in first) + b"[%s]" % last for first, last in last_bytes.items())
    return b"(?:" + b"|".join(found) + b")"


def _escapes(rules: Sequence[TextRule]) -> Iterator[bytes]:
    """Yield patterns for escapes that may hide what a rule asks for: ASCII, a mark, or a character of a pattern.

    Separate patterns are found twice as fast as one for all.
    """
    yield rb"\\[bf/]"
    yield rb"\\u00[0-7]"
    for unit in sorted(hidden_units(rules)):
        yield rb"\\u" + re.sub("[a-f]", lambda digit: f"[{digit[0]}{digit[0].upper()}]", f"{unit:04x}").encode()


def _beside_escapes(rule: TextRule) -> Iterator[bytes]:
    """Yield patterns for a mark next to an escape, which may hide the other half of a two-character pattern.

    `hidden_units` leaves these halves out.
    """
    firsts, seconds = set[str](), set[str]()
    for pattern in rule.patterns:
        if _is_pair(pattern) and not pattern.isascii():
            first, second = [set(_members(piece.strip("[]"))) for piece in _PIECES.findall(pattern)]
            firsts |= first.intersection(rule.marks)
            seconds |= second.intersection(rule.marks)
    if firsts:
        yield _one_of(firsts) + rb"\\u"
    if seconds:
        yield rb"[0-9a-fA-F]{4}" + _one_of(seconds)  # with `\u` before it, Hyperscan would stop at each escape


def hidden_units(rules: Sequence[TextRule]) -> set[int]:
    """Return the first UTF-16 code units of all non-ASCII characters that rules ask for and that an escape would hide.

    Of a pattern of two characters, only the mark is needed: if it is not hidden, the other character is next to it.
    """
    characters = {character for rule in rules for character in _beyond_ascii(rule.marks)}
    for rule in rules:
        for pattern in rule.patterns:
            if not _is_pair(pattern):
                characters.update(_beyond_ascii(pattern))
    return {int.from_bytes(character.encode("utf-16-be")[:2], "big") for character in characters}


def raw_controls(rules: Sequence[TextRule]) -> set[int]:
    """Return the control characters that rules ask for even if they are not escaped, which is a defect of its own."""
    asking = [rule for rule in rules if "unescaped-control-character" not in rule.excused_by]
    return {ord(mark) for rule in asking for mark in rule.marks if mark < " "}


def _is_pair(pattern: str) -> bool:
    return len(_PIECES.findall(pattern)) == 2


def _beyond_ascii(pattern: str) -> Iterator[str]:
    """Yield the non-ASCII characters in the pattern."""
    for piece in _PIECES.findall(pattern):
        if not piece.isascii():
            yield from (member for member in _members(piece.strip("[]")) if not member.isascii())
