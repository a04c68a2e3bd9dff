"""JL104."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.formats import formats_of
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class AmbiguousFormat(StructureRule):
    """A record satisfies two formats at once.

    With both `messages` and `text` nobody can tell which one is meant to be trained on; Together's server rejects it.
    So does mistral-finetune `tools` beside `available_tools`, its older name for them.
    """

    code = "JL104"
    name = "ambiguous-format"
    severity = Severity.ERROR
    help = "Keep the keys of one format and drop the others."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the record if all keys of more than one accepted format are there, or both keys of tools."""
        found = formats_of(record.value.keys(), record.target.formats)
        if len(found) > 1:
            names = " and ".join(f"{each.name} (`{'`, `'.join(sorted(each.required))}`)" for each in found)
            yield self.sketch((), f"the record is {names} at once")
        elif found and record.value.keys() & set(record.target.keys.get(found[0].name, ())) >= _BOTH_TOOLS:
            yield self.sketch(("available_tools",), "the record has `tools` and `available_tools`", _ONE_OF_THEM)


_BOTH_TOOLS = {"tools", "available_tools"}
_ONE_OF_THEM = "Keep one of the two lists."
