"""JL506."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Pointer, Severity
from jsonl_lint.outputs import DIFFER, OUTPUTS
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

    def concerns(self, record: Record) -> bool:
        """Both outputs are there."""
        if record.format == "gemini-preference":
            return len(_as_list(record.value.get("completions"))) == 2
        kinds = list if record.format == "preference" else (list, str, dict)
        return all(isinstance(record.value.get(key), kinds) for key in OUTPUTS.get(record.format or "", ("",)))

    def check(self, record: Record) -> Iterator[Sketch]:
        """Compared as values: the order of keys does not matter."""
        if record.format == "gemini-preference":
            where: Pointer = ("completions", 1)
            scored = record.value["completions"]
            preferred, other = ([item.get("completion")] if isinstance(item, dict) else [] for item in scored)
        else:
            keys = OUTPUTS[record.format or ""]
            where = (keys[1],)
            preferred, other = (record.value[key] for key in keys)
        if preferred == other:
            yield self.sketch(where, "both outputs are identical")
        elif _plain(preferred) == _plain(other):
            yield self.sketch(where, "both outputs are identical but for white space")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(value: Any) -> Any:
    """The same with white space as single blanks, as deep as the texts of parts lie."""
    return _squeezed(value, 5)


def _squeezed(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict) and levels:
        return {key: _squeezed(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list) and levels:
        return [_squeezed(item, levels - 1) for item in value]
    return value
