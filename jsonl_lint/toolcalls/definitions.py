"""The definitions of tools. They repeat from record to record, so each distinct one is looked into once."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from jsonl_lint.model import Pointer
from jsonl_lint.parameters import Parameters
from jsonl_lint.record import Record

MAX_REMEMBERED = 2_000
MAX_REMEMBERED_BYTES = 4_000_000
MOST_SHARED = 16
"""Of each kind, lists of tools, tools and their parameters: how many are remembered, and the bytes of their keys."""


class Remark(NamedTuple):
    """Something to report about a list of definitions: at a place in the list."""

    pointer: Pointer
    message: str
    help: str = ""


class _Memory:
    """Values by their bytes, bounded. What is remembered depends on nothing but the bytes."""

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


_lists, _single, _schemas = _Memory(), _Memory(), _Memory()


class Definition:
    """One item of `tools`. `function` is its function, `name` the function's name: None where it has none."""

    def __init__(self, value: Any) -> None:
        self.value = value
        function = value.get("function") if isinstance(value, dict) else None
        self.function = function if isinstance(function, dict) else None
        name = self.function.get("name") if self.function else None
        self.name = name if isinstance(name, str) else None
        described = self.function is not None and "parameters" in self.function
        self.parameters = _schemas.find((self.function or {})["parameters"], Parameters) if described else None


class Definitions:
    """The items of `tools`. What rules say of them is remembered."""

    def __init__(self, items: tuple[Definition, ...]) -> None:
        self.items = items
        self._remarks: dict[Look, tuple[Remark, ...]] = {}
        self._flawless: bool | None = None
        self.by_name: dict[str, Definition] = {}
        for item in items:
            if item.name is not None:
                self.by_name.setdefault(item.name, item)
        self.named = bool(items) and all(item.name is not None for item in items)

    def remarks(self, look: Look) -> tuple[Remark, ...]:
        """What a rule says of them."""
        found = self._remarks.get(look)
        if found is None:
            found = self._remarks[look] = tuple(look(self))
        return found

    @property
    def flawless(self) -> bool:
        """Whether no rule says anything of them, selected or not."""
        if self._flawless is None:
            self._flawless = self.named and not any(self.remarks(look) for look in _looks)
        return self._flawless


Look = Callable[[Definitions], Iterable[Remark]]

_looks: list[Look] = []


def about_definitions(look: Look) -> Look:
    """Registers what a rule has to say of definitions, so that those of which no rule has anything are known."""
    _looks.append(look)
    return look


_by_identity: dict[int, tuple[list[Any], Definitions]] = {}
"""For lists that records share: the list is kept, so no other has its identity."""


def define(tools: list[Any]) -> Definitions:
    """The definitions in a list of tools. Nobody changes one; records may share it."""
    known = _by_identity.get(id(tools))
    if known is None:
        known = tools, _lists.find(tools, _define)
        if len(_by_identity) >= MOST_SHARED:
            _by_identity.clear()
        _by_identity[id(tools)] = known
    return known[1]


def _define(tools: list[Any]) -> Definitions:
    return Definitions(tuple(_single.find(item, Definition) for item in tools))


def definitions(record: Record) -> Definitions:
    """The record's definitions; none if its tools are no array."""
    return record.shared(_definitions)


def _definitions(record: Record) -> Definitions:
    tools = record.tools
    return define(tools) if isinstance(tools, list) else Definitions(())


def remarks(record: Record, look: Look) -> Iterable[Remark]:
    """What a rule says of the record's definitions, with places in the record. Equal definitions are asked once."""
    found = record.shared(_definitions).remarks(look)
    return [remark._replace(pointer=(*record.tools_at, *remark.pointer)) for remark in found] if found else ()


def defines_tools(record: Record) -> bool:
    """Whether there are definitions to look into; this much an abstract record tells as well."""
    return isinstance(record.tools, list) and bool(record.tools)
