"""The library: values in, values out, whatever the values are."""

from __future__ import annotations

import datetime
import decimal
import doctest
import itertools
import json
import math
import os
import pickle
import pkgutil
import random
import sys
import tracemalloc
import uuid
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import FrozenInstanceError
from enum import Enum
from importlib import import_module
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from hypothesis import given

import jsonl_lint
from benchmarks.mutants import mutated
from jsonl_lint import (
    Applicability,
    Block,
    Finding,
    PartialReport,
    Project,
    Report,
    Settings,
    Severity,
    UnreadableInputError,
    UserError,
    check_block,
    check_file,
    check_paths,
    check_record,
    check_records,
    compile_plan,
    convert_file,
    convert_record,
    count_tokens,
    fix_file,
    fix_record,
    load_settings,
    stats_of,
)
from jsonl_lint.checks import records as record_checks
from jsonl_lint.config import with_all_findings
from jsonl_lint.engine import LineChecker, skimming
from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.integrations import rows
from tests.conftest import GOOD, chat, chat_like, line_of, plan_of, valid_finding
from tests.records import VALID
from tests.test_fixtures import FIXTURES


class Named(Enum):
    ONE = "one"


BAD = {"messages": [{"role": "human", "content": "é"}, {"content": 1}], "id": 7}


def rules(findings: list[Finding]) -> list[str]:
    return sorted(finding.rule for finding in findings)


def as_given(record: Any, dice: random.Random) -> Any:
    """The record in one of the ways in which it may be handed over."""
    text = json.dumps(record)
    ways = [text, text + "\n", text + "\r\n", text.encode(), text.encode() + b"\n", text[:-1].encode()]
    return dice.choice([*ways, *[record] * 6] if isinstance(record, dict) else ways)


@pytest.mark.parametrize("target", ["together", "generic", "openai", "fireworks", "vertex"])
def test_records_that_pass_at_once_are_gathered_like_others(monkeypatch: pytest.MonkeyPatch, target: str):
    dice = random.Random(7)
    several = [chat(f"Question {number % 700}?", "Yes.") for number in range(900)]
    records = [as_given(mutated(dice.choice(VALID), dice) if dice.random() < 0.1 else each, dice) for each in several]
    records += [as_given(mutated(record, dice), dice) for record in VALID for _ in range(9)]
    settings = Settings(target=target, max_tokens=20, tokenizer="o200k_base", extend_select=("JL8",))
    found, each = list(check_records(records, settings)), [check_record(record, settings) for record in records]

    def by_itself(self: LineChecker, line: bytes) -> PartialReport:
        judge = Judge(self.origin, self.plan, ())
        report = PartialReport(self.plan.settings.max_findings)
        judge.add_line(report, line, judge.read(line))
        return report

    monkeypatch.setattr(LineChecker, "report_on", by_itself)
    assert found == list(check_records(records, settings))
    assert each == [check_record(record, settings) for record in records]
    assert found
    assert each.count([]) > 500 or target == "vertex"


@pytest.mark.parametrize("target", ["together", "generic", "openai", "vertex"])
def test_records_that_are_at_hand_have_the_findings_of_others(monkeypatch: pytest.MonkeyPatch, target: str):
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    dice = random.Random(8)
    given = [chat(f"Question {number % 900}?", f"Answer {number % 300}.") for number in range(1500)]
    given += [dice.choice(VALID) for _ in range(300)] + [mutated(dice.choice(VALID), dice) for _ in range(200)]
    given += [UserDict(chat("Who?", "Me.")), {"messages": [math.nan]}, {1: object()}, "", b"\n", b"[\n"]
    dice.shuffle(given)
    records = [as_given(record, dice) if type(record) is dict and 1 not in record else record for record in given]
    settings = Settings(target=target, extend_select=("JL8",))
    assert list(check_records(records, settings)) == list(check_records(iter(records), settings))
    assert list(rows.checked(records, settings)) == list(rows.checked(iter(records), settings))


