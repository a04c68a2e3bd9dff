"""One process or many: the same report, byte for byte."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import (
    Finding,
    PartialReport,
    Plan,
    Report,
    Settings,
    check_file,
    check_paths,
    compile_plan,
    fix_file,
    ranges,
)
from jsonl_lint.api import check_events
from jsonl_lint.checks.file import Extras
from jsonl_lint.cli import run
from jsonl_lint.files.replacement import Replacement
from jsonl_lint.files.source import Origin
from jsonl_lint.ranges import RangeTask, local
from tests.conftest import ROOT, chat, heed_signals, line_of

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


def in_turn(tasks: Sequence[RangeTask], plan: Plan, jobs: int, saturated: ranges.Saturated) -> Iterator[PartialReport]:
    """As processes would, but here; what travels between them is pickled."""
    for task in tasks:
        arguments = pickle.loads(pickle.dumps((task, plan.settings, frozenset(saturated()))))
        yield pickle.loads(pickle.dumps(ranges.check_range_alone(*arguments)))


def test_what_only_this_process_has_opened_is_not_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1_000)
    monkeypatch.setattr(local, "start_method", lambda: "forkserver")
    path = written(tmp_path / "data.jsonl", mixed_lines(200))
    with open(path, "rb") as opened:
        one, two = (check_file(f"/dev/fd/{opened.fileno()}", Settings(jobs=jobs)) for jobs in (1, 2))
    assert one.summary["records"] > 0
    assert shown(two) == shown(one)


@pytest.mark.parametrize("size", [1, 7, 100, 1_000, 5_000])
def test_ranges_of_any_size_make_the_same_report(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "a.jsonl", mixed_lines(60 if size < 100 else 600))
    whole = check_paths([path], SETTINGS)
    monkeypatch.setattr(ranges, "RANGE_BYTES", size)
    monkeypatch.setattr(local, "run_in_processes", in_turn)
    assert shown(check_paths([path], Settings(max_findings=5, jobs=2))) == shown(whole)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf" + line_of(chat()) * 9, b"x" * 300_000, line_of(chat()) * 9]
)
def test_odd_files(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "a.jsonl", data)
    whole = check_paths([path], SETTINGS)
    monkeypatch.setattr(ranges, "RANGE_BYTES", 64)
    monkeypatch.setattr(local, "run_in_processes", in_turn)
    assert shown(check_paths([path], Settings(max_findings=5, jobs=3))) == shown(whole)


def test_lines_that_are_held_have_findings_however_many_come_after_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    good, bad = line_of(chat("Hello", "Hi")), b"12\n"
    monkeypatch.setattr(ranges, "RANGE_BYTES", len(good) * 2_000)  # the second one begins with lines that are held
    monkeypatch.setattr(local, "run_in_processes", in_turn)
    path = written(tmp_path / "a.jsonl", good * 2_000 + bad * 9 + good + bad * 9_000 + good * 900)
    assert shown(check_paths([path], Settings(max_findings=5, jobs=2))) == shown(check_paths([path], SETTINGS))


def test_real_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 20_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(1_500))
    assert shown(check_paths([path], Settings(max_findings=5, jobs=2))) == shown(check_paths([path], SETTINGS))


def test_later_ranges_make_no_findings_that_nobody_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 500)
    path = written(tmp_path / "a.jsonl", b'{"messages": []}\n' * 500)
    made: list[int] = []

    def counted(*arguments: Any) -> Iterator[PartialReport]:
        for report in in_turn(*arguments):
            made.append(len(report.findings))
            yield report

    monkeypatch.setattr(local, "run_in_processes", counted)
    report = check_paths([path], Settings(max_findings=5, jobs=2))
    assert made[0] == 5
    assert set(made[1:]) == {0}
    assert shown(report) == shown(check_paths([path], SETTINGS))


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # the thread that kills is one too many
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_worker_that_is_killed_changes_nothing(method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 100_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(20_000))
    whole = shown(check_paths([path], SETTINGS))
    methods = [method]  # the new pool after a broken one is never forked, since a thread of the old one may be left
    monkeypatch.setattr(local, "start_method", lambda: methods.pop() if methods else "forkserver")
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        while not done.is_set() and len(killed) < 2:
            for child in workers_of(os.getpid()):
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                killed.append(child)
                time.sleep(0.2)
                break
            time.sleep(0.002)  # a fast machine is done soon

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        report = shown(check_paths([path], Settings(max_findings=5, jobs=2)))
    finally:
        done.set()
        killer.join()
    assert killed
    assert report == whole


@pytest.mark.parametrize("error", [OSError("handle is closed"), ValueError("bad value(s) in fds_to_keep")], ids=str)
@pytest.mark.parametrize("failures", [1, 1_000])
def test_a_process_that_cannot_be_started_changes_nothing(
    failures: int, error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 50_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(2_000))
    whole = shown(check_paths([path], SETTINGS))
    left = [error] * failures
    submit = local.ProcessPoolExecutor.submit

    def fail(self: Any, *arguments: Any) -> Any:
        if left:
            raise left.pop()
        return submit(self, *arguments)

    monkeypatch.setattr(local.ProcessPoolExecutor, "submit", fail)
    assert shown(check_paths([path], Settings(max_findings=5, jobs=2))) == whole
    assert failures - len(left) == min(failures, local.MAX_FAILURES)


UNGUARDED = """
import sys, threading
from jsonl_lint import Settings, check_file

