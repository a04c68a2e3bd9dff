"""The exact JSON parser: where every value stands, what is wrong with it, and how it was spelled.

It is slow and is used only for records that the fast parser rejects or that need places. It goes on after the
breakages that leave one plausible reading (a trailing comma, a raw tab, NaN …), reports each as a `Problem` named
after its rule, and raises `JsonSyntaxError` at the first thing that has no such reading. A text without problems is
JSON as RFC 8259 has it, and the fast parser accepts it too; tests hold the two together.

Positions are code points in the decoded line, so `position + 1` is a column.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but there since 2.6
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer

MAX_DEPTH = 1024
"""Nesting that is still parsed: the limit of orjson. Python's own `json` gives up near 1,000."""

MAX_SIGNIFICANT_DIGITS = 17
"""More digits than these are lost by a 64-bit float (IEEE 754 binary64)."""

SHORTCUT_DEPTHS = range(4)
"""Containers at these depths, from the record to its messages' values, are first tried whole by the C scanner."""

MAX_PROBLEMS = 1000
"""Problems kept of one text, so that a hostile one cannot fill the memory."""

PUNCTUATION = '"{}[]:,'
WHITESPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_$.+-]+")
_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NON_FINITE = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "-NaN": float("nan"),
}
_PYTHON_WORDS = ("True", "False", "None")


