"""JL313."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonl_lint import toolcalls
from jsonl_lint.model import Severity, format_pointer, value_at
from jsonl_lint.rule import Record, Sketch, Violation, describe
from jsonl_lint.rules.tools._base import DefinedCallRule
from jsonl_lint.wording import excerpt


class ArgumentsSchemaMismatch(DefinedCallRule):
    """The arguments of a call break the tool's own `parameters`.

    A required argument is missing, one has another type, is none of the values that are listed or is not known at
    all. The model learns that definitions need not be followed.

    At most five violations of one call are reported. `format` is not checked, and schemas are passed over if they refer
    to something outside themselves, hold patterns that need backtracking, or would take too long.
    """

    code = "JL313"
    name = "arguments-schema-mismatch"
    severity = Severity.WARNING
    help = "Correct the arguments, or the definition of the tool."

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield each violation, but none where the arguments are no object or the schema is none: other rules do."""
        known = toolcalls.definitions(record).by_name
        for call in toolcalls.all_calls(record):
            definition = known.get(call.name) if call.name is not None else None
            arguments = call.arguments.value
            if definition is None or definition.parameters is None or not isinstance(arguments, dict):
                continue
            raw = call.raw_arguments
            size = len(raw) if isinstance(raw, str) else 0
            for violation in _distinct(definition.parameters.violations(arguments, size)):
                inside = () if isinstance(raw, str) else violation.pointer
                where = call.pointer if call.leaves_arguments_out else (*call.arguments_pointer, *inside)
                subject = f"the arguments of {excerpt(call.name)} break its `{definition.shape.schema_name}`"
                yield self.sketch(where, f"{subject}{_words(arguments, violation)}")


def _distinct(violations: list[Violation]) -> list[Violation]:
    """Leave out that a value of a wrong type is none of those that are listed, as null is not in an `enum` of texts."""
    mistyped = {violation.pointer for violation in violations if violation.keyword == "type"}
    return [one for one in violations if one.keyword not in ("enum", "const") or one.pointer not in mistyped]


def _words(arguments: dict[str, Any], violation: Violation) -> str:
    shown = excerpt(format_pointer(violation.pointer), 60)[1:-1]
    at = f" at {shown}" if violation.pointer else ""
    what = describe(violation).replace("{value}", excerpt(value_at(arguments, violation.pointer)))
    return f"{at}: {what}"
