"""The Ray engine: the report of one process, byte for byte, whatever becomes of workers and nodes.

What the engine asks of Ray is tested always, with a stand-in. The tests with the mark `cluster` start real clusters.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import PartialReport, Settings, UserError, check_paths, fix_file, ranges
from jsonl_lint.api import check_events
from jsonl_lint.cli import run
from jsonl_lint.files.source import Origin
from jsonl_lint.ranges import ray as engine
from tests.conftest import GOOD, ROOT
from tests.test_ranges import mixed_lines, shown, written

RANGE_BYTES = 4_000


class RayError(Exception):
    """As in Ray: the base of all that is said of tasks."""


class WorkerCrashedError(RayError): ...


class RayTaskError(RayError): ...


class RuntimeEnvSetupError(RayError): ...


class StandIn(types.ModuleType):
    """What the engine uses of Ray, in this process. Arguments and results travel as pickles.

    `fate` is asked for the number of each task, from 0, before it is run, and may raise.
    """

    def __init__(self, fate: Callable[[int], None] = lambda number: None) -> None:
        super().__init__("ray")
        self.exceptions = types.SimpleNamespace(
            RayError=RayError, RayTaskError=RayTaskError, RuntimeEnvSetupError=RuntimeEnvSetupError
        )
        self.fate = fate
        self.inits: list[dict[str, Any]] = []
        self.cancelled: list[int] = []
        self.tasks: list[bytes] = []
        self.open: set[int] = set()
        self.most_open = 0

    def is_initialized(self) -> bool:
        return bool(self.inits)

    def init(self, **options: Any) -> None:
        print("Started a local Ray instance.")
        if options["address"] not in ("local", "auto", "10.0.0.1:6379"):
            raise ConnectionError(f"Could not reach {options['address']}\nsecond line")
        self.inits.append(options)

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 3.0, "memory": 1.0}

    def remote(self, *, max_retries: int) -> Callable[[Any], Any]:
        assert max_retries > 0

        def made(function: Any) -> Any:
            def hand_out(*arguments: Any) -> int:
                self.tasks.append(pickle.dumps((function, arguments)))
                self.open.add(len(self.tasks) - 1)
                self.most_open = max(self.most_open, len(self.open))
                return len(self.tasks) - 1

            return types.SimpleNamespace(remote=hand_out)

        return made

    def get(self, reference: int) -> Any:
        self.open.discard(reference)
        self.fate(reference)
        function, arguments = pickle.loads(self.tasks[reference])
        try:
            return pickle.loads(pickle.dumps(function(*arguments)))
        except Exception as error:
            raise RayTaskError(f"ray::check_for() (pid=1)\n  File ...\n{type(error).__name__}: {error}") from None

    def cancel(self, reference: int) -> None:
        self.cancelled.append(reference)
        self.open.discard(reference)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(ranges, "RANGE_BYTES", RANGE_BYTES)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray = StandIn()
    monkeypatch.setitem(sys.modules, "ray", ray)
    return ray


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "a.jsonl", mixed_lines(900))


ONE = Settings(max_findings=5)
RAY = Settings(max_findings=5, engine="ray")


def test_what_is_fixed_is_what_one_process_fixes(stand_in: StandIn, data: Path, tmp_path: Path):
    one, other = (tmp_path / name for name in ("one.jsonl", "other.jsonl"))
    result = fix_file(data, one, Settings(unsafe_fixes=True))
    assert result.changed
    assert fix_file(data, other, Settings(unsafe_fixes=True, engine="ray")) == result
    assert other.read_bytes() == one.read_bytes()
    assert len(stand_in.tasks) > 3


def test_the_report_is_that_of_one_process(stand_in: StandIn, data: Path):
    assert shown(check_paths([data], RAY)) == shown(check_paths([data], ONE))
    assert len(stand_in.tasks) > 20
    assert stand_in.open == set()


def test_a_window_of_tasks_is_under_way(stand_in: StandIn, data: Path):
    check_paths([data], RAY)
    assert stand_in.most_open == engine.WAITING_PER_CPU * 3


def test_tasks_that_nobody_waits_for_are_cancelled(stand_in: StandIn, data: Path):
    events = check_events([str(data)], RAY)
    next(events)
    events.close()
    assert stand_in.cancelled
    assert stand_in.open == set()


def test_ranges_of_workers_that_die_are_handed_out_again(stand_in: StandIn, data: Path):
    died: list[int] = []

    def fate(number: int) -> None:
        if number % 3 == 1:
            died.append(number)
            raise WorkerCrashedError("The worker died unexpectedly.")

    stand_in.fate = fate
    assert shown(check_paths([data], RAY)) == shown(check_paths([data], ONE))
    assert len(died) > 5


def test_a_range_that_no_worker_survives_is_checked_here(stand_in: StandIn, data: Path):
    def fate(number: int) -> None:
        raise WorkerCrashedError("The worker died unexpectedly.")

    stand_in.fate = fate
    assert shown(check_paths([data], RAY)) == shown(check_paths([data], ONE))


def test_what_cannot_be_divided_is_checked_here(stand_in: StandIn, tmp_path: Path):
    small = written(tmp_path / "small.jsonl", GOOD)
    array = written(tmp_path / "array.jsonl", b"[" + b",".join([GOOD.rstrip()] * 200) + b"]")
    assert shown(check_paths([small, array], RAY)) == shown(check_paths([small, array], ONE))
    assert not stand_in.inits


def test_relative_paths_begin_where_the_user_is(stand_in: StandIn, data: Path, monkeypatch: pytest.MonkeyPatch):
    """A worker may be anywhere; it goes there and back."""
    written(data.parent / "my.schema.json", b'{"required": ["id"]}')
    monkeypatch.chdir(data.parent)
    get, elsewhere = stand_in.get, data.parent / "elsewhere"
    elsewhere.mkdir()

    def get_elsewhere(reference: int) -> Any:
        os.chdir(elsewhere)
        try:
            return get(reference)
        finally:
            assert Path.cwd() == elsewhere
            os.chdir(data.parent)

    monkeypatch.setattr(stand_in, "get", get_elsewhere)
    options: dict[str, Any] = {"max_findings": 5, "schema": "my.schema.json"}
    there = check_paths(["a.jsonl"], Settings(**options, engine="ray"))
    assert shown(there) == shown(check_paths(["a.jsonl"], Settings(**options)))


def test_files_of_the_settings_are_read_again_when_they_change(stand_in: StandIn, data: Path):
    schema = written(data.parent / "my.schema.json", b"{}")
    for content in (b"{}", b'{"required": ["id"]}'):
        schema.write_bytes(content)
        one, other = (Settings(schema=str(schema), engine=name) for name in ("local", "ray"))
        assert shown(check_paths([data], other)) == shown(check_paths([data], one))


def test_a_file_that_cannot_be_read_there_is_one_error(stand_in: StandIn, data: Path):
    def fate(number: int) -> None:
        if number == 3:
            data.unlink()

    stand_in.fate = fate
    (error,) = check_paths([data], RAY).input_errors
    assert error.reason == "no such file or directory"


def test_a_worker_of_another_version_is_one_clear_error(
    stand_in: StandIn, data: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    def fate(number: int) -> None:
        monkeypatch.setattr(engine, "__version__", "0.0.1")

    stand_in.fate = fate
    assert run(["check", str(data), "--engine", "ray"]) == 2
    said = capfd.readouterr().err.splitlines()
    assert said[-1].startswith(
        "jsonl-lint: a worker of the Ray cluster failed: UserError: it has jsonl-lint 0.0.1, not "
    )


@pytest.mark.parametrize("kind", [RayTaskError, RuntimeEnvSetupError])
def test_workers_that_cannot_work_are_one_clear_error(kind: type[RayError], stand_in: StandIn, data: Path):
    def fate(number: int) -> None:
        raise kind("Traceback\n\n  ModuleNotFoundError: No module named 'jsonl_lint'\n\n")

    stand_in.fate = fate
    with pytest.raises(UserError, match=r"failed: ModuleNotFoundError: No module named 'jsonl_lint'$"):
        check_paths([data], RAY)
    assert stand_in.open == set()


def test_standard_output_is_for_the_report(stand_in: StandIn, data: Path, capfd: pytest.CaptureFixture[str]):
    options = [str(data), "--max-findings", "5", "--output-format", "json"]
    assert run(["check", *options]) == 1
    expected = capfd.readouterr()
    assert run(["check", *options, "--engine", "ray"]) == 1
    found = capfd.readouterr()
    assert found.out == expected.out
    assert found.err == "Started a local Ray instance.\n"


def test_a_cluster_of_ones_own_is_small_and_says_nothing_to_anybody(
    stand_in: StandIn, data: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED")
    check_paths([data, data], RAY)
    (options,) = stand_in.inits
    assert options["address"] == "local"
    assert options["object_store_memory"] == engine.OBJECT_STORE_BYTES
    assert not options["include_dashboard"]
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_an_address_names_the_cluster(
    stand_in: StandIn, data: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    check_paths([data], RAY)
    assert stand_in.inits[0]["address"] == "10.0.0.1:6379"
    assert "object_store_memory" not in stand_in.inits[0]
    stand_in.inits.clear()
    monkeypatch.setenv("RAY_ADDRESS", "nowhere:1")
    assert run(["check", str(data), "--engine", "ray"]) == 2
    assert capfd.readouterr().err.endswith("jsonl-lint: no Ray cluster at nowhere:1: Could not reach nowhere:1\n")


def test_without_ray_there_is_one_clear_error(
    data: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", RANGE_BYTES)
    monkeypatch.setitem(sys.modules, "ray", None)
    assert run(["check", str(data), "--engine", "ray"]) == 2
    assert capfd.readouterr().err == ("jsonl-lint: the engine `ray` needs Ray: pip install 'jsonl-lint[ray]'\n")


def test_a_run_that_was_stopped_goes_on(stand_in: StandIn, data: Path):
    resumed = Settings(max_findings=5, engine="ray", resume=str(data.parent / "finished"))
    events = check_events([str(data)], resumed)
    next(events)
    events.close()
    handed_out = len(stand_in.tasks)
    kept = len(list((data.parent / "finished").iterdir()))
    assert shown(check_paths([data], resumed)) == shown(check_paths([data], ONE))
    count = len(list((data.parent / "finished").iterdir()))
    assert 0 < kept < count
    assert len(stand_in.tasks) - handed_out == count - kept


def test_an_engine_that_there_is_not():
    with pytest.raises(UserError, match="engine is 'slurm'; it can be local, ray"):
        Settings(engine="slurm")


def test_part_reports_of_every_kind_travel(stand_in: StandIn, data: Path):
    """Ray's pickles are Python's, so what the stand-in carries Ray carries; the type is kept as well."""
    ray = engine._connected()
    check = ray.remote(max_retries=1)(engine.check_for)
    task = ranges.RangeTask(str(data), 0, 100, 0, Origin("chat", 1))
    setup = engine.Setup(Settings(), "", str(data.parent), engine.__version__)
    assert isinstance(ray.get(check.remote(setup, task, frozenset())), PartialReport)


# --- real clusters ---------------------------------------------------------------------------------------------------

_PREPARE = """
import os, signal, sys, threading, time
import ray
from ray.cluster_utils import Cluster
from jsonl_lint import Settings, check_paths, ranges
from tests.test_ranges import shown

