"""Find the places of values by their pointers: by walking through a text, or in a document.

Positions are code points of the text.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6
from typing import Any, NamedTuple

from jsonl_lint.jsonspan.characters import after_whitespace
from jsonl_lint.jsonspan.document import Document, Member, Node
from jsonl_lint.model import Pointer

GLANCES = 2
"""How many look-ups in one text skip what is not on the way: for the place of a finding, and that of its fix."""


class Place(NamedTuple):
    """The place `text[start:end]` of a value, or of its closest existing parent if `exact` is False."""

    start: int
    end: int
    exact: bool


scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]
"""The C scanner of Python's `json`: the value that begins here, and its end; it takes raw control characters."""

_KEY = r'[ \t\n\r]*"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\n\r]*:[ \t\n\r]*'
_COMMA = r"[ \t\n\r]*,[ \t\n\r]*"


class _Patterns(NamedTuple):
    first_key: Callable[[str, int], re.Match[str] | None]
    next_key: Callable[[str, int], re.Match[str] | None]
    comma: Callable[[str, int], re.Match[str] | None]


@cache
def _patterns() -> _Patterns:
    """Return the patterns of what is between the values of containers, compiled when they are first used."""
    return _Patterns(
        re.compile(_KEY, re.DOTALL).match, re.compile(_COMMA + _KEY, re.DOTALL).match, re.compile(_COMMA).match
    )


def locate(text: str, pointer: Pointer, *, key: bool = False, unique: bool = True) -> Place:
    """Return the place of the value at `pointer`, or of its closest existing parent.

    The text must be one that a fast parser accepts. The C scanner skips the values on the way. With `key`, it is the
    place of the member's key instead. `unique` says that no key is repeated; otherwise the last of equal keys counts.
    """
    start = after_whitespace(text, 0)
    last = len(pointer) - 1
    for depth, part in enumerate(pointer):
        child = _member(text, start, part, unique) if isinstance(part, str) else _item(text, start, part)
        if child is None:
            return Place(start, _end(text, start, depth), False)
        member, value = child
        if key and depth == last and isinstance(part, str):
            return Place(member, scanstring(text, member + 1, False)[1], True)
        start = value
    return Place(start, _end(text, start, len(pointer)), True)


def _end(text: str, start: int, depth: int) -> int:
    """Return the end of the value at `start`. At depth 0 it is the whole text, so nothing has to be scanned."""
    end: int = scan(text, start)[1] if depth else len(text.rstrip(" \t\n\r"))
    return end


def _member(text: str, start: int, name: str, unique: bool) -> tuple[int, int] | None:
    """Return where the member of the object at `start` and its value begin; None if there is none. See `locate`."""
    if not text.startswith("{", start):
        return None
    first_key, next_key, _ = _patterns()
    place = None
    found = first_key(text, start + 1)
    while found is not None:
        if _key(text, found) == name:
            place = found.start(1) - 1, found.end()
            if unique:
                break
        found = next_key(text, scan(text, found.end())[1])
    return place


def _item(text: str, start: int, index: int) -> tuple[int, int] | None:
    """Return where the item of the array at `start` begins, twice, as for a member; None if there is none."""
    if not text.startswith("[", start):
        return None
    position = after_whitespace(text, start + 1)
    if text.startswith("]", position):
        return None
    for _ in range(index):
        position = _next_item(text, scan(text, position)[1])
        if position < 0:
            return None
    return position, position


def _key(text: str, found: re.Match[str]) -> str:
    """Return the key that was found, with its escapes decoded."""
    key: str = found[1]
    return scanstring(text, found.start(1), False)[0] if "\\" in key else key


def _next_item(text: str, position: int) -> int:
    """Return where the item after the comma at this position begins; -1 if the array ends here."""
    if text.startswith(",{", position):
        return position + 1
    comma = _patterns().comma(text, position)
    return comma.end() if comma else -1


def whole(text: str, value: Any) -> Document:
    """Return a document for a text that a fast parser has read as this value, without looking into containers."""
    return Document(text, Node(after_whitespace(text, 0), len(text.rstrip(" \t\n\r")), value), [])


def children(text: str, node: Node) -> Node:
    """Add `members` or `items` to the node of a container that was read as a whole, and return the node."""
    if node.members is None and node.items is None and isinstance(node.value, (dict, list)):
        try:
            if isinstance(node.value, dict):
                node.members = _members(text, node.start, node.value)
            else:
                node.items, _ = _items(text, node.start, node.value)
        except (ValueError, StopIteration, RecursionError):  # a key twice, or more digits or depth than Python reads
            from jsonl_lint.jsonspan.parser import tree_at

            read = tree_at(text, node.start)
            node.members, node.items = read.members, read.items
    return node


