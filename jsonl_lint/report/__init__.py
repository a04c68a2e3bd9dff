"""Reports: one format a file. Each is written as findings come, and holds none of them back."""

from __future__ import annotations

from jsonl_lint.report.base import Look, Reporter
from jsonl_lint.report.json_report import JsonReporter
from jsonl_lint.report.jsonl_report import JsonlReporter
from jsonl_lint.report.text import FullReporter, TextReporter

REPORTERS: dict[str, type[Reporter]] = {
    reporter.name: reporter for reporter in (TextReporter, FullReporter, JsonReporter, JsonlReporter)
}

__all__ = ["REPORTERS", "Look", "Reporter"]