end = threading.Event()
threading.Thread(target=end.wait).start()
print(check_file(sys.argv[1], Settings(jobs=2)).summary["records"])
end.set()
"""


def test_a_script_without_a_guard_soon_does_without_processes(tmp_path: Path):
    """Each process that is started beside a thread runs the script again, and says what is wrong with it."""
    path = written(tmp_path / "a.jsonl", line_of(chat("Hello" * 200, "Hi")) * 20_000)
    program = written(tmp_path / "unguarded.py", UNGUARDED.encode())
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(program), str(path)], env=environment, capture_output=True, check=False)
    assert done.stdout == b"20000\n"
    assert 0 < done.stderr.count(b"Traceback") <= 2 * 2 * local.MAX_FAILURES


def family() -> dict[int, list[int]]:
    """The children of every process."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def workers_of(parent: int) -> list[int]:
    """Worker processes: children that run this very program, and what the fork server has made; not helpers."""
    children = family()
    found = []
    for child in children.get(parent, []):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"forkserver" in command:
            found += children.get(child, [])
        elif b"resource_tracker" not in command:
            found.append(child)
    return found


def start_check(path: Path, temporary: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jsonl_lint", str(path), "--jobs", "2"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.Popen(command, **pipes, cwd=ROOT, preexec_fn=heed_signals, env=environment)


def workers_once_there(parent: int) -> list[int]:
    deadline = time.monotonic() + 60
    while len(found := workers_of(parent)) < 2:
        assert time.monotonic() < deadline, "no workers were started"
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_workers_end_with_the_process_that_started_them(sent: signal.Signals, tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(100_000) * 5)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = start_check(path, temporary)
    workers = workers_once_there(process.pid)
    process.send_signal(sent)
    errors = process.communicate()[1]
    if sent is not signal.SIGKILL:
        assert process.returncode == 128 + sent
        assert b"Traceback" not in errors
        assert list(temporary.iterdir()) == []
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{worker}/exe").exists() for worker in workers):
        assert time.monotonic() < deadline, "workers are left"
        time.sleep(0.05)


BESIDE_A_THREAD = """
import sys, threading
from jsonl_lint import Settings, check_file

if __name__ == "__main__":
    end = threading.Event()
    threading.Thread(target=end.wait).start()
    try:
        print(check_file(sys.argv[1], Settings(jobs=2)).summary["records"])
    finally:
        end.set()
"""


@pytest.mark.parametrize("extra", [0, 90])
def test_a_deep_temporary_folder_leaves_no_room_for_the_socket_of_a_fork_server(extra: int, tmp_path: Path):
    """A notebook has threads, so nothing is forked there."""
    path = written(tmp_path / "a.jsonl", line_of(chat("Hello", "Hi")) * 80_000)
    program = written(tmp_path / "beside.py", BESIDE_A_THREAD.encode())
    short = max(local.LONGEST_SOCKET_NAME - local.SOCKET_IN_TEMPORARY_FOLDER - len(f"{tmp_path}/"), 1)
    deep = tmp_path / ("d" * (short + extra))
    deep.mkdir()
    environment = {**os.environ, "TMPDIR": str(deep), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(program), str(path)], env=environment, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"80000\n", b"")


