"""Where the values of a text stand: found by walking it, or in a document that has been parsed."""

import json
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6
from typing import Any, NamedTuple

from jsonl_lint.jsonspan.characters import PUNCTUATION, WHITESPACE, match_end
from jsonl_lint.jsonspan.document import Document, Member, Node
from jsonl_lint.model import Pointer


class Place(NamedTuple):
    """Where a value stands in a text, in code points. `exact` is False for a parent of a value that is missing."""

    start: int
    end: int
    exact: bool


_scan = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]


def locate(text: str, pointer: Pointer, *, key: bool = False) -> Place:
    """The place of the value at `pointer` in a text that a fast parser accepts, or of its closest existing parent.

    With `key`, the place of the member's key instead. Values on the way are skipped at the speed of C. Of two equal
    keys the first counts; `node_at` is for texts that may hold such.
    """
    start = _token(text, 0)
    last = len(pointer) - 1
    for depth, part in enumerate(pointer):
        child = _member(text, start, part) if isinstance(part, str) else _item(text, start, part)
        if child is None:
            return Place(start, _end(text, start, depth), False)
        member, value = child
        if key and depth == last and isinstance(part, str):
            return Place(member, scanstring(text, member + 1, False)[1], True)
        start = value
    return Place(start, _end(text, start, len(pointer)), True)


def _end(text: str, start: int, depth: int) -> int:
    """Where the value at `start` ends. At depth 0 it is the whole text, so nothing has to be walked."""
    end: int = _scan(text, start)[1] if depth else len(text.rstrip(" \t\n\r"))
    return end


def _member(text: str, start: int, name: str) -> tuple[int, int] | None:
    """Where a member of the object at `start` begins, and where its value begins."""
    if text[start : start + 1] != "{":
        return None
    position = _token(text, start + 1)
    while text[position : position + 1] == '"':
        key, end = scanstring(text, position + 1, False)
        value = _after(text, end)
        if key == name:
            return position, value
        position = _after(text, _scan(text, value)[1])
    return None


def _item(text: str, start: int, index: int) -> tuple[int, int] | None:
    """Where an item of the array at `start` begins, twice."""
    if text[start : start + 1] != "[":
        return None
    position = _token(text, start + 1)
    for _ in range(index):
        if text[position : position + 1] in ("]", ""):
            return None
        position = _after(text, _scan(text, position)[1])
    return None if text[position : position + 1] in ("]", "") else (position, position)


def _after(text: str, position: int) -> int:
    """The next token after a comma or colon; without one, the closing bracket."""
    separator, following = text[position : position + 1], text[position + 1 : position + 2]
    if (separator == "," or separator == ":") and following and following in PUNCTUATION:
        return position + 1
    if text[position : position + 1] not in (",", ":"):
        position = match_end(WHITESPACE, text, position)
        if text[position : position + 1] not in (",", ":"):
            return position
    return _token(text, position + 1)


def _token(text: str, position: int) -> int:
    """The next position that is not white space."""
    ch = text[position : position + 1]
    if ch in PUNCTUATION:
        return position
    if ch == " " and text[position + 1 : position + 2] in PUNCTUATION:
        return position + 1
    return match_end(WHITESPACE, text, position)


def whole(text: str, value: Any) -> Document:
    """The document of a text that a fast parser accepts as this value. Nothing of it has been looked into."""
    return Document(text, Node(_token(text, 0), len(text.rstrip(" \t\n\r")), value), [])


def children(text: str, node: Node) -> Node:
    """This node with `members` or `items`, which a container that was read in one go does not have yet."""
    if node.members is None and node.items is None and isinstance(node.value, (dict, list)):
        try:
            if isinstance(node.value, dict):
                node.members = _members(text, node.start)
            else:
                node.items, _ = _items(text, node.start)
        except (ValueError, StopIteration, RecursionError):  # more digits or a deeper nesting than Python reads
            from jsonl_lint.jsonspan.parser import read_again

            read = read_again(text, node.start)
            node.members, node.items = read.members, read.items
    return node


def _members(text: str, start: int) -> list[Member]:
    """The members of the object at `start`, which has no problem."""
    found: list[Member] = []
    position = _token(text, start + 1)
    while text.startswith('"', position):
        key, end = scanstring(text, position + 1, False)
        at = _after(text, end)
        if text.startswith("[{", at):  # most likely messages, and one of them is asked for: not to be read twice
            items, stop = _items(text, at)
            node = Node(at, stop, [item.value for item in items], items=items)
        else:
            value, stop = _scan(text, at)
            node = Node(at, stop, value)
        found.append(Member(key, position, end, node))
        position = _after(text, stop)
    return found


def _items(text: str, start: int) -> tuple[list[Node], int]:
    """The items of the array at `start`, which has no problem, and its end."""
    found: list[Node] = []
    position = _token(text, start + 1)
    while not text.startswith("]", position):
        value, stop = _scan(text, position)
        found.append(Node(position, stop, value))
        position = _after(text, stop)
    return found, position + 1


class Nodes:
    """The places of a document's values by pointer. Children are indexed once, so many look-ups stay linear."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.members: dict[int, dict[str, Member]] = {}
        self.known: dict[Pointer, tuple[Node, bool]] = {}
        """What `at` has said before: a finding and the verbs of its fix ask for the same places."""

    def at(self, pointer: Pointer) -> tuple[Node, bool]:
        """The node at `pointer`, or its closest existing parent with False. The last of two equal keys counts."""
        known = self.known.get(pointer)
        if known is not None:
            return known
        node, found = children(self.document.text, self.document.root), True
        for part in pointer:
            child = self.child(node, part)
            if child is None:
                found = False
                break
            node = child
            if node.members is None and node.items is None:
                children(self.document.text, node)
        self.known[pointer] = node, found
        return node, found

    def child(self, node: Node, part: str | int) -> Node | None:
        """The item or the member's value, None where there is none."""
        if isinstance(part, int):
            return node.items[part] if node.items is not None and 0 <= part < len(node.items) else None
        member = self.member(node, part)
        return member.node if member else None

    def member(self, node: Node, key: str) -> Member | None:
        """The last member with this key."""
        if node.members is None:
            return None
        if id(node) not in self.members:
            self.members[id(node)] = {member.key: member for member in node.members}
        return self.members[id(node)].get(key)

    def place(self, pointer: Pointer, *, key: bool) -> tuple[int, int]:
        """Where the value at `pointer` stands, or with `key` its member's key, or else its closest parent."""
        if key and pointer and isinstance(pointer[-1], str):
            parent, found = self.at(pointer[:-1])
            member = self.member(parent, pointer[-1]) if found else None
            if member:
                return member.start, member.end
        node, _ = self.at(pointer)
        return node.start, node.end


def node_at(document: Document, pointer: Pointer) -> tuple[Node, bool]:
    """The node at `pointer`, or its closest existing parent with False."""
    return Nodes(document).at(pointer)
