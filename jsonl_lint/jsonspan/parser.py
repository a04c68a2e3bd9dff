"""The exact JSON parser, which knows the position of every value, what is wrong with it, and how it is spelled.

It is slow, and is used only for records that the fast parser rejects or that need positions. It goes on after errors
with one plausible reading (a trailing comma, a raw tab, NaN …), reports each as a `Problem` named after its rule, and
raises `JsonSyntaxError` at the first error that has none. A text without problems is JSON as defined by RFC 8259, and
the fast parser accepts it too; tests verify that the two agree.

Positions are code points in the decoded line, so `position + 1` is a column.
"""

from __future__ import annotations

import re

from jsonl_lint.jsonspan.characters import WHITESPACE
from jsonl_lint.jsonspan.document import A_COLON, A_KEY, COMMA_OR, Document, JsonSyntaxError, Member, Node
from jsonl_lint.jsonspan.problems import repeated_key, trailing_comma
from jsonl_lint.jsonspan.scalars import NOT_READ_YET, ScalarReader
from jsonl_lint.jsonspan.strict import read_faultless

MAX_DEPTH = 1024
"""The deepest nesting that is parsed, which is that of orjson. Python's own `json` gives up near 1,000."""

SHORTCUT_DEPTHS = range(4)
"""Depths at which the C scanner first tries to read a container as a whole: from the record to a message's values."""

_FIRST_MEMBER = re.compile(r'[ \t\n\r]*"([^"\\\x00-\x1f\ud800-\udfff]*)"[ \t\n\r]*:[ \t\n\r]*')
_NEXT_MEMBER = re.compile(r"[ \t\n\r]*," + _FIRST_MEMBER.pattern)
_NEXT_ITEM = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_PLAIN_STARTS = frozenset('"{[-0123456789tfn')
_COMMENT_STARTS = ("/", "#", "")


def parse(text: str) -> Document:
    """Parse one JSON value that fills the whole text.

    Raises:
        JsonSyntaxError: there is no plausible reading; its `problems` hold what was found before.
    """
    return _parsed(Parser(text))


def parse_changed(text: str, change: int, before: JsonSyntaxError) -> Document:
    """Parse a text that is not valid JSON, and is equal to that of the error `before` up to `change`.

    Raises:
        JsonSyntaxError: as `parse` does.
    """
    parser = Parser(text, look_into=0)
    parser.fault = before.position
    parser.whole = {start: node for start, node in before.whole.items() if node.end <= change}
    return _parsed(parser)


def _parsed(parser: Parser) -> Document:
    try:
        root = parser.document()
    except JsonSyntaxError as error:
        error.problems, error.whole = parser.problems, parser.whole
        raise
    return Document(parser.text, root, parser.problems)


def tree_at(text: str, start: int) -> Node:
    """Return the value that begins at `start`, with its children if it is a container.

    Raises:
        JsonSyntaxError: it has no plausible reading.
    """
    return Parser(text, look_into=start).tree(start)


