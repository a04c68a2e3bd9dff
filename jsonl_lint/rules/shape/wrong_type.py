"""JL108."""

from __future__ import annotations

from math import isfinite
from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, Replace, SchemaRule, Sketch, Violation, Wrap, repair

_NAMES = ("url", "method", "model", "schemaVersion")


class WrongType(SchemaRule):
    """A value breaks the format's JSON Schema in a way that has no rule of its own.

    Most often a number or an object stands where a text belongs.

    Fix: safe where nothing is lost: a number becomes its text, and 0 or 1 what it means where true or false belongs.
    Otherwise there is none, nor for NaN or for a number as `url`, `method`, `model` or `schemaVersion`.
    """

    code = "JL108"
    name = "wrong-type"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    leaves = (
        *("mixed-pair-shapes", "unmatched-tool-result", "untrained-earlier-turns"),
        *("identical-outputs", "degenerate-repetition"),
    )  # what only a text can be part of
    help = "Write it as the format's schema has it; `jsonl-lint schema NAME` prints that of chat, text or another."

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if a number stands where a text belongs, or 0 or 1 where true or false does."""
        if violation.keyword != "type":
            return None
        if _wants_boolean(violation):
            return self.fix if type(value) is int and value in (0, 1) else None
        if "string" not in violation.constraint:
            return None
        named = bool(violation.pointer) and violation.pointer[-1] in _NAMES
        is_number = type(value) is int or (type(value) is float and isfinite(value))
        return self.fix if not named and is_number else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Put quotes around the number, so that every digit stays, or write true or false."""
        if sketch.detail == _BOOLEAN:
            meant = "true" if record.at(sketch.pointer) else "false"
            return repair(f"Write it as {meant}", Replace(sketch.pointer, meant))
        return repair("Write the number as a text", Wrap(sketch.pointer, '"', '"'))

    def report(self, violation: Violation, value: Any = None) -> Sketch:
        """Note in the finding whether true or false belongs there."""
        return super().report(violation, value)._replace(detail=_BOOLEAN if _wants_boolean(violation) else "")


_BOOLEAN = "boolean"


def _wants_boolean(violation: Violation) -> bool:
    """Whether true or false belongs there, and no text: that is what a number becomes where both may stand."""
    return violation.keyword == "type" and _BOOLEAN in violation.constraint and "string" not in violation.constraint