class JsonSyntaxError(ValueError):
    """The text has no plausible reading as one JSON value.

    `kind` is `truncated`, `unterminated-string`, `extra-data`, `python-literal`, `too-deep`, `no-value` or `invalid`;
    `problems` are those found before `position`.
    """

    def __init__(self, kind: str, position: int, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.position = position
        self.reason = reason
        self.problems: list[Problem] = []


class Problem(NamedTuple):
    """A breakage with one plausible reading. `kind` is the name of the rule that reports it."""

    kind: str
    start: int
    end: int
    detail: str
    pointer: Pointer = ()


class Node:
    """A value and its place: `text[start:end]`. `members` is set for objects, `items` for arrays."""

    __slots__ = ("end", "items", "members", "start", "value")

    def __init__(
        self,
        start: int,
        end: int,
        value: Any,
        members: list[Member] | None = None,
        items: list[Node] | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.members = members
        self.items = items

    def children(self, text: str) -> Node:
        """This node with `members` or `items`, which a container that was read in one go does not have yet."""
        if self.members is None and self.items is None and isinstance(self.value, (dict, list)):
            read = _Parser(text, look_into=self.start).tree(self.start)
            self.members, self.items = read.members, read.items
        return self


class Member:
    """A key of an object, with its place, and its value. An object may hold the same key twice."""

    __slots__ = ("end", "key", "node", "start")

    def __init__(self, key: str, start: int, end: int, node: Node) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.node = node


_NOT_READ_YET = Node(0, 0, None)


class Document(NamedTuple):
    """A parsed text: its value (the last of two equal keys wins), its nodes and its problems."""

    text: str
    root: Node
    problems: list[Problem]


def decode(line: bytes) -> str:
    """The line as text; a byte that is not UTF-8 becomes a lone surrogate U+DC80…U+DCFF and `encode` restores it."""
    return line.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` made the text from."""
    return text.encode("utf-8", "surrogateescape")


def parse(text: str) -> Document:
    """Parse one JSON value that fills the whole text.

    Raises:
        JsonSyntaxError: there is no plausible reading; its `problems` hold what was found before.
    """
    parser = _Parser(text)
    try:
        root = parser.document(0)
    except JsonSyntaxError as error:
        error.problems = parser.problems
        raise
    return Document(text, root, parser.problems)


class _Parser:
    """One pass, no recursion: the depth of the data is the length of `stack`.

    `look_into` is where a container begins that is not to be read whole: the last one that could not be. `fault` is
    where the text is known to break.
    """

    def __init__(self, text: str, *, look_into: int = -1) -> None:
        self.text = text
        self.look_into = look_into
        self.fault = -1
        self.problems: list[Problem] = []
        self.stack: list[Node] = []
        self.first_places: dict[int, dict[str, int]] = {}

    def document(self, position: int) -> Node:
        """The value of the whole text."""
        root = self.tree(position)
        return self.finish(root, root.end)

    def tree(self, position: int) -> Node:
        """The value that starts at the position or after white space, with everything in it."""
        position = self.skip(position)
        if position >= len(self.text):
            raise JsonSyntaxError("no-value", position, "there is no value")
        root = node = self.value(position)
        while True:
            position = node.end
            if position < 0:
                position = self.open(node)
            while self.stack:
                position = self.skip(position)
                following = self.next_member(position)
                if following >= 0:
                    break
                container = self.stack.pop()
                position = container.end
            else:
                return root
            node = self.value(following)
            self.attach(node)
            if type(node.value) is dict and node.end >= 0:
                node = self.faultless_items(node)

    def finish(self, root: Node, position: int) -> Node:
        position = self.skip(position)
        if position < len(self.text):
            if not self.text[position:].strip(", \t\r\n"):
                self.problem("trailing-comma", position, position + 1, "`,` after the record")
                return root
            raise JsonSyntaxError("extra-data", position, "more text follows the value")
        return root

    def open(self, node: Node) -> int:
        """Enter a container; its first member or its end comes next."""
        if len(self.stack) >= MAX_DEPTH:
            raise JsonSyntaxError("too-deep", node.start, f"nesting is deeper than {MAX_DEPTH:,}")
        self.stack.append(node)
        return node.start + 1

    def next_member(self, position: int) -> int:
        """The position of the next value of the innermost container, or -1 after its closing bracket."""
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
            raise self.unexpected(position, f"`,` or `{closer}`")
        comma = position
        position = self.skip(position + 1)
        if self.text[position : position + 1] == closer:
            self.problem("trailing-comma", comma, comma + 1, f"`,` before `{closer}`")
            container.end = position + 1
            return -1
        return self.key(position) if container.items is None else position

    def key(self, position: int) -> int:
        container = self.stack[-1]
        if self.text[position : position + 1] != '"':
            raise self.unexpected(position, "a key in double quotes")
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
            raise self.unexpected(position, "`:` after the key")
        return self.skip(position + 1)

    def first_place(self, container: Node, key: str) -> int:
        """Where a key that is there twice stood first. The table is made at an object's first duplicate."""
        table = self.first_places.get(id(container))
        if table is None:
            table = {member.key: member.start for member in reversed(container.members or ())}
            self.first_places[id(container)] = table
        return table[key]

    def attach(self, node: Node) -> None:
        container = self.stack[-1]
        if container.items is not None:
            container.items.append(node)
            container.value.append(node.value)
        elif container.members is not None:
            member = container.members[-1]
            member.node = node
            container.value[member.key] = node.value

    def value(self, position: int) -> Node:
        """The value that starts here; a container comes back open, with `end` -1."""
        ch = self.text[position : position + 1]
        if ch == '"':
            return self.string(position)
        if ch == "{" or ch == "[":
            depth = len(self.stack)
            if depth in SHORTCUT_DEPTHS and position != self.look_into and (depth != 1 or position > self.fault):
                node = self.faultless(position)
                if node is not None:
                    return node
            return Node(position, -1, {}, members=[]) if ch == "{" else Node(position, -1, [], items=[])
        match = _NUMBER.match(self.text, position)
        if match:
            return self.number(match)
        return self.word(position)

    def faultless(self, position: int) -> Node | None:
        """A container without any problem, read at the speed of C and not looked into; None where there is one."""
        text = self.text
        try:
            value, end = _scan_strictly(text, position)
        except json.JSONDecodeError as error:
            self.fault = error.pos
        except (ValueError, StopIteration, RecursionError):
            pass
        else:
            surrogate = _SURROGATE_ESCAPE.search(text, position, end) if text.find("\\u", position, end) >= 0 else None
            if surrogate is None and not self.may_be_too_deep(position, end):
                return Node(position, end, value)
            self.fault = surrogate.start() if surrogate else end
        self.look_into = position
        return None

    def faultless_items(self, node: Node) -> Node:
        """Take in the objects without any problem that follow on the first one in an array; the last of them."""
        container, text = self.stack[-1], self.text
        if container.items is None or len(self.stack) not in SHORTCUT_DEPTHS:
            return node
        while text.startswith(",", node.end):
            following = node.end + 2 if text.startswith(" ", node.end + 1) else node.end + 1
            found = self.faultless(following) if text.startswith("{", following) else None
            if found is None:
                break
            node = found
            container.items.append(node)
            container.value.append(node.value)
        return node

    def may_be_too_deep(self, position: int, end: int) -> bool:
        left = MAX_DEPTH - len(self.stack)
        if end - position < 2 * left:
            return False
        return self.text.count("[", position, end) + self.text.count("{", position, end) > left

    def string(self, position: int) -> Node:
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
        if not value.isascii() and _SURROGATE.search(value):
            value = self.mend_surrogates(value, position, end)
        return Node(position, end, value)

    def broken_string(self, position: int, error: json.JSONDecodeError) -> JsonSyntaxError:
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
        """Report escapes like `\\ud83d` without their other half; they read as U+FFFD."""
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
        return _SURROGATE.sub("\ufffd", value)

    def number(self, match: re.Match[str]) -> Node:
        start, end = match.span()
        raw = match.group()
        word = _WORD.match(self.text, start)
        if word and word.end() > end:
            return self.word(start)
        if match.group(1) is None and match.group(2) is None:
            return Node(start, end, self.integer(raw, start, end))
        value = float(raw)
        if value in (float("inf"), float("-inf")):
            self.problem("non-finite-number", start, end, raw[:40], tail=self.place())
        elif significant_digits(raw) > MAX_SIGNIFICANT_DIGITS:
            self.problem("imprecise-number", start, end, raw[:40], tail=self.place())
        return Node(start, end, value)

    def integer(self, raw: str, start: int, end: int) -> int | float:
        if len(raw) < 19:
            return int(raw)
        value = int(raw) if len(raw) < 4000 else float(raw)
        if not -(2**63) <= value < 2**64:
            self.problem("imprecise-number", start, end, raw[:40], tail=self.place())
        return value

    def word(self, position: int) -> Node:
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
        if word[:1].isdigit() or word[:1] in ("-", "+", "."):
            if at_end and re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?)?", word):
                raise JsonSyntaxError("truncated", end, "the text ends inside a number")
            raise JsonSyntaxError("invalid", position, f"`{word[:20]}` is not a JSON number")
        raise self.unexpected(position, "a value")

    def unexpected(self, position: int, expected: str) -> JsonSyntaxError:
        if position >= len(self.text):
            return JsonSyntaxError("truncated", position, f"the text ends where {expected} should follow")
        ch = self.text[position]
        if ch == "'":
            return JsonSyntaxError("python-literal", position, "single quotes are Python, not JSON")
        shown = ch if ch.isprintable() else f"U+{ord(ch):04X}"
        return JsonSyntaxError("invalid", position, f"expected {expected}, found `{shown}`")

    def skip(self, position: int) -> int:
        """The next position that is neither white space nor inside a comment."""
        ch = self.text[position : position + 1]
        if ch in PUNCTUATION:
            return position
        if ch == " " and self.text[position + 1 : position + 2] in PUNCTUATION:
            return position + 1
        while True:
            position = match_end(WHITESPACE, self.text, position)
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
        """The last step to the value that is being read, from its container; () while a key is read."""
        if not self.stack:
            return ()
        container = self.stack[-1]
        if container.items is not None:
            return (len(container.items),)
        if container.members and container.members[-1].node is _NOT_READ_YET:
            return (container.members[-1].key,)
        return ()

    def problem(self, kind: str, start: int, end: int, detail: str, tail: Pointer = ()) -> None:
        """Note a problem; `tail` is the last step of its pointer, the open containers give the rest."""
        if len(self.problems) >= MAX_PROBLEMS:
            return
        pointer: list[str | int] = []
        for container in self.stack[:-1]:
            if container.items is not None:
                pointer.append(len(container.items) - 1)
            elif container.members:
                pointer.append(container.members[-1].key)
        self.problems.append(Problem(kind, start, end, detail, (*pointer, *tail)))


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each surrogate, so that positions stay what they are."""
    return _SURROGATE.sub("\ufffd", text)


def is_unicode(text: str) -> bool:
    """Whether the text holds no surrogate, as it does where a byte was not UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def match_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a match that may be empty ends."""
    match = pattern.match(text, position)
    return match.end() if match else position


def significant_digits(number: str) -> int:
    """How many digits a reader would have to keep: `-0.012300e5` has 3.

    >>> significant_digits("-0.012300e5")
    3
    """
    mantissa = number.lower().partition("e")[0].lstrip("-").replace(".", "")
    return len(mantissa.strip("0"))


def _refuse_constant(spelling: str) -> Any:
    raise ValueError(spelling)


def _plain_float(spelling: str) -> float:
    value = float(spelling)
    if len(spelling) > MAX_SIGNIFICANT_DIGITS or value - value != 0:
        raise ValueError(spelling)
    return value


def _plain_integer(spelling: str) -> int:
    if len(spelling) > 18:
        raise ValueError(spelling)
    return int(spelling)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


_scan_strictly = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_refuse_constant,
    parse_float=_plain_float,
    parse_int=_plain_integer,
).scan_once  # type: ignore[attr-defined]
