"""Small files that are checked several at a time: the same events as one by one."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import Project, Settings, check_paths, ranges
from jsonl_lint.api import check_events
from jsonl_lint.checks import several
from jsonl_lint.checks.file import Extras
from jsonl_lint.model import Event, FileResult, Finding, InputError
from jsonl_lint.ranges import local, wholes
from tests.conftest import ROOT, chat, heed_signals, line_of
from tests.test_ranges import mixed_lines, workers_of, workers_once_there

EVERYTHING = Extras(census=True)


def tell_each_kilobyte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a kilobyte worth another process, and worth a part of what is found in a file."""
    for module in (several, wholes):
        monkeypatch.setattr(module, "RANGE_BYTES", 1_000)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of every kind; a few of them are worth another process."""
    tell_each_kilobyte(monkeypatch)
    monkeypatch.setattr(wholes, "FILE_BYTES", 10)
    found = tmp_path / "data"
    found.mkdir()
    for number in range(9):
        (found / f"{number}.jsonl").write_bytes(mixed_lines(30, seed=number))
    packed = gzip.compress(mixed_lines(300))
    others = {
        "array.jsonl": b"[" + line_of(chat()).strip() + b"]\n",
        "binary.jsonl": bytes(range(256)) * 99,
        "broken-off.jsonl.gz": packed[: len(packed) // 2],
        "empty.jsonl": b"",
        "packed.jsonl.gz": packed,
        "pointer.jsonl": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    }
    for name, data in others.items():
        (found / name).write_bytes(data)
    (found / "link.jsonl").symlink_to("nowhere")
    return found


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that are told in parts."""
    tell_each_kilobyte(monkeypatch)
    found = tmp_path / "long"
    found.mkdir()
    for number in range(4):
        (found / f"{number}.jsonl").write_bytes(mixed_lines(2_000, seed=number))
    (found / "4.jsonl.gz").write_bytes(gzip.compress(mixed_lines(2_000, seed=4)))
    (found / "5.jsonl").write_bytes(b"[" + b",".join([line_of(chat()).strip()] * 2_000) + b"]")
    return found


def events_of(paths: Sequence[Path], settings: Settings | Project, extras: Extras = EVERYTHING) -> list[Event]:
    return list(check_events(map(str, paths), settings, extras=extras, keep_going=True))


@pytest.mark.parametrize("extras", [EVERYTHING, Extras(fixes=False, context=False)], ids=["everything", "little"])
def test_the_events_are_those_of_one_process(extras: Extras, folder: Path, sent: list[str]):
    one, two = (events_of([folder], Settings(max_findings=3, jobs=jobs), extras) for jobs in (1, 2))
    assert two == one
    assert {type(event) for event in one} == {Finding, FileResult, InputError}
    assert len(sent) == len(set(sent)) == 15  # all but the link


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_real_processes(method: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "start_method", lambda: method)
    one, two = (events_of([folder], Settings(max_findings=3, jobs=jobs)) for jobs in (1, 2))
    assert two == one


