"""Rules about the whole dataset: the same findings however the file is cut, read, spilled or keyed."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import (
    Block,
    PartialReport,
    Report,
    Settings,
    Severity,
    UserError,
    check_block,
    check_file,
    check_paths,
    check_record,
    check_records,
    fix_file,
    undo_file,
)
from jsonl_lint.api import check_events
from jsonl_lint.checks import rereading
from jsonl_lint.cli import run
from jsonl_lint.engine import dataset_findings
from jsonl_lint.engine.dataset import alike, compare
from jsonl_lint.engine.dataset.lineset import LineSet
from jsonl_lint.engine.dataset.rereadable import OtherFile, RereadableFile
from jsonl_lint.engine.judging.notes import LONGEST_KEY
from jsonl_lint.engine.keylog import KeyLog, Occurrence
from jsonl_lint.engine.kindlog import KindLog, argument_kinds, placed_kinds
from jsonl_lint.engine.wire import decode, encode
from jsonl_lint.files.head import Head
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records import likeness
from jsonl_lint.repeats import recordkeys, recurrences
from jsonl_lint.repeats.recordkeys import RecordKeys, recurring
from jsonl_lint.rule import Sketch
from tests.conftest import ROOT, Check, chat, found, line_of, plan_of

TOGETHER = ROOT / "jsonl_lint" / "targets" / "together.json"

CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def calling(arguments: Any) -> bytes:
    call = {**CALL, "function": {"name": "f", "arguments": arguments}}
    turns = [{"role": "user", "content": "Go"}, {"role": "assistant", "tool_calls": [call]}]
    return line_of({"messages": turns, "tools": [{"type": "function", "function": {"name": "f"}}]})


POOL = [
    line_of(chat("What is the capital of France?", "Paris.")),
    line_of(chat("What is the capital of France?", "Lyon.")),
    line_of(chat("what is  the capital of France?", "PARIS.")),
    line_of(chat("What is the capital of France?", "Paris.")).replace(b"\n", b"\r\n"),
    line_of(chat("Hi", "Hello", "And you?", "Well.")),
    line_of({"messages": chat()["messages"], "id": 1}),
    line_of({"id": "x", "messages": chat()["messages"]}),
    line_of(chat("漢字" * 30, "\u3000")),
    line_of(chat("\u3000", [{"type": "text", "text": "x"}])),
    calling("{}"),
    calling({}),
    b'{"messages": [,]}\n',
    b"\n",
    b'{\n"messages": [\n]\n}\n',
    b'{"text": "same"}\n',
    b'{"prompt": "a", "completion": "b"}\n',
    b'{"prompt": "a", "completion": "c"}\n',
]


def reader_of(data: bytes) -> Callable[..., list[tuple[bytes, int]]]:
    lines = [(line, len(line)) for line in io.BytesIO(data)]

    def read(chosen: Iterable[int] | None = None, **_: object) -> list[tuple[bytes, int]]:
        return lines if chosen is None else [lines[number] for number in chosen if number < len(lines)]

    return read


def facts(report: PartialReport, data: bytes, plan: Any) -> tuple[Any, ...]:
    report = report.finished()
    found = list(dataset_findings(report, plan, RereadableFile("chat", reader_of(data))))
    return found, report.counts, report.valid_records


def cut_report(data: bytes, places: list[int], dice: random.Random, plan: Any) -> PartialReport:
    ends = [index + 1 for index, byte in enumerate(data) if byte == 10]
    edges = [0, *sorted({ends[place % len(ends)] for place in places} - {len(data)}), len(data)]
    parts = [
        check_block(Block("x", 1, 0, data[start:end], "chat", 1, synchronised=start == 0), plan)
        for start, end in pairwise(edges)
    ]
    while len(parts) > 1:
        index = dice.randrange(len(parts) - 1)
        parts[index : index + 2] = [PartialReport.merge(parts[index], parts[index + 1])]
    return parts[0]


pools = st.lists(st.sampled_from(POOL), min_size=1, max_size=14).map(b"".join)


@given(pools, st.lists(st.integers(0, 99), max_size=8), st.integers(0, 9))
def test_however_it_is_cut_the_findings_are_the_same(data: bytes, places: list[int], seed: int):
    plan = plan_of(max_findings=3)
    whole = check_block(Block("x", 1, 0, data, "chat", 1), plan)
    parts = cut_report(data, places, random.Random(seed), plan)
    assert parts.finished().record_keys == whole.finished().record_keys
    assert parts.finished().kinds == whole.finished().kinds
    assert whole.finished().record_keys.lines() == whole.finished().lines
    back = decode(json.loads(json.dumps(encode(parts))), plan)
    assert facts(parts, data, plan) == facts(whole, data, plan) == facts(back, data, plan)


@given(pools, st.sampled_from([0, 10**6]))
def test_neither_spilling_nor_collisions_change_anything(data: bytes, few: int):
    plan = plan_of(max_findings=0)
    expected = facts(check_block(Block("x", 1, 0, data, "chat", 1), plan), data, plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordkeys, "SPILL_KEYS", 3)
        patch.setattr(recordkeys, "FEW_KEYS", few)
        patch.setattr(recurrences, "MOST_HELD", 2)
        one = cut_report(data, list(range(99)), random.Random(1), plan)
        keys = one.finished().record_keys
        assert keys.chunks or len(keys) < 3
        assert facts(one, data, plan) == expected
        patch.setattr(likeness, "_hash64", lambda _: 7)
        assert facts(check_block(Block("x", 1, 0, data, "chat", 1), plan), data, plan) == expected


def record_or_none(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def said_of(data: bytes, other: bytes, plan: Any) -> list[tuple[int, str, int]]:
    """The findings of all rules that compare whole records, by comparing each record with all before it."""

    def traits(line: bytes) -> tuple[bytes, str, str, str] | None:
        record = record_or_none(line)
        if record is None:
            return None
        prompt, answer, pointer = likeness._halves(record, plan.own_format(record, None))
        asked = json.dumps(prompt, sort_keys=True) if pointer else ""
        normal = json.dumps(likeness.normal_form(record), sort_keys=True)
        return line.rstrip(b"\r\n"), normal, asked, json.dumps(likeness.normal_form(answer), sort_keys=True)

    def first(wanted: Any, trait: int, among: list[Any]) -> int:
        places = (place for place, each in enumerate(among, start=1) if each and each[trait] == wanted[trait])
        return next(places, 0)

    theirs = list(map(traits, io.BytesIO(other)))
    ours = list(map(traits, io.BytesIO(data)))
    said = []
    for place, mine in enumerate(ours, start=1):
        if mine is None:
            continue
        before = ours[: place - 1]
        answers = [each[3] for each in before if each and each[2] == mine[2]]
        same, prompt = first(mine, 0, theirs) or first(mine, 1, theirs), mine[2] and first(mine, 2, theirs)
        if same or prompt:
            said.append((place, "overlap-with-validation", same or prompt))
        if first(mine, 0, before):
            said.append((place, "duplicate-record", first(mine, 0, before)))
        elif first(mine, 1, before):
            said.append((place, "normalized-duplicate", first(mine, 1, before)))
        elif mine[2] and answers and mine[3] not in answers:
            said.append((place, "conflicting-answers", first(mine, 2, before)))
    return said


SAME = [
    *POOL[:4],
    *(line_of(chat(*texts)) for texts in (("Who?", "I."), ("Who?", " i. "), ("who?", "I."), ("Who?", "You."))),
    line_of({"messages": [{"content": "Who?", "role": "user"}, {"content": "I.", "role": "assistant"}]}),
    line_of({"id": 1, **chat("Who?", "I.")}),
    line_of({"prompt": "Who?", "completion": "I."}),
    line_of({"prompt": "Who?", "completion": "You."}),
    line_of({"messages": [{"role": "user", "content": "Who?"}]}),
    *(line_of({"text": text}) for text in ("Who\u2003are you?", "WHO are\x0b you? ", "Who is it?")),
    b"[1]\n",
    b"\n",
]


@given(
    *[st.lists(st.sampled_from(SAME), max_size=25).map(b"".join)] * 2,
    *(st.sampled_from([2, 1 << 16]), st.sampled_from([1, 2, 1 << 15]), st.booleans()),
)
def test_records_are_compared_as_if_each_were_held_against_all(
    data: bytes, other: bytes, most_held: int, most_known: int, collide: bool
):
    plan = plan_of(max_findings=0, select=("JL80",), against=("other",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrences, "MOST_HELD", most_held)
        patch.setattr(alike, "MOST_KNOWN", most_known)
        if collide:
            patch.setattr(likeness, "_hash64", lambda _: 7)
        report = check_block(Block("x", 1, 0, data, None, 1), plan).finished()
        keys = compare.keys_of(reader_of(other)(), plan.parse)
        against = OtherFile("other", None, keys, reader_of(other))
        found = list(dataset_findings(report, plan, RereadableFile(None, reader_of(data), (against,))))
    said = [(raw.line + 1, raw.rule, int(re.findall(r"line (\d+)", raw.message)[-1])) for raw in found]
    assert said == said_of(data, other, plan)
    assert sum(report.counts.values()) == len(said)


@given(
    st.lists(st.sampled_from(POOL), max_size=40).map(b"".join),
    *(st.sampled_from([1, 3]), st.sampled_from(list(Severity)), st.booleans()),
)
@example(POOL[0] * 2 + POOL[4] * 3, 1, Severity.WARNING, False)
def test_however_many_findings_are_kept_the_counts_are_exact(data: bytes, most: int, severity: Severity, alone: bool):
    seen = []
    for limit in (0, most):
        plan = plan_of(max_findings=limit, ignore=("duplicate-record",) if alone else ())
        plan = plan._replace(severities={**plan.severities, "duplicate-record": severity})
        report = check_block(Block("x", 1, 0, data, "chat", 1), plan).finished()
        found = list(dataset_findings(report, plan, RereadableFile("chat", reader_of(data))))
        seen.append((found, report.counts, report.unsafe_fixes, report.valid_records))
    (whole, *counts), (kept, *same) = seen
    assert counts == same
    assert kept == [raw for raw in whole if [each for each in whole if each.rule == raw.rule].index(raw) < most]


def test_shared_keys_are_found_in_memory_and_on_disk(monkeypatch: pytest.MonkeyPatch):
    dice = random.Random(3)
    numbers = [dice.randrange(1, 300) for _ in range(400)] + [0, 0]
    others = [0, *(dice.randrange(200, 900) for _ in range(100))]
    for spill, held, few in ((10**6, 10**6, 10**6), (7, 50, 10**6), (100, 1, 10**6), (10**6, 1, 9), (7, 50, 9)):
        monkeypatch.setattr(recordkeys, "SPILL_KEYS", spill)
        monkeypatch.setattr(recurrences, "MOST_HELD", held)
        monkeypatch.setattr(recordkeys, "FEW_KEYS", few)
        keys, other = RecordKeys(), RecordKeys()
        for sequence, wanted in ((keys, numbers), (other, others)):
            for number in wanted:
                sequence.add(number)
                sequence.spill()
        assert list(keys) == list(keys.copy()) == numbers
        for sequences, together in (((keys,), numbers), ((other, keys), others + numbers)):
            assert list(recurring(*sequences)) == [
                (line, together.index(number))
                for line, number in enumerate(together)
                if number and together.count(number) > 1
            ]


@given(st.lists(st.sampled_from([0, 0, 1, 255, 1 << 56, 1 << 63]), max_size=30), st.integers(1, 9), st.integers(2, 5))
def test_keys_are_those_of_the_lines_wherever_they_are_stored(numbers: list[int], spill: int, piece: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordkeys, "SPILL_KEYS", spill)
        patch.setattr(recordkeys, "_PIECE_KEYS", piece)
        keys = RecordKeys()
        for number in numbers:
            keys.add(number)
            keys.spill()
        assert list(keys) == numbers
        assert list(recordkeys._numbered([keys])) == [(line, key) for line, key in enumerate(numbers) if key]
        assert keys.lines() == len(numbers)


texts = st.text(alphabet=st.sampled_from("aBcÉé漢 .\n\t\u00a0\x1c\0"), max_size=90)


@given(texts, st.lists(st.sampled_from([" ", "\n", "  ", "\t "]), min_size=1, max_size=4), st.booleans())
def test_a_key_does_not_depend_on_case_and_white_space(text: str, gaps: list[str], upper: bool):
    words = text.split()
    spaced = "".join(word + gaps[index % len(gaps)] for index, word in enumerate(words))
    assert likeness.text_key(gaps[0] + (spaced.upper() if upper else spaced)) == likeness.text_key(text)
    assert likeness.text_key(text) != likeness.NO_KEY


def test_a_part_that_is_a_mere_string_is_no_text_of_a_key():
    """The C code, which makes most keys, does not look at it either."""
    parts = [{"text": "Capital of France?"}, "in one word"]
    assert likeness.compared_text({"messages": [{"role": "user", "content": parts}]}) == "Capital of France?"


def test_no_white_space_that_python_knows_is_part_of_a_key():
    key = likeness.text_key("naïve")
    spaces = [space for space in map(chr, range(sys.maxunicode + 1)) if space.isspace()]
    assert len(spaces) > 20
    assert [space for space in spaces if likeness.text_key(f"na{space}ïve") != key] == []


DATA = b"".join(POOL[index] for index in (0, 4, 1, 2, 12, 0, 3, 1))
EXPECTED = [
    (3, "conflicting-answers"),
    (4, "normalized-duplicate"),
    (6, "duplicate-record"),
    (7, "duplicate-record"),
    (8, "duplicate-record"),
]


def compared(report: Report) -> list[tuple[int, str]]:
    return [(line, rule) for line, rule in found(report) if rule in {name for _, name in EXPECTED}]


def test_file_compressed_file_and_stream_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(b"\xef\xbb\xbf" + DATA)
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + DATA))
    report = check_file(plain)
    assert compared(report) == EXPECTED
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"\xef\xbb\xbf" + DATA)))
    monkeypatch.setattr(rereading, "SPOOL_BYTES", 10)
    rules = {rule for _, rule in EXPECTED}
    for other in (check_file(packed), check_paths(["-"])):
        here, there = (
            [finding._replace(path="") for finding in one.findings if finding.rule in rules] for one in (report, other)
        )
        assert there == here
    for finding in report.findings:
        if finding.rule == "duplicate-record":
            assert finding.fix is not None
            (edit,) = finding.fix.edits
            dropped = plain.read_bytes()[edit.byte_start : edit.byte_end]
            assert dropped.strip() == POOL[0].strip() or dropped == POOL[1]


def test_records_one_by_one_are_compared_at_the_end():
    records: list[Any] = [chat("A?", "1"), b'{"broken', chat("A?", "2"), object(), chat("A?", "1")]
    rules = [(finding.line, finding.rule) for finding in check_records(records, Settings(select=("JL80",)))]
    assert rules == [(3, "conflicting-answers"), (5, "duplicate-record")]
    assert check_record(chat("A?", "1")) == []


@pytest.mark.parametrize("asked", [[{"type": "text", "text": "What is it?"}], [{"role": "user", "content": "Ü?"}]])
def test_prompts_in_parts_are_compared(check_bytes: Any, asked: list[Any]):
    records = [{"prompt": asked, "completion": [{"type": "text", "text": text}]} for text in ("A dot.", "A line.")]
    report = check_bytes(b"".join(map(line_of, records)), select=("conflicting-answers",))
    assert found(report) == [(2, "conflicting-answers")]


def test_answers_that_are_the_same_do_not_conflict(check_bytes: Any):
    lines = [{**chat("A?", "yes"), "id": 1}, {**chat("A?", "Yes "), "id": 2}, {**chat("A?", "no"), "id": 3}]
    report = check_bytes(b"".join(map(line_of, lines)), select=("conflicting-answers",))
    assert found(report) == [(3, "conflicting-answers")]
    assert report.findings[0].pointer == "/messages/1"


@pytest.mark.parametrize("role", ["assistant", "Assistant", "Chatbot", "model", "ai", "function_call"])
def test_answers_are_compared_whatever_their_role_is_called(check_bytes: Any, role: str):
    questions = [{"from": "human", "value": "A?"}]
    records = [{"conversations": [*questions, {"from": role, "value": answer}]} for answer in ("yes", "no")]
    report = check_bytes(b"".join(map(line_of, records)), select=("conflicting-answers",), target="generic")
    assert found(report) == [(2, "conflicting-answers")]
    records = [{"messages": [{"role": "User", "content": "A?"}, {"role": role, "content": text}]} for text in "01"]
    report = check_bytes(b"".join(map(line_of, records)), select=("conflicting-answers",), target="cohere")
    assert found(report) == [(2, "conflicting-answers")]


@pytest.mark.parametrize("key", ["tools", "available_tools", "system_prompt", "context"])
def test_answers_with_other_tools_or_another_system_prompt_do_not_conflict(check_bytes: Any, key: str):
    records = [{**chat("A?", str(number)), key: f"{number}"} for number in range(2)]
    assert found(check_bytes(b"".join(map(line_of, records)), select=("conflicting-answers",))) == []


def test_an_empty_input_of_alpaca_asks_no_more_than_none(check_bytes: Any):
    records = [
        {"instruction": "A?", "input": "", "output": "yes"},
        {"instruction": "A?", "output": "no", "history": []},
        {"instruction": "A?", "input": "B.", "output": "no"},
    ]
    report = check_bytes(b"".join(map(line_of, records)), select=("conflicting-answers",), target="generic")
    assert found(report) == [(2, "conflicting-answers")]


def test_answers_that_are_meant_to_differ_are_said_once(check_bytes: Any):
    several = [line_of(chat(f"Question {number % 20}?", f"Answer {number}")) for number in range(70)]
    others = [line_of(chat(f"Other {number}?", "Yes")) for number in range(131)]
    for limit in (0, 3):
        settings = {"select": ("conflicting-answers", "duplicate-record"), "max_findings": limit}
        report = check_bytes(b"".join([several[0], *several, *others[:128]]), **settings)
        assert found(report) == [(2, "duplicate-record"), (22, "conflicting-answers")]
        assert "50 records" in report.findings[1].message
        assert report.to_dict()["summary"]["by_rule"] == {"duplicate-record": 1, "conflicting-answers": 1}
        for data in (several + others, several[:-1]):  # less than a quarter of the records; fewer than 50
            report = check_bytes(b"".join(data), **settings)
            assert report.to_dict()["summary"]["by_rule"] == {"conflicting-answers": len(data) // 201 + 49}
            assert found(report)[:3] == [(number, "conflicting-answers") for number in (21, 22, 23)]
            assert len(report.findings) == (limit or len(data) // 201 + 49)


def test_where_conflicts_are_errors_each_is_reported(check_bytes: Any, tmp_path: Path):
    target = tmp_path / "strict.json"
    target.write_text(json.dumps({**json.loads(TOGETHER.read_bytes()), "severities": {"conflicting-answers": "error"}}))
    lines = [line_of(chat("A?", str(number))) for number in range(60)]
    report = check_bytes(b"".join(lines), select=("conflicting-answers",), target=str(target))
    assert len(report.findings) == 59
    assert report.files[0].valid_records == 1


def test_the_weight_of_an_answer_is_no_other_answer(check_bytes: Any):
    records = [chat("A?", "1"), chat("A?", "1")]
    records[1]["messages"][1]["weight"] = 0
    assert found(check_bytes(b"".join(map(line_of, records)), select=("conflicting-answers",))) == []


def test_counts_are_exact_beyond_the_limit(check_bytes: Any):
    report = check_bytes(POOL[0] * 30, select=("duplicate-record",), max_findings=3)
    assert len(report.findings) == 3
    summary = report.to_dict()["summary"]
    assert summary["by_rule"] == {"duplicate-record": 29}
    assert summary["fixable"] == {"safe": 0, "unsafe": 29}


# --- other files -----------------------------------------------------------------------------------------------------


def test_validation_data_is_read_anew_when_it_has_changed(tmp_path: Path):
    data, other = tmp_path / "train.jsonl", tmp_path / "validation.jsonl"
    settings = Settings(select=("overlap-with-validation",), against=(str(other),))
    data.write_bytes(line_of(chat("Who?", "I.")))
    other.write_bytes(line_of(chat("What?", "It.")))
    assert not check_file(data, settings).findings
    other.write_bytes(line_of(chat("What?", "It.")) + line_of(chat("Who?", "I.")))
    assert [finding.message for finding in check_file(data, settings).findings] == [
        f"the record is also in {other}, line 2"
    ]


def test_empty_prompts_are_no_prompts():
    records = [{"prompt": "", "completion": answer} for answer in ("One.", "Two.", "One.", "Three.")]
    found = check_records(records, Settings(select=("JL80",)))
    assert [(finding.line, finding.rule) for finding in found] == [(3, "duplicate-record")]


def test_records_of_validation_data(tmp_path: Path):
    train, valid, more = (tmp_path / name for name in ("train.jsonl", "valid.jsonl", "more.jsonl.gz"))
    train.write_bytes(b"".join(map(line_of, [chat("A?", "1"), chat("B?", "2"), chat("C?", "3"), chat("D?", "4")])))
    valid.write_bytes(b"\n" + line_of(chat("a?", "1")) + line_of(chat("C?", "no")))
    more.write_bytes(gzip.compress(line_of(chat("D?", "4"))))
    # one stands there twice, and once by another name
    others = (str(valid), str(valid), f"{tmp_path}/../{tmp_path.name}/{valid.name}", str(more), str(train))
    settings = Settings(against=others, select=("overlap-with-validation",))
    report = check_file(train, settings)
    places = [(finding.line, finding.pointer, finding.severity.value) for finding in report.findings]
    assert places == [(1, "", "error"), (3, "/messages/1", "warning"), (4, "", "error")]
    assert f"{more}, line 1" in report.findings[2].message
    assert report.files[0].valid_records == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not compared, because it holds no records"),
        (b"\n \n", "not compared, because it holds no records"),
        (b"[]\n", "not compared, because it holds no records"),
        (POOL[0] + b"\n" + POOL[1], ""),
        (POOL[0] + b"[]\n{\n", "2 lines not compared, because unreadable"),
    ],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_of_the_validation_data_is_not_compared_is_said_once(
    folder: Path, capfd: pytest.CaptureFixture[str], data: bytes, said: str, jobs: str
):
    for name in ("a.jsonl", "b.jsonl"):
        Path(name).write_bytes(DATA)
    Path("valid.txt").write_bytes(data)
    run(["check", "a.jsonl", "b.jsonl", "--against", "valid.txt", "--jobs", jobs, "--exit-zero"])
    assert capfd.readouterr().err == (f"jsonl-lint: --against valid.txt: {said}\n" if said else "")


def test_data_that_is_only_compared_with_itself_is_said(folder: Path, capfd: pytest.CaptureFixture[str]):
    for name in ("a.jsonl", "b.jsonl"):
        Path(name).write_bytes(DATA)
    said = "jsonl-lint: --against ./a.jsonl: not compared, because there is no other input\n"
    run(["check", "a.jsonl", "--against", "./a.jsonl", "--exit-zero"])
    assert capfd.readouterr().err == said
    for paths in (["a.jsonl", "b.jsonl"], ["."]):
        run(["check", *paths, "--against", "a.jsonl", "--exit-zero"])
        assert capfd.readouterr().err == ""
    Path("b.jsonl").unlink()
    run(["check", ".", "--against", "./a.jsonl", "--exit-zero"])
    assert capfd.readouterr().err == said


@pytest.mark.parametrize(
    "name", ["missing.jsonl", "", "-", "folder", "array.jsonl", "spread.jsonl", "binary.jsonl", "pointer.jsonl"]
)
def test_validation_data_that_cannot_be_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.jsonl").write_bytes(DATA)
    (tmp_path / "array.jsonl").write_bytes(b"[\n{}\n]\n")
    (tmp_path / "spread.jsonl").write_text(json.dumps(chat("a", "b"), indent=2))
    (tmp_path / "binary.jsonl").write_bytes(b"PK\x03\x04")
    (tmp_path / "pointer.jsonl").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    settings = Settings(against=(name,))
    with pytest.raises(UserError, match=f"^--against {name or repr(name)}: "):
        next(check_events(["a.jsonl"], settings))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_cannot_be_compared_with(folder: Path):
    """It would be empty when it is read again, and the data would seem to be new."""
    Path("a.jsonl").write_bytes(DATA)
    os.mkfifo("pipe.jsonl")
    with pytest.raises(UserError, match=r"^--against pipe\.jsonl: not a file"):
        check_file("a.jsonl", Settings(against=("pipe.jsonl",)))


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no pipes with names")
def test_validation_data_from_a_pipe_is_refused_and_not_taken_for_empty(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(DATA)
    reading, writing = os.pipe()
    os.write(writing, DATA)
    os.close(writing)
    try:
        with pytest.raises(UserError, match=f"^--against /dev/fd/{reading}: not a file"):
            check_file(tmp_path / "a.jsonl", Settings(against=(f"/dev/fd/{reading}",)))
    finally:
        os.close(reading)


# --- keys and types --------------------------------------------------------------------------------------------------


def late(check_bytes: Any, *lines: bytes, **settings: Any) -> list[tuple[int, str]]:
    return found(check_bytes(b"".join(lines), select=("late-key", "inconsistent-types"), **settings))


def test_a_key_after_the_loaders_window_is_late(check_bytes: Any):
    filler = line_of(chat("x" * 1_000, "y")) * 10_500
    assert late(check_bytes, filler, line_of({**chat(), "id": 1})) == [(10_501, "late-key")]
    assert late(check_bytes, line_of({**chat(), "id": None}), filler, line_of({**chat(), "id": 1})) == [
        (10_502, "late-key")
    ]
    assert late(check_bytes, line_of({**chat(), "id": 1}), filler, line_of({**chat(), "id": 2})) == []
    named = line_of({"messages": [{"role": "user", "content": "a", "extra": {}}, *chat()["messages"]]})
    assert late(check_bytes, filler, named) == [(10_501, "late-key")]
    nested = line_of({**chat(), "input": {"a": 1, "messages": chat()["messages"]}})
    assert late(check_bytes, filler, nested) == [(10_501, "late-key")]
    assert late(check_bytes, filler, line_of({"prompt": "of another format", "completion": "x"})) == []


def test_texts_after_a_window_of_images_are_not_late(check_bytes: Any):
    messages = [{"role": role, "content": [{**PART, "text": "x" * 1_000}, IMAGE]} for role in ("user", "assistant")]
    assert late(check_bytes, line_of({"messages": messages}) * 5_500, line_of(chat())) == []


def test_the_kinds_of_arguments_are_those_of_all_lists_of_messages():
    message = json.loads(calling({}))["messages"]
    call = [entry for entry in message if "tool_calls" in entry]
    record = {"input": {"messages": message}, "preferred_output": call, "non_preferred_output": [{"tool_calls": 1}]}
    for each in (record, {"body": {"messages": call}}, {"messages": message}, {"messages": {}, "input": []}):
        arguments = [kind for kind, _ in placed_kinds(each) if kind[0].endswith("/function/arguments")]
        assert argument_kinds(each) == arguments
    assert len(argument_kinds(record)) == 2


def test_types_of_arguments_in_a_preferred_output_do_not_depend_on_ranges():
    def preferring(arguments: object) -> bytes:
        call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments}}
        outputs = {"preferred_output": [{"role": "assistant", "tool_calls": [call]}]}
        return line_of({"input": {"messages": [{"role": "user", "content": "Hi"}]}, **outputs})

    data = preferring({"": ""}) + preferring("{}")
    plan = plan_of()
    whole = check_block(Block("x", 1, 0, data, "preference", 1), plan)
    cut = data.index(b"\n") + 1
    parts = [check_block(Block("x", 1, 0, piece, "preference", 1), plan) for piece in (data[:cut], data[cut:])]
    assert parts[0].merge(parts[1]).kinds == whole.kinds


def test_types_that_change(check_bytes: Any):
    plain = line_of(chat())
    assert late(check_bytes, plain, POOL[8]) == [(2, "inconsistent-types")]
    assert late(check_bytes, calling("{}"), calling("{}"), calling({}), plain) == [(3, "inconsistent-types")]
    assert late(check_bytes, line_of({**chat(), "id": None}), line_of({**chat(), "id": "1"}), plain) == []
    inside = [line_of({**chat(), "source": {"page": page}}) for page in (7, "vii")]
    assert late(check_bytes, *inside) == []  # nobody looks inside of unknown keys, as the rule's page says


@pytest.mark.parametrize("most", [0, 1])
def test_a_type_that_is_wrong_in_itself_is_not_held_against_the_others(check_bytes: Any, most: int):
    def seen(*lines: bytes) -> set[tuple[int, str]]:
        rules = ("inconsistent-types", "invalid-tool-call", "invalid-content-part")
        return set(found(check_bytes(b"".join(lines), select=rules, max_findings=most)))

    def parts(text: Any) -> bytes:
        said = ((role, {"type": "text", "text": words}) for role, words in (("user", text), ("assistant", "Hi")))
        return line_of({"messages": [{"role": role, "content": [part]} for role, part in said]})

    no_list = json.loads(calling("{}"))
    no_list["messages"][1]["tool_calls"] = no_list["messages"][1]["tool_calls"][0]
    assert seen(line_of(no_list), calling("{}")) == {(1, "invalid-tool-call")}
    assert seen(parts(5), parts("Hi")) == {(1, "invalid-content-part")}
    assert seen(parts("Hi").replace(b'"type": "text"', b'"type": 5', 1), parts("Hi")) == {(1, "invalid-content-part")}


def test_tools_that_are_no_array_are_not_held_against_those_of_other_records(check_bytes: Any):
    def seen(target: str, *records: dict[str, Any]) -> list[tuple[int, str]]:
        rules = ("inconsistent-types", "tools-not-array")
        return found(check_bytes(b"".join(map(line_of, records)), select=rules, target=target))

    tools = [{"type": "function", "function": {"name": "f"}}]
    record = chat()
    better, worse = ({"role": "assistant", "content": text} for text in ("Yes.", "No."))
    pair = {"input": record, "preferred_output": [better], "non_preferred_output": [worse]}
    assert seen("together", {**record, "tools": tools}, {**record, "tools": 5}) == [(2, "tools-not-array")]
    wrong = {**pair, "input": {**record, "tools": {}}}
    assert seen("together", {**pair, "input": {**record, "tools": tools}}, wrong) == [(2, "tools-not-array")]
    answers = {"prompt": "a", "chosen": "b", "rejected": "c"}  # which may have both, but no loader takes both
    texts = {**answers, "tools": json.dumps(tools)}
    assert seen("generic", {**answers, "tools": tools}, texts) == [(2, "inconsistent-types")]


@pytest.mark.parametrize(("target", "type_name"), [("together", "object"), ("mistral", "string"), ("generic", None)])
def test_rules_say_which_types_are_right_for_the_target(target: str, type_name: str | None):
    assert plan_of(target=target).right_types.get("/content/*/image_url") == type_name
    others = plan_of(target=target, ignore=("invalid-content-part",)).right_types
    assert "/content/*/image_url" not in others
    assert others["/*/tool_calls"] == "array"


def test_batch_requests_are_given_no_types_by_a_loader(check_bytes: Any):
    def asking(system: object) -> bytes:
        params = {"model": "claude", "max_tokens": 9, "system": system, "messages": [{"role": "user", "content": "Hi"}]}
        return line_of({"custom_id": "a", "params": params})

    lines = asking("You help."), asking([{"type": "text", "text": "You help."}])
    assert late(check_bytes, *lines, target="anthropic") == []


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"messages": "Hello"}, "messages-not-array"),
        ({"messages": [{"role": "user", "content": 5}, chat()["messages"][1]]}, "content-wrong-type"),
        ({"messages": [{"role": ["user"], "content": "a"}, chat()["messages"][1]]}, "role-not-string"),
        ({**chat(), "weight": "1"}, "invalid-sample-weight"),
    ],
)
def test_a_value_that_is_wrong_in_itself_is_reported_once(check_bytes: Any, bad: dict[str, Any], rule: str):
    good = line_of({**chat("one", "two"), "weight": 1})
    for lines in ((good, line_of(bad)), (line_of(bad), good, line_of({**chat("three", "four"), "weight": 1}))):
        report = check_bytes(b"".join(lines), format="chat")
        assert [(finding.line, finding.rule) for finding in report.findings] == [(lines.index(line_of(bad)) + 1, rule)]


def test_long_keys_do_not_fill_the_memory(check_bytes):
    key = "k" * (LONGEST_KEY + 1)
    (finding,) = check_bytes(
        line_of({**chat(), key: 1}) + line_of({**chat(), key: "x"}), select=("inconsistent-types",)
    )
    assert (finding.line, finding.pointer) == (2, "")
    assert finding.column == line_of({**chat(), key: "x"}).index(b'"x"') + 1
    kinds, sketch = KindLog(), Sketch("extra-key", ("k" * 100_000,), "")
    verdicts = [Verdict((sketch,), "chat", False, (), (), None) for _ in range(50)]
    for verdict in verdicts:
        kinds.remember({id(verdict): verdict})
    assert 0 < len(kinds.known) < 25


def test_very_many_keys_are_bounded(check_bytes: Any):
    many = b"".join(line_of({**chat(), f"key{number}": number}) for number in range(10_050))
    wide = line_of({f"é{number}": "x" for number in range(3_000)} | chat())
    report = check_bytes(wide + many + line_of({**chat(), "key1": "x"}), select=("inconsistent-types",))
    assert found(report) == []


# --- fixing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [DATA, DATA.rstrip(), b"\xef\xbb\xbf" + DATA, DATA + b'{"broken\n' * 2])
def test_repeated_records_are_deleted(data: bytes, tmp_path: Path):
    source, fixed, log = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "changes"))
    source.write_bytes(data)
    settings = Settings(select=("duplicate-record",), unsafe_fixes=True)
    result = fix_file(source, fixed, settings, changes=log)
    assert (result.deleted, result.fixed, result.counts) == (3, {"duplicate-record": 3}, {})
    assert result.written == result.records - 3
    assert compared(check_file(fixed, settings)) == []
    assert not fix_file(fixed, tmp_path / "again.jsonl", settings).changed
    undo_file(log, fixed, tmp_path / "restored.jsonl")
    assert (tmp_path / "restored.jsonl").read_bytes() == data


def test_without_leave_repeated_records_stay_and_are_counted(tmp_path: Path):
    source = tmp_path / "a.jsonl"
    source.write_bytes(DATA)
    result = fix_file(source, tmp_path / "b.jsonl", Settings(select=("duplicate-record",)))
    assert not result.changed
    assert sum(result.counts.values()) == result.more_unsafe == 3


def test_what_becomes_equal_by_other_fixes_is_deleted_too(tmp_path: Path):
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes(POOL[0] + POOL[0].replace(b"}\n", b",}\n"))
    settings = Settings(unsafe_fixes=True)
    assert fix_file(source, fixed, settings).deleted == 1
    assert fixed.read_bytes() == POOL[0]


def test_a_list_of_parts_with_an_image_may_stand_beside_texts(check_bytes: Check):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    text = {"type": "text", "text": "What is it?"}
    answer = {"role": "assistant", "content": "A square."}
    with_image = {"messages": [{"role": "user", "content": [text, image]}, answer]}
    without = {"messages": [{"role": "user", "content": [text]}, answer]}
    for record, expected in ((with_image, []), (without, ["inconsistent-types"])):
        report = check_bytes(line_of(record), select=("inconsistent-types",))
        assert [finding.rule for finding in report.findings] == expected
        for finding in report.findings:
            assert finding.message == "a string here, an array elsewhere in this record"


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
PART = {"type": "text", "text": "What is it?"}
OUTPUTS = ("preferred_output", "non_preferred_output")


@pytest.mark.parametrize(
    ("record", "method"),
    [
        ({"messages": [{"role": "user", "content": [PART, IMAGE]}, {"role": "assistant", "content": [PART]}]}, "sft"),
        ({"prompt": [PART, IMAGE], "completion": [PART]}, "sft"),
        (
            {
                "input": {"messages": [{"role": "user", "content": [PART, IMAGE]}]},
                **{key: [{"role": "assistant", "content": [PART]}] for key in OUTPUTS},
            },
            "dpo",
        ),
    ],
)
def test_where_an_image_is_lists_of_parts_may_stand_beside_the_texts_of_other_records(
    check_bytes: Check, record: dict[str, Any], method: str
):
    without = json.dumps(record).replace(f", {json.dumps(IMAGE)}", "")
    texts = json.loads(without.replace(f"[{json.dumps(PART)}]", '"words"'))
    for other, rules in ((record, set()), (json.loads(without), {"inconsistent-types"})):
        report = check_bytes(line_of(texts) + line_of(other), select=("inconsistent-types",), method=method)
        assert {finding.rule for finding in report.findings} == rules


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_is_read_again_only_around_the_lines_that_share_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes, jobs: int
):
    lines = [line_of(chat(f"What about number {number}? " * 40, f"It is {number}.")) for number in range(3000)]
    lines[200] = b"\n" * 5 + lines[200]
    lines[1500], lines[1600] = lines[300], b'{\n "prompt": "spread"\n}\n'
    lines[2900:2900] = lines[300:301]
    path = tmp_path / "data.jsonl"
    path.write_bytes(start + b"".join(lines))
    passes: list[list[int]] = []
    read, whole = rereading.LineReader.batch, rereading.lines_of

    def batch(self: rereading.LineReader) -> bytes:
        data = read(self)
        if passes:
            passes[-1].append(len(data))
        return data

    def again(*arguments: Any) -> Any:
        passes.append([])
        return whole(*arguments)

    monkeypatch.setattr(rereading.LineReader, "batch", batch)
    monkeypatch.setattr(rereading, "lines_of", again)
    settings = Settings(jobs=jobs)
    report = check_file(path, settings)
    repeated = [finding for finding in report.findings if finding.rule == "duplicate-record"]
    assert [(finding.line, finding.byte_offset) for finding in repeated] == [
        (1506, len(start) + len(b"".join(lines[:1500]))),
        (2908, len(start) + len(b"".join(lines[:2900]))),
    ]
    first, second = passes[:2]
    assert 3 <= len(first) <= 20
    assert sum(first) < path.stat().st_size / 4
    assert sum(second) <= 3 * rereading.JUMP_BYTES  # the places of the two lines are known by then


@given(st.lists(st.sampled_from([b"a\n", b"\n", b"bc\r\n", b"d" * 70 + b"\n"]), max_size=60), st.data())
def test_landmarks_change_nothing_in_what_is_read(pieces: list[bytes], data: st.DataObject):
    numbers = range(len(pieces))
    chosen = sorted(data.draw(st.sets(st.sampled_from(numbers)))) if pieces else []
    marks = sorted(data.draw(st.sets(st.sampled_from(numbers)))) if pieces else []
    landmarks = [number for mark in marks for number in (mark, len(b"".join(pieces[:mark])))]

    def lines(*hints: list[int]) -> list[tuple[bytes, int]]:
        reader = rereading.LineReader(io.BytesIO(b"".join(pieces)), Head(b""))
        reader.rewindable = True
        reader.handle = io.BytesIO(b"".join(pieces))
        return list(rereading.lines_of(reader, chosen, *hints))

    assert lines(landmarks) == lines() == [(pieces[number], len(b"".join(pieces[:number]))) for number in chosen]


@given(st.lists(st.integers(0, 70) | st.integers(0, 10_000), max_size=40))
def test_a_set_of_lines_is_a_set(numbers: list[int]):
    lines, known = LineSet(), set[int]()
    for number in numbers:
        assert (number in lines) == (number in known)
        lines.add(number)
        known.add(number)
        assert len(lines) == len(known)
    assert {line for line in range(10_009) if line in lines} == known


WORDS = ["so", "ΟΔΟΣ", "İ", "é", "\ud83d", "\x08", '"', "\\u", "數"]
SPACES = [" ", "\t\n", "\f", "\x0b", "\x1c", "\u3000", "\u2028", "\x85"]


@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES), st.sampled_from(SPACES)), max_size=9), st.data()
)
def test_records_of_unknown_formats_that_say_the_same_share_a_key(
    words: list[tuple[str, str, str]], data: st.DataObject
):
    raised = data.draw(st.sampled_from([str.upper, str.title, str.lower]))
    one = {"dialogue": ["".join(word + space for word, space, _ in words)], "n": 1}
    other = {"n": 1, "dialogue": ["".join(word + space for word, _, space in words)]}
    if likeness.normal_form(raised(other["dialogue"][0])) == likeness.normal_form(one["dialogue"][0]):
        other["dialogue"] = [raised(other["dialogue"][0])]
    assert likeness.normal_form(one) == likeness.normal_form(other)
    assert likeness.record_key(one) == likeness.record_key(other)


def test_repeated_keys_are_found_without_a_table_of_all_keys():
    def peak(keys: int) -> int:
        log = KeyLog(distinct=False)
        for number in range(keys):
            log._add(number, Occurrence(number, 0, 1, 2, False, "/custom_id"))
        log._add(0, Occurrence(keys, 0, 1, 2, False, "/custom_id"))
        tracemalloc.start()
        try:
            assert [(where.line, earlier.line) for where, earlier in log.found()] == [(keys, 0)]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(8 * recurrences.MOST_HELD) < 2 * peak(2 * recurrences.MOST_HELD)