def test_records_have_the_same_findings_once_the_filters_are_compiled(monkeypatch: pytest.MonkeyPatch):
    plan = compile_plan(with_all_findings(None))
    monkeypatch.setattr(record_checks, "plan_of", lambda _: plan)
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1_000_000)
    lines = [line for path in FIXTURES.glob("*/*.jsonl") for line in path.read_bytes().splitlines(keepends=True)]
    given = [*lines, *VALID]
    before = [check_record(record) for record in given]
    assert plan.scan is not None
    assert not plan.scan.compiled
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    assert [check_record(record) for record in given] == before
    assert plan.scan.compiled


def test_records_of_a_file_on_disk_are_at_hand_those_of_a_pipe_are_not(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"messages": []}\n' * 5)
    with path.open("rb") as file:
        found = check_records(file)
        assert [next(found).line, next(found).line] == [1, 2]
        assert not file.readline()
    receiver, sender = os.pipe()
    with open(receiver, "rb") as lines, open(sender, "wb", buffering=0) as pipe:
        found = check_records(lines)
        for number in (1, 2, 3):
            pipe.write(b'{"messages": []}\n')
            assert next(found).line == number


def test_what_fails_when_it_is_taken_does_not_take_the_findings_of_earlier_ones_with_it():
    class Failing(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            yield from super().__iter__()
            raise OSError("the disk is gone")

    found = check_records(Failing([{"messages": []}] * 3))
    assert [next(found).line for _ in range(3)] == [1, 2, 3]
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)


@pytest.mark.parametrize("value", [math.nan, uuid.UUID(int=7), Named.ONE, datetime.date(2026, 1, 1), b"x"])
def test_what_json_does_not_know_is_no_text(value: Any):
    """A fast encoder would write some of these as null or as a text."""
    found = rules(
        check_record({"messages": [{"role": "user", "content": value}, {"role": "assistant", "content": "Yes."}]})
    )
    assert found == ["content-wrong-type", *["non-finite-number"] * (value != value)]


def test_the_type_of_what_json_does_not_know_is_named():
    """In a record that is checked, a boolean stands for it, which no message may claim to be there."""
    record = chat("Hi", b"Yes.", weight=decimal.Decimal(1))
    record["messages"] = tuple(record["messages"])
    record["messages"][1]["weight"] = decimal.Decimal(1)
    found = {finding.pointer: finding for finding in check_record(record)}
    assert found["/messages/1/content"].message == (
        "`content` is a value of the type bytes, not a string or a list of parts"
    )
    assert found["/weight"].message == "the sample's weight is a value of the type Decimal, not a number of 0 or more"
    assert found["/messages/1/weight"].message == "the message's weight is a value of the type Decimal, not 0 or 1"
    assert found["/messages/1/weight"].fix is None
    (finding,) = check_record(datetime.date(2026, 1, 1))
    assert (finding.message, finding.column) == ("the record is a value of the type date, not an object", None)
    (finding,) = check_record({"text": True})
    assert "true" in finding.message


def test_a_key_keeps_its_name_whatever_the_type_of_its_value_is():
    (finding,) = check_record({**chat("Hi", "Yes."), "true or not": decimal.Decimal(1)})
    assert finding.message == "the key `true or not` is not part of this format"
    assert finding.fix is not None


def test_what_is_a_text_as_well_is_one():
    assert check_record(chat(Severity.ERROR, "Yes.")) == []


# --- one record ------------------------------------------------------------------------------------------------------


def test_a_record_may_be_a_dict_bytes_or_text():
    text = json.dumps(BAD, ensure_ascii=False)
    expected = ["content-wrong-type", "extra-key", "missing-role", "unknown-role"]
    for record in (BAD, text, text.encode(), text + "\n", text.encode() + b"\r\n"):
        assert rules(check_record(record)) == expected
    assert check_record(text) == check_record(text.encode())
    assert check_record(chat()) == []


