"""JL906."""

from __future__ import annotations

from math import isfinite
from typing import Any

from jsonl_lint.model import Severity, value_or_none
from jsonl_lint.rule import SchemaRule, Violation, describe, key_meant_for, shown_key


class InvalidBody(SchemaRule):
    """A batch request's body is not one that the endpoint takes.

    It is an object, its model a text. Anthropic's requests must have `model`, `max_tokens` and `messages`, and their
    parameters have types: `max_tokens` and `top_k` are whole numbers.
    """

    code = "JL906"
    name = "invalid-body"
    severity = Severity.ERROR
    help = "Correct the body as the endpoint's reference describes it."

    def word(self, violation: Violation) -> str:
        """Name the value that is wrong, or the key that is missing."""
        place = violation.pointer[-1]
        if violation.subject:
            return f"the {'block' if isinstance(place, int) else 'body'} has no `{violation.subject}`"
        name = "the block" if isinstance(place, int) else f"`{place}`"
        if violation.keyword == "type":
            return f"{name} is {{value}}; expected {violation.constraint}"
        if violation.keyword == "not":
            return f"{name} is empty"
        return f"{name}: {describe(violation)}"

    def excuses(self, violation: Violation, value: Any) -> bool:
        """Excuse a number that is not finite, and so no whole one: `non-finite-number` reports it."""
        found = value_or_none(value, violation.pointer) if violation.constraint == "integer" else None
        return isinstance(found, float) and not isfinite(found)

    def advise(self, violation: Violation, value: Any) -> str:
        """Name the key that is probably a misspelling of it, if there is one."""
        meant = key_meant_for(violation.subject, value) if violation.subject else None
        return f"Rename `{shown_key(meant)}` to `{violation.subject}`." if meant else self.help
