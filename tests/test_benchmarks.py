"""The benchmarks measure what they say: their data is what it claims to be, and one command prints the table."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.data import BAD_SHARE, all_bad_lines, clean_lines, dataset, huge_lines, two_percent_lines
from benchmarks.defects import KINDS
from jsonl_lint import Report, Settings, check_file

ROOT = Path(__file__).parent.parent


def _report(folder: Path, lines: list[bytes]) -> Report:
    path = folder / "data.jsonl"
    path.write_bytes(b"".join(lines))
    return check_file(path, Settings(max_findings=0))


@pytest.mark.parametrize("lines", [clean_lines, two_percent_lines, all_bad_lines])
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
    huge = list(islice(huge_lines(7), 20))
    assert _report(tmp_path, huge).findings == ()
    assert sum(map(len, huge)) / len(huge) == pytest.approx(240_000, rel=0.3)


def test_two_percent_are_bad(tmp_path):
    report = _report(tmp_path, list(islice(two_percent_lines(7), 5000)))
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
        "--schema",
        "settled by bytes",
        "each record counted",
        "peak memory",
        "--version",
    ):
        assert expected in done.stdout
    assert done.stdout.count("met") + done.stdout.count("MISSED") >= 8
