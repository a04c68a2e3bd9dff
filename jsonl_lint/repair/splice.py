"""Turn the verbs of a repair into the smallest edits of a line's text. Only this module takes care of commas.

Positions are code points of the line. What no edit covers stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.jsonspan import ByteOffsets, Member, Node, Nodes
from jsonl_lint.model import Edit, Pointer
from jsonl_lint.repair import (
    BreakLine,
    CopyRecord,
    Delete,
    DropRecord,
    EditText,
    Insert,
    Join,
    Move,
    Quote,
    Rename,
    Replace,
    Substitute,
    Unquote,
    Verb,
    Wrap,
    as_json,
)
from jsonl_lint.repair.spelling import pieces_spelled

Element = Member | Node
"""What is between two commas: a member (key and value) or an item."""


class TextEdit(NamedTuple):
    """Replacement text for the code points `start:end`."""

    start: int
    end: int
    text: str


class PlaceNotFoundError(LookupError):
    """A verb names a place that the record does not have."""


class Splicer:
    """Turns verbs into edits of one line. `text` is the line without its line ending, `end` is that ending.

    New lines end as this one does, or with `usual_end` if it has no ending. If `nodes` are not given, the text is
    parsed once, when they are first needed.
    """

    def __init__(self, text: str, end: str = "", nodes: Nodes | None = None, usual_end: str = "\n") -> None:
        self.text = text
        self.end = end
        self.new_end = end or usual_end
        self._nodes = nodes
        self._indices: dict[int, dict[str, int]] = {}
        """The members of objects by key, by the object's id; of two equal keys the last."""

    @property
    def nodes(self) -> Nodes:
        """The places of the record.

        Raises:
            JsonSyntaxError: the text is no record, so that only `Substitute` and `DropRecord` can be meant.
        """
        if self._nodes is None:
            self._nodes = Nodes(jsonspan.parse(self.text))
        return self._nodes

    def edits(self, verbs: Sequence[Verb]) -> list[TextEdit]:
        """Return the edits of these verbs, in order of their places.

        Raises:
            PlaceNotFoundError: a verb names a place that is not there.
        """
        if len(verbs) == 1:  # as most repairs have
            verb = verbs[0]
            if isinstance(verb, Delete):
                return self.without(verb.pointer[:-1], verb.pointer[-1:])
            if not isinstance(verb, (Wrap, EditText, Move)):
                return [self.edit(verb)]
        found: list[TextEdit] = []
        gone: dict[Pointer, list[str | int]] = {}
        for verb in verbs:
            if isinstance(verb, (Delete, Move)):
                gone.setdefault(verb.pointer[:-1], []).append(verb.pointer[-1])
        for container, parts in gone.items():
            found += self.without(container, parts)
        for verb in verbs:
            if isinstance(verb, Wrap):
                node = self.node(verb.pointer)
                found += [TextEdit(node.start, node.start, verb.before), TextEdit(node.end, node.end, verb.after)]
            elif isinstance(verb, EditText):
                found += self.edited_text(self.node(verb.pointer), verb)
            elif not isinstance(verb, Delete):
                found.append(self.edit(verb))
        found.sort(key=lambda edit: (edit.start, edit.end))
        if any(after.start < before.end for before, after in pairwise(found)):
            raise PlaceNotFoundError("the repair's edits overlap")
        return found

    def edit(self, verb: Verb) -> TextEdit:
        """Return the edit of one verb; of a `Move`, only the insertion."""
        if isinstance(verb, Substitute):
            return TextEdit(verb.start, verb.end, verb.text)
        if isinstance(verb, BreakLine):
            return TextEdit(verb.start, verb.end, self.new_end)
        if isinstance(verb, DropRecord):
            return TextEdit(0, len(self.text) + len(self.end), "")
        if isinstance(verb, CopyRecord):
            return TextEdit(0, 0, apply(self.text, self.edits(verb.verbs)) + self.new_end)
        if isinstance(verb, Insert):
            return self.insertion(verb.container, verb.at, verb.value, first=verb.first)
        node = self.node(verb.pointer)
        if isinstance(verb, Replace):
            return TextEdit(node.start, node.end, verb.value)
        if isinstance(verb, Rename):
            member = self.element(verb.pointer)
            return TextEdit(member.start, member.end, as_json(verb.key))
        if isinstance(verb, Move):
            return self.insertion(verb.container, verb.at, self.text[node.start : node.end])
        if isinstance(verb, Quote):
            return TextEdit(node.start, node.end, as_json(self.text[node.start : node.end]))
        if isinstance(verb, Unquote):
            if not jsonspan.is_unicode(self.text[node.start : node.end]):
                raise PlaceNotFoundError("bytes that are no UTF-8 would be lost")
            from jsonl_lint.repair.joining import on_one_line  # few values stand in quotes

            return TextEdit(node.start, node.end, on_one_line(_string(node).strip()))
        if isinstance(verb, Join):
            return self.joined(node, self.node(verb.source), verb.separator)
        raise TypeError(f"{verb!r} cannot be edited")

    def edited_text(self, node: Node, verb: EditText) -> list[TextEdit]:
        """Return an edit for each piece of the string."""
        _string(node)
        first = node.start + 1
        literal = self.text[first : node.end - 1]
        return [TextEdit(first + start, first + end, text) for start, end, text in pieces_spelled(literal, verb.pieces)]

    def joined(self, node: Node, source: Node, separator: str) -> TextEdit:
        """Return the edit that inserts the second string before the first one's closing quote."""
        _string(node), _string(source)
        more = as_json(separator)[1:-1] + self.text[source.start + 1 : source.end - 1]
        return TextEdit(node.end - 1, node.end - 1, more)

    def node(self, pointer: Pointer) -> Node:
        """Return the node of the value at the pointer."""
        node, found = self.nodes.at(pointer)
        if not found:
            raise PlaceNotFoundError(f"there is nothing at {pointer!r}")
        return node

    def element(self, pointer: Pointer) -> Element:
        """Return the member or item at the pointer."""
        parent = self.node(pointer[:-1])
        return elements_of(parent)[self.index(parent, pointer[-1])]

    def without(self, container: Pointer, parts: Sequence[str | int]) -> list[TextEdit]:
        """Return the edits that delete members or items of one container."""
        node = self.node(container)
        return deletions(node, sorted({self.index(node, part) for part in parts}))

    def index(self, node: Node, part: str | int) -> int:
        """Return the index of the member or item in its container."""
        if isinstance(part, int):
            found = part if part in range(len(node.items or ())) else None
        else:
            known = self._indices.get(id(node))
            if known is None:
                known = {member.key: index for index, member in enumerate(node.members or ())}
                self._indices[id(node)] = known
            found = known.get(part)
        if found is None:
            raise PlaceNotFoundError(f"the container has no {part!r}")
        return found

    def insertion(self, container: Pointer, at: str | int, value: str, *, first: bool = False) -> TextEdit:
        """Return the edit that inserts a member or item, with the spacing of its neighbours."""
        node = self.node(container)
        elements = elements_of(node)
        if isinstance(at, str) is (node.members is None):
            raise PlaceNotFoundError(f"{at!r} is no place of the container at {container!r}")
        if isinstance(at, str):
            value = as_json(at) + self.colon(node) + value
        index = at if isinstance(at, int) else 0 if first else len(elements)
        comma = self.comma(elements)
        if not elements:
            return TextEdit(node.start + 1, node.start + 1, value)
        if index >= len(elements):
            end = end_of(elements[-1])
            return TextEdit(end, end, comma + value)
        start = elements[index].start
        return TextEdit(start, start, value + comma)

    def comma(self, elements: Sequence[Element]) -> str:
        """Return the text between two elements: that of the container's own, or else the record's usual one."""
        if len(elements) > 1:
            between = self.text[end_of(elements[0]) : elements[1].start]
            if between.strip(" ") == ",":
                return between
        return ", " if self.spaced else ","

    def colon(self, node: Node) -> str:
        """Return the text between a key and its value."""
        if node.members:
            between = self.text[node.members[0].end : node.members[0].node.start]
            if between.strip(" ") == ":":
                return between
        return ": " if self.spaced else ":"

    @property
    def spaced(self) -> bool:
        """Whether the record has spaces after its colons, as `json.dumps` writes them by default."""
        members = self.nodes.at(())[0].members or ()
        return not members or self.text[members[0].end : members[0].node.start].endswith(" ")


