"""`jsonl`: the findings of the `json` report, one a line."""

from __future__ import annotations

import json

from jsonl_lint.model import Finding
from jsonl_lint.report.base import Reporter


class JsonlReporter(Reporter):
    """Nothing but findings; a clean run writes nothing."""

    name = "jsonl"

    def finding(self, finding: Finding) -> None:
        """One line."""
        self.write(json.dumps(finding.to_dict()) + "\n")
