"""Small files that are counted several at a time: the same statistics as one by one."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import Project, Settings, Statistics, stats_of
from jsonl_lint.cli import run
from jsonl_lint.model import InputError
from jsonl_lint.ranges import local, wholes
from jsonl_lint.stats import several
from tests.conftest import chat, line_of
from tests.test_ranges import mixed_lines, workers_of
from tests.test_stats_ranges import LLAMA


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of every kind; a few of them are worth another process."""
    monkeypatch.setattr(wholes, "RANGE_BYTES", 1_000)
    monkeypatch.setattr(wholes, "FILE_BYTES", 10)
    found = tmp_path / "data"
    found.mkdir()
    packed = gzip.compress(mixed_lines(300))
    files = {
        **{f"{number}.jsonl": mixed_lines(30, seed=number) for number in range(9)},
        "array.jsonl": b"[" + line_of(chat()).strip() + b"]\n",
        "binary.jsonl": bytes(range(256)) * 99,
        "broken-off.jsonl.gz": packed[: len(packed) // 2],
        "empty.jsonl": b"",
        "latin.jsonl": line_of(chat("x")) + '{"text": "é"}\n'.encode("latin-1"),
        "packed.jsonl.gz": packed,
    }
    for name, data in files.items():
        (found / name).write_bytes(data)
    (found / "link.jsonl").symlink_to("8.jsonl")
    (found / "nowhere.jsonl").symlink_to("nothing")
    return found


def counted(folder: Path, settings: Settings | Project, *, tokens: bool = True) -> list[Any]:
    found = stats_of([folder], settings, tokens=tokens, limits=(20, 30) if tokens else ())
    return [each.to_dict() if isinstance(each, Statistics) else each for each in found]


@pytest.mark.parametrize("tokens", [True, False])
def test_the_figures_are_those_of_one_process(tokens: bool, folder: Path, sent: list[str]):
    one, two = (counted(folder, Settings(jobs=jobs, model=LLAMA), tokens=tokens) for jobs in (1, 2))
    assert two == one
    assert {type(each) for each in one} == {dict, InputError}
    assert len(sent) == len(set(sent)) == 16  # all but the link to nothing


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_real_processes(method: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "start_method", lambda: method)
    one, two = (counted(folder, Settings(jobs=jobs)) for jobs in (1, 2))
    assert two == one


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_the_command_prints_the_same(
    output_format: str, folder: Path, sent: list[str], capsys: pytest.CaptureFixture[str]
):
    said = []
    for jobs in ("1", "2"):
        code = run(["stats", str(folder), "--jobs", jobs, "--output-format", output_format])
        said.append((code, capsys.readouterr()))
    assert sent
    assert said[0] == said[1]
    assert said[0][0] == 2


def test_progress_is_the_same_in_the_end(folder: Path, sent: list[str]):
    done: dict[int, list[int]] = {1: [], 2: []}
    for jobs, counts in done.items():
        list(stats_of([str(folder)], Settings(jobs=jobs), counts.append))
    assert sent
    assert sum(done[2]) == sum(done[1]) > 0


def test_many_files_are_worth_what_a_large_one_is(folder: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    counted(folder, Settings(jobs=0))
    assert not sent
    monkeypatch.setattr(wholes, "FILE_BYTES", several.WORTHWHILE_BYTES // 10)
    counted(folder, Settings(jobs=0))
    assert len(sent) == 16


def test_each_file_has_its_own_settings(folder: Path, sent: list[str]):
    lines = ['[[overrides]]\nfiles = ["1.jsonl"]\ntarget = "openai"', '[[overrides]]\nfiles = ["2.jsonl"]\nmodel = "m"']
    lines += ['[[overrides]]\nfiles = ["0.jsonl"]\nmodel = "gpt-4o"\nmax-tokens = 7']
    (folder / "jsonl-lint.toml").write_text("\n".join(lines))
    one, two = (counted(folder, Project({"jobs": jobs})) for jobs in (1, 2))
    assert two == one
    assert one[0]["tokens"]["limits"] != one[3]["tokens"]["limits"]
    assert str(folder / "0.jsonl") in sent


def test_an_error_that_nobody_expects_shows_as_in_one_process(
    folder: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
):
    count = several.statistics_of

    def failing(path: str, *arguments: Any) -> Statistics:
        if path.endswith("3.jsonl"):
            raise RuntimeError("broken rule")
        return count(path, *arguments)

    monkeypatch.setattr(several, "statistics_of", failing)
    found = stats_of([str(folder)], Settings(jobs=2))
    assert [next(found).path for _ in range(3)] == [str(folder / f"{number}.jsonl") for number in range(3)]
    with pytest.raises(RuntimeError, match="broken rule"):
        next(found)
    assert sent


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_worker_that_dies_is_replaced(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = counted(folder, Settings(jobs=1))
    count = several.statistics_of
    mark = tmp_path / "died"

    def dying(path: str, *arguments: Any) -> Statistics:
        if path.endswith("3.jsonl") and not mark.exists():
            mark.touch()
            os._exit(1)
        return count(path, *arguments)

    monkeypatch.setattr(several, "statistics_of", dying)
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    assert counted(folder, Settings(jobs=2)) == one
    assert mark.exists()


def test_without_room_for_results_this_process_counts_all(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> Generator[Any, None, None]:
        raise OSError(28, "No space left on device")
        yield

    one = counted(folder, Settings(jobs=1))
    monkeypatch.setattr(local, "parts_of", full)
    assert counted(folder, Settings(jobs=2)) == one


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_whoever_stops_leaves_no_processes(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = stats_of([str(folder)], Settings(jobs=2))
    next(found)
    assert workers_of(os.getpid())
    found.close()  # type: ignore[attr-defined]
    assert workers_of(os.getpid()) == []
    assert list(tmp_path.iterdir()) == [folder]