class Parser(ScalarReader):
    """Parses in one pass, without recursion: the depth of the data is the length of `stack`.

    `look_into` is where the last container begins that could not be read as a whole, so that this is not tried again.
    `fault` is where the last attempt to read one stopped. Containers directly in the record that begin before it are
    not tried, since one of them most likely holds the fault. `whole` are those that have been read, by their places.
    """

    def __init__(self, text: str, *, look_into: int = -1) -> None:
        super().__init__(text)
        self.look_into = look_into
        self.fault = -1
        self.whole: dict[int, Node] = {}
        self.last_places: dict[int, dict[str, int]] = {}

    def document(self) -> Node:
        """Parse the whole text; only white space, comments and commas may follow the value."""
        root = self.tree(0)
        position = self.skip(root.end)
        if position == len(self.text):
            return root
        if self.text[position:].strip(", \t\r\n"):
            raise JsonSyntaxError("extra-data", position, "more text follows the value")
        self.problem(*trailing_comma(position, ""))
        return root

    def tree(self, position: int) -> Node:
        """Parse the next value, with everything in it."""
        position = self.skip(position)
        if position >= len(self.text):
            raise JsonSyntaxError("no-value", position, "there is no value")
        root = node = self.value(position)
        position = node.end if node.end >= 0 else self.open(node)
        while self.stack:
            opened, position = self.plain_children(position)
            if opened is None:
                following = self.next_child(self.skip(position))
                if following < 0:
                    position = self.stack.pop().end
                    continue
                opened = self.value(following)
                self.attach(opened)
            position = opened.end if opened.end >= 0 else self.open(opened)
        return root

    def open(self, node: Node) -> int:
        """Enter a container; return the position after its opening bracket."""
        if len(self.stack) >= MAX_DEPTH:
            raise JsonSyntaxError("too-deep", node.start, f"nesting is deeper than {MAX_DEPTH:,}")
        self.stack.append(node)
        return node.start + 1

    def next_child(self, position: int) -> int:
        """Return where the next value of the innermost container begins; -1 if it has been closed instead."""
        container = self.stack[-1]
        closer = "}" if container.items is None else "]"
        ch = self.text[position : position + 1]
        first = not (container.members or container.items)
        if ch == closer:
            container.end = position + 1
            return -1
        if first:
            return self.key(position) if container.items is None else position
        if ch != ",":
            raise self.unexpected(position, f"{COMMA_OR}`{closer}`")
        comma = position
        position = self.skip(position + 1)
        if self.text[position : position + 1] == closer:
            self.problem(*trailing_comma(comma, closer))
            container.end = position + 1
            return -1
        return self.key(position) if container.items is None else position

    def key(self, position: int) -> int:
        """Read a key and the colon after it; return where its value begins."""
        container = self.stack[-1]
        if self.text[position : position + 1] != '"':
            raise self.unexpected(position, A_KEY)
        node = self.string(position)
        members = container.members
        if members is None:
            raise AssertionError("a key belongs to an object")
        if node.value in container.value:
            places = self.places_of_keys(container)
            self.problem(*repeated_key(places[node.value], node.start, node.end), tail=(node.value,))
            places[node.value] = node.start
        elif id(container) in self.last_places:
            self.last_places[id(container)][node.value] = node.start
        members.append(Member(node.value, node.start, node.end, NOT_READ_YET))
        container.value[node.value] = None
        position = self.skip(node.end)
        if self.text[position : position + 1] != ":":
            raise self.unexpected(position, A_COLON)
        return self.skip(position + 1)

    def places_of_keys(self, container: Node) -> dict[str, int]:
        """Return where each key of an object occurred last. The table is made when it has its first repeated key."""
        places = self.last_places.get(id(container))
        if places is None:
            places = {member.key: member.start for member in container.members or ()}
            self.last_places[id(container)] = places
        return places

    def attach(self, node: Node) -> None:
        """Add a value to the innermost container."""
        container = self.stack[-1]
        if container.items is not None:
            container.items.append(node)
            container.value.append(node.value)
        elif container.members is not None:
            member = container.members[-1]
            member.node = node
            container.value[member.key] = node.value

    def value(self, position: int) -> Node:
        """Read the value that begins here. A container that is not read as a whole has `end` -1 and no children yet."""
        ch = self.text[position : position + 1]
        if ch == '"':
            return self.string(position)
        if ch == "{" or ch == "[":
            if self.worth_trying(position):
                node = self.faultless(position)
                if node is not None:
                    return node
            return Node(position, -1, {}, members=[]) if ch == "{" else Node(position, -1, [], items=[])
        return self.number_or_word(position)

    def faultless(self, position: int) -> Node | None:
        """Read a container as a whole, without looking into it; return None if it has a problem."""
        known = self.whole.get(position)
        if known is not None:
            return known
        value, end, self.fault = read_faultless(self.scanned, position)
        if end < 0 or self.may_be_too_deep(position, end):
            self.expect_more_errors()
            self.look_into = position
            return None
        node = self.whole[position] = Node(position, end, value)
        return node

    def plain_children(self, position: int) -> tuple[Node | None, int]:
        """Read what follows in the innermost container, as long as commas, keys and colons are as they should be.

        Return None and the position where that ends; or a container that has to be looked into, and where it begins.
        """
        container = self.stack[-1]
        if container.members is not None:
            return self.plain_members(container, container.members, position)
        return (None, position) if container.items is None else self.plain_items(container, container.items, position)

    def plain_members(self, container: Node, members: list[Member], position: int) -> tuple[Node | None, int]:
        """Do that in an object."""
        value, text = container.value, self.text
        pattern = _NEXT_MEMBER if members else _FIRST_MEMBER
        while (match := pattern.match(text, position)) is not None:
            key, at = match[1], match.end()
            if key in value or text[at : at + 1] in _COMMENT_STARTS:
                break
            start, end = match.span(1)
            if id(container) in self.last_places:
                self.last_places[id(container)][key] = start - 1
            member = Member(key, start - 1, end + 1, NOT_READ_YET)
            members.append(member)
            value[key] = None
            member.node = node = self.value(at)
            value[key] = node.value
            if node.end < 0:
                return node, at
            position, pattern = node.end, _NEXT_MEMBER
        return None, position

    def plain_items(self, container: Node, items: list[Node], position: int) -> tuple[Node | None, int]:
        """Do that in an array."""
        text = self.text
        deep = len(self.stack) > 1 and len(self.stack) in SHORTCUT_DEPTHS
        pattern = _NEXT_ITEM if items else WHITESPACE
        while (match := pattern.match(text, position)) is not None:
            at = match.end()
            ch = text[at : at + 1]
            if ch not in _PLAIN_STARTS:
                break
            node = (self.faultless(at) if deep and ch == "{" and at != self.look_into else None) or self.value(at)
            items.append(node)
            container.value.append(node.value)
            if node.end < 0:
                return node, at
            position, pattern = node.end, _NEXT_ITEM
        return None, position

    def worth_trying(self, position: int) -> bool:
        """Whether it is worth trying to read the container that begins here as a whole."""
        depth = len(self.stack)
        return depth in SHORTCUT_DEPTHS and position != self.look_into and (depth != 1 or position > self.fault)

    def may_be_too_deep(self, position: int, end: int) -> bool:
        """Whether the container has so many brackets that it may be nested deeper than `MAX_DEPTH`."""
        left = MAX_DEPTH - len(self.stack)
        if end - position <= 2 * left:
            return False
        return self.text.count("[", position, end) + self.text.count("{", position, end) > left
