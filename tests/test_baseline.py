"""Baselines: what is accepted stays accepted when lines move, and nothing else is."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Project, Report, UserError, check_paths, ranges
from jsonl_lint.cli import run
from jsonl_lint.project.baseline import baseline_text, read_baseline
from jsonl_lint.ranges import local
from jsonl_lint.rebaseline import prune_baseline, write_baseline
from tests.conftest import GOOD, NO_MESSAGES, ROOT, chat, found, line_of
from tests.test_ranges import in_turn, mixed_lines

EXTRA_KEY = line_of(chat(id=1))
UNKNOWN_ROLE = line_of({"messages": [{"role": "human", "content": "a"}, {"role": "assistant", "content": "b"}]})
SPREAD = b'{"messages":\n  []\n}\n'
CUT = b'{"messages": [{"role"\n'
BROKEN = b'{"messages": x}\n'
OLD = [NO_MESSAGES, EXTRA_KEY, b"\n", UNKNOWN_ROLE, BROKEN, GOOD]

FILE = "baseline.json"


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def accepted() -> Path:
    """Data whose findings are all accepted."""
    path = Path("data.jsonl")
    path.write_bytes(b"".join(OLD))
    write_baseline(FILE, ["data.jsonl"])
    return path


def checked(*paths: str, **given: Any) -> Report:
    return check_paths(paths or ["data.jsonl"], Project({"baseline": FILE, **given}))


def test_what_is_accepted_does_not_count(accepted: Path):
    report = checked()
    assert report.ok
    assert report.findings == ()
    assert (report.files[0].suppressed, report.files[0].stale) == (5, 0)
    summary = report.to_dict()["summary"]
    assert (summary["errors"], summary["warnings"], summary["suppressed"], summary["by_rule"]) == (0, 0, 5, {})
    assert (summary["records"], summary["valid_records"]) == (5, 2)


def test_moved_lines_and_other_line_ends_keep_matching(accepted: Path):
    lines = [*OLD, GOOD, GOOD]
    random.Random(1).shuffle(lines)
    accepted.write_bytes((b"".join(lines) + GOOD.rstrip()).replace(b"\n", b"\r\n"))
    report = checked(ignore=("JL80",))
    assert (report.findings, report.files[0].suppressed, report.files[0].stale) == ((), 5, 0)


@pytest.mark.parametrize("record", [SPREAD, CUT + b"  1\n", b'{"text": "a\nb"}\n'])
def test_a_record_over_several_lines_is_known_by_other_line_ends(record: bytes):
    path = Path("data.jsonl")
    path.write_bytes(GOOD + record + GOOD)
    write_baseline(FILE, ["data.jsonl"])
    path.write_bytes((GOOD + record + GOOD).replace(b"\n", b"\r\n"))
    report = checked()
    assert (report.findings, report.files[0].suppressed > 0, report.files[0].stale) == ((), True, 0)


@pytest.mark.parametrize("kept", [b" \n" + GOOD, GOOD + b" \n", b"\t\n", b'{"text": "' + b"x" * 99 + b'"}\n'])
def test_blank_lines_before_a_finding_do_not_change_how_it_is_known(kept: bytes):
    path = Path("data.jsonl")
    path.write_bytes(b"\n" + GOOD + b"   \n" + kept)
    settings: dict[str, Any] = {"select": ("blank-line", "record-too-large"), "max_line_bytes": 100}
    write_baseline(FILE, ["data.jsonl"], Project(settings))
    path.write_bytes(kept)
    assert checked(**settings).findings == ()
    assert checked(**settings).files[0].suppressed == 1


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="standard output has no name")
def test_a_baseline_that_goes_into_a_pipe_does_not_wait_for_an_older_one_from_it(accepted: Path):
    command = [sys.executable, "-m", "jsonl_lint", "baseline", "write", accepted.name, "--baseline", "/dev/stdout"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, env=environment, timeout=30, check=True)
    assert done.stdout.startswith(b'{"version": 1, "files": {')


def test_a_baseline_on_standard_output_is_alone_there(accepted: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    assert run(["baseline", "write", accepted.name, "--baseline", "-"]) == 0
    out, err = capfdbinary.readouterr()
    assert out == Path(FILE).read_bytes()
    assert err == b"-: 5 findings accepted\n"


@pytest.mark.parametrize("text", [None, "{"])
def test_a_baseline_that_a_configuration_names_is_shown_as_its_other_files_are(accepted: Path, text: str | None):
    Path("jsonl-lint.toml").write_text('baseline = "b.json"')
    if text is not None:
        Path("b.json").write_text(text)
    with pytest.raises(UserError, match=r"^b\.json: (there is no such|not a) baseline"):
        check_paths([accepted.name], Project())


def test_a_new_finding_counts(accepted: Path):
    accepted.write_bytes(b"".join([*OLD[:5], UNKNOWN_ROLE.replace(b'"a"', b'"c"'), *OLD[5:]]))
    report = checked()
    assert found(report) == [(6, "unknown-role")]
    assert not report.ok
    assert run(["data.jsonl", "--baseline", FILE]) == 1


def test_one_more_of_the_same_is_one_finding_more(accepted: Path):
    accepted.write_bytes(b"".join([*OLD, b"\n", NO_MESSAGES, NO_MESSAGES]))
    report = checked(ignore=("JL80",))
    assert found(report) == [(7, "blank-line"), (8, "empty-messages"), (9, "empty-messages")]
    assert report.files[0].suppressed == 5


def test_a_changed_record_is_a_new_record(accepted: Path):
    accepted.write_bytes(b"".join(OLD).replace(b'"human", "content": "a"', b'"human", "content": "b"'))
    report = checked()
    assert found(report) == [(4, "unknown-role")]
    assert (report.files[0].suppressed, report.files[0].stale) == (4, 1)


@pytest.mark.parametrize(
    "data",
    [
        SPREAD + GOOD,
        GOOD + SPREAD,
        b"\xef\xbb\xbf" + NO_MESSAGES,
        b"[\n" + GOOD.rstrip() + b"\n]\n",
        '{"messages": []}\n'.encode("utf-16"),
        b"",
        b"\xff\xfe\xfd{}\n",
        GOOD + b"\xef\xbb\xbf" + NO_MESSAGES,
        GOOD.rstrip() + b"\r\n" + GOOD,
        b'{"messages": "' + b"x" * (2 << 20) + b'"}\n',
    ],
    ids=["spread", "spread-last", "bom", "array", "utf16", "empty", "bytes", "mark", "line-ends", "long"],
)
def test_findings_of_every_kind_can_be_accepted(data: bytes):
    Path("data.jsonl").write_bytes(data)
    before = check_paths(["data.jsonl"])
    assert before.findings
    change = write_baseline(FILE, ["data.jsonl"])
    assert change.findings == len(before.findings)
    report = checked()
    assert (report.findings, report.files[0].suppressed, report.files[0].stale) == ((), len(before.findings), 0)


def test_a_line_over_the_limit_can_be_accepted():
    Path("data.jsonl").write_bytes(GOOD + b"x" * 5000 + b"\n")
    project = Project({"max_line_bytes": 1000})
    assert write_baseline(FILE, ["data.jsonl"], project).findings == 1
    assert checked(max_line_bytes=1000).findings == ()


def test_a_line_over_the_limit_is_known_whatever_stands_before_it():
    project = Project({"max_line_bytes": 1000, "select": ("record-too-large", "extra-key")})
    long = b"x" * 5000 + b"\n"
    Path("data.jsonl").write_bytes(EXTRA_KEY * 3000 + long)
    assert write_baseline(FILE, ["data.jsonl"], project).findings == 3001
    Path("data.jsonl").write_bytes(long + EXTRA_KEY * 3000)
    report = checked(max_line_bytes=1000, select=("record-too-large", "extra-key"))
    assert (report.findings, report.files[0].stale) == ((), 0)


@given(st.lists(st.sampled_from([*OLD, SPREAD, CUT, b'{"a": 1}\n']), max_size=12), st.randoms(use_true_random=False))
def test_any_data_is_accepted_whole_and_again_in_another_order(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], randomly: random.Random
):
    folder = tmp_path_factory.mktemp("data")
    path, file = folder / "data.jsonl", str(folder / FILE)
    path.write_bytes(b"".join(lines))
    before = check_paths([path])
    write_baseline(file, [str(path)])
    report = check_paths([path], Project({"baseline": file}))
    assert report.findings == ()
    assert report.files[0].suppressed == sum(before.files[0].counts.values())
    whole = [line for line in lines if line in (NO_MESSAGES, EXTRA_KEY, UNKNOWN_ROLE, GOOD)]
    path.write_bytes(b"".join(whole))
    write_baseline(file, [str(path)])
    randomly.shuffle(whole)
    path.write_bytes(b"".join(whole))
    again = check_paths([path], Project({"baseline": file}))
    assert (again.findings, again.files[0].stale) == ((), 0)


def test_the_limit_of_findings_is_for_new_ones():
    Path("data.jsonl").write_bytes(NO_MESSAGES * 50)
    assert write_baseline(FILE, ["data.jsonl"], Project({"max_findings": 3, "ignore": ("JL80",)})).findings == 50
    with open("data.jsonl", "ab") as file:
        file.write(b'{"messages": [], "id": 1}\n' * 5)
    report = checked(max_findings=3, select=("empty-messages",))
    assert found(report) == [(51, "empty-messages"), (52, "empty-messages"), (53, "empty-messages")]
    assert report.to_dict()["summary"]["by_rule"] == {"empty-messages": 5}


@pytest.mark.parametrize("size", [7, 100])
def test_many_processes_know_the_same_findings(size: int, monkeypatch: pytest.MonkeyPatch):
    Path("data.jsonl").write_bytes(mixed_lines(100))
    findings = write_baseline(FILE, ["data.jsonl"]).findings
    monkeypatch.setattr(ranges, "RANGE_BYTES", size)
    monkeypatch.setattr(local, "run_in_processes", in_turn)
    report = checked(jobs=2)
    assert (report.findings, report.files[0].suppressed, report.files[0].stale) == ((), findings, 0)


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_file_holds_no_content_and_reads_back(accepted: Path):
    text = Path(FILE).read_text()
    entries = json.loads(text)["files"]["data.jsonl"]
    assert {key for entry in entries for key in entry} == {"rule", "pointer", "record", "count"}
    assert "human" not in text
    assert "".join(baseline_text(read_baseline(FILE).files)) == text
    assert len(text.splitlines()) == 5 + 4


def test_names_count_from_the_folder_of_the_baseline(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "data").mkdir()
    (folder / "ci").mkdir()
    (folder / "data" / "a.jsonl").write_bytes(NO_MESSAGES)
    write_baseline("ci/b.json", ["data"])
    assert list(read_baseline("ci/b.json").files) == ["../data/a.jsonl"]
    monkeypatch.chdir(folder / "data")
    assert check_paths(["a.jsonl"], Project({"baseline": "../ci/b.json"})).findings == ()
    assert check_paths([folder / "data"], Project({"baseline": "../ci/b.json"})).findings == ()


def test_a_file_is_known_through_a_link_to_its_folder(accepted: Path, folder: Path):
    link = folder.with_name(f"{folder.name}-link")
    link.symlink_to(folder, target_is_directory=True)
    report = check_paths([link / accepted], Project({"baseline": FILE}))
    assert (report.findings, report.files[0].suppressed) == ((), 5)


def test_standard_input_has_a_name(capsysbinary: Any, monkeypatch: pytest.MonkeyPatch):
    for args in (["baseline", "write", "-", "--baseline", FILE], ["-", "--baseline", FILE]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NO_MESSAGES)))
        assert run(args) == 0
    assert list(read_baseline(FILE).files) == ["-"]


def test_little_is_kept_of_each_of_very_many_findings():
    def sizes(findings: int) -> tuple[int, int]:
        """Return the most bytes while a baseline is written, and those of one that has been read."""
        lines = (line_of(chat(f"Question {number}?", "")) for number in range(findings))
        Path("data.jsonl").write_bytes(b"".join(lines))
        Path(FILE).unlink(missing_ok=True)
        tracemalloc.start()
        try:
            assert run(["baseline", "write", "data.jsonl", "--baseline", FILE, "--select", "empty-content"]) == 0
            written, before = tracemalloc.get_traced_memory()[1], tracemalloc.get_traced_memory()[0]
            held = read_baseline(FILE)  # noqa: F841  while it is measured
            return written, tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()

    sizes(100)  # imports
    small, large = sizes(5_000), sizes(15_000)
    written, read = ((more - few) / 10_000 for few, more in zip(small, large, strict=True))
    assert written < 400
    assert read < 260


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "[]",
            "{}",
            "null",
            '{"version": 1}',
            '{"version": 1, "files": []}',
            '{"version": 1, "files": {"a": {}}}',
        ),
        *('{"version": 1, "files": {"a": [{}]}}', '{"version": 2, "files": {}}', "[" * 100_000, "\x00", "\udcff"),
        '{"version": 1, "files": {"a": [{"rule": 1, "pointer": "", "record": "", "count": 1}]}}',
        '{"version": 1, "files": {"a": [["x", 1]]}}',
        '{"version": 1, "files": {"a": [{"rule": "x", "pointer": "", "record": "", "count": -1}]}}',
        '{"version": 1, "files": {"a": [{"rule": "x", "pointer": "", "record": "", "count": true}]}}',
    ],
)
def test_what_is_no_baseline_is_told(text: str, capsys: Any):
    Path(FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    Path("data.jsonl").write_bytes(GOOD)
    assert run(["data.jsonl", "--baseline", FILE]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"jsonl-lint: {FILE}: ")
    assert err.count("\n") == 1
    assert run(["baseline", "write", "data.jsonl", "--baseline", FILE]) == 2
    assert Path(FILE).read_bytes() == text.encode("utf-8", "surrogateescape")


def test_a_missing_baseline_is_told(capsys: Any):
    Path("data.jsonl").write_bytes(GOOD)
    assert run(["data.jsonl", "--baseline", FILE]) == 2
    assert "`jsonl-lint baseline write` makes one" in capsys.readouterr().err
    with pytest.raises(UserError, match="cannot write the baseline"):
        write_baseline("no/such/folder.json", ["data.jsonl"])


# --- write and prune -------------------------------------------------------------------------------------------------


def test_write_keeps_what_it_was_not_about(accepted: Path):
    Path("other.jsonl").write_bytes(NO_MESSAGES)
    before = read_baseline(FILE).files["data.jsonl"]
    assert run(["baseline", "write", "other.jsonl", "--baseline", FILE]) == 0
    assert read_baseline(FILE).files["data.jsonl"] == before
    assert run(["baseline", "write", "data.jsonl", "--baseline", FILE, "--select", "unknown-role"]) == 0
    assert read_baseline(FILE).files["data.jsonl"] == before


@pytest.mark.parametrize("verb", ["write", "prune"])
def test_a_baseline_is_not_made_of_a_part_of_the_data(verb: str, accepted: Path, capsys: Any):
    assert run(["baseline", verb, "data.jsonl", "--baseline", FILE, "--part", "1/2"]) == 2
    message = capsys.readouterr().err
    assert "No such option" in message
    assert "--part" in message


def test_a_baseline_that_no_check_would_find_says_how_to_name_it(accepted: Path, capsys: Any):
    assert run(["baseline", "write", accepted.name]) == 0
    said = "jsonl-lint-baseline.json: 5 findings accepted"
    assert capsys.readouterr().out == f"{said}; `check` leaves them out with --baseline jsonl-lint-baseline.json\n"
    Path(".jsonl-lint.toml").write_text('baseline = "jsonl-lint-baseline.json"\n')
    assert run(["baseline", "write", accepted.name]) == 0
    assert capsys.readouterr().out.endswith(f"{said}\n")


def test_stale_entries_are_reported_and_pruned(accepted: Path, capsys: Any):
    accepted.write_bytes(b"".join(OLD[1:]) + b'{"messages": [], "id": 1}\n')
    assert run(["data.jsonl", "--baseline", FILE]) == 1
    err = capsys.readouterr().err
    assert err == "jsonl-lint: data.jsonl: stale baseline entries: 1 (`jsonl-lint baseline prune`)\n"
    assert run(["baseline", "prune", "--baseline", FILE]) == 0
    assert capsys.readouterr().out == f"{FILE}: 1 finding removed, 4 findings accepted\n"
    report = checked()
    assert {rule for _, rule in found(report)} == {"empty-messages", "extra-key"}
    assert (report.files[0].suppressed, report.files[0].stale) == (4, 0)


def test_rules_that_are_off_are_neither_stale_nor_pruned(accepted: Path, capsys: Any):
    assert run(["data.jsonl", "--baseline", FILE, "--select", "unknown-role"]) == 0
    assert capsys.readouterr().err == ""
    assert checked(select=("unknown-role",)).files[0].suppressed == 1
    change = prune_baseline(FILE, project=Project({"select": ("unknown-role",)}))
    assert (change.findings, change.before) == (5, 5)


def test_what_a_setting_of_its_own_selects_is_not_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    words = [f"word{number}" for number in range(40)]
    near = [line_of({"text": " ".join([*words, last])}) for last in ("alpha", "beta")]
    Path("data.jsonl").write_bytes(b"".join(near))
    project = Project({"near_duplicates": True})
    assert [write_baseline(FILE, ["data.jsonl"], project=project).findings for _ in range(2)] == [1, 1]
    Path("data.jsonl").write_bytes(near[0])
    assert prune_baseline(FILE, project=project).findings == 0


def test_prune_forgets_files_that_are_gone(accepted: Path):
    Path("other.jsonl").write_bytes(NO_MESSAGES)
    write_baseline(FILE, ["other.jsonl"])
    accepted.unlink()
    assert prune_baseline(FILE).findings == 1
    assert list(read_baseline(FILE).files) == ["other.jsonl"]


def test_what_cannot_be_checked_keeps_its_entries(accepted: Path, capsys: Any):
    accepted.write_bytes(b"PK\x03\x04")
    for verb in ("write", "prune"):
        assert run(["baseline", verb, "data.jsonl", "missing.jsonl", "--baseline", FILE]) == 2
        err = capsys.readouterr().err
        assert "data.jsonl: not JSONL: the file is a zip archive" in err
        assert "missing.jsonl: no such file" in err
        assert sum(read_baseline(FILE).files["data.jsonl"].values()) == 5


def test_no_baseline_is_written_if_nothing_could_be_checked(capsys: Any):
    assert run(["baseline", "write", "missing.jsonl", "--baseline", FILE]) == 2
    assert capsys.readouterr() == ("", "jsonl-lint: missing.jsonl: no such file or directory\n")
    assert not Path(FILE).exists()


def test_no_baseline_is_written_if_all_inputs_are_excluded(capsys: Any):
    Path("data.jsonl").write_bytes(NO_MESSAGES)
    given = ["data.jsonl", "--exclude", "*.jsonl", "--force-exclude", "--baseline", FILE]
    assert run(["baseline", "write", *given]) == 0
    assert capsys.readouterr() == ("", f"jsonl-lint: {FILE}: not written, because every input is excluded\n")
    assert not Path(FILE).exists()


def test_a_file_that_breaks_off_keeps_its_entries(accepted: Path, capsys: Any):
    """The findings in the rest are not gone, only unread."""
    path = Path("data.jsonl.gz")
    data = b"".join(
        [NO_MESSAGES, *OLD, *(line_of(chat(str(number), random.randbytes(99).hex())) for number in range(9_000))]
    )
    path.write_bytes(gzip.compress(data + UNKNOWN_ROLE))
    assert run(["baseline", "write", str(path), "--baseline", FILE]) == 0
    before = Path(FILE).read_bytes()
    path.write_bytes(path.read_bytes()[:-30_000])
    capsys.readouterr()
    for verb in ("write", "prune"):
        assert run(["baseline", verb, str(path), "--baseline", FILE]) == 2
        assert Path(FILE).read_bytes() == before
    report = checked(str(path))
    assert (report.files[0].suppressed > 4, report.files[0].stale, report.findings) == (True, 0, ())
    assert [error.reason for error in report.input_errors] == ["cut off: the gzip data ends too early"]


def test_the_configuration_names_the_baseline(accepted: Path, capsys: Any):
    Path("jsonl-lint.toml").write_text('baseline = "ci.json"')
    assert run(["data.jsonl"]) == 2
    assert run(["baseline", "write", "data.jsonl"]) == 0
    assert Path("ci.json").is_file()
    assert run(["data.jsonl"]) == 0
    assert run(["data.jsonl", "--isolated"]) == 1
    assert run(["baseline", "prune"]) == 0
    capsys.readouterr()
    assert run(["baseline", "write"]) == 2
    assert run(["baseline"]) in (0, 2)


def test_a_place_that_is_silenced_needs_no_entry():
    Path("jsonl-lint.toml").write_text(
        f'baseline = "{FILE}"\n[[overrides]]\nfiles = ["*#/id"]\nignore = ["extra-key"]\nreason = "ours"\n'
    )
    Path("data.jsonl").write_bytes(EXTRA_KEY + NO_MESSAGES)
    assert write_baseline(FILE, ["data.jsonl"], Project()).findings == 1
    report = check_paths(["data.jsonl"], Project())
    assert (report.findings, report.files[0].suppressed, report.files[0].stale) == ((), 2, 0)
