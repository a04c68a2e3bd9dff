"""The exact JSON parser, which knows the position of every value, what is wrong with it, and how it is spelled.

It is slow, and is used only for records that the fast parser rejects or that need positions. It goes on after errors
with one plausible reading (a trailing comma, a raw tab, NaN …), reports each as a `Problem` named after its rule, and
raises `JsonSyntaxError` at the first error that has none. A text without problems is JSON as defined by RFC 8259, and
the fast parser accepts it too; tests verify that the two agree.

Positions are code points in the decoded line, so `position + 1` is a column.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6
from math import isinf
from typing import Any

from jsonl_lint.jsonspan.characters import PUNCTUATION, WHITESPACE, after_whitespace, is_unicode, without_surrogates
from jsonl_lint.jsonspan.document import (
    A_COLON,
    A_KEY,
    A_VALUE,
    COMMA_OR,
    Document,
    JsonSyntaxError,
    Member,
    Node,
    Problem,
)
from jsonl_lint.jsonspan.strict import MAX_SIGNIFICANT_DIGITS, read_faultless, significant_digits
from jsonl_lint.model import Pointer, clip

MAX_DEPTH = 1024
"""The deepest nesting that is parsed, which is that of orjson. Python's own `json` gives up near 1,000."""

SHORTCUT_DEPTHS = range(4)
"""Depths at which the C scanner first tries to read a container as a whole: from the record to a message's values."""

MAX_PROBLEMS = 1000
"""How many problems of one text are kept, so that a hostile text cannot fill the memory."""

_FIRST_MEMBER = re.compile(r'[ \t\n\r]*"([^"\\\x00-\x1f\ud800-\udfff]*)"[ \t\n\r]*:[ \t\n\r]*')
_NEXT_MEMBER = re.compile(r"[ \t\n\r]*," + _FIRST_MEMBER.pattern)
_NEXT_ITEM = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_PLAIN_STARTS = frozenset('"{[-0123456789tfn')
_COMMENT_STARTS = ("/", "#", "")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_$.+-]+")
_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NON_FINITE = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "-NaN": float("nan"),
}
_PYTHON_WORDS = ("True", "False", "None")


_NOT_READ_YET = Node(0, 0, None)
"""Stands for the value of a member whose key has just been read."""


def parse(text: str) -> Document:
    """Parse one JSON value that fills the whole text.

    Raises:
        JsonSyntaxError: there is no plausible reading; its `problems` hold what was found before.
    """
    parser = _Parser(text)
    try:
        root = parser.document()
    except JsonSyntaxError as error:
        error.problems = parser.problems
        raise
    return Document(text, root, parser.problems)


def read_again(text: str, start: int) -> Node:
    """Return the container at `start` of a text without problems, with its children."""
    return _Parser(text, look_into=start).tree(start)


