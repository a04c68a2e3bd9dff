"""JL106."""

from __future__ import annotations

from typing import Any

from jsonl_lint.formats import FORMATS
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Delete, Record, Repair, SchemaRule, Sketch, Violation, repair, shown_key
from jsonl_lint.rule.excuses import is_older_call


class ExtraKey(SchemaRule):
    """A record has a key that its format does not know.

    Ids, sources and notes travel along for nothing. Together's client refused such files until version 2.14; what
    the server does today is not documented, so this is a warning.

    Fix: unsafe. The key is dropped with its value, but not in a record that lacks a key which it may be meant for.
    """

    code = "JL106"
    name = "extra-key"
    severity = Severity.WARNING
    fix = Applicability.UNSAFE
    help = "Drop the key, or check its spelling."

    def excuses(self, violation: Violation, value: Any) -> bool:
        """What `legacy-function-call` reports."""
        return is_older_call(value, violation.pointer, violation.subject or "")

    def word(self, violation: Violation) -> str:
        """The key."""
        return f"the key `{shown_key(violation.subject or '')}` is not part of this format"

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """A misspelt key holds the record."""
        return self.fix if any(known.required <= value.keys() for known in FORMATS) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """The key goes with its value."""
        return repair(f"Drop the key `{shown_key(str(sketch.pointer[-1]))}`", Delete(sketch.pointer))
