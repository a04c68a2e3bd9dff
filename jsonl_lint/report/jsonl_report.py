"""`jsonl`: the findings of the `json` report, one on each line."""

from __future__ import annotations

import json

from jsonl_lint.model import Finding
from jsonl_lint.report.base import Reporter
from jsonl_lint.report.shared import statistics_entries


class JsonlReporter(Reporter):
    """Writes only findings, or only counts by rule. A clean run writes nothing."""

    shows_fixes = True
    has_statistics = True

    def finding(self, finding: Finding) -> None:
        """Write one line."""
        if not self.options.statistics:
            self.write(json.dumps(finding.to_dict()) + "\n")

    def end(self) -> None:
        """Write the counts, if they were asked for."""
        if self.options.statistics:
            for entry in statistics_entries(self.files):
                self.write(json.dumps(entry) + "\n")
