"""`fix` as users meet it: files, pipes, diffs, logs, and what happens when the machine fails."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import resource
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from jsonl_lint import Project, Settings, UnreadableInputError, UserError, check_file, fix_file, undo_file
from jsonl_lint.cli import run
from jsonl_lint.cli.terminal import ProgressBar
from tests.conftest import GOOD, ROOT, chat, edited, line_of

BAD = line_of({"messages": [{"role": "User", "content": "a"}, {"role": "assistant", "content": "b"}]})
MENDED = BAD.replace(b'"User"', b'"user"')
EXTRA = line_of(chat(id=1))
USER = {"role": "user", "content": "a"}
UNFIXABLE = line_of({"messages": [USER]})
BROKEN = b'{"messages": [{"role": "user"\n'
COMMAND = [sys.executable, "-m", "jsonl_lint", "fix"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD + BAD + b"\n" + EXTRA + BROKEN)
    return path


def no_strays(folder):
    assert [path.name for path in folder.iterdir() if "partial" in path.name] == []


def test_a_file_is_fixed_into_another(data, capsys):
    assert run(["fix", "a.jsonl", "-o", "b.jsonl"]) == 1
    assert Path("b.jsonl").read_bytes() == GOOD + MENDED + EXTRA + BROKEN
    assert capsys.readouterr().out == (
        "a.jsonl: 2 findings fixed (1 blank-line, 1 unknown-role)\n"
        "  2 remain (1 extra-key, 1 truncated-json); --unsafe-fixes would fix 1 more\n"
        "  4 records in = 4 out, 0 rejected, 0 deleted\n"
        "  not counted here: conflicting-answers, inconsistent-types, late-key, normalized-duplicate; "
        "check the result to see them\n"
    )
    no_strays(data.parent)


def test_one_that_cannot_be_read_spares_the_others(data, capsys, monkeypatch):
    """click asks for access before anything is done; root, who runs some tests, always has it."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    for words in (["fix", "--in-place"], ["baseline", "write"], ["check", "--max-findings", "-0"]):
        assert run([*words, "a.jsonl", "missing.jsonl"]) == 2
        assert capsys.readouterr().err == "jsonl-lint: missing.jsonl: no such file or directory\n"
    assert MENDED in data.read_bytes()


def test_of_several_files_it_is_said_once_what_is_not_counted(data, capsys):
    Path("c.jsonl").write_bytes(GOOD)
    Path("out").mkdir()
    run(["fix", "a.jsonl", "c.jsonl", "-o", "out"])
    assert capsys.readouterr().out.endswith(
        "c.jsonl: 0 findings fixed\n"
        "  1 record in = 1 out, 0 rejected, 0 deleted\n"
        "not counted here: conflicting-answers, inconsistent-types, late-key, normalized-duplicate; "
        "check the result to see them\n"
    )


@pytest.mark.parametrize("way", ["--in-place", "--diff"])
def test_of_several_files_those_with_nothing_to_fix_are_only_counted(data, capfd, way):
    for name in ("c.jsonl", "d.jsonl"):
        Path(name).write_bytes(GOOD)
    run(["fix", "a.jsonl", "c.jsonl", "d.jsonl", way])
    out, err = capfd.readouterr()
    said = err if way == "--diff" else out
    assert "2 files with nothing to fix\nnot counted here: " in said
    assert "c.jsonl" not in said
    run(["fix", "c.jsonl", "d.jsonl", way, "-q"])
    assert capfd.readouterr() == ("", "")


SPREAD = b'{"messages": [\n{"role": "user", "content": "%s"},\n{"role": "assistant", "content": "b"}\n]}\n'


@pytest.mark.parametrize("rules", [{"ignore": ("pretty-printed-json",)}, {"select": ("JL2", "duplicate-record")}])
def test_lines_of_a_record_that_is_spread_are_no_repeated_records(data, rules):
    data.write_bytes(SPREAD % b"x" + SPREAD % b"y" + GOOD * 2)
    result = fix_file(data, "b.jsonl", Settings(unsafe_fixes=True, **rules), changes="log")
    assert Path("b.jsonl").read_bytes() == SPREAD % b"x" + SPREAD % b"y" + GOOD
    assert (result.records, result.written, result.deleted) == (4, 3, 1)
    assert "duplicate-record" in result.uncounted
    undo_file("log", "b.jsonl", "c.jsonl")
    assert Path("c.jsonl").read_bytes() == data.read_bytes()


def test_lines_of_a_record_that_may_stay_spread_are_no_repeated_records(data):
    data.write_bytes(SPREAD % b"x" + SPREAD % b"y")
    assert run(["baseline", "write", "a.jsonl", "--isolated"]) == 0
    Path(".jsonl-lint.toml").write_text('baseline = "jsonl-lint-baseline.json"')
    data.write_bytes(data.read_bytes() + b'{"a": 1}\n' * 2 + GOOD * 2)
    result = fix_file(data, data, Project({"unsafe_fixes": True}))
    assert data.read_bytes() == SPREAD % b"x" + SPREAD % b"y" + b'{"a": 1}\n' + GOOD
    assert (result.written, result.deleted, result.fixed) == (4, 2, {"duplicate-record": 2})
    assert "duplicate-record" not in result.uncounted


def test_only_rules_that_are_on_are_named_as_not_counted(data, capsys):
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--ignore", "JL802,JL804,JL806"]) == 1
    assert "  not counted here: inconsistent-types; check" in capsys.readouterr().out
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--select", "JL2,JL801"]) == 0
    assert "not counted" not in capsys.readouterr().out


def test_of_one_record_only_what_looks_inside_it_is_not_counted(data, capsys):
    data.write_bytes(GOOD)
    assert run(["fix", "a.jsonl", "-o", "b.jsonl"]) == 0
    assert "  not counted here: inconsistent-types, late-key; check" in capsys.readouterr().out


def test_rules_that_read_records_again_are_said_to_be_uncounted(data):
    labels = ["yes"] * 20 + ["no"] * 19 + ["Yes "]
    records = [
        {"messages": [USER | {"content": str(n)}, {"role": "assistant", "content": label}]}
        for n, label in enumerate(labels)
    ]
    data.write_bytes(b"".join(map(line_of, records)))
    result = fix_file(data, "b.jsonl")
    assert check_file("b.jsonl").summary["by_rule"] == {"rare-label": 1}
    assert (result.counts, "rare-label" in result.uncounted) == ({}, True)
    data.write_bytes(b"".join(map(line_of, records[:9])))
    assert "rare-label" not in fix_file(data, None).uncounted
    settings = Settings(extend_select=("near-duplicate-record",))
    assert "near-duplicate-record" in fix_file(data, None, settings).uncounted


