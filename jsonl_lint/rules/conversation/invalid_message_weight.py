"""JL219."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Delete, Record, Repair, Replace, Sketch, StructureRule, repair


class InvalidMessageWeight(StructureRule):
    """A message's `weight` is not the integer 0 or 1.

    It says whether the message is trained on. Together takes exactly these two, and neither 1.0 nor `true`. A
    weight that is NaN or infinite has a rule of its own.

    Fix: safe for true, false, 1.0 and 0.0; unsafe for null, which tables leave in messages without a weight: the key is
    dropped.
    """

    code = "JL219"
    name = "invalid-message-weight"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write 0 or 1, or leave the key out."
    formats = ("chat", "preference")
    needs = "weights"

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each weight that is neither the integer 0 nor 1."""
        if not record.weighs_messages:
            return
        for message in (*record.messages, *record.output_messages):
            weight = message.value.get("weight", 1)
            if type(weight) is float and not isfinite(weight):
                continue
            if type(weight) is not int or weight not in (0, 1):
                fix = _applicability(weight)
                yield self.sketch((*message.pointer, "weight"), "the message's weight is {value}, not 0 or 1", fix=fix)

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Write the integer that the weight equals, or drop the key."""
        weight = record.at(sketch.pointer)
        if weight is None:
            return repair("Drop the key `weight`", Delete(sketch.pointer))
        return repair(f"Write the weight as {int(weight)}", Replace(sketch.pointer, str(int(weight))))


def _applicability(weight: Any) -> Applicability | None:
    """Return the kind of fix: that null stands for no weight at all is a guess."""
    if weight is None:
        return Applicability.UNSAFE
    return Applicability.SAFE if type(weight) in (bool, float) and weight in (0, 1) else None
