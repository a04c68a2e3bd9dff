"""A long stream of generated data through one process: is every planted defect reported, and does memory stay?

The data is made on the way and goes through a pipe, so no disk is needed, whatever the size.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random

from benchmarks.data import BAD_SHARE, MEGABYTE
from benchmarks.defects import KINDS, spoiled
from benchmarks.records import Generator, encode
from benchmarks.table import Goal
from jsonl_lint.repeats.recordkeys import SPILL_KEYS

LOOK_EVERY = 64 * MEGABYTE
MOST_MEMORY = 60 + 8 * SPILL_KEYS * 17 / 16 / MEGABYTE
"""Beside what any file takes, the keys that are held before they go to disk; an array takes 1/16 more than them."""
COMMAND = [
    sys.executable,
    "-m",
    "jsonl_lint",
    "check",
    "-",
    "--quiet",
    "--output-format",
    "json",
    "--max-findings",
    "5",
]


class Stream:
    """Lines, one in fifty of them spoiled; and what was planted so far."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.records = 0
        self.bytes = 0
        self.planted: Counter[str] = Counter()

    def lines(self) -> Iterator[bytes]:
        dice, kinds = Random(self.seed + 1), cycle(KINDS)
        for record, encoder in Generator(self.seed).records():
            if dice.random() < BAD_SHARE:
                kind = next(kinds)
                self.planted[kind] += 1
                line = spoiled(kind, record, encoder)
            else:
                line = encode(record, encoder)
            self.records += 1
            self.bytes += len(line)
            yield line


def soak(megabytes: float, seed: int) -> Iterator[str]:
    """What happens, line by line; the last one begins with `passed` or `FAILED`."""
    stream = Stream(seed)
    start = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=output)
        assert process.stdin is not None
        peaks: list[float] = []
        look_at = LOOK_EVERY
        for line in stream.lines():
            process.stdin.write(line)
            if stream.bytes >= look_at:
                look_at += LOOK_EVERY
                peaks.append(memory_of(process.pid))
            if stream.bytes >= megabytes * MEGABYTE:
                break
        peaks.append(memory_of(process.pid))
        process.stdin.close()
        code = process.wait()
        output.seek(0)
        report = json.loads(output.read() or b"{}")
    spent = time.monotonic() - start
    yield f"{stream.bytes / MEGABYTE:,.0f} MB, {stream.records:,} records, {spent:,.0f} s with making them, exit {code}"
    early = max(peaks[: max(1, len(peaks) // 10)])
    yield f"memory: {early:,.0f} MB after a tenth, {Goal(max(peaks), '<=', MOST_MEMORY, 'MB at most')}"
    wrong = list(mismatches(stream, report, code))
    yield from wrong
    yield (
        "FAILED" if wrong else f"passed: {stream.planted.total():,} planted defects of {len(KINDS)} kinds were reported"
    )


def mismatches(stream: Stream, report: dict[str, object], code: int) -> Iterator[str]:
    """Where the report says something else than what was planted. A spoiled record may break further rules."""
    summary = report.get("summary")
    if code != 1 or not isinstance(summary, dict):
        yield f"exit code {code}, and {'a' if summary else 'no'} summary"
        return
    if summary["records"] != stream.records:
        yield f"{summary['records']:,} records reported of {stream.records:,}"
    bad = stream.planted.total()
    if not summary["records"] - bad <= summary["valid_records"] <= summary["records"]:
        yield f"{summary['valid_records']:,} valid records, but {bad:,} were spoiled"
    for kind, count in stream.planted.items():
        if summary["by_rule"].get(kind, 0) < count:
            yield f"{kind}: {summary['by_rule'].get(kind, 0):,} reported of {count:,}"


def memory_of(pid: int) -> float:
    """Megabytes that the process holds; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) * 4096 / MEGABYTE