def test_the_key_of_a_repeated_record_that_is_dropped_is_no_repeated_key(data):
    request = line_of({"custom_id": "a", "body": {"model": "m", "messages": [USER]}})
    data.write_bytes(request * 3)
    settings = Settings(unsafe_fixes=True, unfixable=("duplicate-custom-id",))
    result = fix_file(data, "b.jsonl", settings)
    assert (result.fixed, result.counts, result.written) == ({"duplicate-record": 2}, {}, 1)
    assert check_file("b.jsonl", settings).ok


def test_that_a_single_record_may_be_in_another_file_is_said_to_be_uncounted(data):
    data.write_bytes(GOOD)
    assert "overlap-with-validation" in fix_file(data, None, Settings(against=("a.jsonl",))).uncounted
    assert "overlap-with-validation" not in fix_file(data, None).uncounted


@pytest.mark.parametrize("how", [{"unsafe_fixes": False, "rejects": "r"}, {"unsafe_fixes": True, "rejects": None}])
def test_a_key_that_goes_with_its_first_record_leaves_its_rule_uncounted(data, how):
    bodies = [{"model": "a", "messages": []}, {"model": "a", "messages": [USER]}, {"model": "b", "messages": [USER]}]
    requests = [
        {"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}
        for number, body in enumerate(bodies)
    ]
    settings = Settings(target="openai", select=("mixed-models", "empty-messages"), unsafe_fixes=how["unsafe_fixes"])
    data.write_bytes(b"".join(map(line_of, requests)))
    result = fix_file(data, "b.jsonl", settings, rejects=how["rejects"])
    assert (result.written, result.counts, result.uncounted) == (2, {}, ("mixed-models",))
    assert check_file("b.jsonl", settings).summary["by_rule"] == {"mixed-models": 1}
    data.write_bytes(b"".join(map(line_of, requests[1:])))
    again = fix_file(data, "b.jsonl", settings, rejects=how["rejects"])
    assert (list(again.counts.values()), again.uncounted) == ([1], ())


def test_unsafe_fixes_and_rejects(data, capsys):
    arguments = ["fix", "a.jsonl", "-o", "b.jsonl", "--unsafe-fixes", "--rejects", "r.jsonl", "--changes", "c.jsonl"]
    assert run(arguments) == 0
    assert Path("b.jsonl").read_bytes() == GOOD + MENDED, "without its extra key the third record is the first again"
    assert Path("r.jsonl").read_bytes() == BROKEN
    assert "4 records in = 2 out, 1 rejected, 1 deleted" in capsys.readouterr().out
    assert run(["fix", "--undo", "c.jsonl", "b.jsonl", "-o", "back.jsonl"]) == 0
    assert Path("back.jsonl").read_bytes() == data.read_bytes()


def test_a_record_over_several_lines_that_is_cut_off_is_rejected_whole(data, capsys):
    cut = json.dumps(chat("a", "b"), indent=2).encode().removesuffix(b"}")
    data.write_bytes(GOOD + cut + GOOD)
    run(["fix", "a.jsonl", "-o", "b.jsonl", "--ignore", "JL8", "--rejects", "r.jsonl", "--changes", "c.jsonl"])
    assert Path("b.jsonl").read_bytes() == GOOD * 2
    assert Path("r.jsonl").read_bytes() == cut
    assert "3 records in = 2 out, 1 rejected, 0 deleted" in capsys.readouterr().out
    assert run(["fix", "--undo", "c.jsonl", "b.jsonl", "-o", "back.jsonl"]) == 0
    assert Path("back.jsonl").read_bytes() == data.read_bytes()


def test_in_place_keeps_mode_and_follows_links(data):
    data.chmod(0o640)
    Path("link.jsonl").symlink_to("a.jsonl")
    assert run(["fix", "link.jsonl", "--in-place", "-q"]) == 1
    assert Path("link.jsonl").is_symlink()
    assert data.read_bytes() == GOOD + MENDED + EXTRA + BROKEN
    assert stat.S_IMODE(data.stat().st_mode) == 0o640
    no_strays(data.parent)


def test_a_clean_file_is_not_even_replaced(data):
    data.write_bytes(GOOD * 3)
    before = data.stat()
    assert run(["fix", "a.jsonl", "--in-place", "--changes", "c.jsonl", "-q"]) == 0
    assert (data.stat().st_ino, data.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not Path("c.jsonl").exists()
    no_strays(data.parent)


@pytest.mark.parametrize("other", ["written to", "replaced", "removed"])
def test_what_is_added_to_a_file_while_it_is_fixed_in_place_is_not_lost(data, other):
    def meddle(_):
        if os.path.exists("copy.jsonl"):
            return
        if other == "written to":
            shutil.copy(data, "copy.jsonl")
            data.write_bytes(before + EXTRA)
        else:
            os.rename(data, "copy.jsonl")
            if other == "replaced":
                data.write_bytes(before)

    before = data.read_bytes()
    said = "no such file" if other == "removed" else "it has changed while it was read"
    with pytest.raises(UnreadableInputError, match=said):
        fix_file(data, data, changes="log.jsonl", on_progress=meddle)
    assert not os.path.exists("log.jsonl")
    assert (data.read_bytes() if data.exists() else b"")[: len(before)] == (b"" if other == "removed" else before)
    assert [name for name in os.listdir() if name.startswith(".")] == []


def test_a_file_that_no_change_made_is_named_with_the_log(data, capsys):
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--changes", "c.jsonl", "-q"]) == 1
    assert run(["fix", "--undo", "c.jsonl", "a.jsonl", "-o", "d.jsonl"]) == 2
    assert capsys.readouterr().err == "jsonl-lint: a.jsonl: is not a file that the changes in c.jsonl made\n"
    Path("c.jsonl").write_bytes(b"")
    assert run(["fix", "--undo", "c.jsonl", "b.jsonl", "-o", "d.jsonl"]) == 2
    assert capsys.readouterr().err.startswith("jsonl-lint: c.jsonl: is no log of changes, ")
    assert not Path("d.jsonl").exists()


def test_logs_of_several_runs_in_place_grow_and_undo_each(data):
    first = data.read_bytes()
    assert run(["fix", "a.jsonl", "--in-place", "--changes", "c.jsonl", "--rejects", "r.jsonl", "-q"]) == 0
    second = data.read_bytes()
    data.write_bytes(second + BROKEN)
    third = data.read_bytes()
    assert run(["fix", "a.jsonl", "--in-place", "--changes", "c.jsonl", "--rejects", "r.jsonl", "-q"]) == 0
    assert Path("r.jsonl").read_bytes() == BROKEN * 2
    shutil.copy("a.jsonl", "last.jsonl")
    undo_file("c.jsonl", "last.jsonl", "back.jsonl")
    assert Path("back.jsonl").read_bytes() in (first, third)


def test_what_was_fixed_in_place_is_undone_in_place(data):
    before = data.read_bytes()
    assert run(["fix", "a.jsonl", "--in-place", "--changes", "c.jsonl", "-q"]) == 1
    assert data.read_bytes() != before
    assert run(["fix", "--undo", "c.jsonl", "a.jsonl", "--in-place"]) == 0
    assert data.read_bytes() == before


def test_of_files_that_fixes_made_equal_each_gets_its_own_original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    originals = {"a.jsonl": GOOD + BROKEN, "b.jsonl": GOOD + BROKEN * 2}
    for name, before in originals.items():
        Path(name).write_bytes(before)
    assert run(["fix", *originals, "--in-place", "--changes", "c.jsonl", "--rejects", "r.jsonl", "-q"]) == 0
    assert Path("a.jsonl").read_bytes() == Path("b.jsonl").read_bytes() == GOOD
    shutil.copy("a.jsonl", "other.jsonl")
    with pytest.raises(UserError, match=r"made a\.jsonl and b\.jsonl equal"):
        undo_file("c.jsonl", "other.jsonl", "back.jsonl")
    for name, before in originals.items():
        undo_file("c.jsonl", name, "back.jsonl")
        assert Path("back.jsonl").read_bytes() == before


@pytest.mark.parametrize("option", ["--rejects", "--changes"])
def test_what_goes_to_standard_output_is_not_mixed_with_the_summary(data, option, capsys):
    run(["fix", "a.jsonl", "-o", "b.jsonl", option, "log"])
    capsys.readouterr()
    run(["fix", "a.jsonl", "-o", "b.jsonl", option, "-"])
    captured = capsys.readouterr()
    assert captured.out == Path("log").read_text()
    assert captured.err.startswith("a.jsonl: 2 findings fixed")


def test_standard_streams(data, capsysbinary, monkeypatch):
    result = subprocess.run(
        [*COMMAND, "-", "-o", "-", "-q"], input=BAD, capture_output=True, env=ENVIRONMENT, check=False
    )
    assert (result.stdout, result.stderr, result.returncode) == (MENDED, b"", 0)
    result = subprocess.run([*COMMAND, "-", "-o", "-"], input=BAD, capture_output=True, env=ENVIRONMENT, check=False)
    assert result.stdout == MENDED
    assert result.stderr.startswith(b"-: 1 finding fixed")


@pytest.mark.parametrize("rules", [{"ignore": ("record-too-large",)}, {"select": ("JL2", "JL801")}])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_over_the_limit_stays_whole_whatever_rules_are_on(data, rules, end):
    long = [GOOD[:-3] + b" " * 300 + last for last in (b"]}\n", b'], "id": 1}' + end)]
    data.write_bytes(long[0] + BAD + long[1])
    result = fix_file(data, "b.jsonl", Settings(max_line_bytes=200, unsafe_fixes=True, **rules), changes="log")
    assert Path("b.jsonl").read_bytes() == long[0] + MENDED + long[1]
    assert (result.records, result.written, result.deleted) == (3, 3, 0)
    undo_file("log", "b.jsonl", "c.jsonl")
    assert Path("c.jsonl").read_bytes() == data.read_bytes()


def test_a_record_is_not_put_on_a_line_over_the_limit(data):
    spread = json.dumps(json.loads(GOOD), indent=1).encode() + b"\n"
    data.write_bytes(spread + BAD)
    limit = len(GOOD) - len(b"\n") - 1
    result = fix_file(data, "b.jsonl", Settings(max_line_bytes=limit))
    assert Path("b.jsonl").read_bytes().startswith(spread)
    assert ["over the limit" in refused.reason for refused in result.refused] == [True]
    fix_file(data, "b.jsonl", Settings(max_line_bytes=limit + 1))
    assert Path("b.jsonl").read_bytes().startswith(GOOD)


def test_the_format_of_a_file_is_that_of_the_records_that_stay(data):
    text = line_of({"text": "a b c"})
    data.write_bytes(text * 2 + line_of({"messages": [{"role": 1, "content": "a"}]}) * 3)
    result = fix_file(data, "b.jsonl", Settings(ignore=("JL8",)), rejects="r")
    assert (Path("b.jsonl").read_bytes(), result.counts) == (text * 2, {})
    long = line_of(chat("x y z " * 50, "b"))
    data.write_bytes(long * 3 + text)
    result = fix_file(data, "b.jsonl", Settings(ignore=("JL8",), max_tokens=20, unsafe_fixes=True))
    assert (Path("b.jsonl").read_bytes(), result.counts) == (text, {})
    taken_for_safe = Settings(ignore=("JL8",), max_tokens=20, extend_safe_fixes=("over-length",))
    assert fix_file(data, "b.jsonl", taken_for_safe).counts == {}


def test_what_is_no_pair_is_rejected_though_the_target_lets_formats_mix(data):
    asked, *answers = ([{"role": role, "content": role}] for role in ("user", "assistant", "assistant"))
    answers[1][0]["content"] = "another"
    pair = {"input": {"messages": asked}, "preferred_output": answers[0], "non_preferred_output": answers[1]}
    data.write_bytes(GOOD * 2 + line_of(pair))
    settings = Settings(target="azure", method="dpo", ignore=("JL8", "too-few-records"))
    result = fix_file(data, "b.jsonl", settings, rejects="r")
    assert (Path("r").read_bytes(), Path("b.jsonl").read_bytes()) == (GOOD * 2, line_of(pair))
    assert result.counts == {} == check_file("b.jsonl", settings).summary["by_rule"]


def test_an_accepted_line_over_the_limit_stays_whole(data):
    content = GOOD[:-3] + b" " * 300 + b"]}\n"
    data.write_bytes(content + BAD)
    options = ["--max-line-bytes", "200", "--isolated"]
    assert run(["baseline", "write", "a.jsonl", "--max-line-bytes", "200", "--isolated"]) == 0
    data.write_bytes(content + EXTRA + BAD.replace(b'"a"', b'"c"'))
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--baseline", "jsonl-lint-baseline.json", *options]) == 0
    assert Path("b.jsonl").read_bytes() == content + EXTRA + MENDED.replace(b'"a"', b'"c"')


def test_a_record_that_is_too_long_for_the_model(data):
    long = line_of(chat("water " * 40, "a", "b", "c"))
    data.write_bytes(long)
    arguments = ["fix", "a.jsonl", "-o", "b.jsonl", "-q", "--unsafe-fixes", "--model", "gpt-4o-mini", "--max-tokens"]
    assert run([*arguments, "1000"]) == 0
    assert Path("b.jsonl").read_bytes() == long
    assert run([*arguments, "30"]) == 0
    assert Path("b.jsonl").read_bytes() == line_of(chat("b", "c"))


def test_a_pipe_by_its_name(data):
    command = [*COMMAND, "a.jsonl", "-o", "/dev/stdout", "-q"]
    result = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert (result.stdout, result.stderr) == (GOOD + MENDED + EXTRA + BROKEN, b"")


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="standard output has no name")
@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
@pytest.mark.parametrize(
    "command", [["fix", "a.jsonl", "-o"], ["check", "a.jsonl", "--output-format", "jsonl", "--output-file"]]
)
def test_standard_output_by_any_name_is_appended_to_and_is_all_data(data, name: str, command: list[str]):
    Path("log").write_bytes(GOOD)
    with open("log", "ab") as log:
        subprocess.run([sys.executable, "-m", "jsonl_lint", *command, name], stdout=log, env=ENVIRONMENT, check=False)
    lines = Path("log").read_bytes().splitlines(keepends=True)
    assert lines[0] == GOOD
    assert len(lines) > 2
    assert all(line[:1] == b"{" for line in lines)


def test_a_pipe_cannot_be_fixed_in_place(data):
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDWR)  # or else writing to it waits, and so would reading it twice
    os.write(reader, BAD)
    with pytest.raises(UserError, match="not a file"):
        fix_file("pipe", "pipe")
    os.close(reader)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["a.jsonl"], "one of -o OUT, --in-place and --diff"),
        (["-o", "b.jsonl"], "name the files"),
        (["a.jsonl", "-o", "b.jsonl", "--diff"], "one of"),
        (["a.jsonl", "-o", "a.jsonl"], "would overwrite an input"),
        (["a.jsonl", "-o", "link.jsonl"], "would overwrite an input"),
        (["a.jsonl", "-o", "./x/../a.jsonl"], "would overwrite an input"),
        (["a.jsonl", "-o", "b.jsonl", "--rejects", "a.jsonl"], "would overwrite an input"),
        (["a.jsonl", "-o", "b.jsonl", "--rejects", "b.jsonl"], "two outputs have this name"),
        (["a.jsonl", "-o", "b.jsonl", "--changes", "link.jsonl"], "would overwrite an input"),
        (["a.jsonl", "-o", "-", "--changes", "-"], "two outputs have this name"),
        (["a.jsonl", "link.jsonl", "-o", "b.jsonl"], "several files cannot become one"),
        (["a.jsonl", "-o", "missing/"], "missing/: no such folder"),
        (["-", "--in-place"], "standard input cannot be fixed in place"),
        (["a.jsonl", "-o", "missing/b.jsonl"], "cannot be written"),
        (["nothing.jsonl", "-o", "b.jsonl"], "no such file"),
        (["a.jsonl", "--diff", "--rejects", "r.jsonl"], "not with --diff"),
        (["a.jsonl", "--diff", "--unfixable", "no-rule"], "selects no rule"),
        (["--undo", "c.jsonl", "a.jsonl"], "and -o"),
        (["--undo", "c.jsonl", "a.jsonl", "-o", "b.jsonl", "--in-place"], "and -o"),
        (["--undo", "c.jsonl", "a.jsonl", "--in-place", "--diff"], "no --diff"),
        (["--undo", "c.jsonl", "a.jsonl", "-o", "b.jsonl", "--rejects", "r.jsonl"], "no --rejects"),
        (["--undo", "c.jsonl", "a.jsonl", "-o", "link.jsonl"], "would overwrite an input"),
        (["--undo", "a.jsonl", "a.jsonl", "-o", "b.jsonl"], "a.jsonl: is no log of changes, which is the file that --"),
        (["--undo", "none", "a.jsonl", "-o", "b.jsonl"], "no such file"),
    ],
)
def test_wrong_use_is_one_clear_line_and_touches_nothing(data, arguments, reason, capsys):
    Path("link.jsonl").symlink_to("a.jsonl")
    Path("x").mkdir()
    before = data.read_bytes()
    assert run(["fix", *arguments]) == 2
    captured = capsys.readouterr()
    assert reason in captured.err
    assert captured.err.count("\n") == 1
    assert data.read_bytes() == before
    assert sorted(path.name for path in data.parent.iterdir()) == ["a.jsonl", "link.jsonl", "x"]


