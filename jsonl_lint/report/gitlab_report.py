"""`gitlab`: a Code Quality report, which merge requests show as a widget."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import FileResult, Finding, Severity
from jsonl_lint.report.base import ListReporter
from jsonl_lint.report.shared import NOT_CHECKED, Fingerprints, fingerprint, message_and_place, repository_path
from jsonl_lint.wording import printable

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


class GitlabReporter(ListReporter):
    """Writes one array of issues. GitLab drops issues with a fingerprint that it has seen, so each has its own."""

    shows_context = True

    def begin(self, run: dict[str, Any]) -> None:
        """Open the array."""
        super().begin(run)
        self.fingerprints = Fingerprints()
        self.write("[")

    def finding(self, finding: Finding) -> None:
        """Write one issue."""
        issue = {
            "description": message_and_place(finding),
            "check_name": finding.rule,
            "fingerprint": self.fingerprints.of(finding),
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": printable(repository_path(finding.path)),
                "lines": {"begin": finding.line, "end": finding.end_line},
            },
        }
        self.item(issue)

    def file_done(self, result: FileResult) -> None:
        """Forget the fingerprints, which are unique only within a file."""
        self.fingerprints.forget()

    def end(self) -> None:
        """Write an issue on the first line of each input that could not be checked, and close the array."""
        for error in self.input_errors:
            path = printable(repository_path(error.path))
            issue = {
                "description": f"not checked: {printable(error.reason)}",
                "check_name": NOT_CHECKED,
                "fingerprint": fingerprint(NOT_CHECKED, path),
                "severity": "major",
                "location": {"path": path, "lines": {"begin": 1}},
            }
            self.item(issue)
        self.write("\n]\n")
