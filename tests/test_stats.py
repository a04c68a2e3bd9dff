"""`stats`: counts are those of a naive count, memory is bounded, and `check` counts the same records."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, Statistics, UserError, check_file, stats_of
from jsonl_lint.cli import run
from jsonl_lint.distribution import Bin, Distribution
from jsonl_lint.model import InputError
from jsonl_lint.stats.duplicates import Digests
from jsonl_lint.stats.record import facts_of
from jsonl_lint.stats.statistics import MAX_NAMES
from tests.conftest import GOOD, ROOT, chat, chat_like, line_of


def one(path: Path, **more: Any) -> Statistics:
    (found,) = stats_of([path], **more)
    assert isinstance(found, Statistics)
    return found


def of(tmp_path: Path, data: bytes) -> Statistics:
    path = tmp_path / "data.jsonl"
    path.write_bytes(data)
    return one(path)


# --- distributions ---------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 5_000_000) | st.integers(0, 20), min_size=1, max_size=60))
def test_a_distribution_is_that_of_the_values(values: list[int]):
    found = Distribution()
    for value in values:
        found.add(value)
    entry = found.to_dict()
    ordered = sorted(values)
    assert (entry["count"], entry["min"], entry["max"]) == (len(values), ordered[0], ordered[-1])
    assert entry["mean"] == round(sum(values) / len(values), 2)
    for percent in (50, 90, 95, 99):
        exact = ordered[max(1, math.ceil(len(values) * percent / 100)) - 1]
        assert exact * 0.998 <= entry[f"p{percent}"] <= exact
    bins = found.histogram()
    assert sum(bar.size for bar in bins) == len(values)
    for bar in bins:
        assert bar.size == sum(bar.low <= value <= bar.high for value in values)
    assert all(left.high + 1 == right.low for left, right in itertools.pairwise(bins))
    assert bins[0].low <= ordered[0] <= ordered[-1] <= bins[-1].high


@given(st.lists(st.integers(0, 10**7), max_size=20), st.lists(st.integers(0, 10**7), max_size=20))
def test_distributions_add_up(left: list[int], right: list[int]):
    parts = [Distribution(), Distribution(), Distribution()]
    for values, part in zip((left, right, left + right), parts, strict=True):
        for value in values:
            part.add(value)
    parts[0].absorb(parts[1])
    assert parts[0].to_dict() == parts[2].to_dict()


def test_a_percentile_that_is_the_largest_value_is_exact():
    found = Distribution()
    for value in (93, 459, 1087, 1091):
        found.add(value)
    entry = found.to_dict()
    assert [entry[name] for name in ("p50", "p90", "p99", "max")] == [459, 1091, 1091, 1091]


def test_a_distribution_stays_small():
    found = Distribution()
    for value in range(0, 50_000_000, 977):
        found.add(value)
    assert len(found.counts) < 20_000


def test_histograms_have_a_bin_for_each_of_few_values():
    found = Distribution()
    for value in (2, 2, 5):
        found.add(value)
    assert found.histogram() == [Bin(2, 2, 2), Bin(3, 3, 0), Bin(4, 4, 0), Bin(5, 5, 1)]
    assert Distribution().to_dict()["p50"] is None


@given(st.lists(st.binary(max_size=2), max_size=60), st.lists(st.binary(max_size=2), max_size=60))
def test_duplicates_are_those_that_are_equal_to_an_earlier_one(left: list[bytes], right: list[bytes]):
    one, other = Digests(), Digests()
    for records, digests in ((left, one), (right, other)):
        for record in records:
            digests.add(record)
        assert digests.duplicates() == len(records) - len(set(records))
    one.absorb(other)
    assert one.duplicates() == len(left + right) - len({*left, *right})


# --- records ---------------------------------------------------------------------------------------------------------

CALL = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]

RECORDS: list[tuple[dict[str, Any], tuple[str, int | None, int, list[str], list[str], list[str]]]] = [
    (chat("abc", "de"), ("chat", 2, 5, ["user", "assistant"], [], [])),
    (
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [CALL]}], "tools": TOOLS},
        ("chat", 1, 0, ["assistant"], ["weather"], ["weather"]),
    ),
    ({"messages": [{"role": "user", "content": [{"type": "text", "text": "abcd"}, {"type": "image_url"}]}]},
     ("chat", 1, 4, ["user"], [], [])),
    ({"messages": "x"}, ("chat", None, 0, [], [], [])),
    ({"prompt": "abc", "completion": "de"}, ("instruction", None, 5, [], [], [])),
    (
        {"prompt": chat("abc")["messages"], "completion": [{"role": "assistant", "content": "de"}]},
        ("instruction", None, 5, ["user", "assistant"], [], []),
    ),
    ({"prompt": [{"type": "text", "text": "abc"}], "completion": "de"}, ("instruction", None, 5, [], [], [])),
    ({"text": "abc", "id": "no"}, ("text", None, 3, [], [], [])),
    (
        {"input": {"messages": chat("a")["messages"], "tools": TOOLS},
         "preferred_output": [{"role": "assistant", "content": "bb"}],
         "non_preferred_output": [{"role": "assistant", "content": "ccc"}]},
        ("preference", 1, 6, ["user", "assistant", "assistant"], ["weather"], []),
    ),
    ({"conversations": [{"from": "human", "value": "abc"}]}, ("sharegpt", 1, 3, ["human"], [], [])),
    (
        {"conversations": [{"from": "function_call", "value": '{"name": "f"}'},
                           {"from": "tool_call", "value": '[{"name": "f"}, {"name": "g"}, 7]'},
                           {"from": "function_call", "value": "{f}"}],
         "tools": '[{"name": "f"}, {"type": "function", "function": {"name": "g"}}]'},
        ("sharegpt", 3, 49, ["function_call", "tool_call", "function_call"], ["f", "g"], ["f", "f", "g"]),
    ),
    (
        {"messages": [{"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}],
         "functions": [{"name": "f"}], "tools": None},
        ("chat", 1, 0, ["assistant"], ["f"], ["f"]),
    ),
    (
        {"contents": [{"role": "model", "parts": [{"text": "ab"}, {"functionCall": {"name": "f"}}]}],
         "systemInstruction": {"parts": [{"text": "c"}]},
         "tools": [{"functionDeclarations": [{"name": "f"}, {"name": "g"}, 7]}, {"googleSearch": {}}]},
        ("gemini", 1, 3, ["model"], ["f", "g", "googleSearch"], ["f"]),
    ),
    (
        {"schemaVersion": "bedrock-conversation-2024", "system": [{"text": "abc"}],
         "messages": [{"role": "user", "content": [{"text": "d"}, {"toolUse": {"name": "f"}}]}],
         "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}, {"toolSpec": 7}]}},
        ("bedrock", 1, 4, ["user"], ["f", "(none)"], ["f"]),
    ),
    (
        {"custom_id": "1", "params": {"tools": [{"name": "f", "input_schema": {}}], "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]}]}},
        ("anthropic-batch", 1, 0, ["assistant"], ["f"], ["f"]),
    ),
    ({"instruction": "a", "input": "b", "output": "cc"}, ("alpaca", None, 4, [], [], [])),
    ({"question": "abc", "n": 7}, ("unknown", None, 3, [], [], [])),
    ({"messages": [{"role": 7}, "x", {}]}, ("chat", 2, 0, ["(none)", "(none)"], [], [])),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), RECORDS)
def test_what_is_counted_of_a_record(record: dict[str, Any], expected: tuple[Any, ...]):
    found = facts_of(record)
    assert (found.format, found.turns, found.characters, found.roles, found.tools, found.calls) == expected
    assert len(found.role_characters) == len(found.roles)


@given(chat_like)
def test_any_record_can_be_counted(record: dict[str, Any]):
    found = facts_of(record)
    assert found.characters >= 0
    assert found.turns is None or found.turns >= 0


# --- files -----------------------------------------------------------------------------------------------------------


NOT_LINES = {"cr-line-endings", "git-lfs-pointer", "json-array-file", "utf16-file"}
"""Fixtures that are not lines of UTF-8, which `stats` refuses."""


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "fixtures").glob("*/fail.jsonl")))
def test_records_are_those_that_check_counts(name: str):
    path = ROOT / "fixtures" / name / "fail.jsonl"
    counted = next(iter(stats_of([path])))
    assert isinstance(counted, InputError) == (name in NOT_LINES)
    if isinstance(counted, Statistics):
        checked = check_file(path).files[0]
        assert (counted.records, counted.valid, counted.size) == (checked.records, checked.valid_records, checked.bytes)


def test_a_file_is_counted(tmp_path: Path):
    records = [chat("a", "b"), chat("a", "b"), chat("abc"), {"messages": []}, {"text": "x"}]
    found = of(tmp_path, b"".join(map(line_of, records)) + b"\n{broken\n" + line_of(chat("a", "b")).rstrip())
    entry = found.to_dict()
    assert entry["formats"] == {"chat": 5, "text": 1}
    assert entry["duplicates"] == {"exact": 2, "compared": 6}
    assert entry["roles"] == {
        "user": {"messages": 4, "characters": 6},
        "assistant": {"messages": 3, "characters": 3},
    }
    turns = entry["distributions"]["turns"]
    assert (turns["count"], turns["min"], turns["mean"], turns["max"]) == (5, 0, 1.4, 2)
    assert Counter({bar["from"]: bar["count"] for bar in turns["histogram"]}) == {0: 1, 1: 1, 2: 3}


def test_batches_do_not_change_the_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = b"".join(line_of(chat(*["x" * size] * (size % 5))) for size in range(200)) + b'{\n"messages": []\n}\n' + GOOD
    whole = of(tmp_path, data).to_dict()
    for name in ("FIRST_BATCH_BYTES", "BATCH_BYTES"):
        monkeypatch.setattr(f"jsonl_lint.files.source.{name}", 100)
    assert of(tmp_path, data).to_dict() == whole


def but_for_bytes(found: Statistics) -> dict[str, Any]:
    entry = found.to_dict()
    del entry["bytes"], entry["distributions"]["bytes"], entry["valid_records"]
    return entry


@given(st.lists(chat_like.filter(bool), min_size=1, max_size=4), st.sampled_from([None, 0, 1, "\t"]))
def test_a_record_spread_over_lines_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], indent: int | str | None
):
    folder = tmp_path_factory.mktemp("spread")
    spread = "".join(json.dumps(record, indent=indent) + "\n" for record in records).encode()
    assert but_for_bytes(of(folder, spread)) == but_for_bytes(of(folder, b"".join(map(line_of, records))))


def test_the_lines_of_a_record_are_no_records(tmp_path: Path):
    part = b'{"role": "user", "content": "a"}'
    counted = {
        b'{"messages": [\n' + part + b"\n]}\n": {"chat": 1},
        b'{"messages": [\n' + part.replace(b"a", b"a\nb") + b"\n]}\n": {"chat": 1},
        b'{"messages": [\n ' + part + b",\n " + part + b"\n": {},
        b'{"messages": [\n' + part + b",\n]}\n": {},
    }
    for data, formats in counted.items():
        found = of(tmp_path, data + GOOD)
        assert (found.records, found.formats) == (2, {**formats, "chat": formats.get("chat", 0) + 1}), data


def test_a_line_over_the_limit_is_counted_and_not_looked_into(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(GOOD + line_of(chat("x" * 3_000_000)) + GOOD)
    found = one(path, settings=Settings(max_line_bytes=1_000_000))
    assert (found.records, found.valid, found.size) == (3, 2, path.stat().st_size)
    assert found.formats == {"chat": 2}
    assert one(path).formats == {"chat": 3}


def test_a_line_of_too_many_values_is_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data.jsonl"
    path.write_bytes(GOOD + line_of(chat("," * 3_000_000)) + GOOD)
    assert one(path).formats == {"chat": 3}
    monkeypatch.setattr("jsonl_lint.stats.lines.MOST_BRACKETS_AND_COMMAS", 2_999_999)
    assert one(path).formats == {"chat": 2}


def test_names_are_bounded(tmp_path: Path):
    roles = [{"messages": [{"role": f"r{number}", "content": "a"}]} for number in range(MAX_NAMES + 50)]
    found = of(tmp_path, b"".join(map(line_of, roles)))
    assert len(found.roles) == MAX_NAMES + 1
    assert found.roles["(other)"] == found.role_characters["(other)"] == 50


def test_several_inputs_and_those_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "b.jsonl").write_bytes(b'[\n{"messages": []}\n]\n')
    (tmp_path / "c.jsonl").write_bytes("{}".encode("utf-16"))
    found = list(stats_of([tmp_path, tmp_path / "missing"]))
    assert [type(item) for item in found] == [Statistics, InputError, InputError, InputError]
    assert all("`jsonl-lint fix` makes lines of it" in str(item) for item in found[1:3])
    assert list(stats_of(str(tmp_path / "missing"))) == list(stats_of(tmp_path / "missing")) == found[3:]  # one path
    with pytest.raises(UserError):
        list(stats_of([tmp_path], Settings(target="nobody")))


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_prints_what_the_library_counts(tmp_path: Path, capsysbinary: Any):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_bytes(GOOD + line_of(chat(id=name)))
    assert run(["stats", str(tmp_path), "--output-format", "json"]) == 0
    report = json.loads(capsysbinary.readouterr().out)
    assert report["files"] == [one(tmp_path / f"{name}.jsonl").to_dict() for name in ("a", "b")]
    assert report["total"]["path"] is None
    assert report["total"]["records"] == 4
    assert report["total"]["duplicates"] == {"exact": 1, "compared": 4}
    assert run(["stats", str(tmp_path)]) == 0
    out, err = capsysbinary.readouterr()
    assert err == b""
    assert b"\nall files\n  records    4, 4 valid, " in out


@pytest.mark.parametrize("output", ["json", "text", "html"])
def test_the_figures_may_go_to_a_file_that_is_no_input(output: str, tmp_path: Path, capsysbinary: Any):
    path, figures = tmp_path / "data.jsonl", tmp_path / "figures"
    path.write_bytes(GOOD)
    assert run(["stats", str(path), "--output-format", output]) == 0
    printed = capsysbinary.readouterr().out
    for file in ("-", str(figures)):
        assert run(["stats", str(path), "--output-format", output, "--output-file", file]) == 0
    assert capsysbinary.readouterr().out == figures.read_bytes() == printed
    assert run(["stats", str(path), "--output-format", output, "--output-file", str(path)]) == 2
    assert b"would overwrite an input" in capsysbinary.readouterr().err
    assert path.read_bytes() == GOOD


@pytest.mark.parametrize("output", ["json", "text"])
@pytest.mark.parametrize("files", [0, 1, 3])
def test_each_file_is_shown_before_the_next_is_counted(
    tmp_path: Path, capsysbinary: Any, monkeypatch: pytest.MonkeyPatch, output: str, files: int
):
    for number in range(files):
        (tmp_path / f"{number}.jsonl").write_bytes(GOOD)
    shown = []

    def counted(*given: Any, **options: Any) -> Any:
        for number, found in enumerate(stats_of(*given, **options)):
            if number:
                shown.append(capsysbinary.readouterr().out)
            yield found

    monkeypatch.setattr("jsonl_lint.stats.stats_of", counted)
    run(["stats", str(tmp_path), "--output-format", output])
    shown.append(capsysbinary.readouterr().out)
    assert len(shown) == max(files, 1)
    assert all(f"{number}.jsonl".encode() in part for number, part in enumerate(shown[:files]))
    text = b"".join(shown).decode()
    if output == "json":
        assert text == json.dumps(json.loads(text), indent=2) + "\n"
        assert len(json.loads(text)["files"]) == files
    else:
        assert text.count("\n\n") == (files if files > 1 else 0)


def test_the_command_goes_on_after_an_unreadable_input(tmp_path: Path, capsysbinary: Any):
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    assert run(["stats", str(tmp_path / "missing"), str(tmp_path / "a.jsonl")]) == 2
    out, err = capsysbinary.readouterr()
    assert b"1, 1 valid" in out
    assert err.count(b"\n") == 1
    assert run(["stats"]) == 2


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00\xff" * 50, b'{"a":' * 5_000 + b"\n", b'{"messages": [[[]]]}\n'])
def test_hostile_files_are_counted_or_refused_in_one_line(tmp_path: Path, capsysbinary: Any, data: bytes):
    (tmp_path / "a.jsonl").write_bytes(data)
    code = run(["stats", str(tmp_path / "a.jsonl")])
    _, err = capsysbinary.readouterr()
    assert (code, err.count(b"\n")) in ((0, 0), (2, 1))
    assert b"internal error" not in err


def test_a_key_in_place_of_a_role_or_tool_is_not_shown(tmp_path: Path):
    token = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz01234567"
    call = {"id": "1", "type": "function", "function": {"name": token, "arguments": "{}"}}
    said = [{"role": token, "content": "a"}, {"role": "assistant", "tool_calls": [call]}]
    found = json.dumps(of(tmp_path, line_of({"messages": said})).to_dict())
    assert token[8:] not in found
    assert "hf_***" in found