def test_places_are_known_for_text_and_not_for_objects():
    text = json.dumps(BAD)
    assert [finding.rule for finding in check_record(text)] == [finding.rule for finding in check_record(BAD)] != []
    for finding in check_record(text):
        assert finding.column is not None
        assert finding.byte_offset == finding.column - 1
        assert text[finding.column - 1]
        assert (finding.path, finding.line, finding.end_line) == ("-", 1, 1)
        valid_finding(finding.to_dict())
    for finding in check_record(BAD):
        assert (finding.column, finding.end_column, finding.byte_offset) == (None, None, None)
        valid_finding(finding.to_dict())


@given(chat_like)
def test_an_object_has_the_findings_of_its_text(record: dict[str, Any]):
    placeless = [
        finding._replace(
            column=None,
            end_column=None,
            byte_offset=None,
            context=None,
            fix=finding.fix and finding.fix._replace(edits=()),
        )
        for finding in check_record(json.dumps(record))
    ]
    assert check_record(record) == placeless


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "blank-line"),
        (" \n", "blank-line"),
        ('{"messages": [}', "invalid-json"),
        ('{"messages": [', "truncated-json"),
        ('{"text": "a\nb"}', "unescaped-control-character"),
        ("[]", "not-an-object"),
        ('{"text": "a"}\n{"text": "b"}', "several-values-on-one-line"),
        ('{"text": "\\ud83d"}', "lone-surrogate"),
    ],
)
def test_text_that_is_no_record(text: str, rule: str):
    assert rules(check_record(text)) == [rule]
    assert rules(check_record(text.encode())) == [rule]


def test_a_pretty_printed_text_is_one_record():
    assert check_record(json.dumps(chat(), indent=2)) == []


class Lazy(Mapping[str, Any]):
    """A mapping that is no dict, like the rows of some dataset libraries."""

    def __init__(self, **items: Any) -> None:
        self.items_ = items

    def __getitem__(self, key: str) -> Any:
        return self.items_[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.items_)

    def __len__(self) -> int:
        return len(self.items_)


class Array:
    """Like an array of numpy."""

    def __init__(self, *items: Any) -> None:
        self.values = items

    def tolist(self) -> list[Any]:
        return list(self.values)


def test_mappings_tuples_and_arrays_count_as_objects_and_lists():
    messages = chat()["messages"]
    for record in (
        Lazy(messages=messages),
        UserDict(messages=messages),
        {"messages": tuple(messages)},
        {"messages": Array(*messages)},
        {"messages": [Lazy(**message) for message in messages]},
    ):
        assert check_record(record) == []


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no picture of me")


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(5_000):
        value = [value]
    return value


