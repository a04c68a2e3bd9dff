"""Bytes in: encodings, layouts, inputs that cannot be read, lines of any length, memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import textwrap
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import FileResult, Finding, Settings, Severity, UnreadableInputError, check_file, check_paths, ranges
from jsonl_lint.api import check_events
from jsonl_lint.arrays import Item, items_of
from jsonl_lint.files import head, source
from jsonl_lint.files.head import Head, read_head
from jsonl_lint.files.held import MOST_LINES, HeldLines
from jsonl_lint.files.inputs import STDIN, expand_paths
from jsonl_lint.files.source import PIECE_BYTES, LineReader, range_of_lines
from jsonl_lint.model import InputError
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.ranges import local
from tests.conftest import GOOD, NO_MESSAGES, Check, chat, found, line_of, takes_linear_time
from tests.test_ranges import in_turn

GOOD_TEXT = GOOD.decode()


# --- encodings and layouts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""], ids=["with BOM", "without BOM"])
@pytest.mark.parametrize("text", [GOOD_TEXT * 3, '{"text": "Ωμέγα, 漢字"}\r\n'], ids=["ASCII", "other letters"])
def test_utf16_and_utf32_files_are_named_and_not_read(check_bytes: Check, encoding: str, mark: str, text: str):
    report = check_bytes((mark + text).encode(encoding))
    assert found(report) == [(1, "utf16-file")]
    assert encoding.upper() in report.findings[0].message
    assert report.files[0].bytes == len((mark + text).encode(encoding))


def test_a_nul_in_a_text_is_no_sign_of_utf16(check_bytes: Check):
    report = check_bytes(GOOD + b'{"messages": [{"role": "user", "content": "a\x00b"}]}\n' + GOOD)
    assert found(report) == [(2, "no-assistant-message"), (2, "unescaped-control-character")]
    assert report.findings[1].message == "raw control character U+0000 inside a string"


def test_byte_order_mark(check_bytes: Check):
    report = check_bytes(b"\xef\xbb\xbf" + GOOD + line_of({"messages": []}))
    assert found(report) == [(1, "utf8-bom"), (2, "empty-messages")]
    assert report.findings[0].byte_offset == 0
    assert report.findings[1].byte_offset == 3 + len(GOOD) + len('{"messages": ')
    assert report.findings[1].column == 14
    assert report.files[0].bytes == 3 + len(GOOD) + len(line_of({"messages": []}))


def test_a_byte_order_mark_alone_is_an_empty_file(check_bytes: Check):
    assert found(check_bytes(b"\xef\xbb\xbf")) == [(1, "utf8-bom"), (1, "empty-file")]


@pytest.mark.parametrize("rest", [b"", b"\n" + GOOD, b" \r\n" + GOOD])
def test_a_mark_alone_on_its_line_is_the_only_defect_of_it(check_bytes: Check, rest: bytes):
    report = check_bytes(GOOD + b"\xef\xbb\xbf" + rest, ignore=("mixed-line-endings",))
    assert found(report) == [(2, "utf8-bom")]
    assert report.files[0].records - report.files[0].valid_records == 1


def test_invalid_utf8_has_its_true_byte_offset_on_each_line(check_bytes: Check):
    lines = [
        GOOD,
        '{"messages": [{"role": "user", "content": "é'.encode() + b'\xe9 \xff"}]}\n',
        GOOD,
        b'{"text": "\x80"}\n',
    ]
    data = b"".join(lines)
    report = check_bytes(data)
    bad = [finding for finding in report.findings if finding.rule == "invalid-utf8"]
    assert [finding.line for finding in bad] == [2, 4]
    assert [finding.byte_offset for finding in bad] == [data.index(b"\xe9 "), data.index(b"\x80")]
    assert "0xE9" in bad[0].message
    assert f"offset {data.index(bytes([0xE9, 0x20]))} " in bad[0].message
    assert bad[0].column == lines[1].index(b"\xe9 ")  # one less than the byte's place: é is one code point of two bytes


def test_invalid_utf8_outside_strings_and_in_a_file_with_a_mark(check_bytes: Check):
    data = b"\xef\xbb\xbf" + GOOD + b"\xa0" + GOOD
    bad = [finding for finding in check_bytes(data).findings if finding.rule == "invalid-utf8"]
    assert [(finding.line, finding.column, finding.byte_offset) for finding in bad] == [(2, 1, 3 + len(GOOD))]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\x1c", "\x7f"])
def test_other_line_separators_inside_strings_are_no_lines(check_bytes: Check, separator: str):
    record = chat(f"a{separator}b", "c")
    data = line_of(record) + line_of({"messages": []})
    assert found(check_bytes(data, ignore=("JL7",))) == [(2, "empty-messages")]
    assert check_bytes(data).files[0].lines == 2


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\r"])
def test_raw_vertical_tabs_and_form_feeds_are_control_characters_not_line_ends(check_bytes: Check, separator: str):
    data = GOOD + GOOD.replace(b"Hello", b"Hel" + separator.encode() + b"lo") + line_of({"messages": []})
    assert found(check_bytes(data)) == [(2, "unescaped-control-character"), (3, "empty-messages")]


def test_bare_carriage_returns(check_bytes: Check):
    data = (GOOD * 3).replace(b"\n", b"\r")
    report = check_bytes(data)
    assert found(report) == [(1, "cr-line-endings")]
    assert not report.ok
    assert report.files[0].bytes == len(data)
    with pytest.raises(UnreadableInputError, match="not checked: the file is lines that end with carriage returns"):
        check_bytes(data, ignore=("cr-line-endings",))


@pytest.mark.parametrize(
    "text",
    [
        "[" + ", ".join([GOOD_TEXT.strip()] * 3) + "]",
        "[" + ", ".join([GOOD_TEXT.strip()] * 3) + "]\n",
        "[" + ",\n".join([GOOD_TEXT.strip()] * 3) + "]\n",
        "[\n" + ",\n".join([GOOD_TEXT.strip()] * 3) + "\n]\n",
        json.dumps([json.loads(GOOD_TEXT)] * 3, indent=2),
        "\n [\r\n" + GOOD_TEXT.strip() + "\r\n]",
        "[\n]",
        "\ufeff[\n" + GOOD_TEXT + "]",
    ],
)
def test_one_array_over_the_whole_file_is_one_finding(check_bytes: Check, text: str):
    report = check_bytes(text.encode())
    assert [rule for _, rule in found(report) if rule != "utf8-bom"] == ["json-array-file"]
    lines = len(text.removesuffix("\n").split("\n"))
    assert (report.findings[-1].line, report.findings[-1].end_line) == (1, lines)
    assert (report.files[0].lines, report.files[0].bytes) == (lines, len(text.encode()))


BAD_ITEM = '{"messages":[{"role":"é","content":"b"},{"role":"assistant","content":""}]}'


@pytest.mark.parametrize(
    "layout",
    [
        "[%(good)s,%(bad)s]",
        "[\n%(good)s,\n%(bad)s\n]\n",
        "\ufeff[\n  %(good)s, \t%(bad)s,\n]\n",
        "[\r\n%(indented)s,\r\n%(bad)s,%(bad)s\r\n]",
        '["é",\n%(indented)s , %(indented)s]',
        "[%(bad)s,\n%(bad)s,\n%(good)s",
    ],
)
@pytest.mark.parametrize("name", ["data.jsonl", "data.jsonl.gz"])
def test_the_items_of_an_array_are_checked_where_they_stand(tmp_path: Path, layout: str, name: str):
    indented = json.dumps(json.loads(BAD_ITEM), indent=1, ensure_ascii=False)
    text = layout % {"good": GOOD_TEXT.strip(), "bad": BAD_ITEM, "indented": indented}
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    report = check_file(path, Settings(ignore=("utf8-bom", "wrong-extension")))
    places = {"unknown-role": '"é"', "empty-content": '""', "not-an-object": '"é"', "json-array-file": ""}
    lines = text.removeprefix("\ufeff").split("\n")
    for finding in report.findings:
        start, end = finding.column - 1, finding.end_column - 1
        assert lines[finding.line - 1][start:end] == places[finding.rule]
        before = "\n".join([*lines[: finding.line - 1], lines[finding.line - 1][:start]])
        assert finding.byte_offset == len(before.encode()) + 3 * text.startswith("\ufeff")
        assert finding.fix is None or finding.rule == "json-array-file"
    broken = text.count('""')
    whole = text.rstrip().endswith("]")
    assert report.summary["by_rule"].get("unknown-role") == report.summary["by_rule"].get("empty-content") == broken
    assert report.summary["records"] == broken + layout.count("%(good)s") + layout.count('"é"') - (not whole)
    assert report.summary["fixable"] == {"safe": int(whole), "unsafe": 0}


def test_the_place_in_a_line_of_an_item_is_that_in_the_line_of_the_file(check_bytes: Check):
    data = f'["é",\n  {BAD_ITEM}, {BAD_ITEM}]\n'.encode()
    contexts = [finding.context for finding in check_bytes(data, select=("empty-content",)).findings]
    line = data.split(b"\n")[1]
    assert [line[context.byte_start : context.byte_end] for context in contexts] == [b'""', b'""']
    assert [context.text[context.start : context.end] for context in contexts] == ['""', '""']


def test_the_items_of_an_array_are_never_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jsonl_lint.checks.file.lines_again", lambda *_: pytest.fail)
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"[" + b",".join([GOOD.strip()] * 500) + b"]\n")
    assert check_file(path).summary["records"] == 500


def test_an_item_of_many_lines_takes_linear_time():
    def split(lines: int) -> None:
        assert len(list(items_of([b"[\n", *[b"[1],\n"] * 2, b"[\n", *[b"1,\n"] * lines, b"2]]\n"], 1 << 30))) == 10

    assert takes_linear_time(split, 3000)


@pytest.mark.parametrize("line_end", ["", "\n"])
def test_an_item_with_many_findings_takes_linear_time(tmp_path: Path, line_end: str):
    path = tmp_path / "data.jsonl"
    settings = Settings(select=("content-wrong-type", "json-array-file"), max_findings=0)

    def check(count: int) -> None:
        messages = f",{line_end}".join(['{"role": "é", "content": 1}'] * count)
        path.write_text(f'[\n{{"messages": [{messages}]}}\n]', encoding="utf-8")
        assert len(check_file(path, settings).findings) == count + 1

    assert takes_linear_time(check, 10_000)


def test_findings_in_the_items_of_an_array_are_limited_like_others(check_bytes: Check):
    data = "[" + ",\n".join([BAD_ITEM] * 9) + "]\n"
    report = check_bytes(data.encode(), max_findings=4)
    assert [rule for _, rule in found(report)] == ["unknown-role", "empty-content"] * 4 + ["json-array-file"]
    assert report.summary["by_rule"] == {"unknown-role": 9, "empty-content": 9, "json-array-file": 1}


def test_the_items_of_an_array_are_not_counted_as_one_record(check_bytes: Check):
    data = b"[" + b",\n".join([GOOD.strip()] * 20) + b"]\n"
    assert found(check_bytes(data, target="openai")) == [(1, "json-array-file")]


@pytest.mark.parametrize("keys", [("role", "content"), ("from", "value"), ("parts", "role")])
def test_one_conversation_as_a_list_is_no_array_of_records(check_bytes: Check, keys: tuple[str, str]):
    turns = [dict.fromkeys(keys, "user"), dict.fromkeys(keys, "model")]
    assert found(check_bytes(json.dumps(turns).encode() + b"\n")) == [(1, "not-an-object")]


def test_lines_that_are_arrays_are_no_array_file(check_bytes: Check):
    messages = line_of(chat()["messages"])
    assert found(check_bytes(messages * 2)) == [(1, "not-an-object"), (2, "not-an-object")]
    assert found(check_bytes(messages)) == [(1, "not-an-object")]
    assert found(check_bytes(b"[1, 2]\n" + GOOD)) == [(1, "not-an-object")]


@pytest.mark.parametrize(("data", "words"), [(b"", "is empty"), (b"\n", "only white space"), (b" \n\t\r\n ", "white")])
def test_files_without_a_record(check_bytes: Check, data: bytes, words: str):
    report = check_bytes(data)
    (empty,) = [finding for finding in report.findings if finding.rule == "empty-file"]
    assert words in empty.message
    assert report.files[0].records == 0
    assert not report.ok


# --- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(GOOD, mtime=0), "gzip"),
        (b"PK\x03\x04rest", "a zip archive; unpack it first"),
        (b"PAR1rest", "Parquet; only `check` reads it, from a local file named .parquet"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "a program"),
        (bytes(range(256)) * 64, "binary"),
        (b"\x00" * 4096, "binary"),
        (b"train.jsonl".ljust(257, b"\x00") + b"ustar" + GOOD, "a tar archive; unpack it first"),
        (b"a".ljust(257, b"\x00") + b"ustar" + GOOD, "a tar archive; unpack it first"),
    ],
)
def test_binary_files_are_named_and_not_read(check_bytes: Check, data: bytes, words: str):
    with pytest.raises(UnreadableInputError, match=words):
        check_bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"question,answer\na,b\n", "a table"),
        ("a.CSV", b'"question","answer"\n', "a table"),
        ("a.tsv", b"\xef\xbb\xbfquestion\tanswer\n", "a table"),
        ("a.jsonl", b"\n <!DOCTYPE html>\n<html>", "HTML or XML"),
        ("a.jsonl", b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "HTML or XML"),
        ("a.csv", GOOD, ""),
        ("a.csv", b'"{""messages"": []}"\n', ""),
        ("a.csv", b"", ""),
        ("a.jsonl", b"question,answer\n", ""),
        ("a.jsonl", b"<b>" + GOOD, ""),
    ],
)
def test_what_is_meant_to_be_something_else_is_named_and_not_read(tmp_path: Path, name: str, data: bytes, words: str):
    path = tmp_path / name
    path.write_bytes(data)
    errors = [error.reason for error in check_paths([path], Settings()).input_errors]
    assert len(errors) == bool(words)
    assert all(error.startswith(f"not JSONL: the file is {words}") for error in errors)


def test_git_lfs_pointer_is_a_finding_and_an_error(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    for ignored, expected in (((), [(1, "git-lfs-pointer")]), (("git-lfs-pointer",), [])):
        report = check_paths([path], Settings(ignore=ignored))
        assert found(report) == expected
        assert [error.reason for error in report.input_errors] == [
            "a Git LFS pointer, not the data; fetch it with `git lfs pull`"
        ]


def test_the_other_inputs_are_checked_all_the_same(tmp_path: Path):
    good, missing, binary = tmp_path / "good.jsonl", tmp_path / "missing.jsonl", tmp_path / "b.jsonl"
    last = tmp_path / "last.jsonl"
    good.write_bytes(GOOD)
    last.write_bytes(GOOD)
    binary.write_bytes(gzip.compress(GOOD, mtime=0))
    report = check_paths([missing, good, binary, tmp_path / "no*.jsonl", last])
    assert [file.path for file in report.files] == [str(good), str(last)]
    assert [Path(error.path).name for error in report.input_errors] == ["missing.jsonl", "b.jsonl", "no*.jsonl"]
    assert not report.ok
    assert report.to_dict()["input_errors"][0]["reason"] == "no such file or directory"


def test_a_single_file_that_cannot_be_read_raises(tmp_path: Path):
    with pytest.raises(UnreadableInputError, match="no such file"):
        check_file(tmp_path / "missing.jsonl")
    with pytest.raises(UnreadableInputError, match="not a file name"):
        check_file("nul\x00byte.jsonl")


def test_reading_that_fails_half_way_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1 << 18:
                raise OSError(5, "Input/output error")
            return super().read(size)

    monkeypatch.setattr("jsonl_lint.checks.file.open_file", lambda path: (Broken(GOOD * 20_000), None))
    report = check_paths([tmp_path / "data.jsonl"])
    assert [error.reason for error in report.input_errors] == ["input/output error"]


def test_what_was_found_before_a_file_went_away_is_counted(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(NO_MESSAGES + GOOD + GOOD)
    events = list(check_events([str(path)], Settings(), lambda _: path.unlink()))  # to compare, it is opened again
    found, result, error = events
    assert isinstance(found, Finding)
    assert isinstance(result, FileResult)
    assert result.counts == {("empty-messages", Severity.ERROR): 1}
    assert error == InputError(str(path), "no such file or directory")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_changes_while_it_is_checked_is_never_clean(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", len(GOOD))
    monkeypatch.setattr(local, "run_in_processes", in_turn)
    path, other = tmp_path / "data.jsonl", tmp_path / "other.jsonl"
    path.write_bytes(NO_MESSAGES + GOOD * 9)
    other.write_bytes(GOOD * 9)

    def replace(_: int) -> None:
        if other.exists():
            other.replace(path)

    report = check_paths([path])
    *found, result, error = check_events([str(path)], Settings(jobs=jobs), replace)
    assert len(found) == 1 < len(report.findings)  # rules about the whole file did not run
    assert isinstance(result, FileResult)
    assert result.counts == {("empty-messages", Severity.ERROR): 1}
    assert error == InputError(str(path), "it has changed while it was read")


# --- folders and globs -----------------------------------------------------------------------------------------------


def expanded(*paths: Path | str) -> tuple[list[str], list[str]]:
    every = list(expand_paths([str(path) for path in paths]))
    errors = [str(found) for found in every if isinstance(found, UnreadableInputError)]
    return [found for found in every if not isinstance(found, UnreadableInputError)], errors


def test_a_folder_gives_its_data_files_in_order(tmp_path: Path):
    for name in (
        "b.jsonl",
        "a.JSONL",
        "c.ndjson",
        "d.json",
        ".hidden.jsonl",
        "sub/x.jsonl",
        ".git/y.jsonl",
        "a b/z.jsonl",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    files, errors = expanded(tmp_path)
    assert [os.path.relpath(path, tmp_path) for path in files] == [
        "a.JSONL",
        "b.jsonl",
        "c.ndjson",
        "a b/z.jsonl",
        "sub/x.jsonl",
    ]
    assert errors == []


def test_a_folder_without_data_is_an_error(tmp_path: Path):
    assert expanded(tmp_path) == ([], [f"{tmp_path}: the folder holds no .jsonl or .ndjson file"])


def test_globs(tmp_path: Path):
    for name in ("a.jsonl", "b.jsonl", "sub/c.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    names = lambda pattern: [Path(path).name for path in expanded(tmp_path / pattern)[0]]  # noqa: E731
    assert names("*.jsonl") == ["a.jsonl", "b.jsonl"]
    assert names("**/*.jsonl") == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert names("su?") == ["c.jsonl"]
    assert expanded(tmp_path / "x*")[1] == [f"{tmp_path}/x*: no file matches"]


def test_links_to_folders_are_followed_only_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("far/c.jsonl", "data/a.jsonl", "data/sub/b.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    os.symlink("../far", "data/linked")
    os.symlink("../../data", "data/sub/back")
    every = ["data/a.jsonl", "data/sub/b.jsonl"]
    for deep in ("data", "data/**/*.jsonl", "data/**", "data/**/*", "./data/**/**/*.jsonl"):
        assert [os.path.normpath(path) for path in expanded(deep)[0]] == every
    assert expanded("**/?????*/*.jsonl")[1] == ["**/?????*/*.jsonl: no file matches"]
    for named in ("data/linked", "data/linked/**", "data/*/c.jsonl", "**/linked/*.jsonl"):
        assert expanded(named) == (["data/linked/c.jsonl"], [])


def test_a_file_that_is_found_several_times_is_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a.jsonl", "sub/b.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    listed = lambda *paths: list(expand_paths(paths))  # noqa: E731
    b = os.path.join("sub", "b.jsonl")
    assert listed("**", "sub") == ["a.jsonl", b]
    assert listed("sub", "./a.jsonl", "*") == [b, "./a.jsonl"]
    assert listed("sub", f"./{b}") == [f"./{b}"]
    assert listed("a.jsonl", "./a.jsonl", os.path.abspath("a.jsonl"), "a.jsonl") == ["a.jsonl"]
    assert listed("sub", "sub/", "./sub") == [b]
    assert listed("", ".", "") == ["", os.path.join(".", "a.jsonl"), os.path.join(".", b)]


def test_files_that_are_only_spelled_alike_are_all_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a.jsonl", "far/a.jsonl", "far/sub/b.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "sub")
    monkeypatch.chdir(tmp_path)
    names = ["a.jsonl", "link/../a.jsonl", "a.jsonl/"]  # the second is that in `far`, the third none at all
    assert list(expand_paths(names)) == names
    assert list(expand_paths([*names, "far/a.jsonl", "far/../a.jsonl"])) == names


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_no_pipe_is_waited_for_that_a_folder_or_glob_finds(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    os.mkfifo(tmp_path / "pipe.jsonl")
    for path in (tmp_path, tmp_path / "*.jsonl", tmp_path / "**" / "*"):
        assert expanded(path) == ([str(tmp_path / "a.jsonl")], [])
    assert expanded(tmp_path / "p*")[1] == [f"{tmp_path}/p*: no file matches"]
    assert expanded(tmp_path / "pipe.jsonl")[0] == [str(tmp_path / "pipe.jsonl")]


def test_a_link_to_nothing_in_a_folder_is_one_error(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "b.jsonl").symlink_to("fetched-later.jsonl")
    report = check_paths([tmp_path])
    assert [file.path for file in report.files] == [str(tmp_path / "a.jsonl")]
    assert report.input_errors == (InputError(str(tmp_path / "b.jsonl"), "no such file or directory"),)


def test_a_file_whose_name_looks_like_a_glob(tmp_path: Path):
    path = tmp_path / "data[1].jsonl"
    path.write_bytes(GOOD)
    assert expanded(path) == ([str(path)], [])


def test_a_folder_that_cannot_be_listed_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "locked").mkdir()
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files, errors = expanded(tmp_path)
    assert [Path(path).name for path in files] == ["a.jsonl"]
    assert errors == [f"{tmp_path}/locked: permission denied"]
    assert expanded(tmp_path / "locked")[1][0] == f"{tmp_path}/locked: permission denied"


@pytest.mark.skipif(not hasattr(os, "fork") or not hasattr(os, "setuid"), reason="needs users and permissions")
def test_a_folder_without_read_permission(tmp_path: Path):
    locked = tmp_path / "locked"
    locked.mkdir()
    (locked / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "b.jsonl").write_bytes(GOOD)
    script = textwrap.dedent(
        f"""
        import glob, os
        from jsonl_lint import check_paths
        import jsonl_lint.api, jsonl_lint.plans.planning
        from jsonl_lint.files.inputs import expand_paths
        jsonl_lint.plans.planning.plan_of(jsonl_lint.Settings())
        if os.getuid() == 0:
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
        report = check_paths([{str(locked)!r}, {str(locked / "a.jsonl")!r}])
        print([error.reason for error in report.input_errors], len(report.files))
        os.chdir({str(tmp_path)!r})
        for pattern in ("*/*.jsonl", "**/*.jsonl", "**/*", "**", "lo*/a.jsonl", "open/*.jsonl"):
            print(*expand_paths([pattern, "./**/*.jsonl"]), sep=", ")
        """
    )
    for parent in [tmp_path, *tmp_path.parents][:-1]:
        if os.stat(parent).st_uid == os.getuid() and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)
    locked.chmod(0)
    try:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    finally:
        locked.chmod(0o755)
    assert done.stdout.splitlines() == [
        "['permission denied', 'permission denied'] 0",
        *["locked: permission denied, open/b.jsonl"] * 4,
        "locked: permission denied, ./open/b.jsonl",
        "open/b.jsonl, ./locked: permission denied",
    ], done.stderr


def test_standard_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD + b"\n" + line_of({"messages": []}))))
    report = check_paths([STDIN])
    assert found(report) == [(2, "blank-line"), (3, "empty-messages")]
    assert {finding.path for finding in report.findings} == {"-"}
    assert report.files[0].path == "-"


# --- lines -----------------------------------------------------------------------------------------------------------


class Stream(io.BytesIO):
    """Bytes as a file, or as a pipe that cannot be rewound and gives what it likes."""

    def __init__(self, data: bytes, *, rewindable: bool) -> None:
        super().__init__(data)
        self.rewindable = rewindable

    def seekable(self) -> bool:
        return self.rewindable

    def fileno(self) -> int:
        return 9

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size if self.rewindable or not size or size < 0 else max(1, size // 3))


def lines_of(data: bytes, limit: int, *, rewindable: bool) -> list[tuple[bytes, int]]:
    """Each line with its length; b"" for a line over the limit."""
    stream = Stream(data, rewindable=rewindable)
    return list(LineReader(stream, read_head(stream, "data.jsonl"), limit).lines())


@pytest.mark.parametrize("rewindable", [True, False], ids=["file", "pipe"])
def test_lines_are_whole_and_together_the_file(rewindable: bool):
    sizes = [0, 1, 100, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 5, head.HEAD_BYTES, 0]
    data = b"".join(b"x" * size + b"\n" for size in sizes) + b"last"
    lines = lines_of(data, 1 << 30, rewindable=rewindable)
    assert [line for line, _ in lines] == data.splitlines(keepends=True)
    assert all(len(line) == size for line, size in lines)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=["LF", "CRLF", "no line end"])
@pytest.mark.parametrize("size", [101, 103, 200, PIECE_BYTES, 300_000, 600_000])
@pytest.mark.parametrize("rewindable", [True, False], ids=["file", "pipe"])
def test_lines_over_the_limit_are_measured_and_not_held(end: bytes, size: int, rewindable: bool):
    data = b"a\n" * 50 + b"x" * size + b"\n" + b"b\n" * 50 + b"y" * size + end
    lines = lines_of(data, 50, rewindable=rewindable)
    assert [size for _, size in lines if size > 60] == [size + 1, size + len(end)]
    assert [line for line, size in lines if size < 60] == [b"a\n"] * 50 + [b"b\n"] * 50
    assert all(line == b"" for line, size in lines if size > 60 and (rewindable or size > 50 + PIECE_BYTES))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=["LF", "CRLF", "no line end"])
def test_the_line_end_does_not_count_towards_the_limit(check_bytes: Check, end: bytes):
    line = GOOD.rstrip()
    assert found(check_bytes(line + end, max_line_bytes=len(line))) == []
    assert found(check_bytes(line + end, max_line_bytes=len(line) - 1)) == [(1, "record-too-large")]


def test_a_line_over_the_limit_is_a_finding_and_its_neighbours_are_checked(check_bytes: Check):
    long = line_of(chat("x" * 2_000, "y"))
    report = check_bytes(GOOD + long + line_of({"messages": []}) + long.rstrip(), max_line_bytes=1_000)
    assert found(report) == [(2, "record-too-large"), (3, "empty-messages"), (4, "record-too-large")]
    assert f"{len(long):,} bytes" in report.findings[0].message
    assert [finding.byte_offset for finding in report.findings][:2] == [len(GOOD), len(GOOD) + len(long) + 13]
    assert (report.files[0].records, report.files[0].valid_records, report.files[0].lines) == (4, 1, 4)
    assert report.files[0].bytes == len(GOOD) + 2 * len(long) + len(line_of({"messages": []})) - 1


@pytest.mark.parametrize("item", [b"{}", b'""', b"1"])
def test_a_line_of_too_many_values_is_a_finding(check_bytes: Check, monkeypatch: pytest.MonkeyPatch, item: bytes):
    count = PIECE_BYTES // (len(item) + 1) + 1
    line = GOOD.rstrip()[:-1] + b', "notes": [' + b",".join([item] * count) + b"]}\n"
    marks = line.count(b"{") + line.count(b"[") + line.count(b",")
    monkeypatch.setattr("jsonl_lint.engine.doubtful.MOST_BRACKETS_AND_COMMAS", marks - 1)
    report = check_bytes(GOOD + line + GOOD.replace(b"Hi", b"Ho"), jobs=1)
    assert found(report) == [(2, "record-too-large")]
    assert f"{marks:,} brackets and commas" in report.findings[0].message
    assert f"{source.MOST_BRACKETS_AND_COMMAS:,} brackets and commas" in " ".join(
        (all_rules()["record-too-large"].__doc__ or "").split()
    )
    monkeypatch.setattr("jsonl_lint.engine.doubtful.MOST_BRACKETS_AND_COMMAS", marks)
    assert "record-too-large" not in {rule for _, rule in found(check_bytes(line, jobs=1))}


# --- memory ----------------------------------------------------------------------------------------------------------

has_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")

_MEASURE = """
import sys
from jsonl_lint import check_file, Settings
report = check_file(sys.argv[1], Settings())
file = report.files[0]
print(file.lines, file.bytes, sorted(report.to_dict()["summary"]["by_rule"].items()))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def measured(path: Path | str, feed: bytes = b"", times: int = 0) -> tuple[str, int]:
    """What a check of the file, or of this fed to a pipe many times, finds; and its peak memory in MiB."""
    process = subprocess.Popen(
        [sys.executable, "-c", _MEASURE, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False
    )
    assert process.stdin is not None
    for _ in range(times):
        process.stdin.write(feed)
    output, _ = process.communicate(timeout=300)
    shown, peak = output.decode().splitlines()
    return shown, int(peak) >> 10


def long_line(path: Path, size: int) -> Path:
    """A file with one line of `size` bytes, mostly a hole on disk: NULs after a proper beginning."""
    with path.open("wb") as file:
        file.write(b'{"text": "' + b"x" * (1 << 19))
        file.seek(size - 4)
        file.write(b'"}\n')
        file.write(GOOD)
    return path


def empty_lines(path: Path, count: int) -> Path:
    path.write_bytes(b"\n" * count)
    return path


def check_long_line_from_file(tmp_path: Path, size: int) -> None:
    found, peak = measured(long_line(tmp_path / "long.jsonl", size))
    assert found == f"2 {size - 1 + len(GOOD)} [('record-too-large', 1)]"
    assert peak < 60


def check_long_line_from_pipe(size: int) -> None:
    found, peak = measured("-", b"x" * (1 << 20), size >> 20)
    assert found == f"1 {size} [('record-too-large', 1)]"
    assert peak < 60 + (source.DEFAULT_MAX_LINE_BYTES >> 20)


def check_empty_lines(tmp_path: Path, count: int) -> None:
    found, peak = measured(empty_lines(tmp_path / "empty.jsonl", count))
    assert found == f"{count} {count} [('blank-line', {count}), ('empty-file', 1)]"
    assert peak < 60


@has_proc
def test_a_line_of_300_megabytes_takes_little_memory(tmp_path: Path):
    check_long_line_from_file(tmp_path, 300 << 20)


@has_proc
def test_a_line_of_300_megabytes_from_a_pipe_takes_no_more_than_the_limit():
    check_long_line_from_pipe(300 << 20)


@has_proc
def test_three_million_empty_lines_take_little_memory(tmp_path: Path):
    check_empty_lines(tmp_path, 3_000_000)


@has_proc
@pytest.mark.slow
def test_a_gigabyte_line_and_ten_million_empty_lines(tmp_path: Path):
    check_long_line_from_file(tmp_path, 1 << 30)
    check_long_line_from_pipe(1 << 30)
    check_empty_lines(tmp_path, 10_000_000)


def test_a_line_that_goes_on_behind_a_range_is_not_read_to_its_end(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"a" * 5_000 + b"\n" + b"b\n")
    with path.open("rb") as file:
        for start, end, lines in (
            (0, 10, b"a" * 5_000 + b"\n"),
            (10, 30, b""),
            (4_990, 5_002, b"b\n"),
            (9_000, 9_999, b""),
        ):
            reader = range_of_lines(file, start, end, 0, 64 << 20)
            assert file.tell() <= end
            assert b"".join(iter(reader.batch, b"")) == lines


def held_together(handle: Any) -> list[list[bytes]]:
    reader = LineReader(handle, Head(b""))
    return list(iter(lambda: HeldLines(reader).lines, []))


def test_of_very_short_lines_not_very_many_are_held_at_a_time(tmp_path: Path):
    data = GOOD * 3_000 + b"\n" * 30 * MOST_LINES + GOOD * 3_000
    (tmp_path / "data.jsonl").write_bytes(data)
    with (tmp_path / "data.jsonl").open("rb") as file:
        held = held_together(file)
    assert b"".join(chain(*held)) == data
    assert max(map(len, held)) == MOST_LINES
    streamed = held_together(io.BytesIO(data))
    assert b"".join(chain(*streamed)) == data
    sizes = [*map(len, streamed)]
    assert max(sizes[sizes.index(max(sizes)) + 2 :]) <= 2 * MOST_LINES


TEXTS = st.text('ab,:{}[]"\\ \n', max_size=9)
VALUES = st.recursive(st.none() | st.integers() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))


@given(st.lists(VALUES, min_size=1), st.lists(st.integers(0, 1 << 30)), st.sampled_from([None, 1]))
@example(['"'], [3, 3], None)  # an empty piece behind a backslash
def test_an_array_is_taken_apart_wherever_it_is_cut(values: list[Any], places: list[int], indent: int | None):
    data = json.dumps([*values, {"list": ["a,]"] * 250}], indent=indent).encode()
    cuts = sorted(place % len(data) for place in places)
    pieces = [data[start:end] for start, end in pairwise([0, *cuts, len(data)])]
    parts = list(items_of(pieces, len(data)))
    assert b"".join(parts) == data
    assert [json.loads(part) for part in parts if isinstance(part, Item)] == json.loads(data)
