"""JL026."""

from __future__ import annotations

from jsonl_lint.jsonspan import JsonSyntaxError, Problem, is_json, parse
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.rule import DropRecord, LineRule, Repair, Sketch, Substitute, repair


class CommentInJson(LineRule):
    """A line holds a comment: `//`, `/* */` or `#`.

    JSON has no comments, and JSONL has no place for a note between records.

    Fix: unsafe. The comment is deleted, with its line if nothing else is on it. It stays at the beginning of a line
    that does not end its record, since that line would then be joined with the next ones, and at the end of one that is
    no record without it: then the comment holds the rest of the record.
    """

    code = "JL026"
    name = "comment-in-json"
    severity = Severity.ERROR
    fix = Applicability.UNSAFE
    help = "Delete the comment; keep what it hides of the record."

    def explain(self, problem: Problem) -> str:
        """Say which kind of comment it is."""
        return f"a `{problem.detail}` comment; JSON has none"

    def fixable(self, text: str, problem: Problem) -> Applicability | None:
        """Fixable unless, without the comment, a record spread over lines could begin here, or end too early."""
        before, after = text[: problem.start].strip(), text[problem.end :].strip()
        if not before:
            return None if after and not text.rstrip().endswith(("}", "]")) else self.fix
        return self.fix if after or _is_whole(before) else None

    def repair_line(self, text: str, sketch: Sketch) -> Repair:
        """Delete the comment, and so what it says."""
        if not (text[: sketch.start] + text[sketch.end :]).strip():
            return repair("Delete the line", DropRecord())
        start = sketch.start
        if sketch.end == len(text):  # a carriage return before it would become part of the line's ending
            start = len(text[:start].rstrip("\r"))
        return repair("Delete the comment", Substitute(start, sketch.end, ""))


def _is_whole(text: str) -> bool:
    """Whether the text ends where a value does, and not in the middle of one."""
    if is_json(text):  # as most do, and this takes a fraction of the time
        return True
    try:
        parse(text)
    except JsonSyntaxError as error:
        return error.kind not in ("truncated", "unterminated-string")
    return True
