"""JL104."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.formats import formats_of
from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule


class AmbiguousFormat(StructureRule):
    """A record satisfies two formats at once.

    With both `messages` and `text` nobody can tell which one is meant to be trained on; Together's server rejects it.
    """

    code = "JL104"
    name = "ambiguous-format"
    severity = Severity.ERROR
    help = "Keep the keys of one format and drop the others."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """More than one accepted format has all its keys here."""
        found = formats_of(record.value.keys(), record.target.formats)
        if len(found) > 1:
            names = " and ".join(f"{each.name} (`{'`, `'.join(sorted(each.required))}`)" for each in found)
            yield self.sketch((), f"the record is {names} at once")
