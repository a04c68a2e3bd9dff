"""The page of `stats --output-format html`, which is self-contained like that of `check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jsonl_lint.distribution import Bin
from jsonl_lint.report.charts import Chart, histogram_chart, role_chart
from jsonl_lint.report.html_report import digest_of, environment, source_of
from jsonl_lint.report.shared import shown_error, shown_path
from jsonl_lint.wording import plural

MOST_FILES = 200
"""How many files are listed."""

MOST_NAMES = 20
"""How many formats, defined tools and called tools are listed."""


def page_of(files: Iterable[dict[str, Any]], rest: Callable[[], dict[str, Any]]) -> str:
    """Return the page for a report as `stats --output-format json` gives it: the sum of all files, and a table.

    `files` may be any number, of which only those on the page are kept. `rest` returns everything else once they have
    been read.
    """
    style = source_of("report.css")
    listed: list[dict[str, Any]] = []
    count = 0
    for count, file in enumerate(files, start=1):
        if count <= MOST_FILES:
            listed.append({**file, "path": shown_path(file["path"])})
    report = rest()
    errors = report["input_errors"]
    page: str = (
        environment()
        .get_template("stats.html.jinja")
        .render(
            style=style,
            style_hash=digest_of(style),
            tool=report["tool"],
            total=report["total"],
            charts=_charts(report["total"]),
            names={
                title: list(counts.items())[:MOST_NAMES] for title, counts in _names(report["total"]).items() if counts
            },
            files=listed,
            file_count=count,
            unreadable=[shown_error(error["path"], error["reason"]) for error in errors[:MOST_FILES]],
            unreadable_count=len(errors),
            percentiles=("min", "mean", "p50", "p90", "p95", "p99", "max"),
            plural=plural,
        )
    )
    return page


def _charts(total: dict[str, Any]) -> list[Chart]:
    charts = []
    for name, title in (("tokens", "Tokens in a record"), ("turns", "Messages in a record")):
        bars = total["distributions"].get(name, {}).get("histogram")
        if bars:
            charts.append(histogram_chart(title, [Bin(bar["from"], bar["to"], bar["count"]) for bar in bars]))
    roles = {role: found["messages"] for role, found in total["roles"].items()}
    return [*charts, role_chart(roles)] if roles else charts


def _names(total: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {"formats": total["formats"], "tools": total["tools"]["defined"], "calls": total["tools"]["called"]}
