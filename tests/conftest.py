"""What tests share: hypothesis profiles, the JSON report's schema, and small makers of records and files."""

from __future__ import annotations

import gc
import json
import pickle
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from ctypes import PyDLL

    from jsonl_lint import Plan, Report
    from jsonl_lint.model import Edit
    from jsonl_lint.native.places import PlaceFinder

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "bounded",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    phases=[phase for phase in Phase if phase is not Phase.explain],  # it traces every line, and Python 3.11 may crash
)
settings.load_profile("bounded")


def takes_linear_time(work: Callable[[int], object], size: int) -> bool:
    """Whether work of four times the size costs about four times as much: quadratic work would cost sixteen times.

    The collector of garbage is off meanwhile: it goes through all that the test process holds, and the larger work
    alone would wake it.
    """

    def cost(size: int) -> float:
        gc.collect()
        started = time.process_time()
        work(size)
        return time.process_time() - started

    gc.disable()
    try:
        return any(cost(4 * size) < 9 * cost(size) for _ in range(5))
    finally:
        gc.enable()


@cache
def report_validator() -> Any:
    schema = json.loads((ROOT / "schemas" / "report.schema.json").read_bytes())
    return jsonschema_rs.validator_for(schema)


def valid_report(report: dict[str, Any]) -> dict[str, Any]:
    """The report, if the schema describes it."""
    problems = [f"{error.instance_path}: {str(error)[:300]}" for error in report_validator().iter_errors(report)]
    assert problems == []
    return report


def valid_finding(finding: dict[str, Any]) -> dict[str, Any]:
    """The finding, if the schema describes it."""
    empty = {"errors": 0, "warnings": 0, "infos": 0, "records": 0, "valid_records": 0, "by_rule": {}}
    summary = {**empty, "fixable": {"safe": 0, "unsafe": 0}}
    run = {"target": "together", "model": None, "method": "sft", "max_tokens": None, "tokenizer": None}
    tool = {"name": "jsonl-lint", "version": "0.0.0"}
    start = {"version": 1, "tool": tool, "run": run, "files": [], "summary": summary, "input_errors": []}
    return valid_report({**start, "findings": [finding]})["findings"][0]


