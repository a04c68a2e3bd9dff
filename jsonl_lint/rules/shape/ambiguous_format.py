"""JL104."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.records.formats import Format, formats_of, in_use
from jsonl_lint.rule import Delete, Record, Repair, Sketch, StructureRule, repair


class AmbiguousFormat(StructureRule):
    """A record satisfies two formats at once.

    With both `messages` and `text` nobody can tell which one is meant to be trained on; Together's server rejects it.
    So does mistral-finetune `tools` beside `available_tools`, its older name for them, and `text` beside `content`.

    Fix: unsafe where all formats but one have nothing but null under their keys, as in a table that was joined of
    several datasets. These keys are dropped.
    """

    code = "JL104"
    name = "ambiguous-format"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Keep the keys of one format and drop the others."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the record if all keys of more than one accepted format are there, and keys that exclude each other."""
        found = formats_of(record.value.keys(), record.target.formats)
        if len(found) > 1:
            names = " and ".join(f"{each.name} (`{'`, `'.join(sorted(each.required))}`)" for each in found)
            fix = self.fix if _idle_keys(record, found) else None
            yield self.sketch((), f"the record is {names} at once", fix=fix)
            return
        holders = [((), record.value, "record"), *((each.pointer, each.value, "message") for each in record.messages)]
        for one, other in record.target.traits.get("exclusive_keys", ()) if found else ():
            for pointer, holder, what in holders:
                if one in holder and other in holder:
                    words = f"the {what} has `{one}` and `{other}`"
                    yield self.sketch((*pointer, other), words, _ONE_OF_THEM, fix=None)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Drop the keys that are null."""
        keys = _idle_keys(record, formats_of(record.value.keys(), record.target.formats))
        return repair(f"Drop what is null: {', '.join(keys)}", *[Delete((key,)) for key in keys])


def _idle_keys(record: Record, found: Collection[Format]) -> list[str]:
    """Return the keys of all formats but one, if these are null and those of the one are not."""
    used = in_use(found, record.value)
    idle = {key for each in found if each not in used for key in each.required}
    return sorted(idle) if len(used) == 1 and all(record.value[key] is not None for key in used[0].required) else []


_ONE_OF_THEM = "Keep one of the two keys."
