"""Report formats, one module for each.

Reports for programs are written while findings come in. Those for people have a bounded size.
"""

from __future__ import annotations

from jsonl_lint.report.base import Reporter, ReportOptions

REPORTERS = {
    "text": "text.TextReporter",
    "full": "text.FullReporter",
    "json": "json_report.JsonReporter",
    "jsonl": "jsonl_report.JsonlReporter",
    "sarif": "sarif_report.SarifReporter",
    "github": "github_report.GithubReporter",
    "gitlab": "gitlab_report.GitlabReporter",
    "junit": "junit_report.JunitReporter",
    "rdjson": "rdjson_report.RdjsonReporter",
    "markdown": "markdown_report.MarkdownReporter",
    "html": "html_report.HtmlReporter",
}
"""Each format's module and class. Only the one that is asked for is imported."""


def reporter_class(name: str) -> type[Reporter]:
    """Return the class that writes this format."""
    from importlib import import_module

    module, _, class_name = REPORTERS[name].partition(".")
    found: type[Reporter] = getattr(import_module(f"{__name__}.{module}"), class_name)
    return found


__all__ = ["REPORTERS", "ReportOptions", "Reporter", "reporter_class"]
