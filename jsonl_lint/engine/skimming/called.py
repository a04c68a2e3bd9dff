"""Read the tools and calls of a record that the skim recognised, from their places in its line."""

from __future__ import annotations

from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint.toolcalls.definitions import Definitions, define
from jsonl_lint.toolcalls.screen import fits_definition

_MOST_TOOLS = 64
"""How many lists of tools are cached by their bytes."""


class Called(NamedTuple):
    """The tools of a record, and the name and arguments of each call."""

    tools: Any
    definitions: Definitions
    calls: list[tuple[str, str]]

    def fit(self) -> bool:
        """Whether the tool definitions are flawless and the arguments of each call match them."""
        return self.definitions.flawless and all(
            [fits_definition(name, arguments, self.definitions) for name, arguments in self.calls]
        )

    def texts(self) -> tuple[list[str], Any]:
        """Return the calls as models see them, and the tools."""
        from jsonl_lint.tokens.conversation import call_text  # slow to import

        return [call_text({"name": name, "arguments": arguments}) for name, arguments in self.calls], self.tools


class ToolReader:
    """Reads the tools and calls of records. Many records have the same list of tools, so lists are cached."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[Any, Definitions]] = {}

    def read(self, tools: bytes, calls: list[tuple[int, ...]], data: bytes) -> Called:
        """Return the tools and calls of a record; `calls` has the places of each call's name and arguments."""
        if tools not in self.known:
            if len(self.known) == _MOST_TOOLS:
                self.known.clear()
            value = loads(tools)
            self.known[tools] = value, define(value)
        named = [(data[name:end].decode(), loads(data[at - 1 : to + 1])) for name, end, at, to in calls]
        return Called(*self.known[tools], named)
