"""Tokenised Parquet: every bad row is found, every good one passed over, and no file disturbs the process."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from jsonl_lint import Settings, UnreadableInputError, check_file, check_paths, check_records
from jsonl_lint.checks import parquet as isolated
from jsonl_lint.engine.parquet import check_table
from tests.conftest import ROOT, line_of, plan_of

Rows = list[dict[str, Any]]
TOKENS = pyarrow.list_(pyarrow.int64())
GOOD = {"input_ids": [5, 6, 7], "attention_mask": [1, 1, 0], "labels": [-100, 6, 7], "position_ids": [0, 1, 2]}
BAD = [
    ({"input_ids": []}, ["wrong-type"]),
    ({"labels": None}, ["wrong-type"]),
    ({"labels": [6, 7]}, ["unequal-token-lengths"]),
    ({"attention_mask": [1]}, ["unequal-token-lengths"]),
    ({"attention_mask": [1, 2, 1]}, ["invalid-token-list"]),
    ({"input_ids": [1, -1, 2]}, ["invalid-token-list"]),
    ({"input_ids": [1, None, 2]}, ["invalid-token-list"]),
    ({"labels": [-99, 1, 2]}, ["invalid-token-list"]),
    ({"labels": [-100, -100, -100]}, ["all-labels-masked"]),
    ({"position_ids": [0, 1, -5]}, ["invalid-token-list"]),
]


def write(path: Path, rows: Rows, **types: Any) -> Path:
    names = list(rows[0])
    columns = {name: pyarrow.array([row[name] for row in rows], types.get(name, TOKENS)) for name in names}
    parquet.write_table(pyarrow.table(columns), path)
    return path


def found_in(path: Path, **options: Any) -> list[tuple[int, str]]:
    """Row and rule of each finding, without a process of its own."""
    report = check_table(str(path), plan_of(**options)).report
    return [(finding.line + 1, finding.rule) for finding in report.findings]


def test_good_rows_have_no_finding(tmp_path: Path):
    assert found_in(write(tmp_path / "a.parquet", [GOOD] * 200)) == []


@pytest.mark.parametrize(("change", "rules"), BAD)
def test_a_bad_row_is_found_among_good_ones(tmp_path: Path, change: dict[str, Any], rules: list[str]):
    rows = [GOOD] * 70 + [{**GOOD, **change}] + [GOOD] * 10
    found = found_in(write(tmp_path / "a.parquet", rows))
    assert {number for number, _ in found} == {71}
    assert sorted({rule for _, rule in found}) == sorted(rules)


@pytest.mark.parametrize("kind", [pyarrow.large_list(pyarrow.int32()), pyarrow.list_(pyarrow.uint16(), 3)])
def test_other_lists_of_integers_are_read(tmp_path: Path, kind: pyarrow.DataType):
    rows = [GOOD, {**GOOD, "labels": [1, 2, 3], "attention_mask": [1, 1, 5]}]
    path = write(tmp_path / "a.parquet", rows, attention_mask=kind)
    assert found_in(path) == [(2, "invalid-token-list")]


numbers = st.none() | st.sampled_from([-100, -1, 0, 1, 2, 2**31])
lists = st.none() | st.lists(numbers, max_size=3)
any_rows = st.lists(st.fixed_dictionaries(dict.fromkeys(GOOD, lists)), min_size=1, max_size=6)


@given(rows=any_rows)
@settings(max_examples=100)
def test_a_table_is_judged_like_its_rows_in_jsonl(tmp_path_factory: pytest.TempPathFactory, rows: Rows):
    path = write(tmp_path_factory.mktemp("rows") / "a.parquet", rows)
    mine = sorted(set(found_in(path, max_findings=0)))
    options = Settings(target="generic", format="input-ids", ignore=("JL8",))
    theirs = sorted({(finding.line, finding.rule) for finding in check_records(rows, options)})
    assert mine == theirs


# --- whole files, in a process of their own --------------------------------------------------------------------------


def test_a_file_of_every_defect(tmp_path: Path):
    rows = [{**GOOD, **change, "id": [1]} for change, _ in BAD]
    report = check_file(write(tmp_path / "a.parquet", rows), Settings(max_findings=0))
    summary = report.to_dict()["summary"]
    assert (summary["records"], summary["valid_records"]) == (len(BAD), 0)
    extra = next(finding for finding in report if finding.rule == "extra-column")
    assert extra.message.endswith("is not one of input_ids, attention_mask, labels or position_ids")
    assert summary["by_rule"] == {
        "all-labels-masked": 1,
        "extra-column": 1,
        "invalid-token-list": 5,
        "unequal-token-lengths": 2,
        "wrong-type": 2,
    }
    assert {finding.line for finding in report.findings} == set(range(1, len(BAD) + 1))
    (labels,) = [finding for finding in report.findings if finding.line == 8]
    assert (labels.pointer, labels.column, labels.byte_offset) == ("/labels/0", None, None)
    assert "-99 in `labels`" in labels.message


def test_a_name_in_capitals_is_a_table_too(tmp_path: Path):
    report = check_file(write(tmp_path / "a.PARQUET", [GOOD, GOOD]))
    assert report.files[0].records == 2
    (finding,) = report.findings
    assert (finding.rule, finding.help) == ("wrong-extension", "Rename the file so that it ends in `.parquet`.")


def test_shown_findings_are_limited_and_counts_are_not(tmp_path: Path):
    rows = [{"input_ids": [1], "attention_mask": [2]}] * 5
    report = check_file(write(tmp_path / "a.parquet", rows), Settings(max_findings=2))
    assert len(report.findings) == 2
    assert report.to_dict()["summary"]["by_rule"] == {"invalid-token-list": 5}


def test_rows_are_as_long_as_they_are(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [GOOD, {name: [*tokens, 1] for name, tokens in GOOD.items()}])
    assert not check_file(path, Settings(max_tokens=4)).findings
    (finding,) = check_file(path, Settings(max_tokens=3)).findings
    assert (finding.line, finding.rule, finding.severity, finding.fix) == (2, "over-length", "warning", None)
    assert finding.message.startswith("4 tokens (exact: the record holds the tokens themselves); the limit is 3")


def test_a_table_without_rows_is_empty(tmp_path: Path):
    path = tmp_path / "a.parquet"
    parquet.write_table(
        pyarrow.table({name: pyarrow.array([], TOKENS) for name in ("input_ids", "attention_mask")}), path
    )
    report = check_file(path)
    assert [(one.rule, one.message) for one in report.findings] == [("empty-file", "the table has no rows")]
    assert report.files[0].records == 0
    assert not report.ok


def test_a_table_of_texts_is_told_where_they_belong(tmp_path: Path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"messages": [[{"role": "user", "content": "Hi"}]]}), path)
    first = check_file(path).findings[0]
    assert (first.rule, first.help.split(",")[0]) == ("missing-column", "Write each row as one line of a `.jsonl` file")
    assert first.message == "the column `input_ids` is missing; the target takes only tokens as Parquet, not texts"


def test_only_the_selected_rules_report(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [{"input_ids": [1], "other": [1, 2]}])
    assert [one.rule for one in check_file(path, Settings(select=("missing-column",))).findings] == ["missing-column"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1",
        b'{"messages": []}\n',
        b"PAR1" + b"\xff" * 100 + b"PAR1",
        b"PAR1" + b"\x15" * 64 + b"\x40\0\0\0PAR1",
    ],
    ids=["empty", "magic", "jsonl", "noise", "footer"],
)
def test_what_is_no_parquet_is_one_clear_error(tmp_path: Path, data: bytes):
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    (error,) = check_paths([path]).input_errors
    assert error.reason.startswith("not readable as Parquet: ")
    assert error.reason.isprintable()


def test_a_file_that_is_cut_off_is_one_clear_error(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [GOOD] * 100)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableInputError, match="not readable as Parquet"):
        check_file(path)


def test_a_damaged_page_is_one_clear_error(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [GOOD] * 100)
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * 60 + data[64:])
    with pytest.raises(UnreadableInputError, match="not readable as Parquet"):
        check_file(path)


def test_a_reader_that_crashes_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(isolated, "_CHILD", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(UnreadableInputError, match="crashed"):
        check_file(write(tmp_path / "a.parquet", [GOOD]))


def test_a_reader_without_memory_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("resource")
    monkeypatch.setattr(isolated, "MAX_MEMORY", 64 << 20)
    with pytest.raises(UnreadableInputError):
        check_file(write(tmp_path / "a.parquet", [GOOD]))


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(isolated, "find_spec", lambda _: None)
    with pytest.raises(UnreadableInputError, match=r"pip install 'jsonl-lint\[parquet\]'"):
        check_file(write(tmp_path / "a.parquet", [GOOD]))


def test_a_target_without_tokenised_data_says_so(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [GOOD])
    with pytest.raises(UnreadableInputError, match="takes no tokenised Parquet"):
        check_file(path, Settings(target="openai"))


def test_a_table_holds_no_preference_pairs(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [GOOD])
    with pytest.raises(UnreadableInputError, match=r"holds no pairs of answers \(--method dpo\)"):
        check_file(path, Settings(method="dpo"))


def test_that_rows_are_not_compared_with_another_file_is_said(tmp_path: Path):
    path, other = write(tmp_path / "a.parquet", [GOOD]), tmp_path / "validation.jsonl"
    other.write_bytes(line_of(GOOD))
    options = Settings(against=(str(other),))
    with pytest.raises(UnreadableInputError, match=r"not compared with other files \(--against\)"):
        check_file(path, options)
    assert check_file(path, replace(options, ignore=("overlap-with-validation",))).files[0].records == 1
    (copy := tmp_path / "b.jsonl").write_bytes(line_of(GOOD))
    report = check_paths([path, copy], replace(options, target="generic", select=("overlap-with-validation",)))
    assert [error.path for error in report.input_errors] == [str(path)]
    assert [finding.path for finding in report.findings] == [str(copy)]


def test_a_missing_file_is_one_clear_error(tmp_path: Path):
    with pytest.raises(UnreadableInputError, match="no such file"):
        check_file(tmp_path / "a.parquet")


def test_a_script_without_a_main_guard_may_check_parquet(tmp_path: Path):
    path = write(tmp_path / "a.parquet", [GOOD])
    script = tmp_path / "script.py"
    script.write_text(f"import jsonl_lint\nprint(jsonl_lint.check_file({str(path)!r}).ok)\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=None, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_pyarrow_is_not_imported_for_jsonl():
    code = "import sys, jsonl_lint; jsonl_lint.check_file('fixtures/sample.jsonl'); print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "False\n", done.stderr