def _string(node: Node) -> str:
    """Return the value of a string.

    Raises:
        PlaceNotFoundError: the node is not a string.
    """
    if not isinstance(node.value, str):
        raise PlaceNotFoundError("what is no string has no text")
    return node.value


def elements_of(node: Node) -> Sequence[Element]:
    """Return the members or items of a container."""
    return node.members if node.members is not None else node.items or ()


def end_of(element: Element) -> int:
    """Return the end of the element."""
    return element.node.end if isinstance(element, Member) else element.end


def deletions(node: Node, indices: Sequence[int]) -> list[TextEdit]:
    """Return the edits that delete the container's elements with these indices, one for each run of neighbours.

    A run is deleted with the comma before it, or at the beginning of the container with the one after it; so separate
    deletions overlap only there. If all elements are deleted, so is everything between the brackets.
    """
    elements = elements_of(node)
    found: list[TextEdit] = []
    position = 0
    while position < len(indices):
        first = last = indices[position]
        while position + 1 < len(indices) and indices[position + 1] == last + 1:
            position += 1
            last += 1
        position += 1
        if first:
            found.append(TextEdit(end_of(elements[first - 1]), end_of(elements[last]), ""))
        elif last + 1 < len(elements):
            found.append(TextEdit(elements[0].start, elements[last + 1].start, ""))
        else:
            found.append(TextEdit(node.start + 1, node.end - 1, ""))
    return found


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits, which are in order and do not overlap, and return the text."""
    parts: list[str] = []
    position = 0
    for edit in edits:
        parts += (text[position : edit.start], edit.text)
        position = edit.end
    return "".join([*parts, text[position:]])


def byte_edits(line: ByteOffsets, edits: Sequence[TextEdit], offset: int) -> tuple[Edit, ...]:
    """Return the edits in bytes; the line begins at byte `offset`."""
    return tuple([Edit(offset + line.at(start), offset + line.at(end), text) for start, end, text in edits])