FOREIGN: dict[str, Callable[[], Any]] = {
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("-inf"),
    "set": lambda: {1, 2},
    "bytes": lambda: b"\xff",
    "date": lambda: datetime.date(2026, 1, 1),
    "decimal": lambda: decimal.Decimal("1.5"),
    "complex": lambda: 1j,
    "function": lambda: len,
    "hostile": Hostile,
    "lone surrogate": lambda: "\ud83d",
    "huge integer": lambda: 10**30,
    "integer of 5,000 digits": lambda: 10**5_000,
    "cycle": cyclic,
    "deep list": deep,
    "number as key": lambda: {1: 2, None: 3},
    "tuple as key": lambda: {(1, 2): 3},
    "array in array": lambda: Array(Array(1), {2}),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_python_values_never_crash(make: Callable[[], Any]):
    good = chat()["messages"]
    for record in (
        {"messages": make()},
        {"messages": [make(), *good]},
        {"messages": [{"role": make(), "content": make()}, *good]},
        {"messages": [{"role": "user", "content": "x", "weight": make()}, *good]},
        {"messages": good, "weight": make(), "x": make()},
        {"text": make(), "weight": make()},
        make(),
    ):
        findings = check_record(record)
        assert findings
        for finding in findings:
            valid_finding(json.loads(json.dumps(finding.to_dict())))


@pytest.mark.parametrize("value", [None, 17, 1.5, True, [], ["text"], ()])
def test_what_is_no_record_at_all(value: Any):
    assert rules(check_record(value)) == ["not-an-object"]


class Unwilling(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("not today")


@pytest.mark.parametrize("make", [*FOREIGN.values(), lambda: Unwilling(a=1)], ids=[*FOREIGN.keys(), "unwilling"])
def test_every_call_for_one_record_says_clearly_what_it_cannot_take(make: Callable[[], Any]):
    good = chat()["messages"]
    for record in (
        {"messages": make()},
        {"messages": [{"role": "user", "content": make()}, *good], "tools": make()},
        {"instruction": "a", "output": "b", "history": make()},
        {"prompt": make(), "completion": "b"},
    ):
        for call in (count_tokens, fix_record):
            with suppress(UserError):
                call(record)
        for to in ("alpaca", "bedrock", "chat", "sharegpt"):
            with suppress(ValueError):
                convert_record(record, to, "ALL")


def test_a_request_is_counted_for_the_model_that_it_names():
    body = {"model": "meta-llama/Llama-3.3-70B-Instruct-Turbo", **chat("Hi", "Hello.")}
    request = {"custom_id": "1", "body": body}
    assert count_tokens(request) == count_tokens(request, model=body["model"])
    assert count_tokens(request).how == "exact"
    assert count_tokens(request, model="gpt-4o") == count_tokens({**request, "body": {**body, "model": "gpt-4o"}})
    assert count_tokens({"custom_id": "1", "body": {**body, "model": 1}}).how == "approximately"


def test_mappings_tuples_and_arrays_are_counted_fixed_and_converted_as_in_json():
    messages = chat("Hi", "Hello.")["messages"]
    expected = count_tokens(json.dumps({"messages": messages}))
    for record in (
        UserDict(messages=messages),
        {"messages": tuple(messages)},
        {"messages": Array(*messages)},
        {"messages": [Lazy(**message) for message in messages]},
    ):
        assert count_tokens(record) == expected
        assert fix_record(record).outcome == (record,)
        assert convert_record(record, "instruction") == {"prompt": "Hi", "completion": "Hello."}
    misspelt = UserDict(messages=(Lazy(role="User", content="Hi"), messages[1]))
    assert fix_record(misspelt).outcome == ({"messages": messages},)


def test_a_record_is_not_changed():
    record = {"messages": ({"role": "human", "content": {"a"}},), "weight": float("nan")}
    before = repr(record)
    check_record(record)
    assert repr(record) == before


# --- many records ----------------------------------------------------------------------------------------------------


def test_records_are_taken_one_by_one():
    taken = []

    def records() -> Iterator[dict[str, Any]]:
        for number in itertools.count(1):
            taken.append(number)
            yield {"messages": []} if number % 3 == 0 else chat()

    findings = check_records(records())
    assert taken == []
    assert [finding.line for finding in itertools.islice(findings, 4)] == [3, 6, 9, 12]
    assert taken == list(range(1, 13))


@pytest.mark.parametrize("records", ["train.jsonl", Path("train.jsonl"), b"{}", {"messages": []}])
def test_one_record_or_a_path_is_not_taken_for_records(records: Any):
    for call in (check_records, rows.checked, rows.only_valid):
        with pytest.raises(UserError, match="use check_record for one record, and check_file for the path of a file"):
            list(call(records))


def test_records_take_constant_memory():
    def peak(count: int) -> int:
        tracemalloc.start()
        records = ({"messages": [{"role": "x" * 200, "content": str(number)}]} for number in range(count))
        for _ in check_records(records, Settings(ignore=("JL8",))):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few = peak(3_000)  # by then the filters are compiled, and the interpreter keeps some thousand freed tuples
    assert peak(9_000) < few + 100_000  # the findings alone would fill more


def test_the_first_record_of_a_known_format_gives_the_format_of_all():
    findings = list(check_records([{"x": 1}, {"text": "a"}, chat(), b'{"text": "b"}']))
    assert [(finding.line, finding.rule) for finding in findings] == [(1, "unknown-format"), (3, "mixed-formats")]
    assert "line 2" in findings[1].message


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_first_record_with_images_tells_the_format_of_the_file(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    image = "data:image/png;base64," + "A" * 9_000_000
    path.write_text(json.dumps({"messages": [{"role": "user", "content": image}]}) + '\n{"text": "a"}\n')
    report = check_file(path, Settings(select=("mixed-formats",)))
    assert [(finding.line, finding.rule) for finding in report] == [(2, "mixed-formats")]
    assert report.files[0].format == "chat"


def test_a_report_knows_whether_all_is_well(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(GOOD)
    report = check_file(path)
    assert report.ok
    assert report == check_file(str(path)) == check_paths([path])
    path.write_bytes(line_of(chat(id=1)))
    report = check_file(path)
    assert report.ok, "warnings are no errors"
    assert not check_file(path, Settings(fail_on="warning")).ok
    with pytest.raises(UserError, match="fail_on"):
        Settings(fail_on="warnings")
    assert list(report) == list(report.findings)
    assert report.summary == report.to_dict()["summary"]
    assert (report.count(Severity.ERROR), report.count(Severity.WARNING)) == (0, 1)
    assert (report.count("error"), report.count("warning")) == (0, 1), "by its name as well"
    with pytest.raises(UserError, match="'warnings'; it can be error, warning, info"):
        report.count("warnings")
    path.write_bytes(line_of({"messages": []}))
    assert not check_file(path).ok
    assert not check_paths([path, tmp_path / "missing.jsonl"]).ok


def test_summary_and_files_add_up(tmp_path: Path):
    for name, count in (("a", 2), ("b", 3)):
        (tmp_path / f"{name}.jsonl").write_bytes(GOOD + line_of({"messages": []}) * count)
    report = check_paths([tmp_path], Settings(ignore=("JL80",))).to_dict()
    assert report["summary"] == {
        "records": 7,
        "valid_records": 2,
        "errors": 5,
        "warnings": 0,
        "infos": 0,
        "fixable": report["summary"]["fixable"],
        "suppressed": 0,
        "by_rule": {"empty-messages": 5},
    }
    assert sum(file["records"] for file in report["files"]) == 7


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "sfd"},
        {"format": "chta"},
        {"max_findings": -1},
        {"max_findings": 1 << 63},
        {"max_line_bytes": 0},
        {"target": "nobody"},
        {"target": "/no/such/target.json"},
        {"schema": "/no/such/schema.json"},
        {"select": ("no-such-rule",)},
        {"ignore": ("JL999",)},
        {"extend_select": ("",)},
    ],
)
def test_a_wrong_setting_is_a_user_error(wrong: dict[str, Any]):
    with pytest.raises(UserError) as caught:
        check_record({}, Settings(**wrong))
    assert str(caught.value)


@pytest.mark.parametrize("name", ["schema", "models", "target", "tokenizer"])
@pytest.mark.parametrize("path", ["a\0b.json", "a\ud800b.json"])
def test_what_no_file_can_be_called_is_said_of_a_setting(name: str, path: str):
    with pytest.raises(UserError, match=r": cannot read the \w+: not a file name$"):
        check_record({}, Settings(**{name: path}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": 5},
        {"target": None},
        {"model": 5},
        {"schema": b"schema.json"},
        {"max_tokens": "5"},
        {"max_findings": 1.5},
        {"max_findings": None},
        {"jobs": True},
        {"unsafe_fixes": "no"},
        {"near_duplicates": None},
        {"decode_images": 1},
        {"record_hashes": 0},
        {"select": 5},
        {"ignore": [5]},
        {"method": ["sft"]},
    ],
)
def test_a_setting_of_the_wrong_type_is_a_user_error(wrong: dict[str, Any]):
    with pytest.raises(UserError, match=next(iter(wrong))):
        Settings(**wrong)


def test_paths_may_be_path_objects(tmp_path: Path):
    (tmp_path / "mine.json").write_text('{"extends": "together", "severities": {"extra-key": "error"}}')
    (tmp_path / "other.jsonl").write_text('{"text": "A text."}\n')
    (tmp_path / "data.jsonl").write_text('{"text": "A text.", "id": 1}\n{"text": "A text."}\n')
    settings: Any = {"target": tmp_path / "mine.json", "against": tmp_path / "other.jsonl"}
    assert rules(check_file(tmp_path / "data.jsonl", Settings(**settings))) == ["extra-key", "overlap-with-validation"]
    (tmp_path / "mine.toml").write_text('ignore = ["extra-key"]')
    assert load_settings(tmp_path / "data.jsonl", config=tmp_path / "mine.toml").ignore == ("extra-key",)


def test_paths_may_be_bytes_as_a_folder_lists_them(tmp_path: Path):
    path: Any = os.fsencode(tmp_path / "data.jsonl")
    (tmp_path / "data.jsonl").write_bytes(GOOD)
    out: Any = os.fsencode(tmp_path / "out.jsonl")
    assert check_file(path) == check_paths(path) == check_paths([path]) == check_file(tmp_path / "data.jsonl")
    assert fix_file(path, out) == fix_file(tmp_path / "data.jsonl", tmp_path / "out.jsonl")
    assert convert_file(path, out, to="alpaca").converted == 1
    assert [found.records for found in stats_of(path)] == [1]
    assert load_settings(path) == Settings()


def test_settings_are_values():
    assert Settings() == Settings(target="together", method="sft")
    assert len({Settings(), Settings(), Settings(method="rl")}) == 2
    with pytest.raises(FrozenInstanceError):
        Settings().method = "rl"  # type: ignore[misc]


def test_selectors_may_be_lists():
    assert check_record(BAD, Settings(select=["missing-role"])) == check_record(BAD, Settings(select=("missing-role",)))
    assert rules(check_record(BAD, Settings(select=["missing-role"]))) == ["missing-role"]


# --- blocks ----------------------------------------------------------------------------------------------------------


def test_a_block_is_checked_without_any_file_and_always_alike():
    plan = plan_of()
    block = Block("nowhere.jsonl", 1, 0, GOOD + line_of(BAD) * 3 + b"{\n" + GOOD)
    first = check_block(block, plan)
    assert first == check_block(block, plan) == check_block(block, compile_plan())
    merged = first.merge(check_block(block, plan)).finished()
    assert merged.lines == 12
    assert first == check_block(block, plan), "merging left its arguments alone"


def test_values_can_be_sent_to_another_process(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(GOOD + line_of(BAD) + b'{\n "messages": [\n')
    partial = check_block(Block("data.jsonl", 1, 0, path.read_bytes(), synchronised=False), plan_of())
    assert partial.head or partial.tail
    report = check_paths([path, tmp_path / "missing.jsonl"])
    for value in (partial, report, report.findings[0], Settings(), Block("a", 1, 0, b"")):
        assert pickle.loads(pickle.dumps(value)) == value
    back = pickle.loads(pickle.dumps(UnreadableInputError("a.jsonl", "no such file")))
    assert (back.path, back.reason, str(back)) == ("a.jsonl", "no such file", "a.jsonl: no such file")
    assert isinstance(report, Report)


# --- the package -----------------------------------------------------------------------------------------------------


def test_every_public_name_is_there_and_documented():
    assert sorted(jsonl_lint.__all__) == dir(jsonl_lint)
    for name in jsonl_lint.__all__:
        value = getattr(jsonl_lint, name)
        assert name == "__version__" or (value.__doc__ or "").strip(), name
    with pytest.raises(AttributeError):
        jsonl_lint.no_such_name  # noqa: B018
    assert (Path(jsonl_lint.__file__).parent / "py.typed").is_file()


def modules() -> list[str]:
    return [name for _, name, _ in pkgutil.walk_packages(jsonl_lint.__path__, "jsonl_lint.") if "__main__" not in name]


def test_examples_in_docstrings():
    results = [doctest.testmod(import_module(name)) for name in ["jsonl_lint", *modules()]]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) >= 4


# --- threads ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns much more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def tool_record(number: int) -> dict[str, Any]:
    tool = {"type": "function", "function": {"name": f"f{number % 30}", "parameters": {"type": "object"}}}
    return chat("Hi", f"Hello {number}", tools=[tool])


@pytest.mark.usefixtures("hasty_threads")
def test_threads_may_check_records_at_the_same_time():
    records = [tool_record(number) for number in range(3000)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(check_record, records * 2))
    assert found == [check_record(record) for record in records] * 2


@pytest.mark.usefixtures("hasty_threads")
def test_threads_may_check_and_fix_files_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    dice = random.Random(7)
    settings = Settings(target="openai", max_tokens=30, tokenizer="o200k_base", unsafe_fixes=True)
    for number in range(8):
        records = [mutated(dice.choice([*VALID, tool_record(dice.randrange(30))]), dice) for _ in range(150)]
        data = b"".join(line_of(record) for record in records)
        (tmp_path / f"{number}.jsonl").write_bytes(data.replace(b"Hi", "<think>\u200b".encode()))

    def outcome(source: Path) -> tuple[Any, bytes]:
        fixed = source.with_name(f"{source.stem}-{get_ident()}.fixed")
        fix_file(source, fixed, settings)
        return check_file(source, settings).to_dict(), fixed.read_bytes()

    sources = sorted(tmp_path.glob("*.jsonl")) * 2
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(outcome, sources))
    assert found == list(map(outcome, sources))


