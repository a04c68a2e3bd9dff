"""The results of the exact parser: values with their positions, problems, or the reason why it failed."""

from typing import Any, NamedTuple

from jsonl_lint.model import Pointer

A_KEY, A_COLON, A_VALUE = "a key in double quotes", "`:` after the key", "a value"
COMMA_OR = "`,` or "
"""What a parser may miss; the last one goes on with the bracket that may stand there as well, in the same quotes."""


class JsonSyntaxError(ValueError):
    """The text has no plausible reading as one JSON value.

    `kind` is `truncated`, `unterminated-string`, `extra-data`, `python-literal`, `too-deep`, `no-value` or `invalid`;
    `expected` says what an invalid text lacks at `position`, where that can be told, and `problems` are those found
    before it.
    """

    def __init__(self, kind: str, position: int, reason: str, expected: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.position = position
        self.reason = reason
        self.expected = expected
        self.problems: list[Problem] = []


class Problem(NamedTuple):
    """A breakage with one plausible reading. `kind` is the name of the rule that reports it."""

    kind: str
    start: int
    end: int
    detail: str
    pointer: Pointer = ()


class Node:
    """A value and its place: `text[start:end]`. `members` is set for objects, `items` for arrays.

    A container that was read in one go has neither, until `children` looks into it.
    """

    __slots__ = ("end", "items", "members", "start", "value")

    def __init__(
        self,
        start: int,
        end: int,
        value: Any,
        members: "list[Member] | None" = None,
        items: "list[Node] | None" = None,
    ) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.members = members
        self.items = items


class Member:
    """A key of an object, with its place, and its value. An object may hold the same key twice."""

    __slots__ = ("end", "key", "node", "start")

    def __init__(self, key: str, start: int, end: int, node: Node) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.node = node


class Document(NamedTuple):
    """A parsed text: its value (the last of two equal keys wins), its nodes and its problems."""

    text: str
    root: Node
    problems: list[Problem]
