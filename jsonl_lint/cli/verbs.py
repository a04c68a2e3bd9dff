"""The verbs by name. A verb's file is imported on use, so that no verb pays for the others."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module

import click


class Verbs(MutableMapping[str, click.Command]):
    """Each name is that of a module in this folder and of the command in it."""

    def __init__(self, *names: str) -> None:
        self.loaded: dict[str, click.Command | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> click.Command:
        verb = self.loaded[name]
        if verb is None:
            found: click.Command = getattr(import_module(f"jsonl_lint.cli.{name}"), name)
            self.loaded[name] = verb = found
        return verb

    def __contains__(self, name: object) -> bool:
        return name in self.loaded

    def __setitem__(self, name: str, verb: click.Command) -> None:
        self.loaded[name] = verb

    def __delitem__(self, name: str) -> None:
        del self.loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.loaded)

    def __len__(self) -> int:
        return len(self.loaded)
