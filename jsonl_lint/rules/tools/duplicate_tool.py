"""JL305."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch
from jsonl_lint.rules.tools._base import DefinitionRule
from jsonl_lint.toolcalls import Definitions, Remark
from jsonl_lint.wording import excerpt


class DuplicateTool(DefinitionRule):
    """Two definitions have the same name.

    Nobody can tell which of the two a call means.
    """

    code = "JL305"
    name = "duplicate-tool"
    severity = Severity.WARNING
    help = "Delete one of them, or give it another name."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield every definition whose name an earlier one has."""
        for remark in toolcalls.remarks(record, _look):
            yield self.sketch(remark.pointer, remark.message)


def _look(definitions: Definitions) -> Iterator[Remark]:
    if len(definitions.by_name) == len(definitions.placed):
        return
    first: dict[str, int] = {}
    for index, (place, definition) in enumerate(definitions.placed):
        if definition.name is None:
            continue
        earlier = first.setdefault(definition.name, index)
        if earlier != index:
            same = definition.value == definitions.placed[earlier][1].value
            how = "the same definition" if same else "another definition"
            yield Remark(place, f"{excerpt(definition.name)} is also tool {earlier} of the list, with {how}")
