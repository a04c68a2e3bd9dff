"""How time and memory grow with the file: one file that is made longer and longer, and checked each time."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.data import MEGABYTE, clean_lines
from benchmarks.measure import run_command
from benchmarks.table import Goal

STEPS = (10, 30, 100, 300, 1_000, 3_000, 5_000, 10_000, 30_000, 100_000)
"""Megabytes."""

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PLOT = PAGE.with_name("growth.svg")
_BEGIN, _END = "<!-- growth: written by `python -m benchmarks growth --docs` -->\n", "<!-- growth: end -->\n"


class Point(NamedTuple):
    """One size, checked by so many processes."""

    megabytes: float
    jobs: int
    wall: float
    cpu: float
    peak: float
    """Megabytes of the largest process."""


def sizes_up_to(largest: float) -> list[float]:
    """The steps below, then the largest."""
    return [*(size for size in STEPS if size < largest), largest]


def measure_growth(folder: Path, largest: float, seed: int, runs: int) -> Iterator[Point]:
    """Each size with one process and with two, as soon as it is measured. The file is deleted at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"growing-{os.getpid()}.jsonl"
    lines = clean_lines(seed)
    try:
        for megabytes in sizes_up_to(largest):
            lengthen(path, lines, round(megabytes * MEGABYTE))
            for jobs in (1, 2):
                yield _point(path, megabytes, jobs, folder, runs if megabytes <= 1_000 else 1)
    finally:
        path.unlink(missing_ok=True)


def lengthen(path: Path, lines: Iterator[bytes], size: int) -> None:
    """Append lines until the file has this many bytes."""
    with open(path, "ab") as file:
        while file.tell() < size:
            file.write(next(lines))


def _point(path: Path, megabytes: float, jobs: int, folder: Path, runs: int) -> Point:
    command = [sys.executable, "-m", "jsonl_lint", "check", "--quiet", "--jobs", str(jobs), str(path)]
    costs = [run_command(command, folder / "bytecode") for _ in range(runs)]
    wall, cpu = median(cost.wall for cost in costs), median(cost.seconds for cost in costs)
    return Point(megabytes, jobs, wall, cpu, max(cost.peak for cost in costs) / 1e6)


def linear(points: Sequence[Point]) -> Goal | None:
    """CPU time of a further megabyte in the larger half of the sizes, with that in the smaller half as 1.

    So starting is left out of both. None where there are too few sizes.
    """
    single = [point for point in points if point.jobs == 1]
    if len(single) < 3:
        return None
    first, middle, last = single[0], single[len(single) // 2], single[-1]
    return Goal(_rate(middle, last) / _rate(first, middle), "<=", 1.15, "x the cost of a megabyte")


def _rate(before: Point, after: Point) -> float:
    return (after.cpu - before.cpu) / (after.megabytes - before.megabytes)


def speed_up(points: Sequence[Point]) -> Goal | None:
    """Wall-clock time of one process, with that of two as 1, at the largest size."""
    last = [point for point in points if point.megabytes == points[-1].megabytes]
    if len(last) < 2 or last[0].megabytes < 64:
        return None
    return Goal(last[0].wall / last[1].wall, ">=", 1.7, "x one process")


def table(points: Sequence[Point]) -> str:
    """As Markdown."""
    head = "| file | processes | wall clock | CPU | MB/s (wall) | largest process |\n|---:|---:|---:|---:|---:|---:|\n"
    return head + "".join(
        f"| {size_in_words(point.megabytes)} | {point.jobs} | {point.wall:,.1f} s | {point.cpu:,.1f} s "
        f"| {point.megabytes / point.wall:,.0f} | {point.peak:,.0f} MB |\n"
        for point in points
    )


def size_in_words(megabytes: float) -> str:
    return f"{megabytes / 1000:g} GB" if megabytes >= 1000 else f"{megabytes:g} MB"


def plot(points: Sequence[Point]) -> str:
    """Seconds by size, a line for each number of processes, as SVG."""
    import leather

    chart = leather.Chart("Seconds (wall clock) to check a file")
    for jobs, colour in ((1, "#c0392b"), (2, "#2471a3")):
        data = [(point.megabytes / 1000, round(point.wall, 2)) for point in points if point.jobs == jobs]
        chart.add_line(data, stroke_color=colour, name="one process" if jobs == 1 else "two processes")
    chart.add_x_axis(name="GB")
    chart.add_y_axis(name="seconds")
    svg: str = chart.to_svg(width=640, height=360)
    return svg


def circumstances(seed: int) -> str:
    """What has to be known beside the figures."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {load} before the first run, seed {seed}."


def write_docs(points: Sequence[Point], about: str, verdicts: Sequence[str]) -> None:
    """Put table and plot where the documentation shows them."""
    PLOT.write_text(plot(points), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    told = "".join(f"- {verdict}\n" for verdict in verdicts)
    figures = f"{_BEGIN}\n{about}\n\n{table(points)}\n{told}\n![Seconds by size](growth.svg)\n\n{_END}"
    PAGE.write_text(before + figures + after, encoding="utf-8")
