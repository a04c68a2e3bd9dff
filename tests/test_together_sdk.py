"""Beside Together's own check of version 2.14.0, the last that looked inside records.

What it rejects we reject, and what we pass it passes, on thousands of mutated records; but for the differences in
`KNOWN`, each with its reason.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.mutants import mutated
from jsonl_lint import Severity, check_file, check_record
from tests.records import VALID

VERSION = "2.14.0"
RECORDS = 4_000

_ASK = """
import json, os, sys, tempfile
from pathlib import Path
from together.lib.utils.files import check_file

path = Path(tempfile.mkdtemp()) / "data.jsonl"
for line in sys.stdin:
    path.write_text("".join(json.dumps(record) + "\\n" for record in json.loads(line)))
    try:
        report = check_file(path)
        said = None if report["is_check_passed"] else str(report["message"])
    except Exception as error:
        said = f"crash: {type(error).__name__}"
    print(json.dumps(said))
"""

KNOWN = {
    "Found extra column": "unknown root keys are a warning: nothing refuses them since 2.15, and `weight` is valid",
    "Messages with images cannot have non-zero weights": "said of any message with a weight beside an image",
}
"""What 2.14.0 says in its known false alarms, and why we say less."""


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has this version."""
    home = tmp_path_factory.mktemp("together")
    python = home / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "install", f"together=={VERSION}"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"together {VERSION} cannot be installed here: {(done.stderr or done.stdout)[-300:]}")
    return python


def ask(sdk: Path, files: list[list[Any]]) -> list[str | None]:
    """What it says of each file, None if it passes."""
    lines = "".join(json.dumps(records) + "\n" for records in files)
    done = subprocess.run([str(sdk), "-c", _ASK], input=lines, capture_output=True, text=True, check=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(files)
    return said


def test_it_rejects_nothing_that_we_pass(sdk: Path):
    dice = random.Random(20261122)
    records = [*VALID, *(mutated(VALID[number % len(VALID)], dice) for number in range(RECORDS))]
    said = ask(sdk, [[record] for record in records])
    assert said[: len(VALID)] == [None] * len(VALID)
    missed: dict[str, list[str]] = {}
    for record, message in zip(records, said, strict=True):
        ours = any(finding.severity is Severity.ERROR for finding in check_record(record))
        if message and not ours and not any(known in message for known in KNOWN):
            missed.setdefault(message[:80], []).append(json.dumps(record)[:300])
    assert not missed, json.dumps({said: found[:3] for said, found in missed.items()}, indent=1)
    for first in range(len(VALID)):
        assert sum(map(bool, said[first :: len(VALID)])) > RECORDS // len(VALID) // 5, VALID[first]
    for known in KNOWN:
        assert any(known in message for message in said if message), known


def test_files_of_several_formats_are_rejected_by_both(sdk: Path, tmp_path: Path):
    files = [[first, second] for first in VALID for second in VALID]
    for records, message in zip(files, ask(sdk, files), strict=True):
        path = tmp_path / "data.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        errors = {finding.rule for finding in check_file(path).findings if finding.severity is Severity.ERROR}
        assert errors == ({"mixed-formats"} if message else set()), message
