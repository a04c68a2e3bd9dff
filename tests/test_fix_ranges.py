"""Fixing with lines that are judged in ranges, by others: the same bytes, whatever the ranges are."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import PartialReport, Settings, UnreadableInputError, fix_file, ranges
from jsonl_lint.fixer import run as fixer_run
from tests.conftest import chat, line_of
from tests.test_ranges import in_turn, mixed_lines, written

LINES = [
    line_of(chat()),
    line_of(chat()).replace(b"\n", b"\r\n"),
    line_of(chat("A?", "1")).replace(b"}\n", b",}\n"),
    line_of(chat("A?", "2"))[:-1] + b" " + line_of(chat("B?", "3")),
    b'{\n"messages": [\n{"role": "user", "content": "C?"},\n{"role": "assistant", "content": "4"}\n]\n}\n',
    b'{"messages": [{"role": "user", "content": "D\n?"}, {"role": "assistant", "content": "5"}]}\n',
    b'{"messages": [{"role": "user", "content": "E?"}\n',
    b'{"messages": [],\n',
    b"\n",
    b"}\n",
    b'\xef\xbb\xbf{"text": "x"}\n',
    b'{"custom_id": "a", "body": {"model": "m", "messages": [{"role": "user", "content": "F?"}]}}\n',
    b'{"text": "\xff"}\n',
    line_of({"text": "long " * 90}),
]


def everything(source: Path, folder: Path, **settings: Any) -> tuple[Any, ...]:
    folder.mkdir()
    fixed, rejects, changes = (folder / name for name in ("fixed.jsonl", "rejects.jsonl", "changes.jsonl"))
    known = Settings(**{"unsafe_fixes": True, "max_line_bytes": 400, **settings})
    result = fix_file(source, fixed, known, rejects=rejects, changes=changes)
    log = changes.read_bytes().replace(str(folder).encode(), b"")
    return result, fixed.read_bytes(), rejects.read_bytes(), log


def test_what_only_this_process_has_opened_is_not_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fixer_run, "run", None)
    with open(written(tmp_path / "data.jsonl", mixed_lines(200)), "rb") as opened:
        result = fix_file(f"/dev/fd/{opened.fileno()}", tmp_path / "fixed.jsonl", Settings(jobs=2))
    assert result.records > 0


@pytest.mark.parametrize("seed", range(20))
def test_wherever_the_ranges_end_the_bytes_are_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    dice = random.Random(seed)
    data = b"".join(dice.choices(LINES, k=dice.randrange(1, 40)))
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"\xef\xbb\xbf" * (seed % 3 == 0) + data.rstrip(b"\n" * (seed % 2)))
    settings = {"unsafe_fixes": seed % 4 > 0, "format": ("auto", "batch")[seed % 5 == 0]}
    expected = everything(source, tmp_path / "one", **settings)
    monkeypatch.setattr(ranges, "RANGE_BYTES", dice.choice([1, 30, 200, 5_000]))
    asked: list[int] = []

    def run(*arguments: Any) -> Iterator[PartialReport]:
        asked.append(1)
        return in_turn(*arguments)

    monkeypatch.setattr(fixer_run, "run", run)
    assert everything(source, tmp_path / "many", jobs=2, **settings) == expected
    assert asked


def test_several_processes_write_what_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = written(tmp_path / "a.jsonl", mixed_lines(300))
    monkeypatch.setattr(ranges, "RANGE_BYTES", 10_000)
    assert everything(source, tmp_path / "two", jobs=2) == everything(source, tmp_path / "one")


def test_what_is_no_plain_file_of_lines_is_fixed_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fixer_run, "run", None)
    text = (LINES[0] + LINES[2]).decode()
    for name, data in (
        ("a.jsonl.gz", gzip.compress(text.encode())),
        ("b.jsonl", text.encode("utf-16")),
        ("c.jsonl", text.replace("\n", "\r").encode()),
        ("d.jsonl", f"[{text.splitlines()[0]}]".encode()),
    ):
        source = tmp_path / name
        source.write_bytes(data)
        result = fix_file(source, tmp_path / f"fixed-{name}.jsonl", Settings(jobs=2, unsafe_fixes=True))
        assert result.changed


@pytest.mark.parametrize("lines", [0, 2, 4])
def test_of_a_file_that_changes_meanwhile_nothing_is_written(
    lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source, fixed, other = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
    source.write_bytes(LINES[0] * 3)
    other.write_bytes(LINES[0] * lines)

    def run(tasks: Any, plan: Any, jobs: int, saturated: Any) -> Iterator[PartialReport]:
        size = other.stat().st_size
        return in_turn([task._replace(path=str(other), end=size) for task in tasks], plan, jobs, saturated)

    monkeypatch.setattr(fixer_run, "run", run)
    with pytest.raises(UnreadableInputError, match="it has changed while it was read"):
        fix_file(source, fixed, Settings(jobs=2, ignore=("duplicate-record",)))
    assert not fixed.exists()
