"""`json`: one document, described by `schemas/report.schema.json`. Each finding is on a line of its own."""

from __future__ import annotations

import json
from typing import Any

from jsonl_lint.model import Finding, file_entry, summarise
from jsonl_lint.report.base import ListReporter
from jsonl_lint.report.shared import statistics_entries


class JsonReporter(ListReporter):
    """Writes findings before files and summary, so that none has to be kept in memory."""

    shows_fixes = True
    has_statistics = True

    def begin(self, run: dict[str, Any]) -> None:
        """Write what is known before the first finding."""
        super().begin(run)
        self.write(json.dumps(run)[:-1] + ', "findings": [')

    def finding(self, finding: Finding) -> None:
        """Write one line."""
        if not self.options.statistics:
            self.item(finding.to_dict())

    def end(self) -> None:
        """Write files, summary and unreadable inputs, and counts by rule if they were asked for."""
        rest = {
            "files": [file_entry(file) for file in self.files],
            "summary": summarise(self.files),
            "input_errors": [{"path": error.path, "reason": error.reason} for error in self.input_errors],
        }
        if self.options.statistics:
            rest["statistics"] = statistics_entries(self.files)
        self.write("\n], " + json.dumps(rest)[1:] + "\n")
