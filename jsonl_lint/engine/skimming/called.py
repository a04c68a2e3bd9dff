"""The tools and calls of a record that the skim recognised: when they count, and what its line has in their places."""

from __future__ import annotations

from typing import Any, NamedTuple

from orjson import loads

from jsonl_lint.formats import PROMPTED
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.target import Target
from jsonl_lint.toolcalls.definitions import Definitions, define
from jsonl_lint.toolcalls.screen import SCREEN, fits_definition, is_plain_target

_MOST_TOOLS = 64
"""How many lists of tools are cached by their bytes."""


def screened_as_bytes(verdict: Verdict, target: Target) -> bool:
    """Whether the recogniser finds all that the screen of tools asks for. It pairs the calls of `messages` alone."""
    if SCREEN not in verdict.screens or not is_plain_target(target):
        return False
    just_defined = not any([rule.late for rule in verdict.rules if rule.screen is SCREEN])
    return verdict.format == "chat" or (verdict.format in PROMPTED and just_defined)


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
