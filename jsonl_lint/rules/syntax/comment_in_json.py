"""JL026."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import DropRecord, LineRule, Repair, Sketch, Substitute, repair


class CommentInJson(LineRule):
    """A line holds a comment: `//`, `/* */` or `#`.

    JSON has no comments, and JSONL has no place for a note between records.

    Fix: unsafe. The comment is deleted, with its line if nothing else is on it. It stays at the beginning of a line
    that does not end its record, since that line would then be joined with the next ones.
    """

    code = "JL026"
    name = "comment-in-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Delete the comment."

    def explain(self, problem: Problem) -> str:
        """Which kind."""
        return f"a `{problem.detail}` comment; JSON has none"

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Without the comment, a record that is spread over lines could begin here."""
        begins_line = not text[: problem.start].strip() and text[problem.end :].strip()
        return None if begins_line and not text.rstrip().endswith(("}", "]")) else self.fix

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """What the comment says is lost."""
        if not (text[: sketch.start] + text[sketch.end :]).strip():
            return repair("Delete the line", DropRecord())
        return repair("Delete the comment", Substitute(sketch.start, sketch.end, ""))
