"""Bar charts as static SVG. Colours and fonts are left to the page's style sheet, so that they fit its theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from jsonl_lint.distribution import Bin, Distribution
from jsonl_lint.model import Census
from jsonl_lint.wording import clip, plural, printable

MOST_SINGLE = 12
"""If no record has more messages than this, each number of messages has its own bar; otherwise bars double in width."""

MOST_ROLES = 8
MOST_NOTES = 3
"""How many ways of counting tokens are named."""

LONGEST_LABEL = 12

_LONG_FIGURE = re.compile(r"(\d+\.\d)\d+(?=[^<>]*>)")
"""A coordinate with needless digits. Labels, which are not inside a tag, stay as they are."""

Rows = list[tuple[str, int]]
"""The bars of a chart: their labels and values."""


class Chart(NamedTuple):
    """A chart, with its figures for readers who cannot see it."""

    title: str
    unit: str
    """What is counted, in the singular."""
    rows: Rows
    svg: str
    kind: str
    """`columns` are vertical, `bars` are horizontal."""
    note: str = ""
    """How the figures were determined."""


def charts_of(censuses: Iterable[Census]) -> list[Chart]:
    """Return the charts that show what the records of all files are like; [] if there is nothing to show."""
    messages: dict[int, int] = {}
    roles: dict[str, int] = {}
    tokens = Distribution()
    counted: dict[str, int] = {}
    images = 0
    for census in censuses:
        _add(messages, census.messages)
        _add(roles, census.roles)
        if census.lengths is not None:
            tokens.absorb(census.lengths.tokens)
            _add(counted, census.lengths.counted)
            images += census.lengths.images
    charts = []
    if messages:
        rows = message_rows(messages)
        charts.append(Chart("Messages in a record", "record", rows, _svg(rows, columns=True), "columns"))
    if roles:
        charts.append(role_chart(roles))
    if tokens.count:
        chart = histogram_chart("Tokens in a record", tokens.histogram())
        charts.append(chart._replace(note=counting_note(counted, images)))
    return charts


def role_chart(roles: Mapping[str, int]) -> Chart:
    """Return the chart of messages by role."""
    rows = role_rows(roles)
    return Chart("Messages by role", "message", rows, _svg(rows, columns=False), "bars")


def histogram_chart(title: str, bins: Iterable[Bin]) -> Chart:
    """Return the chart of a distribution of records."""
    rows = [(f"{low:,}" if low == high else f"{low:,}-{high:,}", size) for low, high, size in bins]
    return Chart(title, "record", rows, _svg(rows, columns=False), "bars")


def counting_note(counted: Mapping[str, int], images: int) -> str:
    """Say how tokens were counted, and for how many records; the most frequent ways come first."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{plural(count, 'record')} {how}" for how, count in ordered[:MOST_NOTES]]
    if len(ordered) > MOST_NOTES:
        parts.append(f"{plural(sum(count for _, count in ordered[MOST_NOTES:]), 'record')} for other reasons")
    return "; ".join([*parts, *([f"{plural(images, 'image')} not counted"] if images else [])])


def message_rows(counts: Mapping[int, int]) -> Rows:
    """Return records by number of messages: 0, 1, 2, … or 0, 1, 2, 3-4, 5-8 and so on."""
    most = max(counts)
    if most <= MOST_SINGLE:
        return [(str(number), counts.get(number, 0)) for number in range(min(counts), most + 1)]
    rows: Rows = []
    low = high = 0
    while low <= most:
        count = sum(count for number, count in counts.items() if low <= number <= high)
        rows.append((str(low) if low == high else f"{low:,}-{high:,}", count))
        low, high = high + 1, max(high * 2, high + 1)
    return rows


def role_rows(counts: Mapping[str, int]) -> Rows:
    """Return messages by role, most first; rare roles are added up."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(_label(role), count) for role, count in ordered[:MOST_ROLES]]
    rest = ordered[MOST_ROLES:]
    return [*rows, (plural(len(rest), "other"), sum(count for _, count in rest))] if rest else rows


def _label(role: str) -> str:
    """Return the label of a role, in quotes if white space would hide what it is."""
    shown = printable(clip(role, LONGEST_LABEL))
    return shown if role and role == role.strip() else f'"{shown}"'


def _add(total: dict[Any, int], counts: Mapping[Any, int]) -> None:
    for key, count in counts.items():
        total[key] = total.get(key, 0) + count


def _svg(rows: Rows, *, columns: bool) -> str:
    """Draw the chart, without a background and with numbers of a sensible length."""
    import leather

    chart = leather.Chart()
    if columns:
        chart.add_columns(rows)
        chart.add_y_axis(tick_formatter=_figure)
    else:
        chart.add_bars([(count, label) for label, count in _unique(rows)])
        chart.add_x_axis(tick_formatter=_figure)
    svg = chart.to_svg(width=460, height=240)
    svg = re.sub(r"<rect [^>]*/>", "", svg, count=1)
    return _LONG_FIGURE.sub(r"\1", svg.replace('<svg width="460" height="240"', '<svg viewBox="0 0 460 240"'))


def _unique(rows: Iterable[tuple[str, int]]) -> Rows:
    """Append spaces to equal labels (two roles may be clipped to the same one), which would otherwise share a bar."""
    seen: dict[str, int] = {}
    found: Rows = []
    for label, count in rows:
        seen[label] = seen.get(label, -1) + 1
        found.append((label + " " * seen[label], count))
    return found


def _figure(value: Any, _index: int, _count: int) -> str:
    """Return the label of a tick: `500`, `5,000`, `500k`, `1.25M`. A longer one would not fit; no record is half."""
    if value != int(value):
        return ""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= 10_000 and value >= size:
            return f"{value / size:,.4g}{unit}"
    return f"{value:,}"
