"""JL906."""

from __future__ import annotations

from jsonl_lint.model import Severity
from jsonl_lint.rule import SchemaRule, Violation, describe


class InvalidBody(SchemaRule):
    """A batch request's body is not one that the endpoint takes.

    It is an object, its model a text. Anthropic's requests must have `model`, `max_tokens` and `messages`.
    """

    code = "JL906"
    name = "invalid-body"
    severity = Severity.ERROR
    help = "Correct the body as the endpoint's reference describes it."

    def word(self, violation: Violation) -> str:
        """The value that is wrong, or the key that is missing."""
        place = violation.pointer[-1]
        if violation.subject:
            return f"the {'block' if isinstance(place, int) else 'body'} has no `{violation.subject}`"
        name = "the block" if isinstance(place, int) else f"`{place}`"
        if violation.keyword == "type":
            return f"{name} is {{value}}; expected {violation.constraint}"
        if violation.keyword == "not":
            return f"{name} is empty"
        return f"{name}: {describe(violation)}"
