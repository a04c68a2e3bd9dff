"""JL509."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import Record, Rename, Repair, SchemaRule, Sketch, Violation, repair
from jsonl_lint.rules.preference._answers import made_a_list

PREFERRED = ("preferred_completion", "chosen")
OTHERS = (*PREFERRED, "non_preferred_completion", "rejected")


class RenamedOutputKey(SchemaRule):
    """An output has the name that another tool gives it.

    OpenAI's interface description says `preferred_completion`, TRL says `chosen` and `rejected`; the documented keys
    are `preferred_output` and `non_preferred_output`, and nothing else is read.

    Fix: safe where there is no output of the right name. The key is renamed; an answer that is a text or a message
    becomes a list of one message. A text that holds such a message or list as JSON is decoded. What is wrong with the
    answer itself shows only then, because nothing reads it under the other name.
    """

    code = "JL509"
    name = "renamed-output-key"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Rename the key."

    def word(self, violation: Violation) -> str:
        """Name the key and what it should be."""
        return f"the key `{violation.subject}` should be `{_documented(violation.subject)}`"

    def advise(self, violation: Violation, value: Any) -> str:
        """Say which of the two is read where the output is there as well."""
        wanted = _documented(violation.subject)
        there = isinstance(value, dict) and wanted in value
        return f"Drop the key: the answer is read from `{wanted}`." if there else self.help

    def fixable(self, violation: Violation, value: Any) -> Applicability | None:
        """Fixable if one value is meant for the output, and it can be a message."""
        if not isinstance(value, dict):
            return None
        wanted = _documented(violation.subject)
        claims = [key for key in value if key == wanted or (key in OTHERS and _documented(key) == wanted)]
        answer = value.get(violation.subject or "")
        return self.fix if len(claims) == 1 and answer and isinstance(answer, (str, dict, list)) else None

    def repair(self, record: Record, sketch: Sketch) -> Repair:
        """Rename the key, and make the answer a list of one message, decoded if it is a text that holds such a list."""
        key = _documented(str(sketch.pointer[-1]))
        verbs = made_a_list(sketch.pointer, record.at(sketch.pointer))
        return repair(f"Rename the key to `{key}`", Rename(sketch.pointer, key), *verbs)


def _documented(key: str | None) -> str:
    """Return the documented name of an output."""
    return "preferred_output" if key in (*PREFERRED, "preferred_output") else "non_preferred_output"