def test_files_of_a_folder_that_would_take_each_others_place_are_named(data, capsys):
    for name in ("in/x", "out"):
        Path(name).mkdir(parents=True)
    for name in ("in/b.jsonl", "in/x/b.jsonl", "in/c.jsonl"):
        Path(name).write_bytes(BAD)
    assert run(["fix", "in", "-o", "out"]) == 2
    assert "out/b.jsonl: 2 of the files have this name" in capsys.readouterr().err
    assert not list(Path("out").iterdir())


@pytest.mark.parametrize(
    ("how", "is_terminal", "wanted"),
    [(["--diff"], True, False), (["-o", "-"], True, False), (["--diff"], False, True), (["-o", "b.jsonl"], True, True)],
)
def test_no_progress_bar_gets_mixed_up_with_data_on_a_terminal(data, how, is_terminal, wanted, monkeypatch, capfd):
    asked = []

    class Noted(ProgressBar):
        def __init__(self, paths, *, enabled):
            asked.append(enabled)
            super().__init__(paths, enabled=False)

    monkeypatch.setattr("jsonl_lint.cli.fix.ProgressBar", Noted)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    run(["fix", "a.jsonl", *how])
    assert asked == [wanted]


@pytest.mark.parametrize("how", [["-o", "-"], ["--diff"], ["-o", "b.jsonl", "--rejects", "-"]], ids=str)
def test_standard_output_does_not_go_into_what_is_fixed(data, how):
    before = data.read_bytes()
    with data.open("ab") as end:
        pipes = {"stdout": end, "stderr": subprocess.PIPE, "env": ENVIRONMENT}
        done = subprocess.run([*COMMAND, "a.jsonl", "-q", *how], **pipes, timeout=20, check=False)
    assert done.stderr == b"jsonl-lint: a.jsonl: standard output goes into this input; send it to another file\n"
    assert (done.returncode, data.read_bytes()) == (2, before)


