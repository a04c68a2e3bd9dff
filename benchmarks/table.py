"""The rows of the printed table."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Comparison

HEADER = f"{'measured':<46} {'file or unit':<16} {'figure':>12} {'x orjson':>9} {'middle half':>12}  goal"


class Goal(NamedTuple):
    """A figure and the limit that it should keep; missing one is said, and fails nothing."""

    value: float
    sign: str
    limit: float
    unit: str

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.sign == ">=" else self.value <= self.limit

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return f"{self.value:.2f} {self.unit}, {self.sign} {self.limit:g}: {verdict}"


class Row(NamedTuple):
    """One speed: a file read in so many CPU seconds, beside the yardstick or something else."""

    name: str
    file: Path
    result: Comparison
    goal: Goal | None = None
    beside_orjson: bool = True

    def __str__(self) -> str:
        speed = self.file.stat().st_size / 1e6 / self.result.middle
        ratio = f"{self.result.ratio:.3f}" if self.beside_orjson else ""
        low, high = self.result.spread
        return line(self.name, _kind(self.file.name), f"{speed:,.0f} MB/s", ratio, self.goal, f"{low:.2f}-{high:.2f}")


def line(name: str, unit: str, figure: str, ratio: str = "", goal: Goal | None = None, spread: str = "") -> str:
    return f"{name:<46} {unit:<16} {figure:>12} {ratio:>9} {spread:>12}  {goal or ''}".rstrip()


def _kind(name: str) -> str:
    """`two-percent-bad` of `two-percent-bad-100mb-seed7-0f3a.jsonl`."""
    return "-".join(name.split("-")[:-3])