def test_a_worker_that_is_told_to_end_is_replaced(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(100_000) * 5)
    process = start_check(path, tmp_path)
    os.kill(workers_once_there(process.pid)[0], signal.SIGTERM)
    errors = process.communicate()[1]
    assert (process.returncode, errors) == (1, b"")


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_whoever_stops_does_not_wait_for_ranges_in_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "a.jsonl", mixed_lines(20))
    plan = compile_plan(SETTINGS)
    origin = Origin("chat", 1)
    tasks = [RangeTask(str(path), 0, 10, 0, origin), *[RangeTask(str(path), 10, 20, 0, origin)] * 3]

    def check(task: RangeTask, *_: Any) -> PartialReport:
        if task.start:
            time.sleep(600)
        return PartialReport()

    monkeypatch.setattr(local, "start_method", lambda: "fork")
    monkeypatch.setattr(ranges, "check_range", check)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = local.run_in_processes(tasks, plan, 2, tuple)
    next(found)
    assert len(workers_of(os.getpid())) == 2
    found.close()  # type: ignore[attr-defined]
    assert workers_of(os.getpid()) == []
    assert list(tmp_path.iterdir()) == [path]


def telling_until(seen: Path, number: int, tell: Callable[[str], object]) -> str:
    """Tell two parts, and return the last one when the first has been seen."""
    for name in "ab":
        tell(f"{number}{name}")
    while not seen.exists():
        time.sleep(0.01)
    return f"{number}c"


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_parts_are_there_before_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    found: list[str] = []
    for part in local.parts_of(range(3), lambda number: partial(telling_until, tmp_path / "seen", number), 2):
        (tmp_path / "seen").touch()
        found.append(part)
    assert found == [f"{number}{name}" for number in range(3) for name in "abc"]


def dying(dead: Path, number: int, tell: Callable[[str], object]) -> str:
    tell(f"{number}a")
    if number == 1:
        with open(dead, "ab") as file:
            file.write(b".")
        if multiprocessing.parent_process() is not None:
            os._exit(1)
    return f"{number}b"


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_parts_are_yielded_once_however_many_workers_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "start_method", lambda: "fork")
    found = list(local.parts_of(range(3), lambda number: partial(dying, tmp_path / "dead", number), 1))
    assert found == ["0a", "0b", "1a", "1b", "2a", "2b"]
    assert (tmp_path / "dead").stat().st_size in (local.MAX_FAILURES + 1, local.MAX_FAILURES + 2)


def test_a_worker_of_a_pool_which_may_start_no_processes_is_alone(tmp_path: Path):
    path = str(written(tmp_path / "data.jsonl", line_of(chat("x" * 1000, "y")) * 5_000))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(check_file, (path, Settings(jobs=2))) == check_file(path)


def test_small_files_and_streams_are_checked_by_one_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    sizes = (None, ranges.WORTHWHILE_BYTES - 1, ranges.WORTHWHILE_BYTES)
    assert [ranges.jobs_for(Settings(jobs=0), size) for size in sizes] == [1, 1, 3]
    assert ranges.jobs_for(Settings(jobs=2), 10) == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_was_stopped_goes_on_from_its_finished_ranges(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 2_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(600))
    whole = shown(check_paths([path], SETTINGS))
    folder = tmp_path / "finished"
    settings = Settings(max_findings=5, jobs=jobs, resume=str(folder))
    stopped = check_events([str(path)], settings)
    next(stopped)
    stopped.close()
    kept = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert kept
    assert shown(check_paths([path], settings)) == whole
    assert len(list(folder.iterdir())) > len(kept)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    monkeypatch.setattr(ranges, "check_range", None)  # nothing is checked again
    assert shown(check_paths([path], settings)) == whole


def test_two_runs_may_keep_their_ranges_in_one_folder_at_the_same_time(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(50))
    settings = Settings(resume=str(tmp_path / "finished"))
    whole = shown(check_paths([path], settings))
    (kept,) = (tmp_path / "finished").iterdir()
    kept.unlink()
    other = Replacement(str(kept))
    assert shown(check_paths([path], settings)) == whole
    other.discard()


