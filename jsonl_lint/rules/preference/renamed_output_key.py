"""JL509."""

from __future__ import annotations

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import Violation

PREFERRED = ("preferred_completion", "chosen")


class RenamedOutputKey(SchemaRule):
    """An output has the name that another tool gives it.

    OpenAI's interface description says `preferred_completion`, TRL says `chosen` and `rejected`; the documented keys
    are `preferred_output` and `non_preferred_output`, and nothing else is read.

    Fix: safe where the value is already a list of one message.
    """

    code = "JL509"
    name = "renamed-output-key"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Rename the key."

    def word(self, violation: Violation) -> str:
        """The key and what it should be."""
        wanted = "preferred_output" if violation.subject in PREFERRED else "non_preferred_output"
        return f"the key `{violation.subject}` should be `{wanted}`"
