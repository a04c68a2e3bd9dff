"""The command line: exit codes, manners, and reports that agree with each other and with the library."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Settings, __version__, check_paths
from jsonl_lint.cli import run
from jsonl_lint.cli.help import flowing
from tests.conftest import GOOD, NO_MESSAGES, chat, heed_signals, line_of, valid_finding, valid_report
from tests.reporting import FORMATS

EXTRA_KEY = line_of(chat(id=1))
FINDING = re.compile(r"^(?P<path>.+):(?P<line>[0-9]+):(?P<column>[0-9]+): JL[0-9]{3} [a-z0-9-]+( /\S*)? \S.*$")


class Result(NamedTuple):
    code: int
    out: bytes
    err: bytes

    @property
    def lines(self) -> list[str]:
        return self.out.decode().removesuffix("\n").split("\n") if self.out else []


Cli = Callable[..., Result]


@pytest.fixture
def cli(capsysbinary: Any, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run the command line in this process: `cli("check", path, stdin=b"...")`."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: str | Path, stdin: bytes | None = None) -> Result:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run([str(arg) for arg in args])
        result = Result(code, *capsysbinary.readouterr())
        assert b"Traceback" not in result.err
        return result

    return call


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file with an error on line 2, a warning on line 3 and an error on line 4."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(GOOD + NO_MESSAGES + EXTRA_KEY + b"{" + GOOD)
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.jsonl"
    path.write_bytes(GOOD + line_of(chat("Bye", "Bye")))
    return path


def spawn(*args: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, "-m", "jsonl_lint", *map(str, args)], preexec_fn=heed_signals, **pipes)


def shell(command: str, *args: str | Path) -> Result:
    """Run a shell command in which `jsonl-lint` is this one and "$1" … are the arguments.

    Output is buffered, as it is for most users: then writing may fail as late as at the end.
    """
    script = f'set -o pipefail; jsonl-lint() {{ "{sys.executable}" -m jsonl_lint "$@"; }}; {command}'
    asked = ["bash", "-c", script, "bash", *map(str, args)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(asked, capture_output=True, timeout=60, check=False, env=environment)
    return Result(done.returncode, done.stdout, done.stderr)


def one_line(text: bytes) -> str:
    """The text of a complaint: one line for people, not a traceback and not a bug."""
    assert text.startswith(b"jsonl-lint: ")
    assert text.count(b"\n") == 1
    assert b"internal error" not in text
    return text.decode().strip()


# --- verbs and exit codes --------------------------------------------------------------------------------------------


def test_the_default_verb_is_check(cli: Cli, data: Path):
    assert cli(data) == cli("check", data)
    assert cli("--statistics", data) == cli("check", "--statistics", data)
    assert cli(data).code == 1


def test_a_path_that_begins_with_a_dash(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("-odd.jsonl").write_bytes(NO_MESSAGES)
    assert cli("--", "-odd.jsonl").lines[0].startswith("-odd.jsonl:1:14: JL203")


def test_version(cli: Cli):
    assert cli("--version") == Result(0, f"jsonl-lint {__version__}\n".encode(), b"")
    done = spawn("--version").communicate(timeout=60)
    assert done == (f"jsonl-lint {__version__}\n".encode(), b"")


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["check", "--help"], ["rule", "--help"], ["schema", "-h"]])
def test_help(cli: Cli, args: list[str]):
    result = cli(*args)
    assert (result.code, result.err) == (0, b"")
    assert result.out.startswith(b"Usage: jsonl-lint")


def test_no_arguments_show_how_to_use_it(cli: Cli):
    result = cli()
    assert result.code in (0, 2)
    assert b"Usage: jsonl-lint" in result.out + result.err
    assert (result.out + result.err).count(b"\n") > 5


def test_exit_codes(cli: Cli, data: Path, clean: Path, tmp_path: Path):
    assert cli(clean).code == 0
    assert cli(data).code == 1
    assert cli(tmp_path / "missing.jsonl").code == 2
    assert cli(tmp_path / "missing.jsonl", data).code == 2
    assert cli("check").code == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [(GOOD, (0, 0, 0)), (NO_MESSAGES, (1, 1, 1)), (EXTRA_KEY, (0, 1, 1)), (b'{"messages": [{', (1, 1, 1))],
)
def test_fail_on(cli: Cli, tmp_path: Path, line: bytes, expected: tuple[int, int, int]):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line)
    assert tuple(cli(path, "--fail-on", level).code for level in ("error", "warning", "info")) == expected
    assert cli(path, "--fail-on", "info", "--exit-zero").code == 0


def test_exit_zero_never_hides_what_could_not_be_checked(cli: Cli, data: Path, tmp_path: Path):
    pointer = tmp_path / "pointer.jsonl"
    pointer.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n")
    assert cli(data, tmp_path / "missing.jsonl", "--exit-zero").code == 2
    assert cli(pointer, "--exit-zero").code == 2
    assert cli(data, "--select", "no-such-rule", "--exit-zero").code == 2


def test_other_inputs_are_still_checked(cli: Cli, data: Path, tmp_path: Path):
    result = cli(tmp_path / "missing.jsonl", data)
    assert one_line(result.err) == f"jsonl-lint: {tmp_path}/missing.jsonl: no such file or directory"
    assert result.lines[0].startswith(f"{data}:2:14: JL203 empty-messages")
    assert "1 input could not be checked" in result.lines[-1]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--selct", "x"], "--select"),
        (["--select", "mising-role"], "did you mean missing-role?"),
        (["--ignore", "JL999"], "selects no rule"),
        (["--select", "JL2 missing-role"], "separated by commas: jl2,missing-role"),
        (["--ignore", "all"], "did you mean all?"),
        (["--target", "togehter"], "did you mean together?"),
        (["--target", "bedrock"], "did you mean bedrock-llama, bedrock-nova or bedrock-rft?"),
        (["--target", "Gemini"], "did you mean vertex?"),
        (["--target", "trl"], "there are: anthropic, azure, "),
        (["--target", "missing.json"], "no such file"),
        (["--method", "sfd"], "sft"),
        (["--format", "chta"], "chat"),
        (["--output-format", "jsn"], "json"),
        (["--max-findings", "-1"], "--max-findings"),
        (["--max-findings", "many"], "many"),
        (["--schema", "missing.json"], "missing.json"),
        (["--output-file", "no/such/folder/report.txt"], "cannot write the report"),
        (["--output-file", "missing/"], "cannot write the report: no such folder"),
    ],
)
def test_wrong_use_is_one_line_that_helps(cli: Cli, data: Path, args: list[str], words: str):
    result = cli(data, *args)
    assert result.code == 2
    assert result.out == b""
    assert words in one_line(result.err).lower()


def test_an_unknown_verb_is_a_file_that_is_missing(cli: Cli):
    result = cli("chekc")
    assert result.code == 2
    assert "no such file" in one_line(result.err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([""], "'': an empty name"),
        (["check", "", "--output-format", "json"], "'': an empty name"),
        (["stats", ""], "'': an empty name"),
        (["fix", "", "--diff"], "'': an empty name"),
        (["convert", "", "--to", "chat", "-o", "-"], "'': an empty name"),
        (["fixtures/sample.jsonl", "--output-file", ""], "'': cannot write the report: an empty name"),
        (["fix", "fixtures/sample.jsonl", "-o", ""], "'': cannot be written: an empty name"),
        (["fixtures/sample.jsonl", "--schema", ""], "schema is empty"),
        (["fixtures/sample.jsonl", "--model", ""], "model is empty"),
        (
            ["convert", "fixtures/sample.jsonl", "--to", "chat", "-o", "-", "--rejects", ""],
            "'': cannot write: an empty name",
        ),
        (["explain", "Line 3: no role", "--file", ""], "'': an empty name"),
        (["models", "--models", ""], "models is empty"),
        (["fixtures/sample.jsonl", "--config", ""], "config is empty"),
        (["fixtures", "--exclude", ""], "exclude is empty"),
        (["fixtures", "--select", ""], "select is empty"),
        (["fixtures", "--ignore=,"], "ignore is empty"),
        (["fix", "fixtures/sample.jsonl", "--diff", "--unfixable", ""], "unfixable is empty"),
    ],
)
def test_an_empty_word_is_never_passed_over(cli: Cli, arguments: list[str], said: str):
    """A script passes one when a variable is not set."""
    result = cli(*arguments)
    assert result.code == 2
    assert one_line(result.err) == f"jsonl-lint: {said}; is a variable of the shell not set?"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("fix fixtures/sample.jsonl -o", "cannot be written"),
        ("convert fixtures/sample.jsonl --to alpaca -o", "cannot write"),
        ("check fixtures/sample.jsonl --output-file", "cannot write the report"),
    ],
)
def test_that_nothing_is_written_to_a_url_is_said_without_its_secrets(cli: Cli, arguments: str, said: str):
    result = cli(*arguments.split(), "https://key:secret@example.org/out.jsonl?token=secret")
    line = f"jsonl-lint: https://example.org/out.jsonl: {said}: it is a URL; only local files are written"
    assert (result.code, one_line(result.err)) == (2, line)


def test_an_internal_error_is_one_line_and_debug_shows_where(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("jsonl_lint.api.check_events", fail)
    assert run([str(data)]) == 2
    said = capsys.readouterr().err
    place = re.fullmatch(r"jsonl-lint: internal error: ZeroDivisionError: oops (.*); `--debug` shows more\n", said)
    assert place is not None
    assert re.fullmatch(r"\(in tests.test_cli, line \d+\)", place[1])
    assert run([str(data), "--debug"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Traceback ")
    assert error.endswith(f"\njsonl-lint: internal error: ZeroDivisionError: oops {place[1]}\n")


# --- text ------------------------------------------------------------------------------------------------------------


def copy_of(data: Path) -> Path:
    return Path(shutil.copyfile(data, data.with_name("again.jsonl")))


def test_text_has_a_line_for_each_finding_in_input_order_and_a_summary(cli: Cli, data: Path, clean: Path):
    again = copy_of(data)
    result = cli(data, clean, again, f"{data.parent}/./{data.name}")
    *findings, summary = result.lines
    assert all(FINDING.match(line) for line in findings)
    places = [(match["path"], int(match["line"])) for line in findings if (match := FINDING.match(line))]
    assert places == [(str(path), line) for path in (data, again) for line in (2, 3, 4)]
    assert summary == (
        "10 records, 4 errors, 2 warnings, 4 fixable in 3 files (target together, no model)"
    )  # fmt: skip
    assert result.err == b""


def test_full_adds_severity_and_help(cli: Cli, data: Path):
    plain, full = cli(data), cli(data, "--output-format", "full")
    for line in plain.lines[:-1]:
        assert line in full.lines
    assert sum(line.startswith("    help: ") for line in full.lines) == 3
    assert [line for line in full.lines if line.startswith("      | ")][:2] == [
        '      | {"messages": []}',
        "      |              ^^",
    ]
    assert full.lines[-1] == plain.lines[-1]


def test_quiet_and_verbose(cli: Cli, data: Path, clean: Path):
    assert cli(clean, "-q") == Result(0, b"", b"")
    assert cli(data, "-q").lines == cli(data).lines[:-1]
    verbose = cli(clean, "-v")
    assert b"2 records" in verbose.err
    assert b"chat" in verbose.err
    assert verbose.out == cli(clean).out


def test_statistics_count_by_rule(cli: Cli, data: Path):
    lines = cli(data, copy_of(data), "--statistics").lines
    assert [line.split() for line in lines[:-1]] == [
        ["2", "error", "empty-messages"],
        ["2", "warning", "extra-key"],
        ["2", "error", "invalid-json"],
    ]
    assert lines[-1].startswith("8 records, 4 errors, 2 warnings")


def test_statistics_for_programs(cli: Cli, data: Path):
    again = copy_of(data)
    report = valid_report(json.loads(cli(data, again, "--statistics", "--output-format", "json").out))
    assert report["findings"] == []
    assert report["statistics"] == [
        {"code": "JL203", "rule": "empty-messages", "severity": "error", "count": 2},
        {"code": "JL106", "rule": "extra-key", "severity": "warning", "count": 2},
        {"code": "JL010", "rule": "invalid-json", "severity": "error", "count": 2},
    ]
    lines = cli(data, again, "--statistics", "--output-format", "jsonl").lines
    assert [json.loads(line) for line in lines] == report["statistics"]
    refused = cli(data, "--statistics", "--output-format", "sarif")
    assert refused.code == 2
    assert "--statistics: sarif reports have no place for counts" in one_line(refused.err)


def test_a_fix_that_does_what_the_help_says_does_not_repeat_it(cli: Cli, tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"[" + GOOD.strip() + b"]\n")
    shown = cli(path, "--output-format", "full").lines
    assert "    help: Write each item on its own line: `jq -c '.[]' data.json > data.jsonl`." in shown
    assert "    fix: `jsonl-lint fix` does so (safe)" in shown


def test_titles_of_fixes_end_without_a_full_stop(cli: Cli, tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"[" + GOOD.strip() + b"]\n")
    (found,) = json.loads(cli(path, "--output-format", "json").out)["findings"]
    assert found["fix"]["title"] == found["help"].removesuffix(".") != found["help"]


def test_what_is_not_shown_is_counted(cli: Cli, tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes((EXTRA_KEY + NO_MESSAGES) * 5 + b"{}\n" * 9)
    result = cli(path, "--max-findings", "2", "--ignore", "JL80")
    assert sum(" JL203 " in line for line in result.lines) == 2
    assert sum(" JL106 " in line for line in result.lines) == 2
    hidden = [line for line in result.lines if "not shown" in line]
    assert hidden == [
        f"{path}: {count} more of {rule} are not shown (--max-findings)"
        for count, rule in ((7, "missing-messages"), (3, "empty-messages"), (3, "extra-key"))
    ]
    assert result.lines[-1].startswith("19 records, 14 errors, 5 warnings")
    assert f"{path}: 1 more of extra-key is not shown (--max-findings)" in cli(path, "--max-findings", "4").lines
    report = json.loads(cli(path, "--max-findings", "2", "--ignore", "JL80", "--output-format", "json").out)
    assert report["summary"]["by_rule"] == {"empty-messages": 5, "extra-key": 5, "missing-messages": 9}
    assert len(report["findings"]) == 6
    assert cli(path, "--max-findings", "0", "--ignore", "JL80", "--output-format", "jsonl").out.count(b"\n") == 19


def test_colour(cli: Cli, data: Path, monkeypatch: pytest.MonkeyPatch):
    colourful = lambda *args: b"\x1b[" in cli(data, *args).out  # noqa: E731
    assert not colourful()
    assert colourful("--color", "always")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert colourful()
    assert not colourful("--color", "never")
    assert not colourful("--output-format", "json")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colourful()
    assert colourful("--color", "always")
    stripped = re.sub(rb"\x1b\[[0-9;]*m", b"", cli(data, "--color", "always").out)
    assert stripped == cli(data, "--color", "never").out


def test_method_and_selectors_reach_the_engine(cli: Cli, tmp_path: Path):
    path = tmp_path / "prompts.jsonl"
    path.write_bytes(line_of({"messages": [{"role": "user", "content": "a"}], "id": 1}))
    rules = lambda *args: [line.split()[2] for line in cli(path, "-q", *args).lines]  # noqa: E731
    assert rules() == ["no-assistant-message", "extra-key"]
    assert rules("--method", "rl") == ["extra-key"]
    assert rules("--ignore", "JL1") == ["no-assistant-message"]
    assert rules("--select", "extra-key,JL21", "--ignore", "JL2") == ["no-assistant-message", "extra-key"]
    assert rules("--select", "JL2", "--extend-select", "extra-key", "--ignore", "no-assistant-message") == ["extra-key"]


def test_own_schema(cli: Cli, clean: Path, tmp_path: Path):
    (tmp_path / "own.json").write_text('{"required": ["id"]}')
    result = cli(clean, "--schema", tmp_path / "own.json", "-q")
    assert result.code == 1
    assert [" JL111 schema-violation the key `id` is missing" in line for line in result.lines] == [True, True]


# --- json and jsonl --------------------------------------------------------------------------------------------------


def test_every_output_says_the_same_as_the_library(cli: Cli, data: Path, clean: Path, tmp_path: Path):
    paths = [data, tmp_path / "missing.jsonl", clean]
    report = valid_report(json.loads(cli(*paths, "--output-format", "json").out))
    lines = [valid_finding(json.loads(line)) for line in cli(*paths, "--output-format", "jsonl").lines]
    assert lines == report["findings"]
    assert report == check_paths(paths, Settings()).to_dict()
    shown = [f"{item['path']}:{item['line']}:{item['column']}: {item['code']} {item['rule']} " for item in lines]
    text = cli(*paths).lines[:-1]
    assert [line.startswith(start) for line, start in zip(text, shown, strict=True)] == [True] * len(text)


def test_a_json_report_without_a_finding_or_a_file(cli: Cli, clean: Path, tmp_path: Path):
    report = valid_report(json.loads(cli(clean, "--output-format", "json").out))
    assert report["findings"] == []
    assert report["files"][0]["valid_records"] == 2
    report = valid_report(json.loads(cli(tmp_path / "missing", "--output-format", "json").out))
    assert report["files"] == []
    assert len(report["input_errors"]) == 1
    assert cli(clean, "--output-format", "jsonl").out == b""


def test_an_output_file_holds_what_standard_output_would(cli: Cli, data: Path, tmp_path: Path):
    for name in FORMATS:
        target = tmp_path / f"report.{name}"
        target.write_text("old")
        written = cli(data, "--output-format", name, "--output-file", target)
        shown = cli(data, "--output-format", name)
        assert (written.code, written.out) == (1, b"")
        assert target.read_bytes() == shown.out
    assert {path.name for path in tmp_path.iterdir()} == {"data.jsonl", *(f"report.{name}" for name in FORMATS)}


def test_an_output_file_is_replaced_only_when_the_report_is_whole(
    cli: Cli, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "report.json"
    target.write_text("old")
    assert cli(data, "--target", "nobody", "--output-file", target).code == 2

    def fail(self: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("jsonl_lint.report.json_report.JsonReporter.end", fail)
    assert cli(data, "--output-format", "json", "--output-file", target).code == 2
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.jsonl", "report.json"]


def test_the_data_is_never_overwritten_by_its_report(cli: Cli, data: Path):
    before = data.read_bytes()
    result = cli(data, "--output-file", data)
    assert data.read_bytes() == before
    assert result.code == 2
    one_line(result.err)


# --- several reports at once -----------------------------------------------------------------------------------------


def test_several_reports_of_one_run(cli: Cli, data: Path, tmp_path: Path):
    """A file belongs to the format before it; the format without a file goes to standard output."""
    sarif, page = tmp_path / "out.sarif", tmp_path / "out.html"
    result = cli(
        *(data, "--output-format", "text", "--output-format", "sarif", "--output-file", sarif),
        *("--output-format", "html", "--output-file", page),
    )
    assert result == cli(data)
    assert sarif.read_bytes() == cli(data, "--output-format", "sarif").out
    assert page.read_bytes() == cli(data, "--output-format", "html").out


def test_which_file_is_whose(cli: Cli, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    text, as_json = cli(data).out, cli(data, "--output-format", "json").out
    wanted: dict[str, tuple[bytes, dict[str, bytes]]] = {
        "--output-file a": (b"", {"a": text}),
        "--output-file a --output-format json": (b"", {"a": as_json}),
        "--output-file a --output-format json --output-format text": (text, {"a": as_json}),
        "--output-format json --output-format text --output-file a": (as_json, {"a": text}),
        "--output-format json --output-file a --output-format text": (text, {"a": as_json}),
        "--output-format=json --output-file=a --output-format=json --output-file=b": (
            b"",
            {"a": as_json, "b": as_json},
        ),
    }
    for words, (shown, files) in wanted.items():
        assert cli(data, *words.split()) == Result(1, shown, b""), words
        for name, content in files.items():
            assert Path(name).read_bytes() == content, words
            Path(name).unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["data.jsonl"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--output-format json --output-format text", "json and text would both go to standard output"),
        ("--output-format text --output-file a --output-file b", "--output-file b: name its --output-format before it"),
        ("--output-file a --output-file b --output-format text", "--output-file b: name its --output-format before it"),
        ("--output-file a --output-format text --output-file b", "--output-file b: name its --output-format before it"),
        (
            "--output-file a --output-format text --output-format json --output-file ./a",
            "--output-file a is named twice",
        ),
        ("--output-format text --output-format sarif --output-file data.jsonl", "would overwrite an input"),
        ("--output-format text --output-format sarif --output-file no/such", "cannot write the report"),
    ],
)
def test_each_report_needs_a_place_of_its_own(
    cli: Cli, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, complaint: str
):
    monkeypatch.chdir(tmp_path)
    result = cli(data, *words.split())
    assert (result.code, result.out) == (2, b"")
    assert complaint in one_line(result.err)
    assert [path.name for path in tmp_path.iterdir()] == ["data.jsonl"]


@pytest.mark.parametrize(
    ("option", "content"),
    [("--against", GOOD), ("--schema", b"{}"), ("--baseline", b'{"version": 1, "files": {}}')],
)
def test_a_report_does_not_take_the_place_of_what_is_compared(
    cli: Cli, data: Path, tmp_path: Path, option: str, content: bytes
):
    other = tmp_path / "other.json"
    other.write_bytes(content)
    result = cli(data, option, other, "--output-format", "json", "--output-file", other)
    assert result.code == 2
    assert one_line(result.err).endswith("the report would overwrite an input")
    assert other.read_bytes() == content


def test_a_report_does_not_take_the_place_of_any_configuration(cli: Cli, data: Path, tmp_path: Path):
    """Not even of one that holds for the last file alone."""
    folders = [tmp_path / name for name in ("own", "wrong", "passed over")]
    texts = ['extend = "../base.toml"\n', "what = 1\n", 'exclude = ["*"]\nforce-exclude = true\n']
    (tmp_path / "base.toml").write_text('fail-on = "warning"\n')
    for folder, text in zip(folders, texts, strict=True):
        folder.mkdir()
        (folder / ".jsonl-lint.toml").write_text(text)
        (folder / "a.jsonl").write_bytes(GOOD)
    paths = [data, *(folder / "a.jsonl" for folder in folders)]
    for kept in (folders[0] / ".jsonl-lint.toml", tmp_path / "base.toml"):
        before = kept.read_bytes()
        refused = cli(*paths, "--output-file", kept)
        assert refused.code == 2
        assert one_line(refused.err) == f"jsonl-lint: {kept}: the report would overwrite an input"
        assert kept.read_bytes() == before
    checked = cli(*paths, "--output-file", tmp_path / "report.txt")
    assert (checked.code, checked.err.count(b"unknown key `what`")) == (2, 1)
    assert b"data.jsonl:4" in (tmp_path / "report.txt").read_bytes()


@pytest.mark.parametrize("name", ["mine.toml", "ours.toml", "all.toml"])
def test_a_report_does_not_take_the_place_of_a_configuration(cli: Cli, data: Path, tmp_path: Path, name: str):
    content = {"mine.toml": 'extend = "ours.toml"', "ours.toml": 'extend = "all.toml"', "all.toml": ""}
    for file, text in content.items():
        (tmp_path / file).write_text(text)
    assert cli(data, "--config", tmp_path / "mine.toml", "--output-file", tmp_path / name).code == 2
    assert cli("fix", data, "--config", tmp_path / "mine.toml", "-o", tmp_path / name).code == 2
    assert {file: (tmp_path / file).read_text() for file in content} == content


@pytest.mark.parametrize("paths", [["."], ["data.jsonl"], ["*.jsonl"]], ids=str)
def test_a_report_on_standard_output_is_not_fed_by_itself(tmp_path: Path, paths: list[str]):
    data = tmp_path / "data.jsonl"
    data.write_bytes(NO_MESSAGES * 99)
    with data.open("ab") as end:
        command = [sys.executable, "-m", "jsonl_lint", *paths, "--max-findings", "0", "--output-format", "jsonl"]
        done = subprocess.run(command, stdout=end, stderr=subprocess.PIPE, cwd=tmp_path, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith(b"data.jsonl: standard output goes into this input; send it to another file\n")
    assert data.read_bytes() == NO_MESSAGES * 99


def test_a_report_may_stand_among_the_data_if_it_is_passed_over(tmp_path: Path):
    (tmp_path / "data.jsonl").write_bytes(NO_MESSAGES)
    report = tmp_path / "report.jsonl"
    report.write_bytes(NO_MESSAGES)
    command = [".", "--exclude", "report.jsonl", "--output-format", "jsonl"]
    with report.open("wb") as output:
        process = spawn(*command, stdout=output, cwd=tmp_path)
        assert (process.communicate(timeout=20)[1], process.returncode) == (b"", 1)
    found = report.read_bytes()
    process = spawn(*command, "--output-file", "report.jsonl", cwd=tmp_path)
    assert (process.communicate(timeout=20), process.returncode) == ((b"", b""), 1)
    assert report.read_bytes() == found
    assert found.count(b"\n") == 1


def test_a_closed_pipe_does_not_spoil_the_report_in_a_file(tmp_path: Path):
    path, report = tmp_path / "data.jsonl", tmp_path / "report.json"
    path.write_bytes(NO_MESSAGES * 20_000)
    options = "--max-findings 0 --ignore JL80 --output-format text --output-format json --output-file"
    result = shell(f'jsonl-lint "$1" {options} "$2" | head -1; echo "${{PIPESTATUS[0]}}"', path, report)
    assert result.err == b""
    assert result.lines[-1] == "1"
    assert len(valid_report(json.loads(report.read_bytes()))["findings"]) == 20_000


# --- standard input, pipes, signals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["rule --all", "targets together", "models", "check -h"])
def test_what_is_printed_is_utf8_whatever_the_locale(asked: str):
    command = [sys.executable, "-m", "jsonl_lint", *asked.split()]
    outputs = []
    for encoding in ("utf-8", "latin-1"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]


def test_standard_input(cli: Cli):
    result = cli("-", stdin=GOOD + NO_MESSAGES)
    assert result.code == 1
    assert result.lines[0].startswith("-:2:14: JL203 empty-messages /messages ")
    assert cli("check", "-", stdin=GOOD).code == 0
    assert "empty-file" in cli("-", stdin=b"").lines[0]


def test_standard_input_from_a_pipe(clean: Path, data: Path):
    assert shell('cat "$1" | jsonl-lint -', clean).code == 0
    piped = shell('cat "$1" | jsonl-lint - -q', data)
    assert piped.out.decode() == shell('jsonl-lint -q "$1"', data).out.decode().replace(f"{data}:", "-:")
    assert shell('jsonl-lint - -q < "$1"', data) == piped


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no pipes with names")
def test_a_pipe_that_has_a_name_has_no_extension_to_be_wrong(clean: Path):
    assert shell('cat "$1" | jsonl-lint /dev/stdin', clean).code == 0
    assert shell('jsonl-lint <(cat "$1")', clean).code == 0
    assert shell('jsonl-lint /dev/stdin < "$1"', clean).code == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc")
def test_an_open_file_by_its_number_has_no_extension_to_be_wrong(clean: Path):
    assert shell('jsonl-lint /proc/self/fd/0 < "$1"', clean).code == 0


def test_a_closed_pipe_ends_quietly(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(NO_MESSAGES * 50_000)
    for options in ("", "--output-format json", "--output-format full"):
        result = shell(f'jsonl-lint "$1" --max-findings 0 {options} | head -1; echo "${{PIPESTATUS[0]}}"', path)
        assert result.err == b""
        assert result.lines[-1] == "0"


def test_closed_standard_input(clean: Path):
    assert shell('jsonl-lint "$1" <&-', clean).code == 0
    result = shell("jsonl-lint - <&-")
    assert result.code == 2
    one_line(result.err)


ALL_THAT_SPEAK = [
    *("check", "-q", "check --output-format json", "check --show-settings", "fix -o -", "fix --diff", "stats"),
    *("convert --to sharegpt -o -", "explain 429", "rule", "targets", "models", "schema chat", "config"),
    *("baseline write --baseline", "--help", "check --help", "--version"),
]


@pytest.mark.parametrize("asked", [asked for asked in ALL_THAT_SPEAK if asked != "-q"])
def test_closed_standard_output_is_one_clear_line(asked: str, data: Path):
    file = "" if asked.split()[0] in ("explain", "rule", "targets", "models", "schema", "config") else '"$1"'
    file = file if "-" not in asked[:2] else ""
    if asked.startswith("baseline"):
        file = '"$1".accepted "$1"'
    data.write_bytes(GOOD if asked.startswith("convert") else NO_MESSAGES + GOOD.replace(b'"user"', b'"User"'))
    result = shell(f"jsonl-lint {asked} {file} >&-", data)
    assert (result.code, one_line(result.err)) == (2, "jsonl-lint: standard output is closed")


@pytest.mark.parametrize("asked", ALL_THAT_SPEAK[:7])
def test_a_closed_standard_error_changes_nothing(asked: str, data: Path):
    there, gone = (shell(f'jsonl-lint {asked} "$1" {closed}', data) for closed in ("2>/dev/null", "2>&-"))
    assert there == gone


@pytest.mark.parametrize("verb", ["check", "fix", "merge", "batch resume"])
def test_help_breaks_no_line_inside_a_name(cli: Cli, verb: str):
    said = cli(*verb.split(), "--help").out.decode()
    assert not re.search(r"\w-$", said, re.MULTILINE)
    assert "\N{NON-BREAKING HYPHEN}" not in said


@pytest.mark.parametrize("asked", ["--version", "--help", "check --help"])
def test_who_has_seen_enough_of_the_help_is_no_error(asked: str):
    reader, writer = os.pipe()
    os.close(reader)
    with spawn(*asked.split(), stdout=writer) as process:
        os.close(writer)
        assert (process.communicate(timeout=60)[1], process.returncode) == (b"", 0)


@pytest.mark.parametrize("verb", ["batch", "baseline"])
def test_a_verb_of_verbs_alone_is_one_clear_line(cli: Cli, verb: str):
    result = cli(verb)
    assert (result.code, one_line(result.err)) == (2, f"jsonl-lint: Missing command. (see `jsonl-lint {verb} --help`)")


def test_an_option_that_is_left_out_is_one_line_with_its_choices(cli: Cli, clean: Path):
    said = one_line(cli("convert", clean, "-o", "-").err)
    assert said.startswith("jsonl-lint: Missing option '--to'. Choose from: alpaca, bedrock, chat, ")
    assert "\\" not in said


def test_a_file_that_is_taken_for_an_option(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    said = "jsonl-lint: No such option '-x'. (see `jsonl-lint check --help`)"
    assert one_line(cli("-x.jsonl").err) == said
    Path("-x.jsonl").write_bytes(GOOD)
    assert one_line(cli("-x.jsonl").err) == said.replace("(see", "(for the file write ./-x.jsonl; see")
    assert cli("./-x.jsonl").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "check a.jsonl --selct JL2",
            "No such option '--selct'; did you mean --select? (see `jsonl-lint check --help`)",
        ),
        ("a.jsonl --fix", "No such option '--fix'; `jsonl-lint fix` repairs (see `jsonl-lint check --help`)"),
        ("check a.jsonl --silent", "No such option '--silent'. (see `jsonl-lint check --help`)"),
        (
            "check a.jsonl --model-name x",
            "No such option '--model-name'; did you mean --model? (see `jsonl-lint check --help`)",
        ),
        ("check a.jsonl --rule JL2", "No such option '--rule'; did you mean --select? (see `jsonl-lint check --help`)"),
        (
            "check a.jsonl -o b.sarif",
            "No such option '-o'; a report goes to --output-file (see `jsonl-lint check --help`)",
        ),
        ("fix a.jsonl --dry-run", "No such option '--dry-run'; did you mean --diff? (see `jsonl-lint fix --help`)"),
        (
            "stats . --json",
            "No such option '--json'; did you mean --output-format json? (see `jsonl-lint stats --help`)",
        ),
        (
            "fix . --no-unsafe",
            "No such option '--no-unsafe'; did you mean --no-unsafe-fixes? (see `jsonl-lint fix --help`)",
        ),
        ("a.jsonl --hlep", "No such option '--hlep'; did you mean --help? (see `jsonl-lint check --help`)"),
        (
            "stats . -o a.html",
            "No such option '-o'; the figures go to --output-file (see `jsonl-lint stats --help`)",
        ),
        ("stats . --fix", "No such option '--fix'. (see `jsonl-lint stats --help`)"),
        ("baseline --writ", "No such option '--writ'. (see `jsonl-lint baseline --help`)"),
    ],
)
def test_an_option_that_does_not_exist_names_the_one_that_is_meant(cli: Cli, words: str, said: str):
    assert one_line(cli(*words.split()).err) == f"jsonl-lint: {said}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--output-format sarf", "--output-format': 'sarf'; did you mean sarif?"),
        ("--fail-on warn", "--fail-on': 'warn'; did you mean warning?"),
        ("--color it's", "--color': \"it's\"; there are: auto, always, never"),
        ("--jobs all", "--jobs': 'all' is not a whole number."),
        ("--jobs -1", "--jobs': -1; it must be at least 0"),
        ("--max-tokens 0", "--max-tokens': 0; it must be at least 1"),
        ("--max-tokens 8k", "--max-tokens': '8k' is not a whole number."),
    ],
)
def test_a_value_that_does_not_exist_names_the_one_that_is_meant(cli: Cli, words: str, said: str):
    expected = f"jsonl-lint: Invalid value for '{said} (see `jsonl-lint check --help`)"
    assert one_line(cli("check", "a.jsonl", *words.split()).err) == expected


@pytest.mark.parametrize("words", [["rule", "missing-role"], ["config", "overrides"]])
def test_prose_fits_into_the_terminal(cli: Cli, words: list[str], monkeypatch: pytest.MonkeyPatch):
    pages = {}
    for columns in (60, 300):
        monkeypatch.setenv("COLUMNS", str(columns))
        pages[columns] = cli(*words).lines
    assert max(map(len, pages[60])) <= 60
    assert 80 < max(map(len, pages[300])) <= 100
    assert " ".join(pages[60]).split() == " ".join(pages[300]).split()


def test_lists_and_code_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "20")
    listed = "- one that is longer than the line\n- two\n\n    code  that  is  longer than the line"
    assert flowing(f"Prose that is longer than the line.\n\n{listed}") == (
        f"Prose that is longer\nthan the line.\n\n{listed}"
    )


def test_lines_of_prose_are_broken_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert flowing("Prose that is written in\nlines.") == "Prose that is\nwritten in lines."


def test_a_misspelt_verb_is_said_to_be_one(cli: Cli, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = cli("chek", clean)
    said = "jsonl-lint: chek: no such file or directory (and no command; did you mean check?)"
    assert (result.code, one_line(result.err)) == (2, said)
    assert one_line(cli("data.jsonl").err) == "jsonl-lint: data.jsonl: no such file or directory"
    assert one_line(cli("help").err).endswith(" (and no command; did you mean --help?)")
    assert one_line(cli("version").err).endswith(" (and no command; did you mean --version?)")
    assert one_line(cli("-q", "stats", clean).err).endswith(" (the command comes first: jsonl-lint stats …)")
    Path("chek").write_bytes(GOOD)
    assert cli("chek").err == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_help_on_a_full_disk_is_one_clear_line(asked: str):
    result = shell(f"jsonl-lint {asked} > /dev/full")
    assert result.code == 2
    assert "no space left" in one_line(result.err).lower()


def test_a_working_folder_that_is_gone_is_named(tmp_path: Path):
    result = shell('mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone" && jsonl-lint check .', tmp_path)
    assert (result.code, one_line(result.err)) == (2, "jsonl-lint: the working folder is gone")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_clear_line(data: Path):
    result = shell('jsonl-lint "$1" > /dev/full', data)
    assert result.code == 2
    assert "no space left" in one_line(result.err).lower()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("asked", ["check missing.jsonl", "fix missing.jsonl -o out.jsonl", "check --no-such-option"])
@pytest.mark.parametrize("where", ["2> /dev/full", "2>&1 > /dev/null | true"])
def test_wrong_use_has_its_exit_code_where_nothing_can_be_said(asked: str, where: str):
    result = shell(f"jsonl-lint {asked} {where}")
    assert (result.code, result.err) == (2, b"")


@pytest.mark.parametrize("asked", ["--help", "data.jsonl"])
def test_a_package_that_is_not_installed_is_one_line_and_no_finding(asked: str, folder: Path):
    Path("data.jsonl").write_bytes(NO_MESSAGES)
    script = "import sys; sys.modules.update(click=None, xxhash=None); from jsonl_lint.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", script, asked], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.fullmatch(rb"jsonl-lint: internal error: ModuleNotFoundError: .*(click|xxhash).*\n", done.stderr)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_no_half_written_file(sent: signal.Signals, tmp_path: Path):
    process = spawn("-", "--output-file", tmp_path / "report.json", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(GOOD)
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not list(tmp_path.iterdir()):
        assert time.monotonic() < deadline, "no report was begun"
        time.sleep(0.02)
    process.send_signal(sent)
    process.wait(timeout=30)  # while its input is open, so that it does not end by itself
    out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (128 + sent, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_a_fifo_is_read_like_a_file(tmp_path: Path):
    fifo = tmp_path / "data.jsonl"
    os.mkfifo(fifo)
    process = spawn(fifo, "-q")
    with fifo.open("wb") as stream:
        stream.write(GOOD + NO_MESSAGES)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, b"")
    assert out.startswith(f"{fifo}:2:14: JL203 ".encode())


# --- hostile content and names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        b"new\nline.jsonl",
        b"caf\xe9 \xff.jsonl",
        b"x" * 249 + b".jsonl",
        b"\x1b[31mred\x07.jsonl",
        "Ωμέγα 漢字.jsonl".encode(),
    ],
    ids=["newline", "not UTF-8", "very long", "escape sequence", "other letters"],
)
def test_hostile_file_names(cli: Cli, tmp_path: Path, name: bytes):
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), name))
    with open(path, "wb") as file:
        file.write(NO_MESSAGES * 3)
    text = cli(path, "--max-findings", "1", "--ignore", "JL80")
    assert text.code == 1
    assert len(text.lines) == 3
    assert FINDING.match(text.lines[0])
    assert all(line.isprintable() for line in text.lines)
    report = json.loads(cli(path, "--output-format", "json").out)
    assert {finding["path"] for finding in report["findings"]} == {path}
    assert len(cli(path, "--ignore", "JL80", "--output-format", "jsonl").lines) == 3
    missing = cli(path + "x")
    assert missing.code == 2
    assert one_line(missing.err).isprintable()


@pytest.mark.parametrize("output", [name for name in FORMATS if name not in ("sarif", "html")])
@pytest.mark.parametrize(
    "record",
    [
        {"messages": [{"role": "secret" * 2_000, "content": "x"}]},
        {"messages": [{"role": ["secret" * 2_000], "content": {"secret" * 2_000: 1}}]},
        {"messages": "secret" * 2_000},
        {"messages": [], "weight": "secret" * 2_000},
        {"conversations": [{"from": "secret" * 2_000}]},
        "secret" * 2_000,
        ["secret" * 2_000],
    ],
)
def test_content_is_never_printed_whole(cli: Cli, tmp_path: Path, output: str, record: Any):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(record))
    result = cli(path, "--output-format", output)
    assert result.code == 1
    assert b"secret" * 20 not in result.out
    assert all(len(line) < 1_000 for line in result.lines)


@pytest.mark.parametrize(
    "line",
    [
        b'{"messages": [{"role": "' + b"secret" * 2_000,
        b"secret" * 2_000,
        b'{"text": ' + b"9" * 12_000 + b"}",
        b"{'" + b"secret" * 2_000,
    ],
    ids=["cut off", "no JSON", "a long number", "single quotes"],
)
def test_broken_lines_are_never_printed_whole(cli: Cli, tmp_path: Path, line: bytes):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line)
    result = cli(path, "--output-format", "full")
    assert result.code == 1
    assert b"secret" * 20 not in result.out
    assert all(len(line) < 1_000 for line in result.lines)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"messages": [], "%s": 1}', "/%s"),
        ('{"messages": [{"role": "user", "content": "x", "%s": 1}]}', "/messages/0/%s"),
        ('{"messages": [], "%s": 1, "%s": 2}', "/%s"),
        ('{"%s": 1}', ""),
        ('{"messages": [], "a": {"%s": NaN}}', "/a/%s"),
    ],
)
def test_long_keys_are_clipped_for_people_and_whole_in_the_pointer(cli: Cli, tmp_path: Path, text: str, pointer: str):
    key = "secret" * 2_000
    path = tmp_path / "data.jsonl"
    path.write_text(text.replace("%s", key) + "\n")
    assert all(len(line) < 1_000 for line in cli(path).lines)
    report = json.loads(cli(path, "--output-format", "json").out)
    assert all(len(finding["message"]) < 1_000 for finding in report["findings"])
    assert pointer.replace("%s", key) in {finding["pointer"] for finding in report["findings"]}


def test_control_characters_of_the_data_never_reach_the_terminal(cli: Cli, tmp_path: Path):
    nasty = "\x1b[31m\x07\n\u202e\u2028"
    path = tmp_path / "data.jsonl"
    records = [{"messages": [{"role": nasty, "content": 1, nasty: 2}], nasty: {"a": 1}}, {nasty: 1}, nasty]
    broken = ['{"a": \x1b}', '{"messages": [], "a": {"\\u001b[31m": NaN}}', "\x1b[31m"]
    path.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records) + "\n".join(broken).encode())
    for output in ("text", "full"):
        assert all(line.isprintable() for line in cli(path, "--output-format", output).lines)


# --- looking things up -----------------------------------------------------------------------------------------------


def test_rule_explains_one_by_name_or_code(cli: Cli):
    by_name = cli("rule", "missing-role")
    assert by_name == cli("rule", "JL204")
    assert by_name.lines[0].startswith("JL204 missing-role (error")
    entry = json.loads(cli("rule", "missing-role", "--output-format", "json").out)
    assert (entry["code"], entry["name"], entry["severity"]) == ("JL204", "missing-role", "error")
    unknown = cli("rule", "mising-role")
    assert unknown.code == 2
    assert "did you mean missing-role?" in one_line(unknown.err)


def test_rule_lists_all(cli: Cli):
    listed = [line.split()[:2] for line in cli("rule").lines]
    entries = json.loads(cli("rule", "--all", "--output-format", "json").out)
    assert listed == [[entry["code"], entry["name"]] for entry in entries]
    assert len(listed) > 60


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_rule_shows_one_rule_or_all_of_them(cli: Cli, output_format: str):
    result = cli("rule", "JL204", "--all", "--output-format", output_format)
    said = "jsonl-lint: name one rule, or say --all (see `jsonl-lint rule --help`)"
    assert (result.code, result.out, one_line(result.err)) == (2, b"", said)
    assert cli("rule", "JL2", "--all").lines[0].startswith("JL201 missing-messages (error")


def test_rule_lists_all_for_the_selector_of_all(cli: Cli):
    assert cli("rule", "ALL") == cli("rule")


def test_rule_lists_those_whose_code_begins_so(cli: Cli):
    listed = [line.split()[0] for line in cli("rule", "JL50").lines]
    assert listed[0] == "JL501"
    assert {code[:4] for code in listed} == {"JL50"}
    assert [entry["code"] for entry in json.loads(cli("rule", "JL50", "--output-format", "json").out)] == listed


def test_schema_prints_one_or_lists_them(cli: Cli):
    assert {"chat", "report", "text"} <= set(cli("schema").lines)
    assert json.loads(cli("schema", "chat").out)["$id"] == "urn:jsonl-lint:schema:chat"
    assert json.loads(cli("schema", "--output-format", "json").out) == cli("schema").lines
    assert cli("schema", "chta").code == 2


def test_settings_in_force(cli: Cli):
    shown = json.loads(cli("--show-settings", "--method", "rl", "--ignore", "JL1,empty-text").out)
    settings = json.loads(json.dumps(Settings(method="rl", ignore=("JL1", "empty-text"), jobs=0).to_dict()))
    assert shown == {**shown, **settings}
    assert (shown["config"], shown["fail_on"]) == (None, "error")


def test_an_error_is_explained_from_standard_input(tmp_path: Path):
    error = tmp_path / "error.txt"
    error.write_text("Line 7: `messages[1]` must contain a `role` field\n")
    for command in ('jsonl-lint explain - < "$1"', 'cat "$1" | jsonl-lint explain -'):
        assert b"\nrules     missing-role\n" in shell(command, error).out
