"""JL108."""

from __future__ import annotations

from math import isfinite
from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Repair, SchemaRule, Sketch, Violation, Wrap, repair

_NAMES = ("url", "method", "model", "schemaVersion")


class WrongType(SchemaRule):
    """A value breaks the format's JSON Schema in a way that has no rule of its own.

    Most often a number or an object stands where a text belongs.

    Fix: safe where nothing is lost (a number becomes its text); otherwise there is none, nor for NaN or for a number as
    `url`, `method`, `model` or `schemaVersion`.
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
        """Fixable if a number stands where a text belongs."""
        wants_text = violation.keyword == "type" and "string" in violation.constraint
        named = bool(violation.pointer) and violation.pointer[-1] in _NAMES
        is_number = type(value) is int or (type(value) is float and isfinite(value))
        return self.fix if wants_text and not named and is_number else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Put quotes around the number, so that every digit stays."""
        return repair("Write the number as a text", Wrap(sketch.pointer, '"', '"'))
