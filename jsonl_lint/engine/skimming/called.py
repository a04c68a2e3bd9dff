"""The tools and calls of a record that the skim recognised: when they count, and what its line has in their places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ctypes import PyDLL
from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint.engine.kindlog import KIND_OF_ARGUMENTS, Kind
from jsonl_lint.native.cuts import items
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.formats import PROMPTED
from jsonl_lint.records.structure import HOLDERS, MESSAGE_LISTS
from jsonl_lint.target import Target
from jsonl_lint.toolcalls.definitions import KEYS_OF_TOOLS, Definition
from jsonl_lint.toolcalls.screen import SCREEN, fits, fits_undefined, is_plain_target

_MOST_LISTS, _MOST_DEFINED, _MOST_BYTES = 64, 2_000, 4_000_000
"""How many lists of tools are cached; how many definitions, and their bytes; as many bytes if only the name is."""


def screened_as_bytes(verdict: Verdict, keys: Collection[str], target: Target) -> bool:
    """Whether the recogniser finds all that the screen of tools asks for. It pairs the calls of `messages` alone.

    `keys` are those of the record; of those of definitions, it knows `tools`.
    """
    if not verdict.has_screen(SCREEN) or not is_plain_target(target):
        return False
    if verdict.calls and any([key in keys for key in _OTHER_HOLDERS]):
        return False
    if "tools" not in keys and any([key in keys for key in KEYS_OF_TOOLS]):
        return False
    just_defined = not any([rule.late for screen, rules in verdict.rules if screen == SCREEN for rule in rules])
    return verdict.format == "chat" or (verdict.format in PROMPTED and just_defined)


_OTHER_HOLDERS = (MESSAGE_LISTS | HOLDERS) - {"messages"}
"""Root keys under which there may be calls that it does not read: those of a chat beside its messages."""


class Tools(NamedTuple):
    """A list of flawless definitions of tools: how the list is spelled, and each definition by its name."""

    spelled: bytes
    by_name: Mapping[str, bytes]


class Call(NamedTuple):
    """A call: the definition of its tool, None if there is none; its name; and its arguments, a text or an object."""

    definition: Definition | None
    name: str
    arguments: str | dict[str, Any]


_NO_TOOLS = Tools(b"", {})


class Called(NamedTuple):
    """The tools of a record, None if some definition is not flawless; and its calls."""

    tools: Tools | None
    calls: list[Call]

    def fit(self, types: tuple[type, ...]) -> bool:
        """Whether the definitions are flawless, and the arguments of each call match them and have one of the types."""
        if self.tools is None or not all([type(call.arguments) in types for call in self.calls]):
            return False
        if self.tools is _NO_TOOLS:
            return all([fits_undefined(call.name, call.arguments) for call in self.calls])
        return all([fits(call.definition, call.arguments) for call in self.calls])

    def kinds(self) -> list[Kind]:
        """The kinds of the arguments."""
        return [KIND_OF_ARGUMENTS[type(call.arguments)] for call in self.calls]

    def texts(self) -> tuple[list[str], Any]:
        """Return the calls as models see them, and the tools."""
        from jsonl_lint.tokens.conversation import call_text  # slow to import

        calls = [call_text({"name": call.name, "arguments": call.arguments}) for call in self.calls]
        return calls, loads(self.tools.spelled) if self.tools and self.tools.spelled else None


class ToolReader:
    """Reads the tools and calls of records. Many have the same, so lists and definitions are known by their bytes."""

    def __init__(self, library: PyDLL) -> None:
        self.library = library
        self.lists: dict[bytes, Tools | None] = {}
        self.definitions: dict[bytes, Definition] = {}
        """The most recent ones."""
        self.defined_size = 0
        self.names: dict[bytes, str] = {}
        """Those of flawless definitions, of which most are never called."""
        self.size = 0

    def read(self, tools: bytes, calls: list[tuple[int, ...]], data: bytes) -> Called:
        """Return the tools and calls of a record; `calls` has the places of each call's name and arguments.

        `tools` is empty if it has no such key.
        """
        found = self.list_of(tools) if tools else _NO_TOOLS
        by_name = found.by_name if found else {}
        made: list[Call] = []
        for start, end, at, to in calls:
            name = data[start:end].decode()
            quotes = data[at - 1 : at] == b'"'
            definition = self.defined(by_name[name]) if name in by_name else None
            made.append(Call(definition, name, loads(data[at - quotes : to + quotes])))
        return Called(found, made)

    def list_of(self, tools: bytes) -> Tools | None:
        """Return what `read_list` does, and remember it."""
        if tools not in self.lists:
            if len(self.lists) == _MOST_LISTS:
                self.lists.clear()
            self.lists[tools] = self.read_list(tools)
        return self.lists[tools]

    def read_list(self, tools: bytes) -> Tools | None:
        """Return the definitions in a list that is JSON, None if one of them is not flawless, or a name is repeated."""
        spelled = items(self.library, tools)
        names = [self.names.get(item) or self.name_of(item) for item in spelled]
        by_name = dict(zip(names, spelled, strict=True))
        return Tools(tools, by_name) if names and "" not in by_name and len(by_name) == len(names) else None

    def name_of(self, spelled: bytes) -> str:
        """Return the name of a definition if it is flawless, and remember it; nothing otherwise."""
        definition = self.defined(spelled)
        if not definition.flawless or not definition.name:
            return ""
        if self.size > _MOST_BYTES:
            self.names.clear()
            self.size = 0
        self.names[spelled] = definition.name
        self.size += len(spelled)
        return definition.name

    def defined(self, spelled: bytes) -> Definition:
        """Return a definition that is JSON."""
        known = self.definitions.get(spelled)
        if known is None:
            if len(self.definitions) == _MOST_DEFINED or self.defined_size > _MOST_BYTES:
                self.definitions.clear()
                self.defined_size = 0
            known = self.definitions[spelled] = Definition(loads(spelled))
            self.defined_size += len(spelled)
        return known
