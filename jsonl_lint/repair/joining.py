"""Join a record that is spread over several lines into one line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from jsonl_lint import jsonspan
from jsonl_lint.model import Edit


def on_one_line(text: str) -> str:
    """Return a record's text without line breaks."""
    lines = [line.encode("utf-8", "surrogatepass") + b"\n" for line in text.split("\n")]
    return joined(lines)[:-1].decode("utf-8", "surrogatepass")


def joined(lines: Sequence[bytes]) -> bytes:
    """Return the record that is spread over these lines as a single line."""
    whole, done = b"".join(lines), 0
    parts: list[bytes] = []
    for edit in joining_edits(lines):
        parts += whole[done : edit.byte_start], edit.content.encode()
        done = edit.byte_end
    return b"".join((*parts, whole[done:]))


def joining_edits(lines: Sequence[bytes]) -> tuple[Edit, ...]:
    """Return the edits that join a record that is spread over several lines.

    Between values, line breaks are removed with the indentation, except for a space where `json.dumps` puts one; in a
    string, a line break becomes an escape.
    """
    if len(lines) < 2:
        return ()
    whole = b"".join(lines)
    if jsonspan.is_json(whole) and not lines[-1].isspace():
        return _edits_between_values(whole)
    edits: list[Edit] = []
    in_string, offset = False, 0
    for position, line in enumerate(lines[:-1]):
        body = line.rstrip(b"\r\n")
        offset += len(line)
        in_string = jsonspan.nesting(jsonspan.decode(body), in_string=in_string).in_string
        if in_string:
            start, end = offset - len(line) + len(body), offset
            content = json.dumps(line[len(body) :].decode())[1:-1]
        else:
            following = lines[position + 1]
            start = offset - len(line) + len(body.rstrip())
            end = offset + len(following) - len(following.lstrip())
            content = " " if body.rstrip().endswith((b",", b":")) else ""
        if edits and edits[-1].byte_end > start:  # the line is blank
            edits[-1] = edits[-1]._replace(byte_end=end)
        else:
            edits.append(Edit(start, end, content))
    return tuple(edits)


_BREAK = re.compile(rb"\n[ \t\r\n]*")


def _edits_between_values(whole: bytes) -> tuple[Edit, ...]:
    """Return the edits for a record without errors, in which all line breaks are between values; the last one stays."""
    edits: list[Edit] = []
    for match in _BREAK.finditer(whole):
        start, end = match.span()
        while start and whole[start - 1] in b" \t\r":
            start -= 1
        if end < len(whole):
            edits.append(Edit(start, end, " " if whole[start - 1 : start] in (b",", b":") else ""))
    return tuple(edits)
