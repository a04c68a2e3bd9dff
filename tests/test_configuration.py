"""Configuration files: which one counts, what it may say, and what it does to each file."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from junitparser import JUnitXml

from jsonl_lint import Project, Settings, Statistics, UserError, check_file, check_paths, load_settings, stats_of
from jsonl_lint.cli import run
from jsonl_lint.config import HOW_FAST
from jsonl_lint.files.inputs import expand_paths
from jsonl_lint.project import scope
from jsonl_lint.project.globs import Glob
from jsonl_lint.project.keychecks import check_keys
from jsonl_lint.project.keys import KEYS, OVERRIDE_KEYS, config_schema
from tests.conftest import GOOD, ROOT, anything, chat, found, line_of

EMPTY_CONTENT = line_of(chat("Hello?", ""))
EXTRA_KEY = line_of(chat(id=1))
PROMPT = line_of({"messages": [{"role": "user", "content": "Why?"}]})

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file of a project in whose folder the test then stands."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def rules_in(path: str | Path, **given: Any) -> list[str]:
    report = check_paths([path], Project(given))
    assert report.input_errors == ()
    return [rule for _, rule in found(report)]


# --- which file counts -----------------------------------------------------------------------------------------------


def test_the_first_name_in_a_folder_counts(write: Write):
    write("pyproject.toml", '[tool.jsonl-lint]\nformat = "text"\n')
    assert load_settings("data.jsonl").format == "text"
    write("jsonl-lint.toml", 'format = "chat"')
    assert load_settings("data.jsonl").format == "chat"
    write(".jsonl-lint.toml", 'format = "batch"')
    assert load_settings("data.jsonl").format == "batch"


def test_the_closest_file_counts_alone(write: Write):
    write(".jsonl-lint.toml", 'format = "text"\nmethod = "rl"\n')
    write("a/jsonl-lint.toml", 'format = "chat"')
    assert load_settings("data.jsonl") == Settings(format="text", method="rl")
    assert load_settings("a/b/c/data.jsonl") == Settings(format="chat")
    assert load_settings("-") == Settings(format="text", method="rl")
    assert load_settings("s3://bucket/data.jsonl") == Settings(format="text", method="rl")


@pytest.mark.parametrize("text", ["[project]\nname = 'x'\n", "[tool.other]\n", "[project]\nname = 'jsonl-lint'\n", "("])
def test_a_pyproject_of_others_is_no_configuration(write: Write, text: str):
    write(".jsonl-lint.toml", 'format = "text"')
    write("a/pyproject.toml", text)
    assert load_settings("a/data.jsonl").format == "text"


def test_a_table_with_the_name_of_the_package_is_told(write: Write):
    write("pyproject.toml", "[tool.jsonl_lint]\nformat = 'text'\n")
    with pytest.raises(
        UserError, match=r"^pyproject\.toml: \[tool\.jsonl_lint\] means nothing; write \[tool\.jsonl-lint\]"
    ):
        load_settings("data.jsonl")
    write("pyproject.toml", "# [tool.jsonl_lint]\n[tool]\n")
    assert load_settings("data.jsonl") == Settings()


def test_a_folder_or_a_broken_link_with_the_name_is_no_configuration(write: Write, tmp_path: Path):
    write("jsonl-lint.toml", 'format = "text"')
    (tmp_path / ".jsonl-lint.toml").symlink_to("nowhere")
    assert load_settings("data.jsonl").format == "text"
    (tmp_path / ".jsonl-lint.toml").unlink()
    (tmp_path / ".jsonl-lint.toml").mkdir()
    assert load_settings("data.jsonl").format == "text"


def test_config_is_used_for_all_and_isolated_for_none(write: Write):
    write("a/jsonl-lint.toml", 'format = "chat"')
    other = write("other.toml", 'format = "text"')
    assert Project(config=str(other)).scope("a/data.jsonl").settings.format == "text"
    assert Project(isolated=True).scope("a/data.jsonl").settings == Settings()


def test_the_library_reads_no_configuration_by_itself(write: Write):
    write(".jsonl-lint.toml", 'ignore = ["extra-key"]')
    data = write("data.jsonl", EXTRA_KEY.decode())
    assert [rule for _, rule in found(check_file(data))] == ["extra-key"]
    assert rules_in(data) == []


def test_without_a_configuration_nothing_of_it_is_imported(write: Write):
    write("data.jsonl", GOOD.decode())
    script = (
        "import sys; from jsonl_lint.cli import run; run(['data.jsonl']);"
        "print([name for name in sys.modules if name in ('tomllib', 'tomli')"
        " or name.startswith(('jsonl_lint.project.', 'jsonl_lint.project.suppress', 'jsonl_lint.project.baseline'))"
        " and name not in [f'jsonl_lint.project.{name}' for name in ('checking', 'closest', 'scope')]])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# --- what it says ----------------------------------------------------------------------------------------------------


def test_every_setting_has_a_key_with_its_default():
    settings = {field.name.replace("_", "-"): field.default for field in fields(Settings)}
    for name in ("record-hashes", *HOW_FAST):  # findings are the same with and without
        settings.pop(name)
    assert set(settings) <= set(KEYS)
    for name, default in settings.items():
        assert KEYS[name].default == (list(default) if isinstance(default, tuple) else default), name


def test_examples_of_keys_are_valid(write: Write):
    schema = Draft202012Validator(config_schema())
    for key in [*KEYS.values()]:
        tables = sys.modules.get("tomllib") or __import__("tomllib" if sys.version_info >= (3, 11) else "tomli")
        table = tables.loads(key.example)
        assert list(table) == [key.name]
        assert [error.message for error in schema.iter_errors(table)] == []
        check_keys(table, KEYS)


settings_tables = st.dictionaries(
    st.sampled_from([*KEYS, *OVERRIDE_KEYS, "unknown"]),
    st.one_of(
        anything.filter(lambda value: not isinstance(value, float)),  # for JSON Schema 1.0 is a whole number
        st.sampled_from(["", "chat", "error", [], [""], ["JL2"], {"*": ["JL2"]}, True, 5, -1]),
        st.sampled_from([[{"files": ["a"]}], [{"files": []}], [{"method": "rl"}], [{"files": ["a"], "method": "x"}]]),
        st.sampled_from([[{"files": ["a"], "ignore": ["JL2"]}], [{"files": ["a"], "ignore": ["JL2"], "reason": "r"}]]),
    ),
    max_size=3,
)


@given(settings_tables)
def test_the_schema_and_the_tool_take_the_same(table: dict[str, Any]):
    valid = Draft202012Validator(config_schema()).is_valid(table)
    try:
        check_keys(table, KEYS)
    except UserError:
        assert not valid
    else:
        assert valid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('tagret = "together"', "unknown key `tagret`; did you mean target?"),
        ('fail_on = "error"', "unknown key `fail_on`; did you mean fail-on?"),
        ('method = "sfd"', "`method` is 'sfd'; did you mean sft?"),
        ("method = 3", "`method` is 3; there are: sft, dpo, rl"),
        ('select = "JL2"', "`select` takes a list, not 'JL2'"),
        ('select = ["jl2"]', "`select`: 'jl2' selects no rule; did you mean JL2?"),
        ('select = ["mising-role"]', "`select`: 'mising-role' selects no rule; did you mean missing-role?"),
        ('unfixable = ["JL999"]', "`unfixable`: 'JL999' selects no rule"),
        ("select = [1]", "`select[0]` takes a string, not 1"),
        ("max-findings = -1", "`max-findings` is -1; it must be at least 0"),
        ("max-tokens = 9223372036854775808", "`max-tokens` is too large; it must be at most 9223372036854775807"),
        ("max-findings = true", "`max-findings` takes a whole number, not true"),
        ('target = "togehter"', "`target`: no target is named 'togehter'; did you mean together?"),
        ('tokenizer = "qwen4"', "`tokenizer`: no tokenizer is named 'qwen4'; did you mean qwen3?"),
        ('[[overrides]]\nfiles = ["a"]\ntokenizer = "x"', "`overrides[0].tokenizer`: no tokenizer is named 'x'"),
        ('schema = ""', "`schema` is empty"),
        ('schema = "no/s.json"', "`schema`: there is no file no/s.json"),
        ('target = "t.json"', "`target`: there is no file t.json"),
        ('[[overrides]]\nfiles = ["a"]\ntokenizer = "t.json"', "`overrides[0].tokenizer`: there is no file t.json"),
        ('[[overrides]]\nfiles = ["a"]\nmodels = "m.json"', "`overrides[0].models`: there is no file m.json"),
        ('[per-file-ignores]\n"a" = ["JL999"]', "`per-file-ignores.a`: 'JL999' selects no rule"),
        ('[per-file-ignores]\n"a" = "JL2"', "`per-file-ignores.a` takes a list"),
        ('[per-file-ignores]\n"a#/x" = ["JL2"]', "only `files` of `overrides` may name a place in records"),
        ("overrides = 1", "`overrides` takes a list, not 1"),
        ('[overrides]\nfiles = ["a"]', "`overrides` takes a list of tables; write [[overrides]]"),
        (
            '[tool.jsonl-lint]\ntarget = "openai"',
            "[tool.jsonl-lint] is for pyproject.toml; here write its keys without",
        ),
        ("[[overrides]]", "`overrides[0].files` is missing"),
        ('[[overrides]]\nfiles = ["a"]\nignroe = ["JL2"]', "`overrides[0].ignroe`; did you mean ignore?"),
        ('[[overrides]]\nfiles = ["a"]\nignore = ["JL2"]', "`overrides[0].reason` is missing"),
        ('[[overrides]]\nfiles = ["a"]\nignore = ["JL2"]\nreason = ""', "`overrides[0].reason` is empty"),
        ('[[overrides]]\nfiles = ["a#/x"]', "`overrides[0].ignore` is missing"),
        ('[[overrides]]\nfiles = ["a#"]\nmethod = "rl"', "`overrides[0].method` cannot be set for a part of a record"),
        (
            '[[overrides]]\nfiles = ["#/a"]\nignore = ["JL2"]\nreason = "r"',
            "`overrides[0].files` has no glob before `#`",
        ),
        ('[[overrides]]\nfiles = ["a#/~2"]\nignore = ["JL2"]\nreason = "r"', "/~2 is no JSON Pointer"),
        ('[[overrides]]\nfiles = ["a#/x/**"]\nignore = ["JL2"]\nreason = "r"', "in /x/**, write `*` for any key"),
        ('extend = "no.toml"', "`extend`: there is no file no.toml"),
        ('extend = ".jsonl-lint.toml"', "`extend` goes round in a circle"),
        ("a = ", "not TOML: "),
        ('a = "\x01"', "not TOML: "),
        ("a = " + "[" * 20_000, "not TOML: nested too deep"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(write: Write, capsys: Any, text: str, words: str):
    write(".jsonl-lint.toml", text)
    write("data.jsonl", GOOD.decode())
    assert run(["data.jsonl"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jsonl-lint: .jsonl-lint.toml: ")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("data", [b"\xff", b"\x00", b"format = 'chat'\n#" + b"x" * (1 << 20)])
def test_any_bytes_give_one_clear_error(write: Write, tmp_path: Path, data: bytes):
    (tmp_path / "jsonl-lint.toml").write_bytes(data)
    write("data.jsonl", "")
    with pytest.raises(UserError, match=r"^jsonl-lint\.toml: (not TOML|too large)"):
        load_settings("data.jsonl")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_make_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    path = tmp_path_factory.mktemp("config") / "any.toml"
    path.write_bytes(data)
    with contextlib.suppress(UserError):
        Project(config=str(path))


def test_a_byte_order_mark_is_no_error(write: Write, tmp_path: Path):
    (tmp_path / "jsonl-lint.toml").write_bytes(b"\xef\xbb\xbfformat = 'text'\r\n")
    assert load_settings("data.jsonl").format == "text"


def test_a_wrong_configuration_further_down_spares_the_other_files(write: Write, capsys: Any):
    write("data/a.jsonl", "{}")
    for name in ("b", "c"):
        write(f"data/sub/{name}.jsonl", "{}")
    write("data/sub/jsonl-lint.toml", "tagret = 1")
    assert run(["data", "--output-format", "json"]) == 2
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert "data/sub/jsonl-lint.toml: unknown key `tagret`" in err
    assert [file["path"] for file in json.loads(out)["files"]] == ["data/a.jsonl"]


# --- what it does ----------------------------------------------------------------------------------------------------


def test_paths_count_from_the_folder_of_the_file(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    target = {"extends": "together", "name": "mine", "title": "Mine"}
    write("conf/mine.json", json.dumps(target))
    write("conf/my.schema.json", '{"required": ["id"]}')
    write("conf/jsonl-lint.toml", 'target = "mine.json"\nschema = "my.schema.json"\n')
    write("jsonl-lint.toml", 'extend = "conf/jsonl-lint.toml"')
    data = write("data/data.jsonl", GOOD.decode())
    monkeypatch.chdir(tmp_path / "data")
    assert rules_in(data) == ["schema-violation"]
    assert load_settings(data).target == str(tmp_path / "conf" / "mine.json")
    write("data/jsonl-lint.toml", 'against = ["valid.jsonl", "https://example.org/valid.jsonl"]')
    other = str(tmp_path / "data" / "valid.jsonl")
    assert load_settings(data).against == (other, "https://example.org/valid.jsonl")


def test_reports_name_files_of_a_configuration_from_the_current_folder(write: Write, tmp_path: Path, capsys: Any):
    """So they are the same on every machine."""
    write("conf/mine.json", json.dumps({"extends": "together", "name": "mine", "title": "Mine"}))
    for name in ("conf/valid.jsonl", "data.jsonl"):
        write(name, GOOD.decode())
    write("jsonl-lint.toml", 'extend = "conf/base.toml"')
    write("conf/base.toml", 'target = "mine.json"\nagainst = ["valid.jsonl"]\n')
    assert run(["data.jsonl", "--output-format", "json"]) in (0, 1)
    out = capsys.readouterr().out
    assert str(tmp_path) not in out
    report = json.loads(out)
    assert report["run"]["target"] == os.path.join("conf", "mine.json")
    assert report["findings"][0]["message"] == "the record is also in conf/valid.jsonl, line 1"
    (tmp_path / "conf" / "valid.jsonl").unlink()
    assert run(["data.jsonl"]) == 2
    assert capsys.readouterr().err.startswith("jsonl-lint: --against conf/valid.jsonl: ")


def test_extend_replaces_values_and_adds_lists(write: Write):
    write(
        "base.toml",
        'method = "rl"\nformat = "chat"\nselect = ["JL1"]\nignore = ["JL106"]\nexclude = ["old"]\n'
        'per-file-ignores = {"a.jsonl" = ["JL2"]}\n',
    )
    own = 'extend = "base.toml"\nformat = "text"\nignore = ["JL101"]\nexclude = ["tmp"]\n'
    write("jsonl-lint.toml", own)
    project = Project()
    settings = project.scope("b.jsonl").settings
    assert (settings.method, settings.format) == ("rl", "text")
    assert (settings.select, settings.ignore) == (("JL1",), ("JL106", "JL101"))
    assert "empty-content" in project.scope("a.jsonl").settings.ignore
    assert [project.scope(f"{name}/x.jsonl").excluded for name in ("old", "tmp", "new")] == [True, True, False]
    write("jsonl-lint.toml", own + 'select = ["JL2"]')
    assert Project().scope("b.jsonl").settings.ignore == ("JL101",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["empty-content"]),
        ({"ignore": ("empty-content",)}, []),
        ({"extend_select": ("extra-key",)}, ["empty-content", "extra-key"]),
        ({"select": ("extra-key",)}, ["extra-key"]),
        ({"select": ("ALL",)}, ["nothing-to-learn", "empty-content", "extra-key"]),
    ],
)
def test_the_command_line_wins(write: Write, given: dict[str, Any], expected: list[str]):
    write("jsonl-lint.toml", 'ignore = ["extra-key", "nothing-to-learn"]\nmethod = "rl"')
    data = write("data.jsonl", (EMPTY_CONTENT + EXTRA_KEY).decode())
    assert rules_in(data, **given, method="sft") == expected


def test_a_default_of_the_command_line_does_not_win(write: Write, capsys: Any):
    write("jsonl-lint.toml", 'method = "rl"\nfail-on = "warning"\n')
    write("data.jsonl", PROMPT.decode())
    assert run(["data.jsonl"]) == 0
    assert run(["data.jsonl", "--method", "sft"]) == 1
    capsys.readouterr()
    run(["data.jsonl", "--show-settings", "--format", "chat"])
    shown = json.loads(capsys.readouterr().out)
    assert (shown["method"], shown["format"], shown["fail_on"]) == ("rl", "chat", "warning")
    assert Path(shown["config"]).name == "jsonl-lint.toml"


def test_a_switch_of_the_file_can_be_turned_off(write: Write, capsys: Any):
    switches = [key.name for key in KEYS.values() if key.schema.get("type") == "boolean"]
    write("jsonl-lint.toml", 'exclude = ["data.jsonl"]\n' + "".join(f"{name} = true\n" for name in switches))
    write("data.jsonl", EXTRA_KEY.decode())
    off = [f"--no-{name}" for name in switches if name != "unsafe-fixes"]
    assert run(["data.jsonl", "--show-settings", *off]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [shown[name.replace("-", "_")] for name in switches] == [name == "unsafe-fixes" for name in switches]
    assert run(["fix", "data.jsonl", "--diff", "--no-force-exclude", "--isolated"]) == 0
    assert run(["fix", "data.jsonl", "--diff", "--no-force-exclude"]) == 1
    assert run(["fix", "data.jsonl", "--diff", "--no-force-exclude", "--no-unsafe-fixes"]) == 0


def test_what_no_file_can_set_keeps_the_default_of_the_command(write: Write, capsys: Any):
    write("jsonl-lint.toml", 'method = "rl"\n')
    run(["--show-settings"])
    assert json.loads(capsys.readouterr().out)["jobs"] == 0


def test_fail_on_is_each_files_own(write: Write):
    write("strict/jsonl-lint.toml", 'fail-on = "warning"')
    write("strict/data.jsonl", EXTRA_KEY.decode())
    write("lax/data.jsonl", EXTRA_KEY.decode())
    assert run(["lax"]) == 0
    assert run(["lax", "strict"]) == 1
    assert run(["lax", "strict", "--fail-on", "error"]) == 0
    assert [check_paths([path], Project()).ok for path in ("lax", "strict")] == [True, False]
    assert not check_paths(["lax", "strict"], Project()).ok
    run(["lax", "strict", "--output-format", "junit", "--output-file", "junit.xml"])
    assert [suite.failures for suite in JUnitXml.fromfile("junit.xml")] == [0, 1]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"selct": ("JL2",)}, "no setting is named 'selct'; did you mean select?"),
        ({"fail-on": "warning"}, "did you mean fail_on?"),
        ({"force_exclude": "no"}, "force_exclude is 'no'; it must be True or False"),
        ({"exclude": 5}, "exclude is 5; it must be a list of strings"),
        ({"baseline": 5}, "baseline is 5; it must be a string"),
        ({"baseline": ""}, "baseline is empty; is a variable of the shell not set?"),
        ({"ignore": ("no-rule",), "jobs": -1}, "jobs is negative"),
    ],
)
def test_what_a_project_cannot_be_given(values: dict[str, Any], words: str):
    with pytest.raises(UserError, match=re.escape(words)):
        Project(values)


def test_a_project_may_be_given_one_text_for_a_list(write: Write):
    write("jsonl-lint.toml", 'ignore = ["blank-line"]')
    write("data.jsonl", '{"messages": []}\n\n{"text": "a", "id": 1}\n')
    assert rules_in("data.jsonl", ignore="JL203") == ["mixed-formats", "extra-key"]
    assert [file.path for file in check_paths(["."], Project({"exclude": "data.jsonl"})).files] == []


def test_overrides_set_target_method_and_format_by_path(write: Write):
    write(
        "jsonl-lint.toml",
        '[[overrides]]\nfiles = ["prompts.jsonl", "rl/**"]\nmethod = "rl"\n'
        '[[overrides]]\nfiles = ["rl"]\nformat = "chat"\nfail-on = "info"\n'
        '[[overrides]]\nfiles = ["rl/late.jsonl"]\nmethod = "sft"\n',
    )
    project = Project()
    assert project.scope("a/prompts.jsonl").settings == Settings(method="rl")
    assert project.scope("rl/a/b.jsonl").settings == Settings(method="rl", format="chat", fail_on="info")
    assert project.scope("rl/late.jsonl").settings == Settings(method="sft", format="chat", fail_on="info")
    assert project.scope("data.jsonl").settings == Settings()


def test_of_overrides_that_turn_a_rule_off_and_on_the_later_wins(write: Write):
    for name in ("a/d.jsonl", "a/b/d.jsonl"):
        write(name, EXTRA_KEY.decode())
    off = '[[overrides]]\nfiles = ["a"]\nignore = ["JL1"]\nreason = "r"\n'
    for on in ('extend-select = ["extra-key"]', 'select = ["JL1"]'):
        write("jsonl-lint.toml", f'{off}[[overrides]]\nfiles = ["a/b"]\n{on}\n')
        assert [rules_in(path) for path in ("a/d.jsonl", "a/b/d.jsonl")] == [[], ["extra-key"]]
        write("jsonl-lint.toml", f'[[overrides]]\nfiles = ["a/b"]\n{on}\n{off}')
        assert rules_in("a") == []
        write("jsonl-lint.toml", f'per-file-ignores = {{"a" = ["JL1"]}}\n[[overrides]]\nfiles = ["a/b"]\n{on}\n')
        assert rules_in("a") == []


def test_per_file_ignores_win_over_select(write: Write):
    write("jsonl-lint.toml", '[per-file-ignores]\n"drafts/*.jsonl" = ["JL1"]\n')
    for name in ("drafts/a.jsonl", "final/a.jsonl"):
        write(name, EXTRA_KEY.decode())
    assert rules_in("drafts") == []
    assert rules_in("drafts", select=("extra-key",)) == []
    assert rules_in("final", select=("extra-key",)) == ["extra-key"]


def test_a_place_silences_there_and_inside_and_is_counted_apart(write: Write, capsys: Any):
    text = (EXTRA_KEY + EMPTY_CONTENT + line_of(chat("", "Hi"))).decode()
    write("data.jsonl", text)
    config = '[[overrides]]\nfiles = ["data.jsonl#{}"]\nignore = ["empty-content"]\nreason = "old"\n'
    expected = {"/messages/0/content": 1, "/messages/*": 2, "/messages/1": 1, "": 2, "/": 0, "/*/*/role": 0}
    everything = rules_in("data.jsonl")
    for pointer, count in expected.items():
        write("jsonl-lint.toml", config.format(pointer))
        report = check_paths(["data.jsonl"], Project())
        assert report.files[0].suppressed == count, pointer
        assert len(report.findings) == len(everything) - count
        assert report.to_dict()["summary"]["by_rule"].get("empty-content", 0) == 2 - count
    write("jsonl-lint.toml", config.format(""))
    run(["data.jsonl"])
    assert "2 suppressed" in capsys.readouterr().out


def test_what_is_silenced_does_not_use_up_what_is_shown(write: Write):
    bad = line_of({"messages": [{"role": "x", "content": "a"}, {"role": "assistant", "content": "b"}]})
    late = line_of({"messages": [{"role": "user", "content": "a"}, {"role": "y", "content": "b"}] + chat()["messages"]})
    write("data.jsonl", (bad * 5 + late * 3).decode())
    write(
        "jsonl-lint.toml",
        'max-findings = 2\n[[overrides]]\nfiles = ["*#/messages/0"]\nignore = ["unknown-role"]\nreason = "r"\n',
    )
    report = check_paths(["data.jsonl"], Project({"select": ("unknown-role",)}))
    assert found(report) == [(6, "unknown-role"), (7, "unknown-role")]
    assert report.to_dict()["summary"]["by_rule"] == {"unknown-role": 3}
    assert report.files[0].suppressed == 5


def checked(*paths: str, **given: Any) -> list[str]:
    """The files of a project that are checked for these paths."""
    return [file.path for file in check_paths(paths, Project(given)).files]


def test_excluded_files_are_passed_over_unless_they_are_named(write: Write):
    write("jsonl-lint.toml", 'exclude = ["tmp", "data/raw/**"]')
    names = ["data/a.jsonl", "data/raw/x/b.jsonl", "data/tmp/c.jsonl", "tmp.jsonl"]
    for name in names:
        write(name, GOOD.decode())
    assert checked("data") == ["data/a.jsonl"]
    assert checked("**/*.jsonl") == ["data/a.jsonl", "tmp.jsonl"]
    assert checked(*names) == names
    assert checked(*names, force_exclude=True) == ["data/a.jsonl", "tmp.jsonl"]
    assert checked("data", exclude=("a.jsonl",)) == []
    assert run([names[1], "--force-exclude"]) == 0
    assert run(["data/tmp/missing.jsonl", "--force-exclude"]) == 0


def test_an_excluded_folder_is_not_entered(write: Write, tmp_path: Path):
    write("jsonl-lint.toml", 'exclude = ["old"]')
    write("a.jsonl", GOOD.decode())
    write("old/jsonl-lint.toml", "exclude = [")
    write("old/b.jsonl", GOOD.decode())
    report = check_paths(["."], Project())
    assert ([file.path for file in report.files], report.input_errors) == (["./a.jsonl"], ())
    assert check_paths(["."], Project({"exclude": "old"}, isolated=True)).input_errors == ()
    assert run(["check", ".", "--exclude", "old"]) == 0
    (tmp_path / "a.jsonl").unlink()
    assert check_paths([".", "ol?"], Project()).input_errors == ()  # as where single files are excluded


def test_an_excluded_folder_is_excluded_with_the_configurations_in_it(write: Write):
    write("jsonl-lint.toml", 'exclude = ["old"]')
    write("old/jsonl-lint.toml", 'exclude = ["tmp"]\nformat = "chat"\n')
    for name in ("old/a.jsonl", "old/tmp/b.jsonl"):
        write(name, GOOD.decode())
    assert checked(".") == checked("old/*.jsonl") == checked("old", force_exclude=True) == []
    assert checked("old/a.jsonl", "old/tmp/b.jsonl", force_exclude=True) == []
    assert checked("old") == checked("old/a.jsonl") == ["old/a.jsonl"]
    assert checked("old/tmp") == ["old/tmp/b.jsonl"]
    assert Project().scope("old/a.jsonl").settings.format == "chat"
    write("jsonl-lint.toml", 'exclude = ["old"]\nforce-exclude = true\n')
    assert checked("old/a.jsonl") == []
    write("jsonl-lint.toml", "exclude = [")
    assert checked("old") == ["old/a.jsonl"]


FOLDERS = [".", "a", "b", "a/a", "a/b", "b/a"]
excludes = st.lists(st.sampled_from(["a", "a/b", "**/b", "a/**", "*", "x.jsonl", "../a", ".", "[ab]"]), max_size=2)


@given(st.dictionaries(st.sampled_from(FOLDERS), excludes, max_size=4), excludes)
def test_a_folder_gives_the_files_that_are_not_excluded(
    tmp_path_factory: pytest.TempPathFactory, configs: dict[str, list[str]], given_globs: list[str]
):
    """However configurations are nested: folders are passed over as a whole, and files are judged one by one."""
    root = tmp_path_factory.mktemp("nested")
    every = [root / folder / name for folder in FOLDERS for name in ("x.jsonl", "y.jsonl")]
    for file in every:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for folder, globs in configs.items():
        (root / folder / "jsonl-lint.toml").write_text(f"exclude = {json.dumps(globs)}")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        project = Project({"exclude": given_globs})
        named = project.scope(".").excluders
        expected = {str(file) for file in every if project.scope(str(file)).excluders <= named}
        assert {os.path.abspath(str(path)) for path in expand_paths(["."], project.passes_over)} == expected


def test_what_is_named_is_checked_though_it_is_excluded(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    write("jsonl-lint.toml", 'exclude = ["old", "old/tmp"]')
    for name in ("old/a.jsonl", "old/tmp/b.jsonl"):
        write(name, GOOD.decode())
    assert checked("old") == checked("old", exclude="ol?") == ["old/a.jsonl"]
    assert checked(".", "old") == ["old/a.jsonl"]
    assert checked("old", exclude="*.jsonl") == checked("old", exclude=f"{tmp_path}/old/*") == []
    assert run(["fix", "old", "--diff"]) == 0
    monkeypatch.chdir(tmp_path / "old")
    assert checked(".") == ["./a.jsonl"]
    assert checked("..", exclude="*") == []
    assert checked(".", "tmp") == ["./a.jsonl", "tmp/b.jsonl"]


def test_fix_follows_the_configuration(write: Write, capsys: Any):
    broken = GOOD.decode().replace("}]}", "},]}")
    for name in ("a.jsonl", "old/a.jsonl", "kept/a.jsonl"):
        write(name, broken)
    write("jsonl-lint.toml", 'exclude = ["old"]\n[[overrides]]\nfiles = ["kept"]\nunfixable = ["trailing-comma"]\n')
    assert run(["fix", ".", "--in-place"]) == 1
    assert run(["fix", "old/a.jsonl", "--in-place", "--force-exclude"]) == 0
    changed = [name for name in ("a.jsonl", "old/a.jsonl", "kept/a.jsonl") if Path(name).read_text() != broken]
    assert changed == ["a.jsonl"]
    assert run(["fix", "kept", "--in-place", "--isolated"]) == 0
    write("kept/jsonl-lint.toml", "tagret = 1")
    write("a.jsonl", broken)
    assert run(["fix", ".", "--in-place"]) == 2
    assert "unknown key `tagret`" in capsys.readouterr().err
    write("kept/broken.json", "{")
    for line in (
        'baseline = "broken.json"',
        'schema = "broken.json"',
        'models = "broken.json"',
        'tokenizer = "broken.json"',
    ):
        write("kept/jsonl-lint.toml", line)
        assert run(["fix", ".", "--in-place"]) == 2
        assert "broken.json: " in capsys.readouterr().err
        assert Path("a.jsonl").read_text() == broken, line


def test_a_file_to_compare_with_that_is_missing_spares_the_other_files(write: Write, capsys: Any):
    for name in ("a/d.jsonl", "b/d.jsonl", "c/d.jsonl"):
        write(name, GOOD.decode())
    write("b/jsonl-lint.toml", 'against = ["no.jsonl"]')
    assert run(["check", "a", "b", "c", "--output-format", "json"]) == 2
    out, err = capsys.readouterr()
    assert [file["path"] for file in json.loads(out)["files"]] == ["a/d.jsonl", "c/d.jsonl"]
    assert re.search(r"^jsonl-lint: b/d\.jsonl: --against .*no\.jsonl: no such file", err)
    assert run(["check", "a", "b", "c", "--part", "1/1", "--output-file", "part"]) == 2
    capsys.readouterr()
    assert run(["merge", "part", "--output-format", "json"]) == 2
    assert capsys.readouterr().out == out
    with pytest.raises(UserError, match=r"^--against no\.jsonl: no such file"):
        check_paths(["nowhere.jsonl", "a"], Settings(against=("no.jsonl",)))


def test_stats_follow_the_configuration(write: Write, capsys: Any):
    for name in ("a/d.jsonl", "b/d.jsonl", "old/d.jsonl"):
        write(name, EXTRA_KEY.decode() + PROMPT.decode())
    write("jsonl-lint.toml", 'exclude = ["old"]\nmax-tokens = 100\n[[overrides]]\nfiles = ["b"]\nmethod = "rl"\n')
    a, b = stats_of(["."], Project())
    assert isinstance(a, Statistics)
    assert isinstance(b, Statistics)
    assert [(each.path, each.records, each.valid) for each in (a, b)] == [("./a/d.jsonl", 2, 1), ("./b/d.jsonl", 2, 2)]
    assert [each.valid for each in stats_of(["b"], Settings()) if isinstance(each, Statistics)] == [1]
    assert run(["stats", ".", "--output-format", "json"]) == 0
    total = json.loads(capsys.readouterr().out)["total"]
    assert total["valid_records"] == 3
    assert [limit["limit"] for limit in total["tokens"]["limits"]] == [100]
    assert total["tokens"]["method"] is None
    assert run(["stats", ".", "--method", "sft", "--isolated", "--exclude", "a", "-q"]) == 0
    assert "records    4, 2 valid" in capsys.readouterr().out
    write("b/jsonl-lint.toml", "format = 5")
    write("b/e.jsonl", GOOD.decode())
    assert run(["stats", ".", "--output-format", "json"]) == 2
    out, err = capsys.readouterr()
    assert [file["path"] for file in json.loads(out)["files"]] == ["./a/d.jsonl"]
    assert err.startswith("jsonl-lint: ./b/d.jsonl: b/jsonl-lint.toml: `format` is 5; ")
    assert err.count("\n") == 1


def test_the_total_of_different_models_has_no_limits(write: Write, capsys: Any):
    for name in ("a/d.jsonl", "b/d.jsonl", "c/d.jsonl"):
        write(name, GOOD.decode())
    model = 'model = "gpt-4o-mini-2024-07-18"\n'
    write("jsonl-lint.toml", f'target = "openai"\n{model}[[overrides]]\nfiles = ["b"]\n{model.replace("-mini", "")}')
    assert run(["stats", ".", "--output-format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    tokens = [file["tokens"] for file in [*found["files"], found["total"]]]
    assert [each["model"] and each["model"][:7] for each in tokens] == ["gpt-4o-", "gpt-4o-", "gpt-4o-", None]
    assert [bool(each["limits"]) for each in tokens] == [True, True, True, False]
    assert tokens[-1]["per_epoch"] == sum(each["per_epoch"] for each in tokens[:-1])
    assert run(["stats", ".", "--output-format", "html"]) == 0
    assert "None" not in capsys.readouterr().out.partition("<h1")[2].partition("<table")[0]


def test_explain_follows_the_configuration_of_its_file(write: Write, capsys: Any):
    write("data.jsonl", EXTRA_KEY.decode())
    write("jsonl-lint.toml", 'ignore = ["extra-key"]')
    words = ["explain", "line 1 is wrong", "--file", "data.jsonl"]
    assert run(words) == 0
    assert "no finding on this line" in capsys.readouterr().out
    assert run([*words, "--isolated"]) == 0
    assert "extra-key" in capsys.readouterr().out
    write("jsonl-lint.toml", "ignore = 5")
    assert run(words) == 2
    assert run(["explain", "429"]) == 0  # nothing is looked up


def test_isolated_and_config_exclude_each_other(write: Write, capsys: Any):
    path = write("x.toml", "")
    assert run(["data.jsonl", "--isolated", "--config", str(path)]) == 2
    assert "exclude each other" in capsys.readouterr().err
    assert run(["data.jsonl", "--config", "missing.toml"]) == 2
    assert "missing.toml: cannot read the configuration" in capsys.readouterr().err


# --- globs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("a.jsonl", ["a.jsonl", "x/a.jsonl", "a.jsonl/b"], ["b.jsonl", "aa.jsonl"]),
        ("*.jsonl", ["a.jsonl", "x/y/a.jsonl"], ["a.ndjson"]),
        ("x", ["x/a", "y/x/a", "x"], ["xx/a"]),
        ("x/", ["x/a"], ["y/a"]),
        ("x/*.jsonl", ["x/a.jsonl"], ["x/y/a.jsonl", "y/x/a.jsonl", "a.jsonl"]),
        ("./x/*", ["x/a", "x/a/b"], ["a"]),
        ("x/**", ["x/a", "x/y/z"], ["x", "a"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["b"]),
        ("x/**/a", ["x/a", "x/y/z/a"], ["y/a", "x/b"]),
        ("**/x/**/a/*", ["x/a/b", "1/x/2/x/a/b"], ["x/b/a"]),
        ("[ab]?/c", ["ax/c", "bx/c"], ["cx/c", "a/c"]),
        ("../other/*", ["../other/a"], ["other/a"]),
        ("../project/a", ["a", "a/b"], ["x/a", "../a"]),
        ("../other", ["../other/a"], ["../x/other", "other"]),
        ("..", ["a", "../x"], []),
        (".", ["a", "x/a"], ["../a"]),
        ("./", ["a", "x/a"], ["../a"]),
        ("/project/x/*", ["x/a"], ["y/a"]),
    ],
)
def test_globs(pattern: str, matching: list[str], others: list[str]):
    glob = Glob("/project", pattern)
    assert [path for path in matching if not glob.matches(os.path.normpath(f"/project/{path}"))] == []
    assert [path for path in others if glob.matches(os.path.normpath(f"/project/{path}"))] == []


def test_a_name_is_no_folder_above_the_project():
    assert not Glob("/data/project", "data").matches("/data/project/a.jsonl")
    assert not Glob("/data/project", "data").matches("/data/a.jsonl")
    assert not Glob("/data/project", "data").matches("/data")
    assert Glob("/data/project", "tmp").matches("/mnt/tmp/a.jsonl")
    assert Glob("/data/project", "tmp").matches("/data/tmp/a.jsonl")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("!keep.jsonl", "`!` does not take files back"),
        ("data\\\\*.jsonl", "write `/` between folders"),
        ("data\\raw", "write `/` between folders"),  # to TOML, a carriage return
        ("{a,b}.jsonl", "write several globs"),
    ],
)
def test_what_only_other_tools_understand_in_a_glob_is_told(write: Write, pattern: str, words: str):
    for text, key in (
        (f'exclude = ["{pattern}"]', "exclude"),
        (f'per-file-ignores = {{"{pattern}" = ["JL2"]}}', "per-file-ignores"),
        (f'[[overrides]]\nfiles = ["{pattern}#/a"]\nignore = ["JL2"]\nreason = "r"', "overrides[0].files"),
    ):
        write("jsonl-lint.toml", text)
        with pytest.raises(UserError, match=rf"^jsonl-lint\.toml: `{re.escape(key)}` is .*{words}"):
            Project().scope("a.jsonl")
    with pytest.raises(UserError, match=f"^exclude is .*{words}"):
        Project({"exclude": [pattern.replace("\\r", "\r")]})
    assert Project({"exclude": ["{a}", "a,b", "x!"]}, isolated=True).scope("{a}").excluded


def test_globs_find_a_file_that_is_named_through_a_link(write: Write, tmp_path: Path):
    write("project/data/a.jsonl", EXTRA_KEY.decode())
    config = write("project/x.toml", 'per-file-ignores = {"data/*" = ["extra-key"]}')
    (tmp_path / "link").symlink_to("project")
    for path, other in (("link/data/a.jsonl", config), ("project/data/a.jsonl", "link/x.toml")):
        report = check_paths([path], Project(config=other))
        assert report.findings == (), path
    assert Project({"exclude": ["a.jsonl/"]}).scope(f"{tmp_path}/link/data/a.jsonl").excluded
    assert not Project(config=config).scope("\0/a.jsonl").settings.ignore


steps = st.sampled_from(["a", "b", "ab", "..", ".", "*", "**", "?", "[ab]", "a*", "*b"])


@given(
    st.lists(steps, min_size=1, max_size=4).map("/".join).map(lambda text: Glob("/p/q", text)),
    st.lists(st.sampled_from(["a", "b", "ab", "p", "q"]), min_size=1, max_size=4).map(
        lambda names: "/" + "/".join(names)
    ),
)
def test_a_glob_that_matches_a_folder_matches_all_that_is_in_it(glob: Glob, folder: str):
    """So a folder that is excluded need not be entered."""
    if glob.matches(folder):
        assert glob.matches(f"{folder}/b")
        assert glob.matches(f"{folder}/x/a")


def test_many_stars_are_no_trap():
    path = "/".join("a" * 200)
    assert not Glob("/", "/".join(["**", "a"] * 60) + "/b").matches(f"/{path}")
    assert not Glob("/", "*a" * 60 + "b").matches(f"/{'a' * 200}")


# --- the verb --------------------------------------------------------------------------------------------------------


def test_config_lists_and_explains(capsys: Any):
    assert run(["config"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(KEYS)
    assert [line for line in lines if not line.endswith((".", "short enough?")) or "?." in line] == []
    for name, key in KEYS.items():
        assert run(["config", name]) == 0
        page = capsys.readouterr().out
        assert key.about.split() == page.partition("\n\nTakes: ")[0].split()[1:]
        assert f"Default: {key.shown_default}" in page
        assert key.example in page
    for name in ("files", "reason"):
        assert run(["config", name]) == 0
        assert "Where: in an entry of `overrides`\n" in capsys.readouterr().out
    assert run(["config", "--output-format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["key"] for entry in entries] == list(KEYS)
    assert run(["config", "fail_on", "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == next(entry for entry in entries if entry["key"] == "fail-on")
    assert run(["config", "selct"]) == 2
    assert "did you mean select?" in capsys.readouterr().err


def test_a_relative_path_means_another_file_in_another_folder(write: Write, monkeypatch: pytest.MonkeyPatch):
    """Also if the same `Project` was asked there."""
    folders = [write(f"{form}/jsonl-lint.toml", f'format = "{form}"').parent for form in ("chat", "text")]
    asked = Project()
    for folder in [*folders, *folders]:
        monkeypatch.chdir(folder)
        assert asked.scope("a.jsonl").settings.format == folder.name


def test_what_applies_to_many_files_is_not_kept_for_all(write: Write, monkeypatch: pytest.MonkeyPatch):
    write("jsonl-lint.toml", 'exclude = ["1.jsonl"]')
    monkeypatch.setattr(scope, "MOST_KEPT", 3)
    asked = Project()
    excluded = [asked.scope(f"{number % 5}.jsonl").excluded for number in range(20)]
    assert excluded == [number % 5 == 1 for number in range(20)]
    assert len(asked._scopes) <= 3
