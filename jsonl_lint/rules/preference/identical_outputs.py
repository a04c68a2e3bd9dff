"""JL506."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, RecordRule, Sketch

OUTPUTS = ("preferred_output", "non_preferred_output")


class IdenticalOutputs(RecordRule):
    """Both outputs of a preference record say the same.

    Nothing can be preferred, so the pair teaches nothing; no provider is known to check it. Texts that differ only in
    white space count as the same.
    """

    code = "JL506"
    name = "identical-outputs"
    severity = Severity.WARNING
    help = "Fix the rejected answer, or delete the record."
    formats = ("preference",)

    def concerns(self, record: Record) -> bool:
        """Both outputs are there."""
        return all(isinstance(record.value.get(key), list) for key in OUTPUTS)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Compared as values: the order of keys does not matter."""
        preferred, other = (record.value[key] for key in OUTPUTS)
        if preferred == other:
            yield self.sketch(("non_preferred_output",), "both outputs are identical")
        elif _plain(preferred) == _plain(other):
            yield self.sketch(("non_preferred_output",), "both outputs are identical but for white space")


def _plain(output: list[Any]) -> list[Any]:
    """The messages with their white space as single blanks."""
    return [
        {key: " ".join(value.split()) if isinstance(value, str) else value for key, value in message.items()}
        if isinstance(message, dict)
        else message
        for message in output
    ]
