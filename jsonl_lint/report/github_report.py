"""`github`: workflow commands, which GitHub Actions shows as annotations beside the lines."""

from __future__ import annotations

from jsonl_lint.model import Finding, Severity
from jsonl_lint.report.base import Reporter
from jsonl_lint.report.shared import message_and_place, repository_path, summary_words
from jsonl_lint.wording import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


class GithubReporter(Reporter):
    """Writes a command for each finding, then the summary as plain text for the log."""

    def finding(self, finding: Finding) -> None:
        """Write one command. It may only have columns if it is about a single line."""
        properties = {
            "file": printable(repository_path(finding.path)),
            "line": str(finding.line),
            "endLine": str(finding.end_line),
        }
        if finding.column is not None and finding.line == finding.end_line:
            properties["col"] = str(finding.column)
            properties["endColumn"] = str(max(finding.end_column or finding.column, finding.column))
        properties["title"] = f"{finding.code} {finding.rule}"
        text = "\n".join(part for part in (message_and_place(finding), finding.help) if part)
        self.write(command(_COMMANDS[finding.severity], properties, text))

    def end(self) -> None:
        """Write an error without a line for each input that could not be checked, and the summary."""
        for error in self.input_errors:
            where = {"file": printable(repository_path(error.path)), "title": "not checked"}
            self.write(command("error", where, printable(error.reason)))
        if not self.options.quiet:
            self.write(", ".join(summary_words(self.files, self.input_errors)) + "\n")


def command(name: str, properties: dict[str, str], text: str) -> str:
    """Return a workflow command. Characters that would end a property, the command or the line are escaped."""
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
