"""Find the place in a dataset that a message names: `Line 7: `messages[1]` must …` is line 7, /messages/1."""

from __future__ import annotations

import re

from jsonl_lint.explain.evidence import Evidence
from jsonl_lint.model import Pointer

_LINE = re.compile(r"\b(?:line|row|record|example|sample)s?[ :#]{1,3}(?:number )?(\d{1,12})\b", re.IGNORECASE)
_NOT_OF_FILE = re.compile(r"changed from \w+ to \w+ in row \d+|line \d+ column \d+ \(char \d+\)")
"""Arrow's rows count from the block that was read, Python's lines in the text that it parses, often a single one."""

_ROOTS = (
    "messages|prompt|completion|text|tools|weight|input|preferred_output|non_preferred_output|custom_id|body|contents"
    "|conversations|system|role|content|tool_calls"
)
_PATH = re.compile(
    rf"(?P<quote>[`'\"]?)\b(?P<path>(?:{_ROOTS})(?:\.?\[\d{{1,9}}\]|\.\w{{1,40}}){{0,12}})(?P=quote)(?!\w)"
)
_STEP = re.compile(r"\[(\d+)\]|\.?(\w+)")


def place_of(evidence: Evidence) -> tuple[int | None, Pointer | None]:
    """Return the line, counted from 1, and the pointer into its record; None for what the evidence does not say."""
    line = evidence.line
    pointer: Pointer | None = None
    for message in evidence.messages:
        message = message[:5_000]
        if line is None and (found := _LINE.search(_NOT_OF_FILE.sub("", message))):
            line = int(found[1]) or None
        pointer = pointer or _pointer_in(message)
    if pointer is None and evidence.loc:
        pointer = evidence.loc[1:] if evidence.loc[0] == "body" else evidence.loc
    return line, pointer


def _pointer_in(message: str) -> Pointer | None:
    """Return the first path that is a place: it has an index or a dot, or is quoted, unlike the bare word `content`."""
    for match in _PATH.finditer(message):
        path = match["path"]
        if "[" in path or "." in path or (match["quote"] == "`" and path in ("messages", "input", "prompt", "text")):
            return tuple(int(index) if index else _step(name) for index, name in _STEP.findall(path))
    return None


def _step(name: str) -> str | int:
    return int(name) if name.isascii() and name.isdigit() else name
