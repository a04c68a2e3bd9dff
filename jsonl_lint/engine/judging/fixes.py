"""Make the fixes of a line's findings: turn the verbs that a rule gives into edits of bytes."""

from __future__ import annotations

from typing import Any

from jsonl_lint.jsonspan import ByteOffsets, JsonSyntaxError, Nodes
from jsonl_lint.model import Applicability, Edit, Fix
from jsonl_lint.plans.plan import Plan
from jsonl_lint.repair.splice import PlaceNotFoundError, Splicer, byte_edits
from jsonl_lint.rule import Record, Rule, Sketch


class LineFixes:
    """Makes the fixes of one line, which share the parsed line and the record.

    `line` is the whole line; `text` is what the parser saw: the line without its ending, with the same positions.
    `line_end` is the line ending of the file.
    """

    def __init__(
        self,
        plan: Plan,
        file_format: str | None,
        line: str,
        text: str,
        nodes: Nodes | None,
        record: Any,
        line_end: str,
    ) -> None:
        self.plan = plan
        self.file_format = file_format
        self.line = ByteOffsets(line)
        self.text = text
        self.record = record
        self.splicer = Splicer(text, line[len(text) :], nodes, line_end)
        self._view: Record | None = None
        self._last: tuple[object, tuple[Edit, ...]] = (None, ())
        """The last verbs and their edits: often all findings of a line are repaired by the same verbs."""

    def fix(self, sketch: Sketch, rule: Rule, applicability: Applicability, offset: int) -> Fix | None:
        """Return the fix for one finding, None if the rule has none after all. The line begins at byte `offset`."""
        found = rule.repair_line(self.text, sketch) if rule.about_lines else rule.repair(self.view(), sketch)
        if found is None:
            return None
        verbs, edits = self._last
        if found.verbs is not verbs:
            try:
                edits = byte_edits(self.line, self.splicer.edits(found.verbs), offset)
            except (PlaceNotFoundError, JsonSyntaxError):
                return None
            self._last = found.verbs, edits
        return Fix(applicability, found.title, edits)

    def view(self) -> Record:
        """The record as rules see it; made once."""
        if self._view is None:
            self._view = self.plan.view(self.record, self.file_format)
        return self._view
