"""The scan's short cut: one pass of Hyperscan over a raw line, if the extra `fast` is installed.

It finds every line that may hold what a text rule asks for, and some more; those go the usual way. So the findings are
the same without it. Two things differ between a line and its texts: an escape may hide a character, so escapes that
could hide a mark are found as well; and white space and quotes are spelled otherwise, so a pattern that speaks of them
is replaced by its rule's marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from jsonl_lint.rule import TextRule

_NOT_RAW = re.compile(r"""\[\^|\\[bBdDsSwWnrtAZ]|["']|(?<!\\)\.|\(\?[^:]""")
"""What may match otherwise, or not at all, on a raw line."""


def compile_prefilter(rules: Sequence[TextRule]) -> Callable[[bytes], bool] | None:
    """Whether a line of valid JSON may concern a rule by its marks, long words or whole texts; None without Hyperscan.

    A rule that asks for nothing would need every line, so with one there is no short cut.
    """
    if not all(rule.triggers for rule in rules):
        return None
    found = [pattern.encode() for rule in rules for pattern in _raw_patterns(rule)]
    return _compiled((*found, _escapes("".join(rule.marks for rule in rules))))


@cache
def _compiled(found: tuple[bytes, ...]) -> Callable[[bytes], bool] | None:
    """Compiling takes some 20 ms, so it is done once for each set of rules."""
    try:
        import hyperscan
    except ImportError:
        return None
    flags = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_PREFILTER
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=found, ids=list(range(len(found))), elements=len(found), flags=[flags] * len(found)
        )
    except hyperscan.error:  # somebody's pattern that Hyperscan does not know
        return None
    scan, stopped = database.scan, hyperscan.ScanTerminated

    def loud(line: bytes) -> bool:
        try:
            scan(line, match_event_handler=_stop)
        except stopped:
            return True
        return False

    return loud


def _stop(*_: object) -> bool:
    return True


def _raw_patterns(rule: TextRule) -> Iterator[str]:
    patterns = [pattern for pattern in rule.patterns if not _NOT_RAW.search(pattern.replace("\\\\", ""))]
    if len(patterns) < len(rule.patterns) or not rule.patterns:
        patterns = ["[" + "".join(map(_spelled, rule.marks)) + "]"] if rule.marks else []
    yield from (pattern.replace("\\\\", "\\\\\\\\") for pattern in patterns)
    if rule.long_words:
        yield rf"{rule.long_word_pattern}[A-Za-z0-9_-]{{9}}"
    if rule.whole:
        space = r"(?:[ \t]|\\[nrt])*"
        yield rf'(?i)"{space}(?:{"|".join(map(re.escape, sorted(rule.whole)))}){space}"'


def _spelled(mark: str) -> str:
    return f"\\x{{{ord(mark):x}}}"


def _escapes(marks: str) -> bytes:
    """Escapes that may hide a mark or a character of a pattern: all of ASCII, and those near a mark."""
    pages = {"00", *(f"{mark.encode('utf-16-be')[0]:02x}" for mark in marks)}
    return rf"(?i)\\(?:[bf/]|u(?:{'|'.join(sorted(pages))}))".encode()