def test_files_are_not_all_compared_with_each_other(data, monkeypatch):
    folder, results = Path("data"), Path("results")
    folder.mkdir()
    results.mkdir()
    looked = []
    stat_of = os.stat
    monkeypatch.setattr(os, "stat", lambda *args, **options: looked.append(args) or stat_of(*args, **options))
    for number in range(60):
        (folder / f"{number}.jsonl").write_bytes(GOOD)
    assert run(["fix", "data", "-o", "results", "-q"]) == 0
    assert len(list(results.iterdir())) == 60
    assert len(looked) < 60 * 30


@pytest.mark.parametrize("place", ["-o", "--rejects", "--changes"])
@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("--schema", b"{}"),
        ("--models", b'{"version": 1}'),
        ("--target", b'{"name": "mine", "extends": "generic"}'),
        ("--baseline", b'{"version": 1, "files": {}}'),
        ("--config", b""),
    ],
)
def test_what_the_run_reads_beside_the_data_is_not_overwritten(data, capsys, option, content, place):
    beside = Path("beside.toml" if option == "--config" else "beside.json")
    beside.write_bytes(content)
    output = [] if place == "-o" else ["--in-place"]
    assert run(["fix", "a.jsonl", option, str(beside), place, f"./{beside}", *output]) == 2
    assert "would overwrite an input" in capsys.readouterr().err
    assert beside.read_bytes() == content


