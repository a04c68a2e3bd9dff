"""Bar charts as static SVG. Colours and fonts are left to the page's style sheet, so that they fit its theme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from jsonl_lint.distribution import Bin, Distribution
from jsonl_lint.model import Census, clip, plural, printable

MOST_SINGLE = 12
"""Up to so many messages a record each number has a bar of its own; above, bars double in width."""

MOST_ROLES = 8
MOST_NOTES = 3
"""Ways of counting that are named."""

LONGEST_LABEL = 12

_LONG_FIGURE = re.compile(r"(\d+\.\d)\d+")

Rows = list[tuple[str, int]]


class Chart(NamedTuple):
    """A chart with its figures, for readers who do not see it."""

    title: str
    unit: str
    rows: Rows
    svg: str
    kind: str
    """`columns` stand, `bars` lie."""
    note: str = ""
    """What the figures rest on."""


def charts_of(censuses: Iterable[Census]) -> list[Chart]:
    """What the records of all files are like; nothing where none is a conversation."""
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
        charts.append(Chart("Messages in a record", "records", rows, _svg(rows, columns=True), "columns"))
    if roles:
        charts.append(role_chart(roles))
    if tokens.count:
        chart = histogram_chart("Tokens in a record", tokens.histogram())
        charts.append(chart._replace(note=counting_note(counted, images)))
    return charts


def role_chart(roles: Mapping[str, int]) -> Chart:
    """Messages by role."""
    rows = role_rows(roles)
    return Chart("Messages by role", "messages", rows, _svg(rows, columns=False), "bars")


def histogram_chart(title: str, bins: Iterable[Bin]) -> Chart:
    """Records by something that each has a number of."""
    rows = [(f"{low:,}" if low == high else f"{low:,}-{high:,}", size) for low, high, size in bins]
    return Chart(title, "records", rows, _svg(rows, columns=False), "bars")


def counting_note(counted: Mapping[str, int], images: int) -> str:
    """How tokens were counted, most records first."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{plural(count, 'record')} {how}" for how, count in ordered[:MOST_NOTES]]
    if len(ordered) > MOST_NOTES:
        parts.append(f"{plural(sum(count for _, count in ordered[MOST_NOTES:]), 'record')} for other reasons")
    return "; ".join([*parts, *([f"{plural(images, 'image')} not counted"] if images else [])])


def message_rows(counts: Mapping[int, int]) -> Rows:
    """Records by number of messages: 0, 1, 2, … or 0, 1, 2, 3-4, 5-8 and so on."""
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
    """Messages by role, most first; the rare ones together."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(_label(role), count) for role, count in ordered[:MOST_ROLES]]
    rest = ordered[MOST_ROLES:]
    return [*rows, (plural(len(rest), "other"), sum(count for _, count in rest))] if rest else rows


def _label(role: str) -> str:
    """The role, in quotes where it would be taken for another one or for nothing."""
    shown = printable(clip(role, LONGEST_LABEL))
    return shown if role and role == role.strip() else f'"{shown}"'


def _add(total: dict[Any, int], counts: Mapping[Any, int]) -> None:
    for key, count in counts.items():
        total[key] = total.get(key, 0) + count


def _svg(rows: Rows, *, columns: bool) -> str:
    """The chart without its background, and with figures of a sensible length."""
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
    """Two roles may be clipped to the same label, which would be one bar: the later ones get spaces."""
    seen: dict[str, int] = {}
    found: Rows = []
    for label, count in rows:
        seen[label] = seen.get(label, -1) + 1
        found.append((label + " " * seen[label], count))
    return found


def _figure(value: Any, _index: int, _count: int) -> str:
    """A tick: `500`, `5,000`, `500k`, `5M`. Longer ones would not fit."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= 10_000 and value >= size:
            return f"{value / size:,.4g}{unit}"
    return f"{value:,}"
