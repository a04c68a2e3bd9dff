"""What is inside a record that is spread over lines: judged as if it were on one line, and placed where it is."""

from __future__ import annotations

import json
import pickle
import random
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.mutants import mutated
from jsonl_lint import Block, PartialReport, Settings, Severity, check_block, check_file, fix_file
from jsonl_lint.engine import block, partial
from jsonl_lint.engine.fragments import SAYS_SPREAD, is_spread
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.held import held_in
from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.spread import SpreadJudge
from jsonl_lint.files.source import Origin
from jsonl_lint.jsonspan import gaps
from jsonl_lint.rule import Sketch
from tests.conftest import GOOD, Check, found, line_of, plan_of, takes_linear_time
from tests.records import VALID

BAD = (
    b'{\n\t"messages": [\r\n  {"role": "\xc3\xa9",\n   "content": "\xc3\xa9"}, {"role": "user", "content": 7}\n ], }\n'
)


def findings(report: PartialReport) -> list[tuple[str, str, str]]:
    """Rule, pointer and message of each finding about what is in a record."""
    return [(each.rule, each.pointer, each.message) for each in report.findings if each.rule not in SAYS_SPREAD]


@given(st.integers(), st.sampled_from(VALID), st.sampled_from([0, 1, "\t"]), st.sampled_from([b"\n", b"\r\n"]))
def test_a_record_has_the_same_findings_spread_over_lines_and_on_one(
    seed: int, record: dict[str, Any], indent: int | str, line_end: bytes
):
    record = mutated(record, random.Random(seed))
    plan = plan_of(ignore=("JL80", "mixed-line-endings"), max_findings=0)
    where = Block("data.jsonl", 1, 0, b"", "chat", 1)
    text = json.dumps(record, indent=indent, ensure_ascii=False).encode()
    spread = check_block(where._replace(data=GOOD + text.replace(b"\n", line_end) + b"\n"), plan).finished()
    on_one = check_block(where._replace(data=GOOD + text.replace(b"\n", b"") + b"\n"), plan).finished()
    assume(isinstance(record, (dict, list)) and record)
    assert (spread.records, is_spread(spread.findings[0])) == (2, True)
    assert sorted(findings(spread)) == sorted(findings(on_one))


def test_findings_inside_are_placed_on_their_lines(check_bytes: Check):
    report = check_bytes(GOOD + BAD, ignore=("mixed-line-endings", "last-message-not-assistant"))
    lines = (GOOD + BAD).split(b"\n")
    shown = {}
    for finding in report.findings:
        line = lines[finding.line - 1]
        assert finding.column is not None
        start = sum(len(before) + 1 for before in lines[: finding.line - 1])
        assert finding.byte_offset == start + len(line.decode()[: finding.column - 1].encode())
        if finding.line == finding.end_line and finding.end_column is not None:
            shown[finding.rule] = line.decode()[finding.column - 1 : finding.end_column - 1]
        assert finding.fix is None or finding.rule == "pretty-printed-json"
    assert shown == {"unknown-role": '"é"', "content-wrong-type": "7", "trailing-comma": ","}
    assert found(report)[0] == (2, "pretty-printed-json")
    assert (report.findings[0].end_line, report.files[0].records, report.files[0].valid_records) == (6, 2, 1)


def test_comments_end_with_their_lines(check_bytes: Check):
    report = check_bytes(GOOD + b'{"messages": [ // why\n {"content": "a\nb"}, # what\n {"role": 1} ]\n}\n')
    assert found(report) == [
        (2, "unescaped-control-character"),
        (2, "comment-in-json"),
        (3, "missing-role"),
        (4, "comment-in-json"),
        (5, "missing-content"),
        (5, "role-not-string"),
    ]


