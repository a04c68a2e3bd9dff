"""CPU time and memory: of a call in this process, or of a command in its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

Action = Callable[[], float]
"""Does the work and returns the CPU seconds (user + system) that it took."""


class Comparison(NamedTuple):
    """CPU seconds of an action and of the yardstick beside it, run by run."""

    seconds: tuple[float, ...]
    yardstick: tuple[float, ...]

    @property
    def middle(self) -> float:
        return median(self.seconds)

    @property
    def ratio(self) -> float:
        """How fast the action is, with the yardstick as 1: the median over neighbouring runs.

        Neighbours share the state of a noisy machine, so the ratio holds where seconds do not.
        """
        return median(self._ratios())

    @property
    def spread(self) -> tuple[float, float]:
        """The ratios around the middle half of the runs. A goal between them is neither met nor missed for sure."""
        ratios = sorted(self._ratios())
        outside = len(ratios) // 4
        return ratios[outside], ratios[-1 - outside]

    def _ratios(self) -> list[float]:
        return [base / own for own, base in zip(self.seconds, self.yardstick, strict=True)]


class Cost(NamedTuple):
    """What a command cost: CPU and wall-clock seconds, most resident memory of a process in bytes, exit code."""

    seconds: float
    wall: float
    peak: int
    code: int


def timed(work: Callable[[], object]) -> Action:
    def action() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return action


def compare(action: Action, yardstick: Action, runs: int) -> Comparison:
    """Yardstick and action in turns: A B A B."""
    pairs = [(yardstick(), action()) for _ in range(runs)]
    return Comparison(tuple(own for _, own in pairs), tuple(base for base, _ in pairs))


_LAUNCHER = """
import json, os, resource, sys, time
most = int(sys.argv.pop(1))
if most:
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
null = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
start = time.monotonic()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
unit = 1 if sys.platform == "darwin" else 1024
code = os.waitstatus_to_exitcode(status)
wall = time.monotonic() - start
print(json.dumps([usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit, code]))
"""


def run_command(command: Sequence[str], bytecode: Path, most_seconds: int = 0) -> Cost:
    """Run a command without input and output, and account for it; `most_seconds` of CPU time end it, 0 do not.

    A small launcher starts it: what this process has grown to would otherwise count as the command's peak memory.
    Compiled modules are kept in the folder `bytecode`, so that a second run finds them, like an installed package's.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    launcher = [sys.executable, "-S", "-E", "-c", _LAUNCHER, str(most_seconds), *command]
    done = subprocess.run(launcher, capture_output=True, text=True, check=True, env=environment)
    return Cost(*json.loads(done.stdout))
