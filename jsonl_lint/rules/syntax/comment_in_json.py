"""JL026."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import DropRecord, LineRule, Repair, Sketch, Substitute, repair


class CommentInJson(LineRule):
    """A line holds a comment: `//`, `/* */` or `#`.

    JSON has no comments, and JSONL has no place for a note between records.

    Fix: unsafe. The comment is deleted, with its line if nothing else is on it.
    """

    code = "JL026"
    name = "comment-in-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Delete the comment."

    def explain(self, problem: Problem) -> str:
        """Which kind."""
        return f"a `{problem.detail}` comment; JSON has none"

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """What the comment says is lost."""
        if not (text[: sketch.start] + text[sketch.end :]).strip():
            return repair("Delete the line", DropRecord())
        return repair("Delete the comment", Substitute(sketch.start, sketch.end, ""))