def test_what_is_kept_counts_for_the_same_question_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 2_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(200))
    schema = written(tmp_path / "my.schema.json", b"{}")
    folder = tmp_path / "finished"

    def check(**options: Any) -> tuple[int, bool]:
        """How many ranges are kept afterwards, and whether the report is that of a run without them."""
        report = shown(check_paths([path], Settings(resume=str(folder), **options)))
        return len(list(folder.iterdir())), report == shown(check_paths([path], Settings(**options)))

    count, _ = check()
    assert check() == (count, True)
    assert check(ignore=("empty-messages",)) == (2 * count, True)
    assert check(schema=str(schema)) == (3 * count, True)
    schema.write_bytes(b'{"required": ["id"]}')
    assert check(schema=str(schema)) == (4 * count, True)
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Howdy"))
    os.utime(path, ns=(1, 1))
    assert check() == (5 * count, True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_one_report_keeps_serves_any_other(jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 2_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(200))
    whole = list(check_events([str(path)], Settings()))
    assert any(finding.fix and finding.fix.edits for finding in whole if isinstance(finding, Finding))
    settings = Settings(jobs=jobs, max_findings=0, resume=str(tmp_path / "finished"))
    fix_file(path, tmp_path / "out.jsonl", settings)
    for _ in check_events([str(path)], settings, extras=Extras(fixes=False, context=False)):
        pass
    assert list(check_events([str(path)], settings)) == whole


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"lines": "x"}', b"[" * 100_000, b"\xff"])
def test_what_is_kept_is_not_believed(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 2_000)
    path = written(tmp_path / "a.jsonl", mixed_lines(100))
    folder = tmp_path / "finished"
    check_paths([path], Settings(resume=str(folder), max_findings=1000))
    for file in folder.iterdir():
        file.write_bytes(content)
    assert run(["check", str(path), "--jobs", "1", "--resume", str(folder)]) == 2
    assert "not a report that --resume keeps; delete it" in capfd.readouterr().err
    assert run(["check", str(path), "--resume", str(path)]) == 2
    assert capfd.readouterr().err == f"jsonl-lint: {path}: --resume cannot keep anything there: not a folder\n"
    assert run(["check", str(path), "--resume", ""]) == 2
    assert capfd.readouterr().err == "jsonl-lint: --resume names no folder\n"
    assert run(["check", str(path), "--part", "1/2", "--resume", str(folder)]) == 2
    assert "--part takes neither --engine nor --resume" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_among_what_is_kept_is_not_waited_for(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(10))
    settings = Settings(resume=str(tmp_path / "finished"))
    check_file(path, settings)
    (kept,) = (tmp_path / "finished").iterdir()
    kept.unlink()
    os.mkfifo(kept)
    codes: list[int] = []
    command = ["check", str(path), "--resume", str(kept.parent)]
    waiting = threading.Thread(target=lambda: codes.append(run(command)), daemon=True)
    waiting.start()
    waiting.join(10)
    assert codes == [2]


def test_the_command_line_says_the_same(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(300))

    def check(*options: str) -> Any:
        command = [sys.executable, "-m", "jsonl_lint", str(path), "--output-format", "json", *options]
        return subprocess.run(command, capture_output=True, cwd=ROOT, check=False)

    one, two = check("--jobs", "1"), check("--jobs", "2")
    assert one.stdout == two.stdout
    assert (one.returncode, one.stderr) == (two.returncode, two.stderr)


@pytest.mark.parametrize("megabytes", [1, 100, 600, 5_000])
def test_ranges_cover_the_file_and_grow_with_it_up_to_a_bound(megabytes: int):
    size = megabytes * 1_000_003
    tasks = ranges.tasks_of("data.jsonl", size, 3, Origin("chat", 1, "\r\n"))
    assert [task.start for task in tasks] == [3, *[task.end for task in tasks[:-1]]]
    assert tasks[-1].end == size
    assert {task.origin for task in tasks} == {Origin("chat", 1, "\r\n")}
    longest = max(task.end - task.start for task in tasks)
    assert longest <= ranges.RANGE_BYTES * ranges.LARGEST_RANGES
    assert (longest > ranges.RANGE_BYTES) == (size >= 2 * ranges.LARGE_BYTES)


def test_small_files_start_no_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(3):
        (tmp_path / f"{number}.jsonl").write_text('{"messages": []}\n' * 5)
    monkeypatch.setattr(local, "results_of", None)
    report = check_paths([tmp_path], Settings(jobs=2))
    assert [file.records for file in report.files] == [5, 5, 5]
