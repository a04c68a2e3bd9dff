"""JL018."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import LineRule


class PrettyPrintedJson(LineRule):
    """One record is spread over several lines.

    `json.dumps(record, indent=2)` writes it. In JSONL a line end ends the record, so every line of it is refused.
    What is inside the record is reported as well, and can be fixed once its lines are joined.

    Fix: safe. The lines are joined. If they are not JSON even then, the finding says why, and there is no fix.
    """

    code = "JL018"
    name = "pretty-printed-json"
    severity = Severity.ERROR
    fix = Applicability.SAFE
    help = "Write the record without `indent`, on one line."

    def explain(self, problem: Problem) -> str:
        """Name the range of lines."""
        return f"one record is spread over {problem.detail}"

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Fixable, whatever the line holds: all lines of the record are joined."""
        return self.fix
