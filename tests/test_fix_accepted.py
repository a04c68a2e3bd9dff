"""What a configuration or a baseline accepts is not fixed and does not count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jsonl_lint import Project, check_paths, fix_file
from jsonl_lint.cli import run
from jsonl_lint.rebaseline import write_baseline
from tests.conftest import GOOD, NO_MESSAGES, line_of
from tests.test_baseline import CUT, OLD, SPREAD

BASELINE = "accepted.json"
USER = line_of({"messages": [{"role": "User", "content": "a"}, {"role": "assistant", "content": "b"}]})
TWO = line_of({"messages": [{"role": "User", "content": "a"}, {"role": "assistant", "content": "b"}], "id": 1})
MENDED = USER.replace(b'"User"', b'"user"')
REQUEST = line_of({"custom_id": "same", "body": {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}})


pytestmark = pytest.mark.usefixtures("folder")


def accepting(data: bytes, name: str = "data.jsonl") -> Path:
    """A file whose findings are all accepted."""
    path = Path(name)
    path.write_bytes(data)
    write_baseline(BASELINE, [name])
    return path


def project(**given: object) -> Project:
    return Project({"baseline": BASELINE, "unsafe_fixes": True, **given})


def test_what_the_baseline_accepts_is_left_alone():
    path = accepting(b"".join(OLD) + USER)
    before = path.read_bytes()
    result = fix_file(path, path, project())
    assert (result.fixed, result.counts, result.changed) == ({}, {}, False)
    path.write_bytes(before + USER)
    result = fix_file(path, path, project())
    assert result.fixed == {"unknown-role": 1}  # one more than was accepted
    assert path.read_bytes() == before + MENDED


def test_the_command_takes_a_baseline(capsys: pytest.CaptureFixture[str]):
    path = accepting(USER)
    assert run(["fix", str(path), "-o", "out.jsonl", "--baseline", BASELINE]) == 0
    assert Path("out.jsonl").read_bytes() == USER
    said = capsys.readouterr().out
    assert "0 findings fixed\n" in said
    assert "remain" not in said


def test_to_a_baseline_a_changed_record_is_a_new_one():
    path = accepting(TWO)
    entries = json.loads(Path(BASELINE).read_bytes())
    entries["files"]["data.jsonl"] = [one for one in entries["files"]["data.jsonl"] if one["rule"] == "unknown-role"]
    Path(BASELINE).write_text(json.dumps(entries))
    result = fix_file(path, "out.jsonl", project())
    assert result.fixed == {"extra-key": 1}
    assert {rule for rule, _ in result.counts} == {"unknown-role"}
    assert b'"User"' in Path("out.jsonl").read_bytes()
    assert fix_file(path, "out.jsonl", project(), rejects="rejects.jsonl").rejected == 0
    assert fix_file(path, "out.jsonl", project(baseline=None, unfixable="ALL"), rejects="rejects.jsonl").rejected == 1


def test_what_is_silenced_at_a_place_is_left_alone():
    Path("jsonl-lint.toml").write_text(
        '[[overrides]]\nfiles = ["data.jsonl#/messages/0/role"]\nignore = ["unknown-role"]\nreason = "old"\n'
    )
    roles = [{"role": "User", "content": "a"}, {"role": "Assistant", "content": "b"}]
    Path("data.jsonl").write_bytes(line_of({"messages": roles, "id": 1}))
    result = fix_file("data.jsonl", "out.jsonl", Project({"unsafe_fixes": True}))
    assert json.loads(Path("out.jsonl").read_bytes()) == {
        "messages": [{"role": "User", "content": "a"}, {"role": "assistant", "content": "b"}]
    }
    assert result.fixed == {"unknown-role": 1, "extra-key": 1}
    assert result.counts == {}


def test_findings_about_the_file_can_be_accepted():
    data = b"\xef\xbb\xbf" + GOOD + GOOD.replace(b"}", b" }")[:-1] + b"\r\n"
    path = accepting(data)
    assert not fix_file(path, path, project()).changed
    assert fix_file(path, "out.jsonl", project(baseline=None)).fixed == {"utf8-bom": 1, "mixed-line-endings": 1}


def test_repeated_ids_can_be_accepted():
    path = accepting(REQUEST * 2)
    assert not fix_file(path, path, project()).changed
    path.write_bytes(REQUEST * 3)
    result = fix_file(path, path, project(ignore=("unknown-model",)))
    assert result.fixed == {"duplicate-custom-id": 1}
    assert path.read_bytes() == REQUEST * 2 + REQUEST.replace(b"same", b"same_dup3")
    assert not result.counts


def test_repeated_ids_that_are_accepted_count_for_the_format_of_the_file():
    ask = REQUEST.replace(b'"same"', b'"%d"')
    data = GOOD + ask % 1 + ask % 2 + b'{"custom_id": "1"}\n' + GOOD.replace(b"Hi", b"Ho") + ask % 4
    path = accepting(data + GOOD.replace(b"Hi", b"Hm"))
    result = fix_file(path, "out.jsonl", project(), rejects="rejects.jsonl")
    assert (result.fixed, result.counts, result.rejected) == ({}, {}, 0)
    assert Path("out.jsonl").read_bytes() == path.read_bytes()


def test_that_records_differ_can_be_accepted():
    """Of `mixed-models` each further model is a finding, wherever it comes again."""
    requests = [
        REQUEST.replace(b'"same"', f'"{model}-{copy}"'.encode()).replace(b'"m"', f'"{model}"'.encode())
        for copy in range(2)
        for model in "abc"
    ]
    path = accepting(b"".join(requests))
    result = fix_file(path, "out.jsonl", project())
    assert (result.fixed, result.counts) == ({}, {})
    path.write_bytes(b"".join(requests) + requests[0].replace(b'"a"', b'"d"').replace(b"a-0", b"d-0"))
    result = fix_file(path, "out.jsonl", project())
    assert {rule: count for (rule, _), count in result.counts.items()} == {"mixed-models": 1}
    assert check_paths([path], project()).summary["by_rule"] == {"mixed-models": 1}
    assert {rule: count for (rule, _), count in fix_file(path, None).counts.items()} == {"mixed-models": 3}


def test_what_is_accepted_is_not_fixable():
    path = accepting(USER + TWO)
    path.write_bytes(USER * 2 + TWO)
    summary = check_paths([path], project()).to_dict()["summary"]
    assert summary["suppressed"] == 3
    assert summary["fixable"] == {"safe": 1, "unsafe": 1}, "the line that is there twice"


def test_repeated_records_that_are_accepted_count_for_the_format_of_the_file():
    accepting(REQUEST + NO_MESSAGES * 2)
    assert fix_file("data.jsonl", "out.jsonl", project()).counts == {}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*OLD, SPREAD, CUT, TWO, REQUEST]), min_size=1, max_size=12).map(b"".join))
def test_any_data_that_is_accepted_whole_stays_as_it_is(data: bytes):
    path = accepting(data)
    result = fix_file(path, "out.jsonl", project())
    assert not result.changed
    assert result.counts == {}
    assert Path("out.jsonl").read_bytes() == data