ranges.RANGE_BYTES = 50_000
path = sys.argv[1]
SMALL = {"object_store_memory": 80 << 20, "include_dashboard": False}
whole = shown(check_paths([path], Settings(max_findings=5)))

RAY = Settings(max_findings=5, engine="ray")
"""

_KILL_A_WORKER = (
    _PREPARE
    + """
ray.init(num_cpus=2, log_to_driver=False, **SMALL)
killed = []

def kill():
    while not done.is_set() and len(killed) < 3:
        for entry in os.listdir("/proc"):
            try:
                command = open(f"/proc/{entry}/cmdline").read() if entry.isdigit() else ""
                if command.startswith("ray::check_for"):
                    os.kill(int(entry), signal.SIGKILL)
                    killed.append(int(entry))
                    break
            except OSError:
                continue
        time.sleep(0.05)

done = threading.Event()
killer = threading.Thread(target=kill)
killer.start()
same = True
for _ in range(5):  # on a busy machine the check may be over before a worker is found
    same = same and shown(check_paths([path], RAY)) == whole
    if killed:
        break
done.set()
killer.join()
print("RESULT", same, len(killed) > 0, flush=True)
"""
)

_LOSE_A_NODE = (
    _PREPARE
    + """
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **SMALL})
second = cluster.add_node(num_cpus=1, object_store_memory=80 << 20)
cluster.wait_for_nodes()
ray.init(address=cluster.address, log_to_driver=False)
from jsonl_lint.api import check_events