class _Parser:
    """Parses in one pass, without recursion: `stack` holds the open containers, outermost first.

    `look_into` is where the last container begins that could not be read as a whole, so that this is not tried again.
    `fault` is where the last attempt to read one stopped. Containers directly in the record that begin before it are
    not tried, since one of them most likely holds the fault.
    """

    def __init__(self, text: str, *, look_into: int = -1) -> None:
        self.text = text
        self.look_into = look_into
        self.fault = -1
        self.problems: list[Problem] = []
        self.stack: list[Node] = []
        self.first_places: dict[int, dict[str, int]] = {}

    def document(self) -> Node:
        """Parse the whole text; only white space, comments and commas may follow the value."""
        root = self.tree(0)
        return self.finish(root, root.end)

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

    def finish(self, root: Node, position: int) -> Node:
        """Make sure that no more text follows the value, and return its node."""
        position = self.skip(position)
        if position < len(self.text):
            if not self.text[position:].strip(", \t\r\n"):
                self.problem("trailing-comma", position, position + 1, "`,` after the record")
                return root
            raise JsonSyntaxError("extra-data", position, "more text follows the value")
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
            self.problem("trailing-comma", comma, comma + 1, f"`,` before `{closer}`")
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
            detail = f"{self.first_place(container, node.value)},{node.start}"
            self.problem("duplicate-key", node.start, node.end, detail, tail=(node.value,))
        elif id(container) in self.first_places:
            self.first_places[id(container)][node.value] = node.start
        members.append(Member(node.value, node.start, node.end, _NOT_READ_YET))
        container.value[node.value] = None
        position = self.skip(node.end)
        if self.text[position : position + 1] != ":":
            raise self.unexpected(position, A_COLON)
        return self.skip(position + 1)

    def first_place(self, container: Node, key: str) -> int:
        """Return where a repeated key occurred first. The table is made when an object has its first repeated key."""
        table = self.first_places.get(id(container))
        if table is None:
            table = {member.key: member.start for member in reversed(container.members or ())}
            self.first_places[id(container)] = table
        return table[key]

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
        match = _NUMBER.match(self.text, position)
        if match:
            return self.number(match)
        return self.word(position)

    def faultless(self, position: int) -> Node | None:
        """Read a container as a whole, without looking into it; return None if it has a problem."""
        value, end, self.fault = read_faultless(self.text, position)
        if end < 0 or (end - position > MAX_DEPTH and self.may_be_too_deep(position, end)):
            self.look_into = position
            return None
        return Node(position, end, value)

    def plain_children(self, position: int) -> tuple[Node | None, int]:
        """Read what follows in the innermost container, as long as commas, keys and colons are as they should be.

        Return None and the position where that ends; or a container that has to be looked into, and where it begins.
        """
        container = self.stack[-1]
        if container.members is not None:
            return self.plain_members(container, container.members, position)
        return (None, position) if container.items is None else self.plain_items(container, container.items, position)

    def plain_members(self, container: Node, members: list[Member], position: int) -> tuple[Node | None, int]:
        value, text = container.value, self.text
        pattern = _NEXT_MEMBER if members else _FIRST_MEMBER
        while (match := pattern.match(text, position)) is not None:
            key, at = match[1], match.end()
            if key in value or text[at : at + 1] in _COMMENT_STARTS:
                break
            start, end = match.span(1)
            if id(container) in self.first_places:
                self.first_places[id(container)][key] = start - 1
            member = Member(key, start - 1, end + 1, _NOT_READ_YET)
            members.append(member)
            value[key] = None
            member.node = node = self.value(at)
            value[key] = node.value
            if node.end < 0:
                return node, at
            position, pattern = node.end, _NEXT_MEMBER
        return None, position

    def plain_items(self, container: Node, items: list[Node], position: int) -> tuple[Node | None, int]:
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
        return self.text.count("[", position, end) + self.text.count("{", position, end) > left

    def string(self, position: int) -> Node:
        """Read a string, and note raw control characters and lone surrogates in it."""
        try:
            value, end = scanstring(self.text, position + 1, True)
        except json.JSONDecodeError:
            try:
                value, end = scanstring(self.text, position + 1, False)
            except json.JSONDecodeError as error:
                raise self.broken_string(position, error) from None
            found = [match.start() for match in _CONTROL.finditer(self.text, position, end)]
            code = ord(self.text[found[0]])
            more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
            self.problem(
                "unescaped-control-character",
                found[0],
                found[0] + 1,
                f"U+{code:04X}{more}",
                tail=self.place(),
            )
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
        if cut_off or (at + 6 == len(text) and _ESCAPE.fullmatch(text, at)):  # the C scanner wants one character more
            return JsonSyntaxError("unterminated-string", position, "the string never ends")
        return JsonSyntaxError("invalid", at, f"`{text[at : at + 2]}` is not a JSON escape")

    def mend_surrogates(self, value: str, start: int, end: int) -> str:
        """Note escapes like `\\ud83d` without their other half; they are read as U+FFFD."""
        high = -1
        lone: list[re.Match[str]] = []
        matches = list(_ESCAPE.finditer(self.text, start, end))
        for index, match in enumerate(matches):
            code = int(match.group(1), 16) if match.group(1) else 0
            if 0xDC00 <= code <= 0xDFFF and high == match.start():
                lone.pop()
                high = -1
            elif 0xD800 <= code <= 0xDFFF:
                lone.append(matches[index])
                high = match.end() if code < 0xDC00 else -1
        for match in lone[:1]:
            more = f" and {len(lone) - 1:,} more" if len(lone) > 1 else ""
            self.problem("lone-surrogate", match.start(), match.end(), match.group() + more, tail=self.place())
        return without_surrogates(value)

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
            self.problem("non-finite-number", position, end, word, tail=self.place())
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
            comment = _COMMENT.match(self.text, position)
            if not comment:
                return position
            self.problem(
                "comment-in-json", position, comment.end(), "#" if comment.group()[0] == "#" else comment.group()[:2]
            )
            position = comment.end()

    def place(self) -> Pointer:
        """Return the last step of the pointer to the value that is being read; () for a key."""
        if not self.stack:
            return ()
        container = self.stack[-1]
        if container.items is not None:
            return (len(container.items),)
        if container.members and container.members[-1].node is _NOT_READ_YET:
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