@pytest.mark.parametrize(
    ("comment", "joinable"),
    [("// why", False), ("# why", False), ("/* why */", True), ("", True)],
)
def test_lines_are_not_joined_if_a_comment_would_hide_what_follows(tmp_path: Path, comment: str, joinable: bool):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    first, second = GOOD.split(b" {", 1)
    spread = first + b" " + comment.encode() + b"\n {" + second.removesuffix(b"\n") + b" " + comment.encode() + b"\n"
    path.write_bytes(GOOD + spread)
    settings = Settings(ignore=("duplicate-record",))
    report, result = check_file(path, settings), fix_file(path, fixed, settings)
    assert report.findings[0].rule == "pretty-printed-json"
    assert (report.findings[0].fix is not None) is joinable
    assert result.fixed == ({"pretty-printed-json": 1} if joinable else {})
    assert (fixed.read_bytes() == path.read_bytes()) is not joinable


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{\n "a": 1,\n  "a": 2}\n', "at columns 2 (line 3) and 3 (line 4);"),
        (b'[{\n "a": 1,\n  "a": 2}]\n', "at columns 2 (line 3) and 3 (line 4);"),
        (b'[{"a": 1,\n "a": 2}]\n', "at columns 3 (line 2) and 2 (line 3);"),
        (b'[{"a": 1, "a": 2}]\n', "at columns 3 and 11;"),
        (b'{"a": 1, "a": 2}\n', "at columns 2 and 10;"),
        (b'[{"{column 3}": "{line 3}", "{column 3}": ""}]', "`{column 3}` appears twice, at columns 3 and 29;"),
    ],
)
def test_columns_in_messages_are_those_of_their_lines(check_bytes: Check, data: bytes, said: str):
    before = b"\n" if data.startswith(b"[") else GOOD
    [finding] = check_bytes(before + data, select=("duplicate-key", "pretty-printed-json")).findings[-1:]
    assert said in finding.message


@pytest.mark.parametrize("size", range(1, len(BAD.splitlines()) + 1))
@pytest.mark.parametrize("travels", [False, True], ids=["here", "pickled"])
def test_it_does_not_matter_which_process_learns_where_the_record_ends(size: int, travels: bool):
    plan = plan_of(ignore=("JL80",))
    lines = [GOOD, *BAD.splitlines(keepends=True), GOOD]
    parts = [
        check_block(Block("a.jsonl", 1, 0, b"".join(lines[begin:end]), "chat", 1, synchronised=not begin), plan)
        for begin, end in pairwise([*range(0, len(lines), size), len(lines)])
    ]
    if travels:
        parts = [pickle.loads(pickle.dumps(part)) for part in parts]
    merged = PartialReport(plan.settings.max_findings)
    for part in parts:
        merged.absorb(part)
    whole = check_block(Block("a.jsonl", 1, 0, b"".join(lines), "chat", 1), plan)
    assert merged.finished() == whole.finished()
    assert "content-wrong-type" in {finding.rule for finding in whole.finished().findings}


PARTS = st.sampled_from(
    [
        *(json.dumps(record, indent=indent).encode() + b"\n" for record in VALID[:3] for indent in (1, "\t")),
        json.dumps({"messages": [{"role": 7}], "score": 0.5}, indent=2).replace("\n", "\r\n").encode() + b"\r\n",
        *(GOOD, BAD, b"{\n", b"{\r\n", b"}\n", b"}\r\n", b"},\n", b"}", b"]\n", b"\n", b'  "a": 1\n', b'"a": 1}\n'),
        *(
            b'{"text": "x"}\n',
            b'  {"text": "x"}\n',
            b"[\n",
            b'  "b": "\n',
            b'  "c": "\xff"\n',
            b"\xef\xbb\xbf{\n",
            b"{ \n",
        ),
    ]
)


@given(st.lists(PARTS, min_size=1, max_size=9), st.sampled_from([(5000, 8 << 20), (12, 8 << 20), (5000, 300)]))
def test_lines_that_come_together_are_judged_as_if_they_came_one_by_one(parts: list[bytes], held: tuple[int, int]):
    data = b"".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partial, "MAX_PENDING", held[0])
        patch.setattr(partial, "MAX_PENDING_BYTES", held[1])
        together = check_block(Block("a.jsonl", 1, 0, data, "chat", 1), plan_of()).finished()
        patch.setattr(block, "_FIRST_OF_SEVERAL", ())
        assert together == check_block(Block("a.jsonl", 1, 0, data, "chat", 1), plan_of()).finished()


