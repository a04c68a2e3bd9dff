"""Together's own check on the same file, each version of its SDK in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import Dataset
from benchmarks.environments import UnavailableError, environment, last_line
from benchmarks.measure import compare, timed
from benchmarks.table import Goal, Row, line
from benchmarks.tiers import DEFAULTS, check, parse_only

VERSIONS = ("2.14.0", "newest")

_CHECK = """
import json, sys, time
from pathlib import Path
import together
from together.lib.utils.files import check_file
start = time.process_time()
report = check_file(Path(sys.argv[1]))
print(json.dumps([time.process_time() - start, together.__version__, report["is_check_passed"]]))
"""


class Answer(NamedTuple):
    """What one run said: CPU seconds inside the check, the SDK's version, whether the file passed."""

    seconds: float
    version: str
    passed: bool


def measure_together(data: Dataset, folder: Path, runs: int) -> Iterator[str]:
    for version in VERSIONS:
        name = f"Together SDK {version}, check_file"
        try:
            wanted = "together" if version == "newest" else f"together=={version}"
            python = environment(folder, f"together-{version}", [wanted]) / "python"
            answer = _ask(python, data.clean)
        except UnavailableError as error:
            yield line(name, "clean", "-") + f"  {error}"
            continue
        yield from _rows(python, answer, data.clean, runs)


def _rows(python: Path, answer: Answer, path: Path, runs: int) -> Iterator[str]:
    """The SDK's speed beside the yardstick, then ours beside the SDK's."""
    result = compare(lambda: _ask(python, path).seconds, timed(parse_only(path)), runs)
    said = "" if answer.passed else " (file refused)"
    yield str(Row(f"Together SDK {answer.version}, check_file{said}", path, result))
    ours = compare(timed(check(path, DEFAULTS)), lambda: _ask(python, path).seconds, runs)
    goal = Goal(ours.ratio, ">=", 1, f"x Together {answer.version}")
    yield str(Row("  our defaults beside it", path, ours, goal, beside_orjson=False))


def _ask(python: Path, path: Path) -> Answer:
    done = subprocess.run([str(python), "-c", _CHECK, str(path)], capture_output=True, text=True)
    if done.returncode:
        raise UnavailableError(f"does not run: {last_line(done.stderr)}")
    return Answer(*json.loads(done.stdout.splitlines()[-1]))
