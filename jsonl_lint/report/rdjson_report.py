"""`rdjson`: Reviewdog Diagnostic Format, for review comments on any forge.

Its columns count bytes of UTF-8 from 1, unlike those of every other report here.
"""

from __future__ import annotations

import json
from typing import Any

from jsonl_lint.model import Context, Edit, Finding, Severity
from jsonl_lint.report.base import ListReporter
from jsonl_lint.report.shared import NOT_CHECKED, may_show, message_and_place, repository_path
from jsonl_lint.wording import printable

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


class RdjsonReporter(ListReporter):
    """Writes one `DiagnosticResult`, with each diagnostic on a line of its own."""

    shows_fixes = True
    shows_context = True

    def begin(self, run: dict[str, Any]) -> None:
        """Write the source, and open the list."""
        super().begin(run)
        self.write(json.dumps({"source": {"name": run["tool"]["name"]}})[:-1] + ', "diagnostics": [')

    def finding(self, finding: Finding) -> None:
        """Write one diagnostic."""
        entry: dict[str, Any] = {
            "message": message_and_place(finding),
            "location": {"path": printable(repository_path(finding.path)), "range": range_of(finding)},
            "severity": _SEVERITIES[finding.severity],
            "code": {"value": f"{finding.code} {finding.rule}"},
        }
        found = suggestions(finding)
        if found:
            entry["suggestions"] = found
        self.item(entry)

    def end(self) -> None:
        """Write a diagnostic without a range for each input that could not be checked, and close the list."""
        for error in self.input_errors:
            path = printable(repository_path(error.path))
            message = f"not checked: {printable(error.reason)}"
            code = {"value": NOT_CHECKED}
            self.item({"message": message, "location": {"path": path}, "severity": "ERROR", "code": code})
        self.write("\n]}\n")


def range_of(finding: Finding) -> dict[str, Any]:
    """Return the place in bytes of its line, or whole lines if it spans several or its bytes are not known."""
    context = finding.context
    if context is None or finding.line != finding.end_line:
        return {"start": {"line": finding.line}, "end": {"line": finding.end_line}}
    start = {"line": finding.line, "column": context.byte_start + 1}
    if context.byte_end is None:
        return {"start": start}
    return {"start": start, "end": {"line": finding.line, "column": context.byte_end + 1}}


def suggestions(finding: Finding) -> list[dict[str, Any]]:
    """Return the fix if it is one short edit within the line; several suggestions would be alternatives."""
    context, fix = finding.context, finding.fix
    if context is None or fix is None or finding.byte_offset is None or len(fix.edits) != 1 or not may_show(fix):
        return []
    edit, line_start = fix.edits[0], finding.byte_offset - context.byte_start
    if not _within(edit, line_start, context):
        return []
    place = {
        "start": {"line": finding.line, "column": edit.byte_start - line_start + 1},
        "end": {"line": finding.line, "column": edit.byte_end - line_start + 1},
    }
    return [{"range": place, "text": edit.content}]


def _within(edit: Edit, line_start: int, context: Context) -> bool:
    return line_start <= edit.byte_start and edit.byte_end <= line_start + context.line_bytes
