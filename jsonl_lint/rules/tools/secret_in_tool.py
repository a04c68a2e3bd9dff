"""JL321."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from typing import Any

from jsonl_lint import toolcalls
from jsonl_lint.model import Pointer, Severity
from jsonl_lint.rule import Record, Screen, Sketch
from jsonl_lint.rules.tools._base import DefinitionRule
from jsonl_lint.toolcalls import Definition, Remark
from jsonl_lint.wording import has_long_run


class SecretInTool(DefinitionRule):
    """The definition of a tool holds what looks like a working secret.

    It may be in a description, or in a parameter's `default` or `examples`: definitions are often copied from a service
    that runs. They are part of every prompt, so the model sees it in training. Looked at are `tools`, also those that
    the provider defines itself, such as the headers of an MCP server, and the older `functions`, in records of any
    format. What counts as a secret is what `secret-in-content` says; the finding never shows it.
    """

    code = "JL321"
    name = "secret-in-tool"
    severity = Severity.WARNING
    help = "Revoke the secret, then replace it in the definition."
    formats = ("*",)
    needs = ""
    sensitive = True

    def concerns(self, record: Record) -> bool:
        """Whether there are definitions, wherever they are."""
        return toolcalls.defines_tools(record) or _are_elsewhere(record)

    def screen_for(self, record: Record) -> Screen | None:
        """Return no screen if there are definitions that it does not know."""
        return None if _are_elsewhere(record) else self.screen

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield one finding for each kind in a text of a definition."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message)
        for place, value in toolcalls.other_definitions(record):
            for remark in _remarks(place, value):
                yield self.sketch(remark.pointer, remark.message)


def _are_elsewhere(record: Record) -> bool:
    return any(True for _ in toolcalls.other_definitions(record))


@toolcalls.about_each_definition
def _look(definition: Definition) -> Iterator[Remark]:
    return _remarks((), definition.value)


def _remarks(place: Pointer, value: Any) -> Iterator[Remark]:
    from jsonl_lint.secrets import first_of_each_kind

    for pointer, text in _strings(value) if _may_hold_one(value) else ():
        for secret in first_of_each_kind(text):
            yield Remark((*place, *pointer), f"the definition holds {secret.kind}{secret.shown}")


def _strings(value: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield every string in a definition with its pointer from it, in any order."""
    waiting: list[tuple[Pointer, Any]] = [((), value)]
    while waiting:
        pointer, item = waiting.pop()
        if type(item) is str:
            yield pointer, item
        elif type(item) is dict:
            waiting += [((*pointer, key), each) for key, each in item.items()]
        elif type(item) is list:
            waiting += [((*pointer, index), each) for index, each in enumerate(item)]


def _may_hold_one(value: Any) -> bool:
    """Whether its texts have to be looked at one by one, which takes much longer than this."""
    try:
        texts = marshal.dumps(value, 2)  # they stand in it as they are
    except ValueError:
        return True
    return b"@" in texts or has_long_run(texts)
