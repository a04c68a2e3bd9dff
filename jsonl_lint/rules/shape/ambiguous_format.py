"""JL104."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.records.formats import formats_of
from jsonl_lint.rule import Record, Sketch, StructureRule


class AmbiguousFormat(StructureRule):
    """A record satisfies two formats at once.

    With both `messages` and `text` nobody can tell which one is meant to be trained on; Together's server rejects it.
    So does mistral-finetune `tools` beside `available_tools`, its older name for them, and `text` beside `content`.
    """

    code = "JL104"
    name = "ambiguous-format"
    severity = Severity.ERROR
    help = "Keep the keys of one format and drop the others."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the record if all keys of more than one accepted format are there, and keys that exclude each other."""
        found = formats_of(record.value.keys(), record.target.formats)
        if len(found) > 1:
            names = " and ".join(f"{each.name} (`{'`, `'.join(sorted(each.required))}`)" for each in found)
            yield self.sketch((), f"the record is {names} at once")
            return
        holders = [((), record.value, "record"), *((each.pointer, each.value, "message") for each in record.messages)]
        for one, other in record.target.traits.get("exclusive_keys", ()) if found else ():
            for pointer, holder, what in holders:
                if one in holder and other in holder:
                    yield self.sketch((*pointer, other), f"the {what} has `{one}` and `{other}`", _ONE_OF_THEM)


_ONE_OF_THEM = "Keep one of the two keys."