@pytest.mark.parametrize("wrong", ["openai", {"target": "openai"}, 1, Settings])
@pytest.mark.parametrize(
    "call",
    [
        lambda wrong: check_record({}, wrong),
        lambda wrong: list(check_records([{}], wrong)),
        lambda wrong: check_file("fixtures/sample.jsonl", wrong),
        lambda wrong: check_paths(["fixtures/sample.jsonl"], wrong),
        lambda wrong: fix_record({}, wrong),
        lambda wrong: fix_file("fixtures/sample.jsonl", None, wrong),
        lambda wrong: list(jsonl_lint.stats_of(["fixtures/sample.jsonl"], wrong)),
        lambda wrong: jsonl_lint.count_tokens({"messages": []}, settings=wrong),
        lambda wrong: list(rows.checked([{}], wrong)),
    ],
)
def test_what_is_no_settings_is_one_clear_error(call: Callable[[Any], Any], wrong: Any):
    with pytest.raises(UserError, match=f"settings is of type {type(wrong).__name__}; it must be a Settings"):
        call(wrong)


def test_a_project_is_not_given_settings():
    with pytest.raises(UserError, match=r"Project\(\{'target': 'openai'\}\)"):
        Project(Settings(target="openai"))  # type: ignore[arg-type]


def test_what_a_notebook_shows_of_a_plan_and_of_statistics_is_short():
    plan = compile_plan(Settings(target="openai", select=("JL203", "JL204")))
    assert repr(plan) == "<Plan: 2 rules for openai>"
    (found,) = jsonl_lint.stats_of(["fixtures/sample.jsonl"])
    assert isinstance(found, jsonl_lint.Statistics)
    assert repr(found.distributions["turns"]) == "<Distribution: 6 values from 0 to 3, 12 in all>"


@pytest.mark.parametrize("value", [*Severity, *Applicability])
def test_severities_and_applicabilities_are_written_as_in_reports(value: Severity | Applicability):
    """Python 3.10 and later versions disagree about the text of such a value, unless it says so itself."""
    assert str(value) == f"{value}" == f"{value:}" == value.value
    assert pickle.loads(pickle.dumps(value)) is value


def test_a_report_shows_its_counts_alone():
    report = check_paths(["fixtures/sample.jsonl", "missing.jsonl"])
    assert repr(report) == "<Report: 8 records, 6 errors, 4 warnings, 0 infos in 1 file; 1 input not read>"
