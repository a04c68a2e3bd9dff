"""The results of the exact parser: values with their positions, problems, or the reason why it failed."""

from typing import Any, NamedTuple

from jsonl_lint.model import Pointer

A_KEY, A_COLON, A_VALUE = "a key in double quotes", "`:` after the key", "a value"
COMMA_OR = "`,` or "
"""What the parser may expect (`JsonSyntaxError.expected`). After the last one comes the bracket that would also do."""


class JsonSyntaxError(ValueError):
    """The text has no plausible reading as one JSON value.

    `kind` is `truncated`, `unterminated-string`, `extra-data`, `python-literal`, `too-deep`, `no-value` or `invalid`.
    The parser stopped at `position`; `expected` is what it expected there, "" if it cannot say. `problems` were found
    before that.
    """

    def __init__(self, kind: str, position: int, reason: str, expected: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.position = position
        self.reason = reason
        self.expected = expected
        self.problems: list[Problem] = []
        self.whole: dict[int, Node] = {}
        """The containers that were read as a whole before that, by their places."""


class Problem(NamedTuple):
    """A defect with one plausible reading, at the code points `start:end`.

    `kind` is the name of the rule that reports it. `detail` depends on the kind. `pointer` is the value that has it.
    """

    kind: str
    start: int
    end: int
    detail: str
    pointer: Pointer = ()


class Node:
    """A value and its place, `text[start:end]`. `members` is set for objects, `items` for arrays.

    A container that was read as a whole has neither, until `children` looks into it. While the parser is inside a
    container, `end` is -1.
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
    """A member of an object: its value, and its key with the place of that, quotes included. Keys may be repeated."""

    __slots__ = ("end", "key", "node", "start")

    def __init__(self, key: str, start: int, end: int, node: Node) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.node = node


class Document(NamedTuple):
    """A parsed text: the node of its value, in which the last of equal keys wins, and its problems."""

    text: str
    root: Node
    problems: list[Problem]