@pytest.mark.parametrize("how", [["-o", "b.jsonl"], ["--in-place"], ["--diff"]])
def test_that_every_file_is_excluded_is_said(data, capsys, how):
    forced = ["--exclude", "a.jsonl", "--force-exclude"]
    assert run(["fix", "a.jsonl", *how, *forced]) == 0
    assert capsys.readouterr() == ("", "jsonl-lint: nothing to fix: every file is excluded\n")
    assert run(["fix", "a.jsonl", *how, *forced, "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_folder_takes_several_files(data):
    Path("in").mkdir()
    Path("out").mkdir()
    for name in ("1.jsonl", "2.jsonl"):
        Path("in", name).write_bytes(BAD)
    assert run(["fix", "in", "-o", "out", "-q"]) == 0
    assert [Path("out", name).read_bytes() for name in ("1.jsonl", "2.jsonl")] == [MENDED] * 2


_FIX_AS_NOBODY = """
import os, sys
from jsonl_lint.cli import run
run(["fix", "a.jsonl", "--diff", "-q"])  # whatever is imported is so now, while the checkout can be read
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
print("CODE", run(["fix", "a.jsonl", "--in-place"]))
"""


def test_a_folder_that_cannot_be_written_to(data):
    """Root may write anywhere, so root becomes nobody."""
    for parent in [data.parent, *data.parent.parents][:-1]:
        if os.stat(parent).st_uid == os.getuid() and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)
    data.parent.chmod(0o555)
    try:
        command = [sys.executable, "-c", _FIX_AS_NOBODY]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    finally:
        data.parent.chmod(0o755)
    assert done.stdout.splitlines()[-1] == "CODE 2"
    assert done.stderr == "jsonl-lint: a.jsonl: cannot be written: permission denied\n"
    assert [path.name for path in data.parent.iterdir()] == ["a.jsonl"]


def test_a_name_that_no_file_can_have(data: Path):
    with pytest.raises(UserError, match=r"^a\\u0000b: cannot be written: not a file name$"):
        fix_file(data, "a\0b")
    with pytest.raises(UnreadableInputError, match=r"^a\\0b: not a file name$"):
        fix_file("a\0b", "b.jsonl")
    with pytest.raises(UnreadableInputError, match=r"^embedded null: no such file or directory$"):
        fix_file("embedded null", "b.jsonl")


WHOLE_FILES = {
    "lines": GOOD + BAD + b"\n" + EXTRA + BROKEN,
    "no final line end": GOOD * 9 + BAD + GOOD.rstrip(),
    "dropped last": GOOD + b'{"messages": []}',
    "crlf": (GOOD + BAD + GOOD).replace(b"\n", b"\r\n"),
    "mixed": GOOD.replace(b"\n", b"\r\n") * 3 + GOOD * 9 + BAD,
    "cr": (GOOD + BAD + GOOD).replace(b"\n", b"\r"),
    "mark": b"\xef\xbb\xbf" + GOOD * 12 + BAD,
    "only a mark": b"\xef\xbb\xbf" + GOOD.rstrip(),
    "array": b"[\n" + b",\n".join([GOOD.rstrip(), BAD.rstrip(), GOOD.rstrip()]) + b"\n]\n",
    "array on one line": b"[" + b",".join([GOOD.rstrip(), BAD.rstrip()]) + b"]",
    "pretty": json.dumps(json.loads(BAD), indent=2).encode() + b"\n" + GOOD,
    "one line": BAD.rstrip() + b" " + GOOD.rstrip() + b", " + BAD,
    "split": line_of(chat("a", "b", "c", "d")).replace(b'"d"', b'"d", "reasoning": "r"'),
    "far apart": BAD + GOOD * 20 + BAD + GOOD * 6 + BAD + GOOD * 7 + BAD + GOOD,
}


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


@needs("patch")
@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_diff_is_what_patch_makes_of_it(data, name, capsysbinary):
    data.write_bytes(WHOLE_FILES[name])
    Path("same.jsonl").write_bytes(WHOLE_FILES[name])
    assert run(["fix", "a.jsonl", "--diff", "--unsafe-fixes", "-q"]) == 1
    difference = capsysbinary.readouterr().out
    assert data.read_bytes() == WHOLE_FILES[name]
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--unsafe-fixes", "-q", "--exit-zero"]) == 0
    patch = ["patch", "--binary", "--quiet", "same.jsonl"]
    assert subprocess.run(patch, input=difference, check=False).returncode == 0
    assert Path("same.jsonl").read_bytes() == Path("b.jsonl").read_bytes()


@pytest.mark.parametrize(
    "name", ["a b.jsonl", "tab\t.jsonl", 'quote"d.jsonl', "back\\slash é.jsonl", "two\nlines.jsonl"]
)
@pytest.mark.parametrize(
    "tool",
    [
        pytest.param(["patch", "--binary", "--quiet", "-p0"], marks=needs("patch"), id="patch"),
        pytest.param(["git", "apply", "-p0"], marks=needs("git"), id="git"),
    ],
)
def test_a_diff_names_its_file_so_that_it_is_found(data, name, tool, capsysbinary):
    Path(name).write_bytes(GOOD + BAD)
    assert run(["fix", name, "--diff", "-q"]) == 1
    subprocess.run(tool, input=capsysbinary.readouterr().out, check=True)
    assert Path(name).read_bytes() == GOOD + MENDED


LONG = b'{"text": "' + b"x" * 3_000_000 + b'"}\n'


@needs("patch")
@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"\xef\xbb\xbf" + GOOD + BAD, ["--ignore", "utf8-bom"]),
        (b"\xef\xbb\xbf" + BAD + GOOD, ["--ignore", "utf8-bom"]),
        (BAD + GOOD + LONG + GOOD + BAD, ["--max-line-bytes", "1000"]),
        (GOOD * 9 + LONG.rstrip() + b"\n" + BAD + LONG.rstrip(), ["--max-line-bytes", "1000"]),
    ],
    ids=["mark and context", "mark and change", "long line between", "long lines around"],
)
def test_what_comes_in_pieces_is_one_line_of_a_diff(data, content, options, capfdbinary):
    data.write_bytes(content)
    assert run(["fix", "a.jsonl", "--diff", "-q", *options]) == 1
    difference = capfdbinary.readouterr().out
    assert difference.count(b"\n-") == content.count(BAD)
    run(["fix", "a.jsonl", "-o", "b.jsonl", "-q", *options])
    assert subprocess.run(["patch", "--binary", "--quiet", "a.jsonl"], input=difference, check=False).returncode == 0
    assert data.read_bytes() == Path("b.jsonl").read_bytes()