def test_what_is_found_in_a_file_is_told_on_the_way(long: Path, sent: list[str]):
    one, two = (events_of([long], Settings(jobs=jobs)) for jobs in (1, 2))
    assert two == one
    assert len(sent) == 6
    done: list[int] = []
    events = check_events([str(long)], Settings(jobs=2), done.append)
    while not isinstance(next(events), FileResult):
        pass
    assert len(done) > 1


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_worker_that_dies_half_way_is_replaced(long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = events_of([long], Settings(jobs=1))
    monkeypatch.setattr(several, "check_one", dying_once(tmp_path / "died", several.check_one))
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    assert events_of([long], Settings(jobs=2)) == one
    assert (tmp_path / "died").exists()


def dying_once(mark: Path, check: Callable[..., Any]) -> Callable[..., Any]:
    """The check of a file, whose process dies when it has told the second part of the second file."""

    def checked(path: str, plan: Any, note: Callable[[int], None], **options: Any) -> Any:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            note(count)
            done += 1
            if done == 2 and path.endswith("1.jsonl") and not mark.exists():
                mark.touch()
                os._exit(1)

        return check(path, plan, advance, **options)

    return checked


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_without_room_for_a_part_this_process_goes_on(long: Path, monkeypatch: pytest.MonkeyPatch):
    def full(source: str, destination: str) -> None:
        if destination.endswith(".1"):
            raise OSError(28, "No space left on device")
        os.rename(source, destination)

    monkeypatch.setattr(local, "start_method", lambda: "fork")
    monkeypatch.setattr(os, "replace", full)
    done: dict[int, list[int]] = {1: [], 2: []}
    one, two = (list(check_events([str(long)], Settings(jobs=jobs), done[jobs].append)) for jobs in done)
    assert two == one
    assert 0 < sum(done[2]) <= sum(done[1])


def test_progress_is_the_same_in_the_end(folder: Path, sent: list[str]):
    done: dict[int, list[int]] = {1: [], 2: []}
    for jobs, counts in done.items():
        list(check_events([str(folder)], Settings(jobs=jobs), counts.append))
    assert sent
    assert sum(done[2]) == sum(done[1])


def test_many_files_are_worth_what_a_large_one_is(folder: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    events_of([folder], Settings(jobs=0))
    assert not sent
    monkeypatch.setattr(wholes, "FILE_BYTES", ranges.WORTHWHILE_BYTES // 10)
    events_of([folder], Settings(jobs=0))
    assert len(sent) == 15


def test_a_file_that_others_would_wait_for_is_divided(folder: Path, sent: list[str]):
    large = folder / "0-large.jsonl"
    large.write_bytes(mixed_lines(3_000))
    events_of([folder], Settings(jobs=2))
    assert len(sent) == 15
    assert str(large) not in sent


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_no_two_files_have_processes_at_the_same_time(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "4-large.jsonl").write_bytes(mixed_lines(3_000))
    one = events_of([folder], Settings(jobs=1), Extras())
    others: list[list[int]] = []

    def start_method() -> str:
        others.append(workers_of(os.getpid()))
        return "fork"

    monkeypatch.setattr(local, "start_method", start_method)
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100_000)
    assert events_of([folder], Settings(jobs=2), Extras()) == one
    assert others == [[], [], []]


@pytest.mark.parametrize("given", [{"max_findings": 0}, {"jobs": 1}, {"resume": "kept"}], ids=str)
def test_files_that_this_process_checks(
    given: dict[str, Any], folder: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    events_of([folder], Settings(**{"jobs": 2, **given}))
    assert not sent


def test_what_only_this_process_has_opened(folder: Path, sent: list[str]):
    with open(folder / "1.jsonl", "rb") as opened:
        name = f"/dev/fd/{opened.fileno()}"
        one, two = (events_of([Path(name), folder], Settings(jobs=jobs)) for jobs in (1, 2))
    assert two == one
    assert sent
    assert name not in sent


def test_each_file_has_its_own_settings(folder: Path, sent: list[str]):
    config = folder / "jsonl-lint.toml"
    lines = ['[[overrides]]\nfiles = ["1.jsonl"]\nselect = ["empty-messages"]']
    lines += ['[[overrides]]\nfiles = ["8.jsonl#/messages"]\nignore = ["empty-messages"]\nreason = "old"']
    lines += ['[[overrides]]\nfiles = ["0.jsonl"]\nagainst = ["missing.jsonl"]']
    config.write_text("\n".join(lines))
    one, two = (events_of([folder], Project({"jobs": jobs})) for jobs in (1, 2))
    assert two == one
    assert {event.rule for event in one if isinstance(event, Finding) and event.path.endswith("1.jsonl")} == {
        "empty-messages"
    }
    assert sum(isinstance(event, InputError) and event.path.endswith("/0.jsonl") for event in one) == 1
    assert str(folder / "1.jsonl") in sent
    assert str(folder / "8.jsonl") not in sent  # findings are accepted in it


def test_an_error_that_nobody_expects_shows_as_in_one_process(
    folder: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(several, "check_one", failing_at("3.jsonl", several.check_one))
    one, two = (events_of([folder], Settings(max_findings=3, jobs=jobs)) for jobs in (1, 2))
    assert sent
    assert two == one
    assert any(isinstance(event, InputError) and "broken rule" in event.reason for event in one)
    with pytest.raises(RuntimeError, match="broken rule"):
        check_paths([folder], Settings(jobs=2))


def test_an_error_that_nobody_expects_shows_where_it_does_in_one_process(
    long: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(several, "check_one", failing_at("3.jsonl", several.check_one))
    one, two = (events_of([long], Settings(jobs=jobs)) for jobs in (1, 2))
    assert sent
    assert two == one


def failing_at(name: str, check: Callable[..., Any]) -> Callable[..., Any]:
    def checked(path: str, *arguments: Any, **options: Any) -> Any:
        yield from check(path, *arguments, **options)
        if path.endswith(name):
            raise RuntimeError("broken rule")

    return checked


def test_without_room_for_results_this_process_checks_all(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> Generator[Any, None, None]:
        raise OSError(28, "No space left on device")
        yield

    one = events_of([folder], Settings(max_findings=3, jobs=1))
    monkeypatch.setattr(local, "parts_of", full)
    assert events_of([folder], Settings(max_findings=3, jobs=2)) == one


def test_a_file_that_vanishes_is_an_error_of_its_own(folder: Path, sent: list[str]):
    events = check_events([str(folder)], Settings(jobs=2))
    first = next(events)
    (folder / "8.jsonl").unlink()
    found = [first, *events]
    assert [event for event in found if isinstance(event, InputError) and event.path.endswith("8.jsonl")] == [
        InputError(str(folder / "8.jsonl"), "no such file or directory")
    ]
    results = [event.path for event in found if isinstance(event, FileResult)]
    assert str(folder / "7.jsonl") in results
    assert str(folder / "8.jsonl") not in results


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_whoever_stops_leaves_no_processes(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    events = check_events([str(folder)], Settings(jobs=2))
    next(events)
    assert workers_of(os.getpid())
    events.close()  # type: ignore[attr-defined]
    assert workers_of(os.getpid()) == []
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all(number: signal.Signals, tmp_path: Path):
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    data.mkdir()
    temporary.mkdir()
    for name in range(8):
        (data / f"{name}.jsonl").write_bytes(mixed_lines(60_000))
    process = subprocess.Popen(
        [sys.executable, "-m", "jsonl_lint", str(data), "--jobs", "2", "--output-file", str(tmp_path / "report.txt")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        preexec_fn=heed_signals,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    workers_once_there(process.pid)
    process.send_signal(number)
    assert process.communicate()[0] == b""
    assert process.returncode == 128 + number
    assert list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("report")] == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_applies_to_a_file_is_determined_once(
    jobs: int, folder: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
):
    (folder / "jsonl-lint.toml").write_text('exclude = ["1.jsonl"]')
    determined: list[str] = []
    scope_of = Project._scope_of

    def noted(self: Project, file: Any, path: str) -> Any:
        determined.append(path)
        return scope_of(self, file, path)

    monkeypatch.setattr(Project, "_scope_of", noted)
    events_of([folder], Project({"jobs": jobs}))
    assert bool(sent) == (jobs == 2)
    assert str(folder / "8.jsonl") in determined
    assert len(determined) == len(set(determined))