@pytest.fixture(autouse=True, scope="session")
def _every_report_is_described_by_its_schema() -> Iterator[None]:
    """Whatever test makes a JSON report, by library or command line, has it validated."""
    from jsonl_lint.report.json_report import JsonReporter
    from jsonl_lint.results import Report

    make, start, finish = Report.to_dict, JsonReporter.__init__, JsonReporter.end

    def checked_start(self: JsonReporter, write: Any, look: Any) -> None:
        self.written: list[str] = []

        def both(text: str) -> None:
            self.written.append(text)
            write(text)

        start(self, both, look)

    def checked_end(self: JsonReporter) -> None:
        finish(self)
        valid_report(json.loads("".join(self.written)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Report, "to_dict", lambda self: valid_report(make(self)))
        patch.setattr(JsonReporter, "__init__", checked_start)
        patch.setattr(JsonReporter, "end", checked_end)
        yield


def resolve(record: Any, pointer: str) -> Any:
    """The value that a finding's pointer names: one that leads nowhere fails."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        record = record[int(key)] if isinstance(record, list) else record[key]
    return record


def heed_signals() -> None:
    """For a process that is started as from a shell: a test run in the background hands down that these are ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


Check = Callable[..., "Report"]


@pytest.fixture
def check_bytes(tmp_path: Path) -> Check:
    """Check these bytes as a file: `check_bytes(data, name="data.jsonl", **settings)`.

    Tests repeat records as they like: the rules that compare them are off unless they are selected.
    """
    from jsonl_lint import Settings, check_file

    def check(data: bytes, name: str = "data.jsonl", **settings: Any) -> Report:
        path = tmp_path / name
        path.write_bytes(data)
        return check_file(path, Settings(**{**settings, "ignore": (*settings.get("ignore", ()), "JL80")}))

    return check


def found(report: Report) -> list[tuple[int, str]]:
    """Line and rule of each finding, in the report's order."""
    return [(finding.line, finding.rule) for finding in report.findings]


@cache
def plan_of(**settings: Any) -> Plan:
    """A compiled plan, shared by the tests that want these settings."""
    from jsonl_lint import Settings, compile_plan

    return compile_plan(Settings(**settings))


@pytest.fixture(scope="session")
def library() -> PyDLL:
    """The C code."""
    from jsonl_lint import native

    found = native.load()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def finder(library: PyDLL) -> PlaceFinder:
    from jsonl_lint.native.places import PlaceFinder

    return PlaceFinder(library)


def chat(*turns: str, **more: Any) -> dict[str, Any]:
    """A chat record: user and assistant in turn, beginning with the user."""
    roles = ("user", "assistant")
    messages = [{"role": roles[index % 2], "content": text} for index, text in enumerate(turns or ("Hello", "Hi"))]
    return {"messages": messages, **more}


def line_of(record: Any) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


GOOD = line_of(chat())
"""A line without a defect."""

NO_MESSAGES = line_of({"messages": []})
"""A line with one, an error, that only deleting it repairs."""


def edited(data: bytes, edits: Iterable[Edit], offset: int = 0) -> bytes:
    """The bytes, which begin at this offset, with the edits of a report."""
    for edit in sorted(edits, reverse=True):
        data = data[: edit.byte_start - offset] + edit.content.encode() + data[edit.byte_end - offset :]
    return data


def target_with(folder: Path, **traits: Any) -> dict[str, Any]:
    """The setting for a target of one's own, which is Together's but for these traits."""
    path = folder / "own.json"
    path.write_text(json.dumps({"name": "own", "extends": "together", "traits": traits}))
    return {"target": str(path)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- records of every shape ------------------------------------------------------------------------------------------

roles = st.sampled_from(
    ["system", "user", "assistant", "tool", "assistant", "user", "User", "human", "gpt", "", "x" * 40]
)
words = st.sampled_from(["", " ", "\u3000", "text", "<think>", "</think>", "NaN", "a/b~c", "\U0001f600", "x" * 60])
integers = st.sampled_from([0, 1, -1, 2, 7, 2**62, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**30])
floats = st.sampled_from([0.0, -0.0, 1.0, 2.0, 0.5, 2.5, -0.5, -1.0, 1e300, 5e-324, 0.1, 1e16])
simple = st.one_of(st.none(), st.booleans(), words, integers, floats)
anything = st.recursive(
    simple,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "type", "role"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def mostly(good: st.SearchStrategy[Any], bad: st.SearchStrategy[Any] = anything) -> st.SearchStrategy[Any]:
    """Seven times of eight what is meant, else anything."""
    return st.integers(0, 7).flatmap(lambda chance: bad if chance == 0 else good)


def objects(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with keys in any order, in which a required key is missing now and then."""
    full = st.fixed_dictionaries(required, optional=optional)
    partly = st.fixed_dictionaries({}, optional={**required, **optional})
    shuffled = st.tuples(mostly(full, partly), st.randoms(use_true_random=False))
    return shuffled.map(lambda pair: dict(pair[1].sample(sorted(pair[0].items()), len(pair[0]))))


parts = objects(
    {"type": mostly(st.sampled_from(["text", "image_url"]))}, {"text": mostly(words), "image_url": anything}
)
calls = st.lists(st.just({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}), max_size=1)
plain_messages = st.fixed_dictionaries({"role": roles, "content": words})
rich_messages = objects(
    {"role": mostly(roles), "content": mostly(words | st.lists(mostly(parts), max_size=2))},
    {
        "weight": simple,
        "name": mostly(words),
        "tool_calls": mostly(calls),
        "tool_call_id": mostly(words),
        "reasoning": mostly(words),
        "reasoning_content": anything,
        "extra": anything,
    },
)
conversations = st.lists(mostly(plain_messages | rich_messages), max_size=4)
chat_like = st.one_of(
    st.fixed_dictionaries({"messages": conversations}),
    objects({"messages": mostly(conversations)}, {"tools": anything, "weight": simple, "text": words, "id": simple}),
    objects({"prompt": mostly(words), "completion": mostly(words)}, {"weight": simple, "label": st.booleans()}),
    objects({"text": mostly(words)}, {"weight": simple, "meta": anything}),
    objects({"conversations": conversations}, {"chosen": words, "rejected": words}),
    st.dictionaries(words, anything, max_size=3),
)
"""Records of every shape, most of them nearly conversations; any of it could stand in a file of JSON."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are sent to other processes; here this one takes them."""
    paths: list[str] = []

    def in_turn(
        tasks: Sequence[Any], call_for: Callable[[Any], Any], _jobs: int, *, prepare: Callable[[], None]
    ) -> Generator[Any, None, None]:
        prepare()
        for task in tasks:
            call = pickle.loads(pickle.dumps(call_for(task)))
            paths.extend(file.path for file in call.args[0])
            told: list[bytes] = []
            last = call(lambda part, told=told: told.append(pickle.dumps(part)))
            yield from map(pickle.loads, [*told, pickle.dumps(last)])

    monkeypatch.setattr("jsonl_lint.ranges.local.parts_of", in_turn)
    return paths
