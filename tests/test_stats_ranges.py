"""Counted by one process or by many, a file has the same statistics."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import Settings, Statistics, ranges, stats_of
from jsonl_lint.cli import run
from jsonl_lint.model import InputError
from jsonl_lint.ranges import RangeTask
from jsonl_lint.stats import file as stats_file
from jsonl_lint.stats import ranges as stats_ranges
from jsonl_lint.stats.statistics import MAX_NAMES
from tests.conftest import chat, line_of
from tests.test_ranges import mixed_lines, written

LLAMA = "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"
BOM = b"\xef\xbb\xbf"
PRETTY = b'{\n "messages": [\n  {\n   "role": "user",\n   "content": "a"\n  }\n ]\n}\n'


def in_turn(
    tasks: Sequence[RangeTask], call_for: Callable[[RangeTask], Callable[[], Any]], _jobs: int, **_: Any
) -> Generator[Any, None, None]:
    """As processes would, but here; what travels between them is pickled."""
    for task in tasks:
        yield pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(call_for(task)))()))


def counted(path: Path, jobs: int, **settings: Any) -> dict[str, Any]:
    (found,) = stats_of([path], Settings(jobs=jobs, **settings), limits=(20, 30))
    assert isinstance(found, Statistics)
    return found.to_dict()


def test_what_only_this_process_has_opened_is_not_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1_000)
    monkeypatch.setattr(stats_ranges, "results_of", None)
    with open(written(tmp_path / "data.jsonl", mixed_lines(200)), "rb") as opened:
        assert counted(Path(f"/dev/fd/{opened.fileno()}"), 2)["records"] > 0


@pytest.mark.parametrize("size", [1, 7, 100, 1_000, 5_000])
@pytest.mark.parametrize("data", [mixed_lines(200), PRETTY * 40, BOM + line_of(chat()) * 30, BOM])
def test_ranges_of_any_size_add_up_to_the_file(data: bytes, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "data.jsonl", data)
    whole = counted(path, 1)
    monkeypatch.setattr(ranges, "RANGE_BYTES", size)
    monkeypatch.setattr(stats_ranges, "results_of", in_turn)
    assert counted(path, 2) == whole


def test_a_range_counts_all_names_since_only_the_first_of_the_file_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    records = [{"messages": [{"role": f"r{number}"}, {"role": "user"}]} for number in range(MAX_NAMES + 50)]
    requests = [{"custom_id": "1", "body": {"model": f"m{number}", **chat()}} for number in range(150)]
    data = b"".join(map(line_of, [{"messages": [{"role": "last"}]}, *records, *requests, {"messages": records[-1]}]))
    path = written(tmp_path / "data.jsonl", data)
    whole = counted(path, 1)
    assert len(whole["roles"]) == MAX_NAMES + 1
    monkeypatch.setattr(ranges, "RANGE_BYTES", len(data) // 3)
    monkeypatch.setattr(stats_ranges, "results_of", in_turn)
    assert counted(path, 2) == whole


@pytest.mark.parametrize("size", [100, 1_013])
def test_the_first_names_count_also_of_records_at_the_borders_of_ranges(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    records = [{"messages": [{"role": f"r{number}", "content": "a"}]} for number in range(MAX_NAMES + 100)]
    data = [json.dumps(record, indent=None if number % 3 else 1) + "\n" for number, record in enumerate(records)]
    path = written(tmp_path / "data.jsonl", "".join(data).encode())
    whole = counted(path, 1)
    monkeypatch.setattr(ranges, "RANGE_BYTES", size)
    monkeypatch.setattr(stats_ranges, "results_of", in_turn)
    assert counted(path, 2) == whole


def test_real_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 20_000)
    path = written(tmp_path / "data.jsonl", mixed_lines(1_500))
    assert counted(path, 2, model=LLAMA) == counted(path, 1, model=LLAMA)


def test_a_file_that_changes_while_it_is_counted_has_no_statistics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1_000)
    monkeypatch.setattr(stats_ranges, "results_of", in_turn)
    path = written(tmp_path / "data.jsonl", line_of(chat()) * 100)

    def grow(_: int) -> None:
        with path.open("ab") as file:
            file.write(line_of(chat()))

    (found,) = stats_of([path], Settings(jobs=2), grow)
    assert isinstance(found, InputError)
    assert "changed" in found.reason


def test_small_files_and_streams_are_counted_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stats_file, "count_in_processes", None)
    path = written(tmp_path / "data.jsonl", line_of(chat()) * 9)
    assert counted(path, 0)["records"] == 9
    assert counted(path, 2)["records"] == 9


@pytest.mark.parametrize("output", ["json", "text", "html"])
def test_the_command_prints_the_same_with_several_processes(
    output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1_000)
    path = written(tmp_path / "data.jsonl", mixed_lines(50))
    pages = []
    for jobs in ("1", "2"):
        assert run(["stats", "--jobs", jobs, "--output-format", output, str(path)]) == 0
        pages.append(capsysbinary.readouterr().out)
    assert pages[0] == pages[1] != b""


def test_a_range_that_cannot_be_read_any_more_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100)
    path = written(tmp_path / "data.jsonl", line_of(chat()) * 9)

    def fail(*_: Any) -> Generator[Any, None, None]:
        raise OSError(5, "Input/output error")
        yield

    monkeypatch.setattr(stats_file, "count_in_processes", fail)
    (found,) = stats_of([path], Settings(jobs=2))
    assert isinstance(found, InputError)
    assert found.reason == "input/output error"
