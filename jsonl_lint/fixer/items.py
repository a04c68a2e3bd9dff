"""Turn the items of an array into lines."""

from __future__ import annotations

from jsonl_lint.fixer.patch import Change, Patch, lines_of
from jsonl_lint.repair.joining import joining_edits

_RULES = ("json-array-file",)


def as_line(item: bytes, gap: bytes) -> Patch:
    """Return an item as a line, with the bytes before it, which are deleted."""
    before, whole = len(gap), gap + item
    edits = [
        Change(before + start, before + end, text.encode(), _RULES)
        for start, end, text in joining_edits(list(lines_of(item)))
    ]
    edges = (Change(0, before, b"", _RULES), *edits, Change(len(whole), len(whole), b"\n", _RULES))
    return Patch(whole).changed(edges)


def without(gap: bytes) -> Patch:
    """Return the bytes after the last item, which are deleted."""
    return Patch(gap, (Change(0, len(gap), b"", _RULES),))
