"""`python -m benchmarks`: one run, one table. It says whether each goal is met, and never fails on a time.

`growth` measures how time and memory grow with the file, `soak` sends a long stream through one process.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.data import Dataset, dataset
from benchmarks.growth import circumstances, linear, measure_growth, speed_up, table, write_docs
from benchmarks.lengths import measure_lengths
from benchmarks.peers import measure_peers
from benchmarks.resources import Commands
from benchmarks.soak import soak
from benchmarks.table import HEADER
from benchmarks.tiers import measure_tiers
from benchmarks.together import measure_together
from jsonl_lint import native

FOLDER = Path(__file__).parent.parent / "build" / "benchmarks"


def main() -> None:
    options = _options()
    if options.what == "growth":
        _show_growth(options)
    elif options.what == "soak":
        last = ""
        for last in soak(options.megabytes, options.seed):
            print(last, flush=True)
        sys.exit(last == "FAILED")
    else:
        data = dataset(options.folder, options.megabytes, options.seed)
        for text in _lines(data, options):
            print(text, flush=True)


def _lines(data: Dataset, options: argparse.Namespace) -> Iterator[str]:
    compiled = "with" if native.load() else "without"
    yield f"Python {platform.python_version()}, orjson {version('orjson')}, jiter {version('jiter')}, {compiled} skim.c"
    yield f"{options.megabytes:g} MB a file, seed {options.seed}, median of {options.runs} runs"
    yield f"CPU time (user + system); MB = 10^6 bytes; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    yield ""
    yield HEADER
    for row in measure_tiers(data, options.runs):
        yield str(row)
    for row in measure_lengths(data, options.runs):
        yield str(row)
    if options.peers:
        yield from measure_together(data, options.folder, options.runs)
        yield from measure_peers(data.clean, options.folder, options.runs)
    commands = Commands(options.folder)
    yield from commands.processes(data, options.runs)
    yield from commands.memory(data, gigabyte=options.gigabyte)
    yield from commands.start(data, options.runs)


def _show_growth(options: argparse.Namespace) -> None:
    about = circumstances(options.seed)
    print(about)
    points = []
    for point in measure_growth(options.folder, options.largest, options.seed, options.runs):
        points.append(point)
        print(table([point]).splitlines()[-1], flush=True)
    verdicts = [str(goal) for goal in (linear(points), speed_up(points)) if goal is not None]
    print("\n".join(verdicts))
    if options.docs:
        write_docs(points, about, verdicts)


def _options() -> argparse.Namespace:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--seed", type=int, default=7, help="seed of the data (default: 7)")
    shared.add_argument(
        "--folder", type=Path, default=FOLDER, help="where the data is kept (default: build/benchmarks)"
    )
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, parents=[shared])
    parser.add_argument("--megabytes", type=float, default=100, help="size of each file (default: 100)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each tier (default: 5)")
    parser.add_argument("--gigabyte", action="store_true", help="peak memory on a 1 GB file and a 1 GB line too (slow)")
    parser.add_argument("--peers", action="store_true", help="other validators beside it (installs them)")
    verbs = parser.add_subparsers(dest="what")
    growth = verbs.add_parser("growth", parents=[shared], help="time and memory by size")
    growth.add_argument("--largest", type=float, default=5_000, help="megabytes of the largest file (default: 5000)")
    growth.add_argument("--runs", type=int, default=3, help="runs up to 1 GB; above, one (default: 3)")
    growth.add_argument("--docs", action="store_true", help="write docs/benchmarks.md and its plot")
    long = verbs.add_parser("soak", parents=[shared], help="a long stream through one process")
    long.add_argument("--megabytes", type=float, default=10_000, help="how long (default: 10000)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