seen = [len([node for node in ray.nodes() if node["Alive"]])]
advanced = []

def remove(count):
    advanced.append(count)
    if len(advanced) == 20:
        cluster.remove_node(second, allow_graceful=False)

findings = [event for event in check_events([path], RAY, remove)]
while len([node for node in ray.nodes() if node["Alive"]]) > 1:
    time.sleep(0.1)
same = findings == list(check_events([path], Settings(max_findings=5)))
print("RESULT", same, seen == [2] and len(advanced) > 40, flush=True)
ray.shutdown()
cluster.shutdown()
"""
)


def on_real_ray(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    environment.pop("RAY_ADDRESS", None)
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300, check=False)


@pytest.mark.cluster
@pytest.mark.parametrize("script", [_KILL_A_WORKER, _LOSE_A_NODE], ids=["kill -9 of workers", "a node is lost"])
def test_what_dies_changes_nothing(script: str, tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(60_000))
    done = on_real_ray(script, str(path))
    assert [line for line in done.stdout.splitlines() if line.startswith("RESULT")] == ["RESULT True True"], done.stderr


@pytest.mark.cluster
def test_the_command_line_says_what_one_process_says(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", mixed_lines(60_000))
    assert path.stat().st_size > ranges.RANGE_BYTES

    def check(*options: str) -> subprocess.CompletedProcess[str]:
        main = "import sys; from jsonl_lint.cli import run; sys.exit(run(sys.argv[1:]))"
        return on_real_ray(main, "check", str(path), "--output-format", "json", *options)

    one, ray = check("--jobs", "1"), check("--engine", "ray")
    assert ray.stdout == one.stdout
    assert (ray.returncode, ray.stderr) == (one.returncode, one.stderr) == (1, "")
