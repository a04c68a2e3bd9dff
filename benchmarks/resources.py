"""Peak memory and start-up of the command, each measured in processes of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.data import Dataset, clean_lines, one_line, repeat
from benchmarks.growth import lengthen
from benchmarks.measure import run_command
from benchmarks.table import Goal, line

GIGABYTE = 1_000_000_000
NEARLY_TOO_LONG = 60_000_000
"""A line within the default limit of 64 MiB, so that it is held and parsed."""

_COMMAND = [sys.executable, "-m", "jsonl_lint"]


SEED_OF_PROCESSES = 11
FILES = 8


def _faster(pairs: list[tuple[float, float]]) -> Goal:
    return Goal(median(one / two for one, two in pairs), ">=", 1.7, "x one process")


def _one_and_two(name: str, megabytes: float, pairs: list[tuple[float, float]]) -> Iterator[str]:
    for jobs, walls in zip(("one process", "two processes"), zip(*pairs, strict=True), strict=True):
        yield line(f"{name}{jobs}, whole command", "wall clock", f"{megabytes / median(walls):,.0f} MB/s")


class Commands:
    """Runs the command line in processes of its own, with compiled modules kept in the cache folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bytecode = folder / "bytecode"

    def processes(self, data: Dataset, runs: int) -> Iterator[str]:
        """Wall-clock time of one process and of two, in turns, on four times the data, so that starting counts less."""
        path = self.folder / "processes.jsonl"
        try:
            path.unlink(missing_ok=True)
            lengthen(path, clean_lines(SEED_OF_PROCESSES), 4 * data.clean.stat().st_size)
            pairs = [(self._wall(path, 1), self._wall(path, 2)) for _ in range(runs)]
            megabytes = path.stat().st_size / 1e6
        finally:
            path.unlink(missing_ok=True)
        yield from _one_and_two("", megabytes, pairs)
        yield line("two processes beside one", f"{megabytes:,.0f} MB", "", "", _faster(pairs))
        yield from self._many_files("check", data.clean, 2, runs)
        counts = [(self._wall(data.clean, 1, "stats"), self._wall(data.clean, 2, "stats")) for _ in range(runs)]
        yield from _one_and_two("stats, ", data.clean.stat().st_size / 1e6, counts)
        yield from self._many_files("stats", data.clean, 8, runs)

    def _many_files(self, verb: str, clean: Path, parts: int, runs: int) -> Iterator[str]:
        """The same for a folder of files that are too small for two processes: a part of the clean file each."""
        data = clean.read_bytes()
        part = data[: data.rindex(b"\n", 0, len(data) // parts) + 1]
        with TemporaryDirectory(dir=self.folder) as temporary:
            folder = Path(temporary)
            for number in range(FILES):
                (folder / f"{number}.jsonl").write_bytes(part)
            pairs = [(self._wall(folder, 1, verb), self._wall(folder, 2, verb)) for _ in range(runs)]
        name = "" if verb == "check" else f"{verb}, "
        yield from _one_and_two(f"{name}{FILES} files, ", FILES * len(part) / 1e6, pairs)

    def _wall(self, path: Path, jobs: int, verb: str = "check") -> float:
        return run_command([*_COMMAND, verb, "--quiet", "--jobs", str(jobs), str(path)], self.bytecode).wall

    def memory(self, data: Dataset, *, gigabyte: bool) -> Iterator[str]:
        """Peak memory on files of every kind."""
        yield self._peak("peak memory, check", data.clean, limit=60)
        yield self._peak("peak memory, check, nothing but defects", data.all_bad, limit=60)
        yield self._peak("peak memory, check, huge lines", data.huge_lines, limit=60)
        yield self._peak("peak memory, check, four answers to each prompt", data.answers, limit=60)
        if not gigabyte:
            yield line("peak memory, 1 GB file and 1 GB line", "", "not run") + "  (--gigabyte)"
            return
        big = self.folder / "gigabyte.jsonl"
        try:
            yield self._peak("peak memory, check, 1 GB file", repeat(data.clean, big, GIGABYTE), limit=60)
            yield self._peak("peak memory, check, one line of 1 GB", one_line(big, GIGABYTE), limit=60)
            yield self._peak("peak memory, check, one line of 60 MB", one_line(big, NEARLY_TOO_LONG))
        finally:
            big.unlink(missing_ok=True)

    def start(self, data: Dataset, runs: int) -> Iterator[str]:
        """CPU time of short commands, which run twice as often as the tiers."""
        few, spoiled = self.folder / "ten-records.jsonl", self.folder / "ten-records-one-bad.jsonl"
        with open(data.clean, "rb") as clean, open(data.all_bad, "rb") as bad:
            records = list(islice(clean, 10))
            few.write_bytes(b"".join(records))
            spoiled.write_bytes(b"".join([*records[:9], next(bad)]))
        runs = 2 * runs + 1
        yield self._start("start-up: python -c pass", [sys.executable, "-c", "pass"], runs)
        yield self._start("start-up: --version", [*_COMMAND, "--version"], runs, 60)
        yield self._start("start-up: check of 10 records", [*_COMMAND, "check", str(few)], runs, 80)
        yield self._start("start-up: the same, one of them bad", [*_COMMAND, "check", str(spoiled)], runs)

    def _peak(self, name: str, path: Path, limit: float | None = None) -> str:
        cost = run_command([*_COMMAND, "check", "--quiet", str(path)], self.bytecode)
        peak = cost.peak / 1e6
        goal = None if limit is None else Goal(peak, "<=", limit, "MB")
        return line(name, f"exit {cost.code}", f"{peak:,.0f} MB", "", goal) + f"  ({cost.seconds:.1f} CPU s)"

    def _start(self, name: str, command: list[str], runs: int, limit: float | None = None) -> str:
        """After a first run that compiles the modules."""
        run_command(command, self.bytecode)
        spent = median(run_command(command, self.bytecode).seconds for _ in range(runs)) * 1000
        goal = None if limit is None else Goal(spent, "<=", limit, "ms")
        return line(name, f"median of {runs}", f"{spent:.0f} ms CPU", "", goal)
