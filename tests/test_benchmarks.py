"""The benchmarks measure what they say: their data is what it claims to be, and one command prints the table."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.agents import agent_lines, gemini_agent_lines, object_lines
from benchmarks.data import (
    BAD_SHARE,
    all_bad_lines,
    clean_lines,
    dataset,
    huge_lines,
    mutant_lines,
    preference_lines,
    repeated_lines,
    two_percent_lines,
)
from benchmarks.defects import KINDS
from benchmarks.growth import Point, linear, sizes_up_to, speed_up, table
from benchmarks.measure import run_command
from benchmarks.soak import Stream, mismatches
from jsonl_lint import Report, Settings, check_file
from tests.conftest import ROOT


def _report(folder: Path, lines: list[bytes]) -> Report:
    path = folder / "data.jsonl"
    path.write_bytes(b"".join(lines))
    return check_file(path, Settings(max_findings=0))


@pytest.mark.parametrize("lines", [clean_lines, two_percent_lines, mutant_lines, all_bad_lines])
def test_a_seed_always_gives_the_same_lines(lines):
    assert list(islice(lines(5), 200)) == list(islice(lines(5), 200))
    assert list(islice(lines(5), 200)) != list(islice(lines(6), 200))


def test_files_are_made_once_and_have_the_size_asked_for(tmp_path):
    made = dataset(tmp_path, 0.1)
    times = [path.stat().st_mtime_ns for path in made]
    assert all(100_000 <= path.stat().st_size < 1_000_000 for path in made)
    assert made.clean.stat().st_size < 110_000
    assert [path.stat().st_mtime_ns for path in dataset(tmp_path, 0.1)] == times


def test_clean_records_look_like_real_ones(tmp_path):
    lines = list(islice(clean_lines(7), 3000))
    shares = {
        "ascii": sum(line.isascii() and b"\\u" not in line for line in lines),
        "escaped": sum(b"\\u" in line for line in lines),
        "tools": sum(b'"tools"' in line for line in lines),
        "compact": sum(line.startswith(b'{"messages":[') for line in lines),
    }
    expected = {"ascii": 0.85, "escaped": 0.05, "tools": 0.12, "compact": 0.85}
    assert {name: count / len(lines) for name, count in shares.items()} == pytest.approx(expected, abs=0.02)
    assert sum(map(len, lines)) / len(lines) == pytest.approx(1600, rel=0.1)


def test_clean_and_huge_records_have_no_findings(tmp_path):
    assert _report(tmp_path, list(islice(clean_lines(7), 3000))).findings == ()
    assert _report(tmp_path, list(islice(preference_lines(7), 3000))).findings == ()
    huge = list(islice(huge_lines(7), 20))
    assert _report(tmp_path, huge).findings == ()
    assert sum(map(len, huge)) / len(huge) == pytest.approx(240_000, rel=0.3)


@pytest.mark.parametrize(
    ("lines", "target"), [(agent_lines, "together"), (object_lines, "generic"), (gemini_agent_lines, "vertex")]
)
def test_records_of_agents_have_no_findings(lines, target, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(islice(lines(7), 200)))
    assert check_file(path, Settings(target=target)).findings == ()


def test_every_second_record_is_a_copy(tmp_path):
    report = _report(tmp_path, list(islice(repeated_lines(7), 200)))
    assert [(finding.line, finding.rule) for finding in report.findings] == [
        (line, "duplicate-record") for line in range(2, 201, 2)
    ]


@pytest.mark.parametrize("lines", [two_percent_lines, mutant_lines])
def test_two_percent_are_bad(lines, tmp_path):
    report = _report(tmp_path, list(islice(lines(7), 5000)))
    bad = {finding.line for finding in report.findings}
    assert len(bad) / report.files[0].records == pytest.approx(BAD_SHARE, rel=0.25)


def test_all_bad_records_have_the_defect_that_their_kind_names(tmp_path):
    report = _report(tmp_path, list(islice(all_bad_lines(7), len(KINDS) * 10)))
    found = {(finding.line, finding.rule) for finding in report.findings}
    assert len(KINDS) >= 30
    assert [(line, KINDS[(line - 1) % len(KINDS)]) for line in range(1, report.files[0].records + 1)] == sorted(
        pair for pair in found if pair[1] == KINDS[(pair[0] - 1) % len(KINDS)]
    )


def test_the_table_is_printed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--megabytes", "0.3", "--runs", "1", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for expected in (
        "yardstick",
        "shape + conversation",
        "all-bad",
        "huge-lines",
        "preferences",
        "repeated",
        "--schema",
        "settled by bytes",
        "all close to the limit",
        "counted until it fits",
        "peak memory",
        "--version",
    ):
        assert expected in done.stdout
    assert done.stdout.count("met") + done.stdout.count("MISSED") >= 8


def points(*seconds: float) -> list[Point]:
    """Sizes of 100, 200, 300 MB and so on; two processes take half of the time."""
    sizes = [(100.0 * number, cpu) for number, cpu in enumerate(seconds, start=1)]
    return [Point(size, jobs, cpu / jobs, cpu, 50.0) for size, cpu in sizes for jobs in (1, 2)]


def test_growth_is_linear_or_not():
    assert linear(points(1, 2)) is None
    assert linear(points(1.5, 2.5, 3.5, 4.5)).value == pytest.approx(1)
    assert linear(points(1, 4, 9, 16)).met is False
    assert speed_up(points(1, 2, 3)).value == pytest.approx(2)
    assert sizes_up_to(250) == [10, 30, 100, 250]
    assert sizes_up_to(5) == [5]


def test_growth_writes_a_table_and_a_plot(tmp_path, monkeypatch):
    from benchmarks import growth

    monkeypatch.setattr(growth, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(growth, "PLOT", tmp_path / "growth.svg")
    before = (ROOT / "docs" / "benchmarks.md").read_text()
    growth.PAGE.write_text(before)
    for told in ("first", "second"):
        growth.write_docs(points(1, 2, 3), told, ["a verdict"])
    text = growth.PAGE.read_text()
    assert "first" not in text.partition("<!-- growth:")[2].partition("<!-- growth: end")[0]
    assert table(points(1, 2, 3)) in text
    assert "| 300 MB | 2 | 1.5 s | 3.0 s | 200 | 50 MB |" in text
    assert text.partition("<!-- growth:")[0] == before.partition("<!-- growth:")[0]
    assert text.partition("growth: end -->")[2] == before.partition("growth: end -->")[2]
    assert growth.PLOT.read_text().count("<path") >= 2


def test_growth_is_measured_and_leaves_no_file(tmp_path):
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "growth",
        "--largest",
        "0.2",
        "--runs",
        "1",
        "--folder",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert [line.split(" | ")[:2] for line in done.stdout.splitlines()[1:3]] == [["| 0.2 MB", "1"], ["| 0.2 MB", "2"]]
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_soak_passes_and_says_what_it_saw():
    command = [sys.executable, "-m", "benchmarks", "soak", "--megabytes", "1.5"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("passed: ")


def test_a_soak_notices_what_is_not_reported():
    stream = Stream(7)
    for _ in islice(stream.lines(), 5_000):
        pass
    summary = {"records": 5_000, "valid_records": 4_950, "by_rule": dict(stream.planted)}
    assert list(mismatches(stream, {"summary": summary}, 1)) == []
    assert len(list(mismatches(stream, {"summary": {**summary, "by_rule": {}}}, 1))) == len(stream.planted) > 30
    assert len(list(mismatches(stream, {"summary": {**summary, "records": 4_999}}, 1))) == 1
    assert len(list(mismatches(stream, {"summary": {**summary, "valid_records": 0}}, 1))) == 1
    assert len(list(mismatches(stream, {"summary": summary}, 2))) == 1


def test_a_command_that_takes_too_long_is_ended(tmp_path):
    cost = run_command([sys.executable, "-c", "while True: pass"], tmp_path, most_seconds=1)
    assert cost.code < 0
    assert cost.wall > 0