def test_lines_of_a_pretty_printed_record_are_not_held(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(PartialReport, "add_fragment", lambda *_: pytest.fail("it was held"))
    data = json.dumps(VALID[0], indent=2).encode() + b"\n"
    report = check_block(Block("a.jsonl", 1, 0, GOOD + data * 3, "chat", 1), plan_of())
    assert (report.records, report.lines, len(report.findings)) == (4, 1 + 3 * data.count(b"\n"), 3)


def test_many_first_lines_take_linear_time():
    def check(count: int) -> None:
        report = check_block(Block("a.jsonl", 1, 0, b'{\n"a": 1}\n' * count + b"{\n}\n", "chat", 1), plan_of())
        assert report.records == count + 1

    assert takes_linear_time(check, 2000)


def test_what_judges_is_compiled_anew_in_another_process():
    origin = Origin("chat", 1)
    judge = pickle.loads(pickle.dumps(SpreadJudge.of(plan_of()._replace(show_context=False), origin)))
    assert (judge.plan, judge.origin, judge.settings) == (None, origin, plan_of().settings)
    made = judge.report(BAD, BAD.splitlines(keepends=True), PartialReport(0)).findings
    assert made
    assert all(finding.context is None for finding in made)


def test_findings_inside_are_limited_like_others(check_bytes: Check):
    report = check_bytes(BAD * 9, max_findings=4)
    assert report.summary["by_rule"]["content-wrong-type"] == 9
    assert [rule for _, rule in found(report)].count("content-wrong-type") == 4


def test_nothing_inside_is_judged_if_nothing_says_that_the_record_is_spread(check_bytes: Check):
    assert found(check_bytes(GOOD + BAD, ignore=("pretty-printed-json", "mixed-line-endings"))) == []


def test_joining_the_lines_mends_what_is_inside_as_well(tmp_path: Path):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    path.write_bytes(GOOD + b'{\n "messages": [\n  {"role": "user", "content": "a",},\n  {"content": "b"}]\n}\n')
    before = check_file(path, Settings(ignore=("JL80",)))
    assert [finding.rule for finding in before.findings] == ["pretty-printed-json", "trailing-comma", "missing-role"]
    result = fix_file(path, fixed, Settings(ignore=("JL80",)))
    assert result.fixed == {"pretty-printed-json": 1, "trailing-comma": 1}
    assert result.counts == {("missing-role", Severity.ERROR): 1}
    after = check_file(fixed, Settings(ignore=("JL80",)))
    assert [finding.rule for finding in after.findings] == ["missing-role"]


def test_lines_are_joined_whatever_the_record_holds(tmp_path: Path):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    path.write_bytes(GOOD + b'{\n "messages": 7\n}\n' + GOOD)
    assert fix_file(path, fixed, Settings(ignore=("JL80",))).fixed == {"pretty-printed-json": 1}
    assert fixed.read_bytes() == GOOD + b'{"messages": 7}\n' + GOOD


def test_a_record_that_stays_spread_keeps_its_findings(tmp_path: Path):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    path.write_bytes(GOOD + BAD + GOOD)
    settings = Settings(ignore=("JL80", "mixed-line-endings"), unfixable=("pretty-printed-json",))
    result = fix_file(path, fixed, settings)
    assert fixed.read_bytes() == path.read_bytes()
    assert result.counts == check_file(path, settings).files[0].counts


def test_many_findings_in_many_lines_take_linear_time():
    plan = plan_of(max_findings=0, select=("content-wrong-type", "pretty-printed-json"))

    def check(count: int) -> None:
        messages = ",\n ".join(['{"role": "é", "content": 1}'] * (count // 10))
        more = ", ".join(['{"role": "é", "content": 1}'] * count)
        data = f'{{\n"messages": [{messages}, {more}\n]}}\n'.encode()
        report = check_block(Block("a.jsonl", 1, 0, data, "chat", 1), plan).finished()
        assert len(report.findings) == count + count // 10 + 1

    assert takes_linear_time(check, 5_000)


def test_records_are_compared_once_they_are_lines(tmp_path: Path):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    path.write_bytes(2 * (json.dumps(json.loads(GOOD), indent=1).encode() + b"\n") + line_of(json.loads(GOOD)))
    assert [finding.rule for finding in check_file(path).findings] == ["pretty-printed-json"] * 2
    fix_file(path, fixed)
    assert [finding.rule for finding in check_file(fixed).findings] == ["duplicate-record"] * 2


# --- records in strings ----------------------------------------------------------------------------------------------


@given(st.integers(), st.sampled_from(VALID), st.booleans(), st.sampled_from([None, 1]))
def test_a_record_has_the_same_findings_in_a_string(
    seed: int, record: dict[str, Any], ascii_alone: bool, indent: int | None
):
    record = mutated(record, random.Random(seed))
    if not isinstance(record, dict):
        return
    plan = plan_of(ignore=("JL80", "blank-line"), max_findings=0)
    where = Block("data.jsonl", 1, 0, b"", "chat", 1)
    held = json.dumps(record, indent=indent, ensure_ascii=ascii_alone)
    line = json.dumps(held, ensure_ascii=ascii_alone).encode() + b"\n"
    twice = check_block(where._replace(data=GOOD + b" " + line), plan)
    once = check_block(where._replace(data=GOOD + held.replace("\n", "").encode() + b"\n"), plan).finished()
    assert twice.findings[0].rule == "double-encoded-record"
    assert sorted(findings(twice)[1:]) == sorted(findings(once))
    assert twice.valid_records == 1


def test_findings_in_a_string_are_placed_in_its_spelling(check_bytes: Check):
    held = '{"messages": [{"role": "é", "content": "\n\\n", "content": "é"},{"role": "user", "content": 7}]}'
    line = json.dumps(held).replace("role", "r\\u006fle").encode() + b"\n"
    report = check_bytes(GOOD + line, ignore=("last-message-not-assistant",))
    shown = {}
    for finding in report.findings:
        assert (finding.line, finding.end_line) == (2, 2)
        assert finding.column is not None
        assert finding.end_column is not None
        assert finding.byte_offset == len(GOOD) + finding.column - 1  # the line is ASCII
        shown[finding.rule] = line.decode()[finding.column - 1 : finding.end_column - 1]
        assert (finding.fix is None) is (finding.rule != "double-encoded-record")
        if finding.rule == "duplicate-key":
            first, second = (line.decode().index('\\"content\\"', start) + 1 for start in (0, 60))
            assert f"at columns {first} and {second};" in finding.message
    assert shown == {
        "double-encoded-record": line.decode().strip(),
        "unknown-role": r"\"\u00e9\"",
        "unescaped-control-character": r"\n",
        "duplicate-key": r"\"content\"",
        "content-wrong-type": "7",
    }


def test_decoding_the_string_leaves_what_was_found_in_it(tmp_path: Path):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    path.write_bytes(GOOD + json.dumps('{"messages": [{"role": "é", "content": "a",}]}').encode() + b"\n")
    settings = Settings(ignore=("JL80", "no-assistant-message"))
    before = check_file(path, settings)
    assert [finding.rule for finding in before.findings] == ["double-encoded-record", "unknown-role", "trailing-comma"]
    result = fix_file(path, fixed, settings)
    assert result.fixed == {"double-encoded-record": 1, "trailing-comma": 1}
    assert result.counts == {("unknown-role", Severity.ERROR): 1}
    assert [finding.rule for finding in check_file(fixed, settings).findings] == ["unknown-role"]


def test_columns_are_those_of_the_line_if_the_string_is_an_item_of_an_array(check_bytes: Check):
    item = json.dumps('{"messages": [], "é": 1, "é": 1}')
    text = f"[ {item},\n {item}]"
    report = check_bytes(text.encode(), select=("duplicate-key",), extend_select=("double-encoded-record",))
    named = [(finding.line, finding.column, finding.message) for finding in report if finding.rule == "duplicate-key"]
    assert len(named) == 2
    for line, column, message in named:
        in_line = text.splitlines()[line - 1]
        first = in_line.index('\\"\\u00e9') + 1
        assert column == in_line.index('\\"\\u00e9', first) + 1
        assert f"at columns {first} and {column};" in message


def test_nothing_in_a_string_is_judged_if_nothing_says_that_it_is_one(check_bytes: Check):
    line = json.dumps('{"messages": []}').encode() + b"\n"
    assert found(check_bytes(GOOD + line, ignore=("double-encoded-record",))) == []


def test_many_findings_in_a_string_take_linear_time():
    plan = plan_of(max_findings=0, select=("content-wrong-type", "double-encoded-record", "duplicate-key"))

    def check(count: int) -> None:
        messages = ", ".join(['{"role": "é", "role": "a", "content": 1}'] * count)
        data = json.dumps(f'{{"messages": [{messages}]}}').encode() + b"\n"
        report = check_block(Block("a.jsonl", 1, 0, data, "chat", 1), plan)
        assert [finding.rule for finding in report.findings].count("content-wrong-type") == count

    assert takes_linear_time(check, 1_000)


# --- records as Python literals --------------------------------------------------------------------------------------


@given(st.integers(), st.sampled_from(VALID))
def test_a_record_has_the_same_findings_as_a_python_literal(seed: int, record: dict[str, Any]):
    record = mutated(record, random.Random(seed))
    if not isinstance(record, dict) or "'" not in str(record):
        return
    plan = plan_of(ignore=("JL80", "blank-line"), max_findings=0)
    where = Block("data.jsonl", 1, 0, b"", "chat", 1)
    literal = check_block(where._replace(data=GOOD + str(record).encode() + b"\n"), plan)
    once = check_block(where._replace(data=GOOD + json.dumps(record).encode() + b"\n"), plan)
    quoted, *others = sorted(literal.findings, key=lambda finding: finding.rule != "single-quoted-json")
    assert quoted.rule == "single-quoted-json"
    assert sorted((found.rule, found.pointer, found.severity) for found in others) == sorted(
        (found.rule, found.pointer, found.severity) for found in once.findings
    )
    assert literal.valid_records == 1
    assert [found.column for found in literal.findings] == sorted(found.column for found in literal.findings)


def test_findings_in_a_literal_are_placed_in_its_spelling(check_bytes: Check):
    first = """{'role': 'é"', 'a': '\\x41"', "content": "Don't", 'content': False}"""
    text = f"{{'messages': [{first}, {{\"role\":None}}], 'x': NaN,}}"
    report = check_bytes(GOOD + text.encode() + b"\n", ignore=("last-message-not-assistant", "missing-content"))
    shown = {}
    for finding in report.findings:
        assert (finding.line, finding.end_line) == (2, 2)
        assert finding.column is not None
        assert finding.end_column is not None
        before = text[: finding.column - 1]
        assert finding.byte_offset == len(GOOD) + len(before.encode())
        shown[finding.rule, finding.pointer] = text[finding.column - 1 : finding.end_column - 1]
        assert (finding.fix is None) is (finding.rule != "single-quoted-json")
        if finding.rule == "duplicate-key":
            columns = text.index('"content"') + 1, text.index("'content'") + 1
            assert "at columns {} and {};".format(*columns) in finding.message
    assert shown == {
        ("single-quoted-json", ""): "'",
        ("unknown-role", "/messages/0/role"): "'é\"'",
        ("extra-message-key", "/messages/0/a"): "'a'",
        ("duplicate-key", "/messages/0/content"): "'content'",
        ("content-wrong-type", "/messages/0/content"): "False",
        ("role-not-string", "/messages/1/role"): "None",
        ("extra-key", "/x"): "'x'",
        ("non-finite-number", "/x"): "NaN",
        ("trailing-comma", ""): ",",
    }


@pytest.mark.parametrize("wrong", ["{record!r}", "{good}{line}", "{line}{good}"])
def test_bytes_that_are_not_utf_8_hide_no_findings_of_what_a_line_holds(check_bytes: Check, wrong: str):
    record = {"messages": [{"role": "user", "content": "Où est-ce ?"}, {"role": "assistent", "content": "Là-bas."}]}
    spelled = wrong.format(record=record, line=json.dumps(record, ensure_ascii=False), good=GOOD.decode().strip())
    line = spelled.encode("latin-1")
    report = check_bytes(GOOD + line + b"\n")
    assert [finding.rule for finding in report if finding.rule == "invalid-utf8"] == ["invalid-utf8"]
    (role,) = [finding for finding in report if finding.rule == "unknown-role"]
    assert role.byte_offset is not None
    assert line[role.byte_offset - len(GOOD) :][1:10] == b"assistent"


def test_writing_a_literal_as_json_leaves_what_was_found_in_it(tmp_path: Path):
    path, fixed = tmp_path / "a.jsonl", tmp_path / "fixed.jsonl"
    path.write_bytes(
        GOOD + b"\xef\xbb\xbf{'messages': [{'role': 'x', 'content': 'a'}, 7, {'role': 'user', 'content': ''}]}\n"
    )
    settings = Settings(ignore=("JL80", "last-message-not-assistant"), unsafe_fixes=True)
    before = check_file(path, settings)
    result = fix_file(path, fixed, settings)
    inside = ["unknown-role", "message-not-object", "empty-content"]
    assert [finding.rule for finding in before.findings if finding.rule in inside] == inside
    assert [finding.rule for finding in check_file(fixed, settings).findings] == inside
    assert result.fixed["single-quoted-json"] == 1


def test_nothing_in_a_literal_is_judged_if_nothing_says_that_it_is_one(check_bytes: Check):
    assert found(check_bytes(GOOD + b"{'messages': []}\n", ignore=("single-quoted-json",))) == []


def test_findings_in_a_string_of_a_literal_are_placed_in_its_spelling(check_bytes: Check):
    line = repr('{"messages": [{"role": "é", "role": "a\'"}, {"role": "user", "content": 7}]}')
    report = check_bytes(GOOD + line.encode() + b"\n", ignore=("last-message-not-assistant", "missing-content"))
    shown = {finding.rule: line[(finding.column or 0) - 1 : (finding.end_column or 0) - 1] for finding in report}
    assert shown == {
        "single-quoted-json": "'",
        "double-encoded-record": line,
        "duplicate-key": '"role"',
        "unknown-role": '"a\\\'"',
        "content-wrong-type": "7",
    }
    columns = line.index('"role"') + 1, line.index('"role": "a') + 1
    assert any("at columns {} and {};".format(*columns) in finding.message for finding in report)


def test_many_findings_in_a_literal_take_linear_time():
    plan = plan_of(max_findings=0, select=("content-wrong-type", "single-quoted-json"))

    def check(count: int) -> None:
        messages = ", ".join(["""{'role': "a'", "content": 1, 'x': '\\'"'}"""] * count)
        data = f"{{'messages': [{messages}]}}".encode() + b"\n"
        report = check_block(Block("a.jsonl", 1, 0, data, "chat", 1), plan)
        assert [finding.rule for finding in report.findings].count("content-wrong-type") == count

    assert takes_linear_time(check, 1_000)


# --- several records on a line ---------------------------------------------------------------------------------------


@given(st.integers(), st.lists(st.sampled_from(VALID), min_size=2, max_size=4), st.sampled_from(["", " ", ", ", "\t"]))
def test_records_have_the_same_findings_beside_each_other(seed: int, records: list[dict[str, Any]], between: str):
    chance = random.Random(seed)
    lines = [json.dumps(mutated(record, chance), ensure_ascii=False) for record in records]
    if not all(line.startswith("{") for line in lines):
        return
    plan = plan_of(ignore=("JL80", "blank-line"), max_findings=0)
    where = Block("data.jsonl", 1, 0, b"", "chat", 1)
    together = check_block(where._replace(data=GOOD + between.join(lines).encode() + b"\n"), plan)
    apart = check_block(where._replace(data=GOOD + "\n".join(lines).encode() + b"\n"), plan)
    several, *others = sorted(together.findings, key=lambda finding: finding.rule != "several-values-on-one-line")
    assert several.rule == "several-values-on-one-line"
    starts = [sum(len(line) + len(between) for line in lines[:index]) for index in range(len(lines))]
    expected = [
        (found.rule, found.pointer, found.column + starts[found.line - 1], found.end_column + starts[found.line - 1])
        for found in apart.findings
    ]
    assert sorted((found.rule, found.pointer, found.column, found.end_column) for found in others) == sorted(expected)
    for finding in others:
        assert finding.byte_offset == len(GOOD) + len(between.join(lines)[: finding.column - 1].encode())
    assert together.records == 2


def test_a_line_is_not_said_to_be_too_large_for_the_records_that_it_holds(check_bytes: Check):
    small, large = [
        {
            "custom_id": str(size),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "m", "messages": [{"role": "user", "content": "x" * size}]},
        }
        for size in (1, 6_000_000)
    ]
    line = line_of(large).rstrip() + line_of(large)
    report = check_bytes(line_of(small) + line, select=("several-values-on-one-line", "record-too-large"))
    assert [rule for _, rule in found(report)] == ["several-values-on-one-line"]


@pytest.mark.parametrize(("size", "too_large"), [(4_000_000, []), (6_000_000, ["record-too-large"])])
def test_a_string_is_said_to_be_too_large_once_if_the_record_that_it_holds_is(
    check_bytes: Check, size: int, too_large: list[str]
):
    request = {"custom_id": "1", "body": {"model": "m", "messages": [{"role": "user", "content": '"' * size}]}}
    line = json.dumps(json.dumps(request)).encode()
    assert len(line) > 16_000_000
    report = check_bytes(line_of(request | {"body": {}}) + line, select=("double-encoded-record", "record-too-large"))
    assert [rule for _, rule in found(report)] == ["double-encoded-record", *too_large]


def test_many_records_on_a_line_take_linear_time():
    plan = plan_of(max_findings=0, select=("empty-messages", "several-values-on-one-line"))

    def check(count: int) -> None:
        data = '{"messages": [], "é": 1}'.encode() * count + b"\n"
        report = check_block(Block("a.jsonl", 1, 0, data, "chat", 1), plan)
        assert [finding.rule for finding in report.findings].count("empty-messages") == count

    assert takes_linear_time(check, 1_000)


def test_findings_that_are_not_kept_are_not_made_in_a_line_of_many_records(monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    finding = Judge.finding

    def noted(self: Judge, into: JudgedLines, text: str, sketch: Sketch, *more: Any) -> RawFinding:
        made.append(sketch.rule)
        return finding(self, into, text, sketch, *more)

    monkeypatch.setattr(Judge, "finding", noted)
    plan = plan_of(max_findings=2, select=("empty-messages", "several-values-on-one-line"))
    report = check_block(Block("a.jsonl", 1, 0, b'{"messages": []}' * 50 + b"\n", "chat", 1), plan)
    assert report.counts["empty-messages", Severity.ERROR] == 50
    assert made == ["several-values-on-one-line", "empty-messages", "empty-messages"]


def test_records_on_a_line_are_copied_one_at_a_time():
    line = json.dumps({"text": "x" * 10_000}) * 50
    assert len(gaps(line)) == 49
    tracemalloc.start()
    try:
        held = held_in(line, "several-values-on-one-line")
        assert held is not None
        assert sum(len(each.json) for each in held) == len(line)
        assert tracemalloc.get_traced_memory()[1] < len(line) / 5
    finally:
        tracemalloc.stop()


MARKED = (
    "Hi",
    "a<|im_end|>",
    "CafÃ© au lait",
    "say \\\\n so",
    'it is "so"',
    "C:\\\\x",
    "TODO",
    "\\u0007",
    "\\u00c3\\u00a9",
    "",
)


@given(st.lists(st.sampled_from(MARKED), min_size=2, max_size=4), st.sampled_from(["", ", "]))
def test_marks_of_a_line_are_those_of_the_records_on_it(texts: list[str], between: str):
    plan = plan_of(max_findings=0, ignore=("JL80",))
    assert plan.scan is not None
    plan.scan.compile()
    records = [chat(text if text.startswith("\\") else json.dumps(text)[1:-1]) for text in texts]
    alone = check_block(Block("a.jsonl", 1, 0, "\n".join(records).encode() + b"\n", "chat", 1), plan)
    beside = check_block(Block("a.jsonl", 1, 0, between.join(records).encode() + b"\n", "chat", 1), plan)
    assert found_in(beside) == found_in(alone)


def chat(text: str) -> str:
    """A record that ends with this text, which is spelled as in JSON."""
    return f'{{"messages": [{{"role": "user", "content": "Go"}}, {{"role": "assistant", "content": "{text}"}}]}}'


def found_in(report: PartialReport) -> list[tuple[str, str, str]]:
    found = [each for each in report.findings if each.rule != "several-values-on-one-line"]
    return [(each.rule, each.pointer, each.message) for each in found]


def test_clean_records_that_a_line_only_holds_are_passed_over(monkeypatch: pytest.MonkeyPatch):
    record = chat("Ho")
    lines = [record + record, json.dumps(record), str(json.loads(record))]
    plan = plan_of(max_findings=0)
    where = Block("a.jsonl", 1, 0, (record + "\n").encode(), "chat", 1)
    check_block(where, plan)
    monkeypatch.setattr(Judge, "judge_record", lambda *_: pytest.fail("it was judged in full"))
    report = check_block(where._replace(data="\n".join(lines).encode() + b"\n"), plan)
    rules = {"several-values-on-one-line", "double-encoded-record", "single-quoted-json"}
    assert {finding.rule for finding in report.findings} == rules
