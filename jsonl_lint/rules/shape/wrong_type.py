"""JL108."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import SchemaRule


class WrongType(SchemaRule):
    """A value breaks the format's JSON Schema in a way that has no rule of its own.

    Most often a number or an object stands where a text belongs.

    Fix: safe where nothing is lost (a number becomes its text), else there is none.
    """

    code = "JL108"
    name = "wrong-type"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write the value as the format's schema has it; `jsonl-lint schema chat` prints that of chat records."
