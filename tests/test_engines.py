"""One process or many: the same report, byte for byte."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import Report, Settings, check_paths, engines
from jsonl_lint.engines import local
from tests.conftest import ROOT, chat, line_of

SETTINGS = Settings(max_findings=5)


def mixed_lines(count: int, seed: int = 1) -> bytes:
    """Clean and broken lines, records spread over lines, batch requests, blank lines and no final newline."""
    dice = random.Random(seed)
    kinds = [
        line_of(chat("Hello", "Hi")),
        line_of(chat("é" * 50, "ü")),
        b'{"messages": []}\n',
        b"\n",
        b'{"messages": [,]}\r\n',
        b'{\n "messages": [\n  {"role": "user", "content": "a"}\n ]\n}\n',
        b'"text"\n',
        line_of({"custom_id": "1", "body": {"model": "m", "messages": [{"role": "user", "content": "x"}]}}),
        b'{"messages": [{"role": "us\n',
        b"\xff\xfe\n",
    ]
    return b"".join(dice.choices(kinds, [30, 10, 2, 2, 2, 2, 1, 3, 1, 1], k=count)) + b'{"text": "end"}'


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def shown(report: Report) -> str:
    return json.dumps(report.to_dict())


@pytest.mark.parametrize("size", [1, 7, 100, 1_000, 5_000])
def test_ranges_of_any_size_make_the_same_report(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "a.jsonl", mixed_lines(60 if size < 100 else 600))
    whole = check_paths([path], SETTINGS)
    monkeypatch.setattr(engines, "RANGE_BYTES", size)
    monkeypatch.setattr(
        local, "run", lambda tasks, settings, jobs: (engines.check_range_alone(task, settings) for task in tasks)
    )
    assert shown(check_paths([path], Settings(max_findings=5, jobs=2))) == shown(whole)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf" + line_of(chat()) * 9, b"x" * 300_000, line_of(chat()) * 9]
)
def test_odd_files(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "a.jsonl", data)
    whole = check_paths([path], SETTINGS)
    monkeypatch.setattr(engines, "RANGE_BYTES", 64)
    monkeypatch.setattr(
        local, "run", lambda tasks, settings, jobs: (engines.check_range_alone(task, settings) for task in tasks)
    )
    assert shown(check_paths([path], Settings(max_findings=5, jobs=3))) == shown(whole)


def test_real_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "RANGE_BYTES", 20_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(1_500))
    assert shown(check_paths([path], Settings(max_findings=5, jobs=2))) == shown(check_paths([path], SETTINGS))


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "RANGE_BYTES", 100_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(20_000))
    whole = shown(check_paths([path], SETTINGS))
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        while not done.is_set() and len(killed) < 2:
            for child in children_of(os.getpid()):
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                killed.append(child)
                break
            time.sleep(0.2)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        report = shown(check_paths([path], Settings(max_findings=5, jobs=2)))
    finally:
        done.set()
        killer.join()
    assert killed
    assert report == whole


def children_of(parent: int) -> list[int]:
    """Worker processes: the grandchildren that the fork server made, or the children themselves."""
    family: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                family.setdefault(int(fields[1]), []).append(int(entry.name))
    return [grandchild for child in family.get(parent, []) for grandchild in family.get(child, [])]


def test_automatic_jobs_leave_small_files_and_streams_alone():
    assert local.automatic_jobs(None) == 1
    assert local.automatic_jobs(engines.WORTHWHILE_BYTES - 1) == 1
    assert local.automatic_jobs(engines.WORTHWHILE_BYTES) >= 1


def test_the_command_line_says_the_same(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(300))

    def run(*options: str) -> Any:
        command = [sys.executable, "-m", "jsonl_lint", str(path), "--output-format", "json", *options]
        return subprocess.run(command, capture_output=True, cwd=ROOT, check=False)

    one, two = run("--jobs", "1"), run("--jobs", "2")
    assert one.stdout == two.stdout
    assert (one.returncode, one.stderr) == (two.returncode, two.stderr)