def _members(text: str, start: int, values: dict[str, Any]) -> list[Member]:
    """Return the members of the object at `start`, which has no problem, given their values.

    Raises:
        ValueError: a key is repeated, so one of the values is not known.
    """
    members: list[Member] = []
    first_key, next_key, _ = _patterns()
    found = first_key(text, start + 1)
    while found is not None:
        key, at = _key(text, found), found.end()
        value = values[key]
        if type(value) is list and text.startswith("[{", at):  # most likely messages, and one of them is asked for
            items, stop = _items(text, at, value)
            node = Node(at, stop, value, None, items)
        else:
            node = Node(at, scan(text, at)[1], value)
        members.append(Member(key, found.start(1) - 1, found.end(1) + 1, node))
        found = next_key(text, node.end)
    if len(members) != len(values):
        raise ValueError("a key stands twice")
    return members


def _items(text: str, start: int, values: list[Any]) -> tuple[list[Node], int]:
    """Return the items of the array at `start`, which has no problem, given their values; and the end of the array."""
    items: list[Node] = []
    position = stop = after_whitespace(text, start + 1)
    for value in values:
        stop = scan(text, position)[1]
        items.append(Node(position, stop, value))
        position = _next_item(text, stop)
    stop = after_whitespace(text, stop)
    if not text.startswith("]", stop):
        raise ValueError("these are the values of another array")
    return items, stop + 1


class Nodes:
    """Finds the values of a document by pointer. Members are indexed once, so many look-ups take linear time.

    If it is known that no key is repeated (`unique`), the first few look-ups skip what is not on the way (`glance`).
    """

    def __init__(self, document: Document, *, unique: bool = False) -> None:
        self.document = document
        self.glances = GLANCES if unique else 0
        self.members: dict[int, dict[str, Member]] = {}
        self.known: dict[Pointer, tuple[Node, bool]] = {}
        """Earlier results of `at`: a finding and the verbs of its fix ask for the same places."""

    def at(self, pointer: Pointer) -> tuple[Node, bool]:
        """Return the node and True, or its closest existing parent and False. The last of equal keys counts."""
        known = self.known.get(pointer)
        if known is None:
            known = self.known[pointer] = self.glance(pointer) or self.walk(pointer)
        return known

    def glance(self, pointer: Pointer) -> tuple[Node, bool] | None:
        """Find the node without looking into what is on the way; return None if that fails or is not worth it."""
        if len(pointer) < 2 or not self.glances or self.document.root.members is not None:
            return None
        self.glances -= 1
        try:
            place = locate(self.document.text, pointer)
        except (ValueError, StopIteration, RecursionError):
            return None
        if not place.exact:
            return None
        value = self.document.root.value
        for part in pointer:
            value = value[part]
        return children(self.document.text, Node(place.start, place.end, value)), True

    def walk(self, pointer: Pointer) -> tuple[Node, bool]:
        """Find the node, looking into every container on the way; return it or its closest parent as `at` does."""
        node, found = children(self.document.text, self.document.root), True
        for part in pointer:
            child = self.child(node, part)
            if child is None:
                found = False
                break
            node = child
            if node.members is None and node.items is None:
                children(self.document.text, node)
        return node, found

    def child(self, node: Node, part: str | int) -> Node | None:
        """Return the item or the member's value, None if there is none."""
        if isinstance(part, int):
            return node.items[part] if node.items is not None and 0 <= part < len(node.items) else None
        member = self.member(node, part)
        return member.node if member else None

    def member(self, node: Node, key: str) -> Member | None:
        """Return the last member with this key, None if there is none."""
        if node.members is None:
            return None
        if id(node) not in self.members:
            self.members[id(node)] = {member.key: member for member in node.members}
        return self.members[id(node)].get(key)

    def place(self, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        """Return start and end of the value (with `key`, of its member's key), or of its closest existing parent."""
        if key and pointer and isinstance(pointer[-1], str):
            parent, found = self.at(pointer[:-1])
            member = self.member(parent, pointer[-1]) if found else None
            if member:
                return member.start, member.end
        node, _ = self.at(pointer)
        return node.start, node.end