@pytest.mark.parametrize("content", [b"\n\xef\xbb\xbf", b"\n\xef\xbb\xbf\n" + GOOD, b"\n\xef\xbb\xbf" + GOOD])
@pytest.mark.parametrize("options", [["--unfixable", "utf8-bom"], ["--ignore", "utf8-bom"]], ids=["stays", "off"])
def test_no_blank_line_is_deleted_before_what_would_become_the_mark_of_the_file(data, content, options):
    data.write_bytes(content)
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "-q", *options]) in (0, 1)
    assert Path("b.jsonl").read_bytes() == content


@pytest.mark.parametrize("after", [b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\xef\xbb\xbf \n" + GOOD])
@pytest.mark.parametrize("rules", [{"unfixable": ("utf8-bom",)}, {"ignore": ("utf8-bom",)}], ids=["stays", "off"])
def test_a_mark_is_no_record_once_all_records_before_it_are_rejected(data, after, rules):
    data.write_bytes(UNFIXABLE + after)
    settings = Settings(target="azure", **rules)  # to which a mark is no error
    result = fix_file(data, "b.jsonl", settings, rejects="r.jsonl")
    assert (Path("b.jsonl").read_bytes(), Path("r.jsonl").read_bytes()) == (after, UNFIXABLE)
    assert result.records == check_file(data, settings).files[0].records
    assert result.written == check_file("b.jsonl", settings).files[0].records
    assert result.records == result.written + result.rejected + result.deleted


@pytest.mark.parametrize("last", [GOOD.rstrip() + b" " + EXTRA.rstrip(), WHOLE_FILES["split"].rstrip()])
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_new_lines_of_a_last_one_without_an_end_are_like_the_others(data, monkeypatch, last, jobs, end):
    monkeypatch.setattr("jsonl_lint.ranges.RANGE_BYTES", 100)
    before = GOOD.replace(b"\n", end) * 3 + last
    data.write_bytes(before)
    settings = Settings(jobs=jobs, unsafe_fixes=True, ignore=("JL8",))
    found = [finding for finding in check_file(data, settings) if finding.line == 4]
    edits = [edit for finding in found if finding.fix for edit in finding.fix.edits]
    after = edited(before, edits)
    assert after.count(end) == after.count(b"\n") > 3
    fix_file(data, "b.jsonl", replace(settings, ignore=("JL8", "extra-key")))
    assert Path("b.jsonl").read_bytes() == after


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("padding", [b"", b" "])
def test_utf8_that_was_appended_to_utf16_is_not_garbled(tmp_path: Path, encoding: str, padding: bytes):
    source, fixed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_bytes((GOOD.decode() * 3000).encode(encoding) + GOOD + padding)
    with pytest.raises(UnreadableInputError, match=r"UTF-8 in part|is not whole"):
        fix_file(source, fixed)
    assert not fixed.exists()


@pytest.mark.parametrize("name", [*WHOLE_FILES, "utf-16", "utf-16-be without a mark"])
def test_every_kind_of_file_is_undone_byte_for_byte(data, name):
    before = {
        "utf-16": (GOOD + BAD).decode().encode("utf-16"),
        "utf-16-be without a mark": (GOOD + BAD).decode().encode("utf-16-be"),
    }.get(name) or WHOLE_FILES[name]
    data.write_bytes(before)
    result = fix_file("a.jsonl", "b.jsonl", Settings(unsafe_fixes=True), changes="c", rejects="r")
    assert result.changed
    undo_file("c", "b.jsonl", "back.jsonl")
    assert Path("back.jsonl").read_bytes() == before


def test_a_damaged_log_restores_nothing(data):
    fix_file("a.jsonl", "b.jsonl", changes="c.jsonl")
    log = Path("c.jsonl").read_bytes()
    Path("c.jsonl").write_bytes(log.replace(b'"before": "\\"User', b'"before": "\\"Uses'))
    with pytest.raises(UserError, match="damaged"):
        undo_file("c.jsonl", "b.jsonl", "back.jsonl")
    assert not Path("back.jsonl").exists()
    no_strays(data.parent)


@pytest.mark.parametrize("views", ['["utf-99"]', '["latin-1"]', '["utf-16-le+x"]', '["cr", 1]', '"cr"', "[[]]", "null"])
def test_a_log_with_views_that_there_are_not_restores_nothing(views, data):
    fix_file("a.jsonl", "b.jsonl", changes="c.jsonl")
    log = Path("c.jsonl").read_text()
    Path("c.jsonl").write_text(log.replace('"views": []', f'"views": {views}'))
    with pytest.raises(UserError, match="damaged"):
        undo_file("c.jsonl", "b.jsonl", "back.jsonl")
    assert not Path("back.jsonl").exists()
    no_strays(data.parent)


def test_a_log_with_another_view_or_an_endless_place_restores_nothing(data):
    data.write_bytes(BAD + GOOD.replace(b"\n", b"\xff\n"))
    fix_file("a.jsonl", "b.jsonl", changes="c.jsonl")
    log = Path("c.jsonl").read_text()
    for damaged in (
        log.replace('"views": []', '"views": ["utf-16-le"]'),
        re.sub('"byte_start": [0-9]+', '"byte_start": Infinity', log),
        re.sub('"byte_start": ([0-9]+)', r'"byte_start": 1\1', log, count=1),
    ):
        Path("c.jsonl").write_text(damaged)
        with pytest.raises(UserError, match=r"^c\.jsonl: the log of changes is damaged"):
            undo_file("c.jsonl", "b.jsonl", "back.jsonl")
    assert not Path("back.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "remains"),
    [(GOOD * 2 + b"{\r\n", False), (GOOD + BAD.replace(b"\n", b"\r\n"), True), (GOOD + GOOD[:-1] + b"\r\n{", True)],
    ids=["rejected", "changed", "kept"],
)
def test_line_ends_that_are_not_fixed_are_those_of_the_result(data, content, remains):
    data.write_bytes(content)
    settings = Settings(unfixable=("mixed-line-endings",), select=("JL0", "JL2"))
    result = fix_file(data, "b.jsonl", settings, rejects="r.jsonl")
    assert ("mixed-line-endings" in result.to_dict()["remaining"]) is remains
    assert ("mixed-line-endings" in check_file("b.jsonl", settings).summary["by_rule"]) is remains


def test_mixed_line_endings_are_one_finding_however_many_lines_are_changed(data):
    data.write_bytes(GOOD + GOOD.replace(b"\n", b"\r\n") * 3 + b"\r\n")
    settings = Settings(select=("mixed-line-endings", "blank-line"))
    fixable = check_file(data, settings).summary["by_rule"]
    assert fix_file(data, "b.jsonl", settings).fixed == fixable == {"mixed-line-endings": 1, "blank-line": 1}
    assert Path("b.jsonl").read_bytes() == GOOD * 4


def test_no_diff_for_a_clean_file(data, capsys):
    data.write_bytes(GOOD * 5)
    assert run(["fix", "a.jsonl", "--diff", "-q"]) == 0
    assert capsys.readouterr().out == ""


def test_a_line_over_the_limit_goes_through(data):
    long = GOOD.replace(b"Hello", b"x" * 5000)
    data.write_bytes(BAD + long + BAD)
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--max-line-bytes", "1000", "--changes", "c", "-q"]) == 1
    assert Path("b.jsonl").read_bytes() == MENDED + long + MENDED
    assert run(["fix", "a.jsonl", "-o", "b.jsonl", "--max-line-bytes", "1000", "--rejects", "r", "-q"]) == 0
    assert (Path("b.jsonl").read_bytes(), Path("r").read_bytes()) == (MENDED * 2, long)


@pytest.mark.parametrize(
    ("array", "fault"),
    [
        (b"[\n" + GOOD.rstrip() + b",\n" + GOOD, "the array does not end; its last item begins on line 3"),
        (b"[\n" + GOOD.rstrip() + b",\n" + GOOD[:30], "the array does not end; its last item begins on line 3"),
        (b"[\n" + GOOD.rstrip() + b",\n", "the array does not end"),
        (b"[\n\n" + GOOD[:30], "the array does not end; its last item begins on line 3"),
        (b'[\n{"a":\n1},\n{"a": [1}}},\n' + GOOD + b"]\n", "brackets do not match in the item that begins on line 4"),
        (b"[\n" + GOOD.rstrip() + b",\n,\n" + GOOD + b"]\n", "an item is missing on line 3"),
        (b"[\n" + GOOD.rstrip() + b",\n" + GOOD + b"]\n" + GOOD, "text follows the array on line 5"),
        (b"[\n]\n", "the array is empty"),
        (b'[\n{"role": "user", "content": "Hi"},\n1]', "its items are the messages of one conversation"),
        (b'[\n{"from": "human", "value": "Hi"}\n]', "its items are the messages of one conversation"),
    ],
    ids=[
        "no bracket",
        "cut off",
        "no item",
        "first item cut off",
        "brackets",
        "two commas",
        "more",
        "empty",
        "messages",
        "turns",
    ],
)
def test_a_broken_array_stays_and_says_why(data, capsys, array, fault):
    data.write_bytes(array)
    assert run(["fix", "a.jsonl", "-o", "b.jsonl"]) == 1
    assert Path("b.jsonl").read_bytes() == array
    assert f"json-array-file is not fixed: {fault}" in capsys.readouterr().out
    assert run(["check", "a.jsonl"]) == 1
    said = capsys.readouterr().out
    assert f" lines, not JSONL, and {fault}\n" in said
    assert " 0 fixable " in said


def test_what_remains_in_an_array_that_stays_is_counted(data):
    data.write_bytes(b"[\n" + BAD.rstrip() + b",\n" + BAD)
    counts = check_file("a.jsonl").files[0].counts
    assert {rule for rule, _ in counts} == {"json-array-file", "unknown-role"}
    result = fix_file("a.jsonl", "b.jsonl")
    assert (result.counts, result.uncounted) == (counts, ())
    assert result.records == result.written == check_file("a.jsonl").files[0].records


def test_an_array_that_may_not_be_split_has_as_many_records_as_a_check_finds(data):
    data.write_bytes(b"[" + b",\n".join([GOOD.rstrip()] * 10) + b"]\n")
    settings = Settings(target="openai", unfixable=("json-array-file",))
    report, result = check_file(data, settings), fix_file(data, "b.jsonl", settings)
    assert (result.written, result.counts) == (10, report.files[0].counts)


def test_an_array_that_no_rule_may_look_at_is_refused_as_check_does(data, capsys):
    data.write_bytes(b"[" + GOOD.rstrip() + b"]\n")
    for verb in (["fix", "-o", "b.jsonl"], ["check"]):
        assert run([*verb, "a.jsonl", "--select", "JL2"]) == 2
        assert "a.jsonl: not checked: the file is one JSON array, and the rule " in capsys.readouterr().err
    assert not Path("b.jsonl").exists()


def test_the_format_is_that_of_the_records_that_may_go(data):
    long = line_of(chat("x y z " * 50, "b"))
    pairs = {"prompt": "a", "completion": "b"}
    data.write_bytes(long + b"\x00" * 300 + b"\n" + long + line_of(pairs))
    settings = Settings(max_tokens=20, unsafe_fixes=True, ignore=("JL8",))
    result = fix_file(data, "b.jsonl", settings)
    assert "binary" in result.refused[0].reason
    assert {rule: count for (rule, _), count in result.counts.items()} == check_file("b.jsonl", settings).summary[
        "by_rule"
    ]


def test_an_item_over_the_limit_keeps_the_array_whole(data):
    item = GOOD.rstrip()
    data.write_bytes(b"[" + item + b"]\n")
    result = fix_file(data, "b.jsonl", Settings(max_line_bytes=len(item) - 1))
    assert (Path("b.jsonl").read_bytes(), result.refused[0].reason) == (
        data.read_bytes(),
        "the item that begins on line 1 is too large",
    )
    fix_file(data, "b.jsonl", Settings(max_line_bytes=len(item)))
    assert Path("b.jsonl").read_bytes() == GOOD


def test_an_item_with_too_many_values_is_not_read(data, monkeypatch):
    data.write_bytes(b'[{"a": 1},\n[[],[],[]]]\n')
    assert "too large" not in check_file(data).findings[-1].message
    monkeypatch.setattr("jsonl_lint.arrays.MOST_BRACKETS_AND_COMMAS", 5)
    assert "and the item that begins on line 2 is too large" in check_file(data).findings[-1].message


# --- when the machine fails ------------------------------------------------------------------------------------------


def limited(size):
    """In the child: no file may become larger."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("arguments", [["--in-place"], ["-o", "b.jsonl"], ["--in-place", "--changes", "c.jsonl"]])
def test_a_full_disk_leaves_the_original(data, arguments):
    before = (BAD + GOOD) * 3000
    data.write_bytes(before)
    result = subprocess.run(
        [*COMMAND, "a.jsonl", *arguments],
        capture_output=True,
        env=ENVIRONMENT,
        preexec_fn=limited(100_000),
        check=False,
    )
    assert result.returncode == 2
    assert b"cannot be written: file too large" in result.stderr
    assert result.stderr.count(b"\n") == 1
    assert data.read_bytes() == before
    assert [path.name for path in data.parent.iterdir()] == ["a.jsonl"]


def moments(data, before, chance):
    """When to kill: at some part of the hidden file, when the data has been replaced, or at any time.

    The first two do not depend on how fast the machine is, or how busy.
    """
    partial, size = data.with_name(f".{data.name}.jsonl-lint-partial"), len(before)
    kind, part, delay = chance.choice(["part", "part", "replaced", "any"]), chance.random(), chance.uniform(0, 1)
    old = data.stat().st_ino
    start = time.monotonic()

    def reached():
        if kind == "any":
            return time.monotonic() > start + delay
        if kind == "replaced":
            return data.stat().st_ino != old
        with contextlib.suppress(FileNotFoundError):
            return partial.stat().st_size >= int(part * size * 0.9)
        return False

    return reached


def kill_at_random(data, times, seed):
    """Kill `fix --in-place` at random moments; each time the file is the original or the complete result."""
    chance = random.Random(seed)
    before, after = (BAD + GOOD) * 4000, (MENDED + GOOD) * 4000
    outcomes = {before: 0, after: 0}
    command = [*COMMAND, "a.jsonl", "--in-place", "-q", "--ignore", "JL8"]
    for _ in range(times):
        data.write_bytes(before)
        reached = moments(data, before, chance)
        with subprocess.Popen(command, env=ENVIRONMENT) as process:
            while process.poll() is None and not reached():
                time.sleep(0.001)
            process.kill()
        outcomes[data.read_bytes()] += 1  # a KeyError is half a file
        assert set(os.listdir(data.parent)) <= {"a.jsonl", ".a.jsonl.jsonl-lint-partial"}
    assert run(["fix", "a.jsonl", "--in-place", "-q"]) == 0
    assert os.listdir(data.parent) == ["a.jsonl"]
    return list(outcomes.values())


def test_a_kill_leaves_the_original_or_the_result(data):
    kill_at_random(data, 6, seed=1)


@pytest.mark.slow
def test_hundreds_of_kills_leave_the_original_or_the_result(data):
    outcomes = kill_at_random(data, 300, seed=2)
    assert min(outcomes) > 10, outcomes


def test_a_run_takes_over_what_a_killed_one_left(data):
    Path(".a.jsonl.jsonl-lint-partial").write_bytes(b"half of a line")
    assert run(["fix", "a.jsonl", "--in-place", "-q"]) == 1
    assert data.read_bytes() == GOOD + MENDED + EXTRA + BROKEN
    no_strays(data.parent)


def test_two_runs_on_one_file_do_not_mix(data, capsys):
    from jsonl_lint.files.replacement import Replacement

    first = Replacement("a.jsonl")
    assert run(["fix", "a.jsonl", "--in-place"]) == 2
    assert "another run is writing it" in capsys.readouterr().err
    first.discard()
    assert run(["fix", "a.jsonl", "--in-place", "-q"]) == 1


def test_a_file_that_cannot_be_replaced_spares_the_others(data, capsys):
    from jsonl_lint.files.replacement import Replacement

    Path("b.jsonl").write_bytes(BAD)
    other = Replacement("a.jsonl")
    assert run(["fix", "a.jsonl", "b.jsonl", "--in-place"]) == 2
    other.discard()
    assert (data.read_bytes(), Path("b.jsonl").read_bytes()) == (GOOD + BAD + b"\n" + EXTRA + BROKEN, MENDED)
    assert capsys.readouterr().err == "jsonl-lint: a.jsonl: another run is writing it\n"
    assert run(["fix", "a.jsonl", "b.jsonl", "--in-place", "--changes", "no/log"]) == 2
    assert capsys.readouterr().err == "jsonl-lint: no/log: cannot be written: no such file or directory\n"


def test_an_interrupt_leaves_nothing_behind(data, monkeypatch):
    from jsonl_lint.fixer import file

    before = data.read_bytes()

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(file, "_result", interrupted)
    assert run(["fix", "a.jsonl", "--in-place", "--changes", "c", "--rejects", "r"]) == 130
    assert data.read_bytes() == before
    assert os.listdir(data.parent) == ["a.jsonl"]


def test_a_file_that_is_not_utf8_has_no_diff(data, capsys):
    data.write_bytes(GOOD.decode().encode("utf-16"))
    assert run(["fix", "a.jsonl", "--diff"]) == 2
    assert capsys.readouterr().err == "jsonl-lint: a.jsonl: not UTF-8, so there is no diff; use -o\n"
