"""The kinds of values in a file's records: each key with each type of value under it, and where it first appears."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.structure import HOLDERS, MESSAGE_LISTS, PART_LISTS, message_lists

Kind = tuple[str, str]
"""A pointer in which `*` stands for any index, and the type of what is there: JSON's own names."""

MOST_KINDS = 10_000
"""Kinds that are noted per file; further ones are ignored."""

MOST_KNOWN = 20_000
"""How many verdicts are remembered, a finding and every 100 characters of its pointer counted as one more: they stay in
memory when their cache is cleared."""

ANY = "any"
"""Stands for the type of a value that need not have the type that it has in other records."""

_CONTENTS = PART_LISTS | {"prompt", "completion"}
"""Keys of texts that may be lists of parts instead."""

_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


class FirstSeen(NamedTuple):
    """Where a kind first appears, in lines and bytes from the start of the part.

    `failed`: its record has another error anyway. `record_offset` is where its record begins.
    """

    line: int
    record_offset: int
    byte_offset: int
    column: int
    end_column: int
    failed: bool
    pointer: str

    def shifted(self, lines: int, offset: int) -> "FirstSeen":
        """Return the same place in a part that begins earlier by this many lines and bytes."""
        if not (lines or offset):
            return self
        return self._replace(
            line=self.line + lines,
            record_offset=self.record_offset + offset,
            byte_offset=self.byte_offset + offset,
        )


PLAIN_CHAT: tuple[Kind, ...] = (
    ("/messages", "array"),
    ("/messages/*/role", "string"),
    ("/messages/*/content", "string"),
)
"""The kinds of a conversation that is nothing but roles and texts."""


class KindLog:
    """The first place of each kind. `append` is associative, so it does not depend on how the file was cut."""

    def __init__(self) -> None:
        self.first: dict[Kind, FirstSeen] = {}
        self.known: dict[int, Verdict] = {}
        """Verdicts, by their ids, on records whose kinds have all been noted; a cache, not part of the log."""
        self._known_size = 0

    @property
    def has_room(self) -> bool:
        """Whether further kinds are noted."""
        return len(self.first) < MOST_KINDS

    def note(self, kind: Kind, where: FirstSeen) -> None:
        """Note that a value of this kind is there."""
        if kind not in self.first and self.has_room:
            self.first[kind] = where

    def append(self, right: "KindLog", lines: int, offset: int) -> None:
        """Add the kinds of the next part, which begins after `lines` lines and `offset` bytes."""
        for kind, where in right.first.items():
            self.note(kind, where.shifted(lines, offset))
        if right.known:
            self.remember(right.known)

    def remember(self, known: dict[int, Verdict]) -> None:
        """Remember that all kinds in records with these verdicts have been noted."""
        added = {number: verdict for number, verdict in known.items() if number not in self.known}
        size = sum([1 + _size(verdict) for verdict in added.values()])
        if self._known_size + size > MOST_KNOWN:
            self.known.clear()
            self._known_size = 0
        self.known.update(added)
        self._known_size += size

    def copy(self) -> "KindLog":
        """Return a copy that can grow independently."""
        log = KindLog()
        log.first = dict(self.first)
        return log

    def new(self, kinds: Iterable[Kind]) -> bool:
        """Whether any of the kinds has not been noted yet."""
        return self.has_room and not all([kind in self.first for kind in kinds])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KindLog) and list(self.first.items()) == list(other.first.items())

    def __getstate__(self) -> dict[Kind, FirstSeen]:
        return self.first

    def __setstate__(self, state: dict[Kind, FirstSeen]) -> None:
        self.first, self.known, self._known_size = state, {}, 0


def _size(verdict: Verdict) -> int:
    parts = chain.from_iterable([sketch.pointer for sketch in verdict.sketches])
    return len(verdict.sketches) + sum([len(part) for part in parts if type(part) is str]) // 100


def placed_kinds(record: Mapping[str, Any]) -> Iterator[tuple[Kind, Pointer]]:
    """Yield the kinds of a record's values that its structure shows, and of tool-call arguments, with their places."""
    free = _free_contents(record)
    for key, value in record.items():
        yield (f"/{_escaped(key)}", ANY if key in free else _type(value)), (key,)
        if type(value) is list and key in MESSAGE_LISTS:
            yield from _in_messages(value, f"/{key}/*", (key,), free)
        elif type(value) is dict and key in HOLDERS:
            for inner, item in value.items():
                yield (f"/{key}/{_escaped(inner)}", _type(item)), (key, inner)
                if type(item) is list and inner in MESSAGE_LISTS:
                    yield from _in_messages(item, f"/{key}/{inner}/*", (key, inner), free)


def _free_contents(record: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys of contents if they need not have the same type as in other records: with an image.

    Targets take either lists or texts in one record, so one list with an image makes lists of all.
    """
    for _, items in message_lists(record):
        if _needs_parts(items) or any([type(item) is dict and _needs_parts(item.get("content")) for item in items]):
            return _CONTENTS
    return frozenset()


def _in_messages(messages: list[Any], shape: str, at: Pointer, free: frozenset[str]) -> Iterator[tuple[Kind, Pointer]]:
    for index, message in enumerate(messages):
        if type(message) is dict:
            for key, value in message.items():
                yield (f"{shape}/{_escaped(key)}", ANY if key in free else _type(value)), (*at, index, key)
                if type(value) is list and key in PART_LISTS:
                    yield from _in_parts(value, f"{shape}/{key}/*", (*at, index, key))
            yield from _arguments(message, shape, (*at, index))


def _needs_parts(content: Any) -> bool:
    """Whether some of the content cannot be written as a string, so that lists and strings may stand side by side."""
    parts = content if type(content) is list else ()
    return any([type(part) is dict and part.get("type", "text") != "text" and "role" not in part for part in parts])


def _in_parts(parts: list[Any], shape: str, at: Pointer) -> Iterator[tuple[Kind, Pointer]]:
    for index, part in enumerate(parts):
        if type(part) is dict:
            for key, value in part.items():
                yield (f"{shape}/{_escaped(key)}", _type(value)), (*at, index, key)


def _arguments(message: dict[str, Any], shape: str, at: Pointer) -> Iterator[tuple[Kind, Pointer]]:
    calls = message.get("tool_calls")
    for index, call in enumerate(calls) if type(calls) is list else ():
        function = call.get("function") if type(call) is dict else None
        if type(function) is dict and "arguments" in function:
            pointer = (*at, "tool_calls", index, "function", "arguments")
            yield (f"{shape}/tool_calls/*/function/arguments", _type(function["arguments"])), pointer


KIND_OF_ARGUMENTS: Mapping[type, Kind] = {
    of: ("/messages/*/tool_calls/*/function/arguments", _TYPES[of]) for of in (str, dict)
}
"""The kinds of the arguments of well-formed calls in a conversation."""


def argument_kinds(record: Mapping[str, Any]) -> list[Kind]:
    """Return only the kinds of tool-call arguments, which no structure shows."""
    return [
        kind
        for shape, messages in message_lists(record)
        for message in messages
        if type(message) is dict and "tool_calls" in message
        for kind, _ in _arguments(message, shape, ())
    ]


def _type(value: Any) -> str:
    return _TYPES.get(type(value), "null")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")[:200]
