"""Several values in one text, or under one key."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6

from jsonl_lint.jsonspan.parser import Document, JsonSyntaxError, Node, _Parser

_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_scan = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]


def gaps(text: str) -> list[tuple[int, int]]:
    """What stands between the values of a text that holds several, each an object or array: commas and white space.

    The last value may be broken; text that is no beginning of a value stays with the value before it.
    """
    found: list[tuple[int, int]] = []
    position = 0
    while True:
        try:
            end = _Parser(text).tree(position).end
        except JsonSyntaxError:
            return found
        position = end
        while text[position : position + 1] in (",", " ", "\t", "\r", "\n"):
            position += 1
        if text[position : position + 1] not in ("{", "["):
            return found
        found.append((end, position))


def member_value(text: str, key: int) -> tuple[int, int] | None:
    """The place of the value whose key begins at `key`; None where it cannot be read at once."""
    try:
        start = _COLON.match(text, scanstring(text, key + 1, False)[1])
        return (start.end(), _scan(text, start.end())[1]) if start else None
    except (ValueError, StopIteration, RecursionError):
        return None


def object_with_key_at(document: Document, key: int) -> Node | None:
    """The object that has a key beginning at this place of the text."""
    node: Node | None = document.root
    while node is not None:
        members = node.children(document.text).members or ()
        if any(member.start == key for member in members):
            return node
        inside = (*(member.node for member in members), *(node.items or ()))
        node = next((each for each in inside if each.start <= key < each.end), None)
    return None
