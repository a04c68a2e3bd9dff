"""JL026."""

from __future__ import annotations

from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Severity
from jsonl_lint.rule import LineRule


class CommentInJson(LineRule):
    """A line holds a comment: `//`, `/* */` or `#`.

    JSON has no comments, and JSONL has no place for a note between records.
    """

    code = "JL026"
    name = "comment-in-json"
    severity = Severity.ERROR
    help = "Delete the comment."

    def explain(self, problem: Problem) -> str:
        """Which kind."""
        return f"a `{problem.detail}` comment; JSON has none"
