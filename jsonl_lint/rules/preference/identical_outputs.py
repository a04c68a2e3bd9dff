"""JL506."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.records.answers import ANSWER_KEYS, DIFFER
from jsonl_lint.rule import Record, RecordRule, Sketch


class IdenticalOutputs(RecordRule):
    """Both outputs of a preference record say the same.

    Nothing can be preferred, so the pair teaches nothing; no provider is known to check it. Texts that differ only in
    white space count as the same.
    """

    code = "JL506"
    name = "identical-outputs"
    severity = Severity.WARNING
    help = "Fix the rejected answer, or delete the record."
    formats = ("preference", "chosen-rejected", "gemini-preference")
    screen = DIFFER
    exact = True

    def concerns(self, record: Record) -> bool:
        """Whether both outputs are there."""
        if record.format == "gemini-preference":
            found = _as_list(record.value.get("completions"))
            return len(found) == 2 and all(isinstance(item, dict) and "completion" in item for item in found)
        kinds = list if record.format == "preference" else (list, str, dict)
        return all(isinstance(record.value.get(key), kinds) for key in ANSWER_KEYS.get(record.format or "", ("",)))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield the second of two equal answers. They are compared as values: the order of keys does not matter."""
        if record.format == "gemini-preference":
            where: Pointer = ("completions", 1)
            preferred, other = (item["completion"] for item in record.value["completions"])
        else:
            keys = ANSWER_KEYS[record.format or ""]
            where = (keys[1],)
            preferred, other = (record.value[key] for key in keys)
        if preferred == other:
            yield self.sketch(where, "both outputs are identical")
        elif _alike(preferred, other, _DEPTH):
            yield self.sketch(where, "both outputs are identical but for white space")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_DEPTH = 5
"""As deep lie the texts of parts."""


def _alike(one: Any, other: Any, levels: int) -> bool:
    """Whether the values are equal but for white space in their texts; deeper than `levels`, they are equal."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or one.split() == other.split()
    if isinstance(one, dict) and isinstance(other, dict) and levels:
        return one.keys() == other.keys() and all(_alike(one[key], other[key], levels - 1) for key in one)
    if isinstance(one, list) and isinstance(other, list) and levels:
        return len(one) == len(other) and all(map(_alike, one, other, repeat(levels - 1)))
    return bool(one == other)
