"""Tool definitions. They repeat from record to record, so each distinct one is checked only once."""

import marshal
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer, value_or_none
from jsonl_lint.record import Record
from jsonl_lint.toolcalls.geminischema import json_schema
from jsonl_lint.toolcalls.parameters import Parameters
from jsonl_lint.toolcalls.shapes import GEMINI, OPENAI, ToolShape, shape_of

MAX_REMEMBERED = 2_000
MAX_REMEMBERED_BYTES = 4_000_000
MOST_SHARED = 16
"""Of each kind, lists of tools, tools and their parameters: how many are remembered, and the bytes of their keys."""


class Remark(NamedTuple):
    """Something to report about a list of definitions, with its place in the list."""

    pointer: Pointer
    message: str


class _Memory:
    """A bounded cache of values by bytes, on which they depend and on nothing else."""

    def __init__(self) -> None:
        self.known: dict[bytes, Any] = {}
        self.size = 0

    def find(self, value: Any, make: Callable[[Any], Any]) -> Any:
        try:
            key = marshal.dumps(value, 2)
        except ValueError:  # a Python object that JSON does not know, or very deep nesting
            return make(value)
        found = self.known.get(key)
        if found is None:
            found = make(value)
            if len(key) > MAX_REMEMBERED_BYTES // 10:
                return found
            if len(self.known) >= MAX_REMEMBERED or self.size > MAX_REMEMBERED_BYTES:
                self.known.clear()
                self.size = 0
            self.known[key] = found
            self.size += len(key)
        return found


class _Memories(NamedTuple):
    """What is known of the tools of one shape: lists of them, and single ones."""

    lists: _Memory
    single: _Memory


_known: dict[str, _Memories] = {}
"""By the name of a shape's calls."""

_schemas = _Memory()


class Definition:
    """One definition of a tool. `function` is the object that holds its name, `name` that name: None if it has none.

    `parameters_at` leads from the definition to the schema of its arguments.
    """

    def __init__(self, value: Any, shape: ToolShape = OPENAI) -> None:
        self.value = value
        self.shape = shape
        self.parameters_at = (*shape.function, *shape.schema)
        function = value_or_none(value, shape.function)
        self.function = function if isinstance(function, dict) else None
        name = self.function.get("name") if self.function else None
        self.name = name if isinstance(name, str) and name else None
        holder = value_or_none(self.function, shape.schema[:-1])
        self.described = isinstance(holder, dict) and shape.schema[-1] in holder
        schema = value_or_none(self.function, shape.schema) if self.described else None
        if shape is GEMINI:
            schema = json_schema(schema)
        self.parameters = _schemas.find(schema, Parameters) if self.described else None


class Definitions:
    """The definitions in a list of tools, each with its place in the list. What rules say of them is remembered."""

    def __init__(self, placed: tuple[tuple[Pointer, Definition], ...]) -> None:
        self.placed = placed
        self._remarks: dict[Look, tuple[Remark, ...]] = {}
        self._looked = 0
        self.by_name: dict[str, Definition] = {}
        for _, item in placed:
            if item.name is not None:
                self.by_name.setdefault(item.name, item)
        self.named = bool(placed) and all(item.name is not None for _, item in placed)

    def remarks(self, look: "Look") -> tuple[Remark, ...]:
        """What a rule says of them."""
        found = self._remarks.get(look)
        if found is None:
            found = self._remarks[look] = tuple(look(self))
        return found

    @property
    def flawless(self) -> bool:
        """Whether no rule has anything to say of them, as far as rules have been asked."""
        while self._looked < len(_looks) and not self.remarks(_looks[self._looked]):
            self._looked += 1
        return self.named and self._looked == len(_looks)


Look = Callable[[Definitions], Iterable[Remark]]

_looks: list[Look] = []


def about_definitions(look: Look) -> Look:
    """Registers a rule's check of definitions, so that it is known which definitions are flawless for all rules."""
    _looks.append(look)
    return look


_by_identity: dict[tuple[int, str], tuple[list[Any], Definitions]] = {}
"""For lists that records share: the list is kept, so no other has its identity."""


def define(tools: list[Any], shape: ToolShape = OPENAI) -> Definitions:
    """The definitions in a list of tools. Nobody changes one; records may share it."""
    known = _by_identity.get((id(tools), shape.call))
    if known is None:
        memories = _known.setdefault(shape.call, _Memories(_Memory(), _Memory()))

        def make(items: list[Any]) -> Definitions:
            return Definitions(
                tuple(
                    (place, memories.single.find(item, lambda value: Definition(value, shape)))
                    for place, item in _located(items, shape)
                )
            )

        known = tools, memories.lists.find(tools, make)
        if len(_by_identity) >= MOST_SHARED:
            _by_identity.clear()
        _by_identity[id(tools), shape.call] = known
    return known[1]


def _located(tools: list[Any], shape: ToolShape) -> Iterator[tuple[Pointer, Any]]:
    """Each definition with its place. Tools that the provider defines itself have none."""
    for index, item in enumerate(tools):
        if isinstance(item, dict) and _is_built_in(item, shape):
            continue
        key = next((key for key in shape.listed if isinstance(item, dict) and key in item), None)
        if key is not None and isinstance(item[key], list):
            yield from (((index, key, inner), each) for inner, each in enumerate(item[key]))
        else:
            yield (index,), item


def _is_built_in(item: dict[str, Any], shape: ToolShape) -> bool:
    if shape.listed:
        return not any(key in item for key in (*shape.listed, "function", "name"))
    return shape.typed and item.get("type", "custom") not in ("custom", "function")


def definitions(record: Record) -> Definitions:
    """The record's definitions; none if its tools are no array."""
    return record.shared(_definitions)


def _definitions(record: Record) -> Definitions:
    tools = record.tools
    return define(tools, shape_of(record)) if isinstance(tools, list) else Definitions(())


def remarks(record: Record, look: Look) -> Iterable[Remark]:
    """What a rule says of the record's definitions, with places in the record. Equal definitions are asked once."""
    found = record.shared(_definitions).remarks(look)
    return [remark._replace(pointer=(*record.tools_at, *remark.pointer)) for remark in found] if found else ()


def defines_tools(record: Record) -> bool:
    """Whether there are definitions to look into; this much an abstract record tells as well."""
    return isinstance(record.tools, list) and bool(record.tools)
