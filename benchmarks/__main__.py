"""`python -m benchmarks`: one run, one table. It says whether each goal is met, and never fails on a time."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.data import Dataset, dataset
from benchmarks.lengths import measure_lengths
from benchmarks.resources import Commands
from benchmarks.table import HEADER
from benchmarks.tiers import measure_tiers
from benchmarks.together import measure_together

FOLDER = Path(__file__).parent.parent / "build" / "benchmarks"


def main() -> None:
    options = _options()
    data = dataset(options.folder, options.megabytes, options.seed)
    for text in _lines(data, options):
        print(text, flush=True)


def _lines(data: Dataset, options: argparse.Namespace) -> Iterator[str]:
    yield f"Python {platform.python_version()}, orjson {version('orjson')}, jiter {version('jiter')}"
    yield f"{options.megabytes:g} MB a file, seed {options.seed}, median of {options.runs} runs"
    yield f"CPU time (user + system); MB = 10^6 bytes; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    yield ""
    yield HEADER
    for row in measure_tiers(data, options.runs):
        yield str(row)
    for row in measure_lengths(data, options.runs):
        yield str(row)
    if options.together:
        yield from measure_together(data, options.folder, options.runs)
    commands = Commands(options.folder)
    yield from commands.memory(data, gigabyte=options.gigabyte)
    yield from commands.start(data, options.runs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100, help="size of each file (default: 100)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each tier (default: 5)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the data (default: 7)")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where the data is kept (default: build/benchmarks)"
    )
    parser.add_argument("--gigabyte", action="store_true", help="peak memory on a 1 GB file and a 1 GB line too (slow)")
    parser.add_argument("--together", action="store_true", help="Together's SDK beside it (installs two versions)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
