"""Lines to findings: each breakage under its own name, and the same report however a file is cut."""

from __future__ import annotations

import json
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import jsonl_lint.engine.partial as engine_partial
from jsonl_lint import Block, PartialReport, Severity, check_block
from jsonl_lint.engine import block as engine_block
from jsonl_lint.engine import skimming
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.files import source
from jsonl_lint.files.source import end_of_lines
from jsonl_lint.model import Applicability
from jsonl_lint.plans import plan
from jsonl_lint.plans.verdicts import Sketches
from jsonl_lint.rule import Sketch
from tests.conftest import GOOD, NO_MESSAGES, Check, chat, found, line_of, plan_of

PRETTY = json.dumps(chat("line one", "line } two"), indent=2).encode() + b"\n"


# --- line ends and blank lines ---------------------------------------------------------------------------------------


def test_blank_lines_are_counted_as_lines_and_not_as_records(check_bytes: Check):
    report = check_bytes(GOOD + b"\n \t\n" + NO_MESSAGES + b"\r\n")
    assert found(report)[:4] == [(2, "blank-line"), (3, "blank-line"), (4, "empty-messages"), (5, "blank-line")]
    assert (report.files[0].lines, report.files[0].records, report.files[0].valid_records) == (5, 2, 1)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["final line end", "no final line end"])
@pytest.mark.parametrize("count", [1, 2, 2_500])
def test_either_line_end_alone_is_clean(check_bytes: Check, end: bytes, last: bool, count: int):
    line = GOOD.rstrip()
    data = (line + end) * (count - 1) + line + (end if last else b"")
    report = check_bytes(data)
    assert found(report) == []
    assert (report.files[0].lines, report.files[0].bytes, report.files[0].records) == (count, len(data), count)


@pytest.mark.parametrize("spaces", [b"", b" ", b"\t", b"  "])
@pytest.mark.parametrize("before", [0, 1, 3, 1_500])
def test_the_first_line_with_another_end_is_named(check_bytes: Check, before: int, spaces: bytes):
    crlf, lf = GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"\n", spaces + b"\n")
    mixed = check_bytes(crlf + crlf * before + lf + crlf)
    assert found(mixed) == [(before + 2, "mixed-line-endings")]
    assert mixed.findings[0].byte_offset == len(crlf) * (before + 1)
    mixed = check_bytes(lf + lf * before + crlf + lf)
    assert found(mixed) == [(before + 2, "mixed-line-endings")]
    assert "CRLF" in mixed.findings[0].message


def test_a_carriage_return_before_crlf_is_white_space(check_bytes: Check):
    assert found(check_bytes(GOOD.rstrip() + b"\r\r\n")) == []


# --- syntax, one name each -------------------------------------------------------------------------------------------

RECORD = GOOD.decode().strip()


@pytest.mark.parametrize(
    ("line", "rule", "column"),
    [
        (RECORD[:-1] + ",}", "trailing-comma", len(RECORD)),
        (RECORD + ",", "trailing-comma", len(RECORD) + 1),
        (RECORD.replace('"Hi"}', '"Hi",}'), "trailing-comma", RECORD.index('"Hi"}') + 5),
        (str(chat()), "single-quoted-json", 2),
        (RECORD.replace('"Hello"', "None"), "single-quoted-json", RECORD.index('"Hello"') + 1),
        (RECORD[:-1] + ', "weight": NaN}', "non-finite-number", len(RECORD) + 12),
        (RECORD[:-1] + ', "weight": 1e999}', "non-finite-number", len(RECORD) + 12),
        (RECORD[:-1] + ', "weight": -Infinity}', "non-finite-number", len(RECORD) + 12),
        (RECORD.replace("Hello", "He\tlo"), "unescaped-control-character", RECORD.index("Hello") + 3),
        (RECORD.replace("Hello", "He\x00lo"), "unescaped-control-character", RECORD.index("Hello") + 3),
        (RECORD + RECORD, "several-values-on-one-line", len(RECORD) + 1),
        (RECORD + " " + RECORD, "several-values-on-one-line", len(RECORD) + 2),
        (RECORD + ", " + RECORD, "several-values-on-one-line", len(RECORD) + 1),
        ("// " + RECORD, "comment-in-json", 1),
        ("// a note", "comment-in-json", 1),
        ("# a note", "comment-in-json", 1),
        (RECORD + " // a note", "comment-in-json", len(RECORD) + 2),
        (RECORD[:-3], "truncated-json", len(RECORD) - 2),
        (RECORD[:-10], "truncated-json", len(RECORD) - 9),
        (RECORD.replace('"Hello"', '"say "Hello""'), "invalid-json", RECORD.index("Hello") + 6),
        ("Here are the records:", "invalid-json", 1),
        (RECORD[:-1] + ', "messages": []}', "duplicate-key", len(RECORD) + 2),
        (RECORD.replace('"role": "user"', '"role": "user", "role": "user"'), "duplicate-key", 32),
        (RECORD.replace("Hello", "\\ud83d"), "lone-surrogate", RECORD.index("Hello") + 1),
        (RECORD[:-1] + ', "weight": 18446744073709551616}', "imprecise-number", len(RECORD) + 12),
        (RECORD[:-1] + ', "weight": 0.1234567890123456789}', "imprecise-number", len(RECORD) + 12),
        (RECORD[:-1] + ', "tools": ' + "[" * 1023 + "]" * 1023 + "}", None, 0),
        (RECORD[:-1] + ', "tools": ' + "[" * 1024 + "]" * 1024 + "}", "too-deep", len(RECORD) + 11 + 1023),
        (RECORD[:-1] + ', "tools": ' + "[" * 100_000, "too-deep", len(RECORD) + 11 + 1023),
        (json.dumps(RECORD), "double-encoded-record", 1),
        (json.dumps("a text"), "not-an-object", 1),
        ("17", "not-an-object", 1),
        ("null", "not-an-object", 1),
        ("[" + RECORD + "]", "not-an-object", 1),
    ],
)
def test_a_broken_line_is_named_and_its_neighbours_stay_clean(
    check_bytes: Check, line: str, rule: str | None, column: int
):
    report = check_bytes(GOOD * 3 + line.encode() + b"\n" + GOOD + NO_MESSAGES)
    expected = [(4, rule)] if rule else []
    about_line = [item for item in found(report) if item[0] == 4 and item[1] != "last-message-not-assistant"]
    others = {"empty-messages", "consecutive-roles", "content-wrong-type", "invalid-sample-weight"}
    others |= {"invalid-tool-definition", "null-content"}
    assert [item for item in about_line if item[1] not in others or item[1] == rule] == expected
    assert [item for item in found(report) if item[0] != 4] == [(6, "empty-messages")]
    if rule:
        finding = next(finding for finding in report.findings if finding.rule == rule)
        assert finding.column == column
        assert finding.byte_offset == len(GOOD) * 3 + column - 1


@pytest.mark.parametrize("behind", ["}", "]", " x", " trailing words", '"', "}{", "{} // note", ', {"a": 1} // note'])
@pytest.mark.parametrize("before", ["", " \t", "\ufeff"])
def test_what_stands_behind_a_record_hides_nothing_in_it(check_bytes: Check, before: str, behind: str):
    record = RECORD.replace('"Hello"', '""').replace('"role": "assistant", ', "")
    line = before + record + behind
    report = check_bytes(GOOD * 2 + line.encode() + b"\n" + GOOD, ignore=("mixed-formats",))
    places = {
        finding.rule: (finding.line, finding.column, finding.byte_offset, finding.fix) for finding in report.findings
    }
    shift, size = len(before), len(before.encode())
    for rule, text in (("empty-content", '""'), ("missing-role", '{"content": "Hi"}')):
        place = record.index(text)
        assert places[rule] == (3, shift + place + 1, 2 * len(GOOD) + size + place, None)
    rule = "several-values-on-one-line" if behind.startswith(("{", ", {")) else "invalid-json"
    assert places[rule][1] == shift + len(record) + 1 + behind.startswith(" ")


def test_a_part_of_a_record_with_something_behind_it_is_no_record(check_bytes: Check):
    report = check_bytes(GOOD * 2 + b'{"role": "user", "content": ""}]}\n' + GOOD)
    assert found(report) == [(3, "invalid-json")]


@pytest.mark.parametrize("ignored", [("mixed-formats",), ("mixed-formats", "duplicate-key")], ids=["known", "unknown"])
@pytest.mark.parametrize(
    ("line", "rule", "place"),
    [
        (b'{"messages":[],"messages":null}', "messages-not-array", b"null"),
        (b'{"messages":[{"role":"user","role":7,"content":"x"}]}', "role-not-string", b"7"),
        (b'{"custom_id":"b","custom_id":"a","body":{"model":"m"}}', "duplicate-custom-id", b'"a"'),
    ],
)
def test_a_finding_stands_at_the_last_of_two_equal_keys(
    check_bytes: Check, ignored: tuple[str, ...], line: bytes, rule: str, place: bytes
):
    before = b'{"custom_id":"a","body":{"model":"m"}}\n'
    report = check_bytes(before + line + b"\n", target="generic", ignore=ignored)
    places = [finding.byte_offset for finding in report.findings if finding.rule == rule]
    assert places == [len(before) + line.rindex(place)]


def test_another_answer_stands_at_the_last_of_two_equal_keys(check_bytes: Check):
    one, other = b'{"prompt":"p","completion":"c"}\n', b'{"prompt":"p","completion":"c","completion":"d"}\n'
    (finding,) = check_bytes(one + other, select=("conflicting-answers",)).findings
    assert finding.byte_offset == len(one) + other.index(b'"d"')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"' + RECORD.replace('"', '""') + '"', "the line is a cell of CSV"),
        ('"[{""role"": ""user""}]"', "the line is a cell of CSV"),
        ("prompt,completion", "the line looks like a row of CSV"),
        ("prompt;completion;weight ", "the line looks like a row of CSV"),
        ('"Say ""hi"", please","hi"', "the line looks like a row of CSV"),
        ('"a"\t""', "the line looks like a row of CSV"),
        ("yes, no", "expected a value, found `y`"),
        ('"a", "b"', "more text follows the value"),
        ("```json", "the line is a fence of Markdown"),
        ("<<<<<<< HEAD", "the line is a mark of a merge conflict"),
        ("=======", "the line is a mark of a merge conflict"),
        (">>>>>>> 1a2b3c", "the line is a mark of a merge conflict"),
        ("\0" * 4096, "the line holds nothing but NUL bytes: 4,096"),
        ("data: " + RECORD, "text stands before the record, which begins at column 7"),
        ("12: " + RECORD, "text stands before the record, which begins at column 5"),
        ("\x1e" + RECORD, "text stands before the record, which begins at column 2"),
        ("\u200b" + RECORD, "text stands before the record, which begins at column 2"),
        ("data: " + RECORD + ";", "expected a value, found `d`"),
        ("...", "expected a value, found `.`"),
        ("- role: user", "expected a value, found `-`"),
        (RECORD[:-1] + ', "weight": +1}', "`+1` is not a JSON number"),
        (RECORD[:-1] + ', "weight": .5}', "`.5` is not a JSON number"),
    ],
)
def test_a_line_from_elsewhere_is_told_what_it_is(check_bytes: Check, line: str, message: str):
    (finding,) = check_bytes(GOOD + line.encode() + b"\n" + GOOD).findings
    assert (finding.line, finding.rule) == (2, "invalid-json")
    assert finding.message.startswith(message)


@pytest.mark.parametrize("line", [json.dumps(RECORD) + ",", json.dumps(RECORD).replace(": ", ":\t")])
def test_a_string_in_a_broken_line_is_not_decoded_before_the_line_is_mended(check_bytes: Check, line: str):
    report = check_bytes(GOOD * 3 + line.encode() + b"\n")
    encoded, *others = sorted(report.findings, key=lambda finding: finding.rule != "double-encoded-record")
    assert (encoded.rule, encoded.fix) == ("double-encoded-record", None)
    assert [finding.fix is not None for finding in others] == [True]


@pytest.mark.parametrize("own", [b"", b"\xef\xbf\xbd"], ids=["U+FFFD", "?"])
def test_answers_whose_bytes_are_not_utf8_are_identical_only_if_the_bytes_are(check_bytes: Check, own: bytes):
    pair = b'{"prompt": "' + own + b'", "chosen": "Stra\xdfe", "rejected": "Stra%se"}\n'
    rules = ("invalid-utf8", "identical-outputs")
    both = [(2, rule) for rule in rules]
    assert found(check_bytes(GOOD + pair % b"\xdf", target="generic", select=rules)) == both
    assert found(check_bytes(GOOD + pair % b"\xdf ", target="generic", select=rules)) == both[:1]
    assert found(check_bytes(GOOD + pair % b"\xde", target="generic", select=rules)) == both[:1]


@pytest.mark.parametrize("mark", [b"//", b"#"])
def test_a_record_whose_end_a_comment_hides_is_not_called_cut_off(check_bytes: Check, mark: bytes):
    line = GOOD.replace(b" {", b" " + mark + b" {", 1)
    report = check_bytes(GOOD + line + GOOD, ignore=("duplicate-record",))
    assert found(report) == [(2, "comment-in-json")]
    assert report.findings[0].message.endswith("and it hides the end of the record")
    assert found(check_bytes(GOOD + line + GOOD, select=("truncated-json",))) == [(2, "truncated-json")]
    cut = found(check_bytes(line.replace(b"}]}\n", b"\n") + GOOD, select=("truncated-json", "comment-in-json")))
    assert cut == [(1, "comment-in-json"), (1, "truncated-json")]


@pytest.mark.parametrize("opening", ["{'a': \"", "{'a': '", "{'a': "])
@pytest.mark.parametrize("escape", ['\\"', "\\'"])
def test_a_string_that_never_ends_is_gone_through_once(check_bytes: Check, opening: str, escape: str):
    report = check_bytes(GOOD + opening.encode() + escape.encode() * 200_000 + b"\n" + GOOD)
    assert ((2, "single-quoted-json"), None) in [
        ((finding.line, finding.rule), finding.fix) for finding in report.findings
    ]


def test_all_defects_of_a_line_are_reported_at_once(check_bytes: Check):
    line = (
        b'{"messages": [{"role": "User", "content": NaN,}, {"role": "assistant", "content": "a\tb"}], "x": 1, "x": 2}\n'
    )
    assert sorted(rule for _, rule in found(check_bytes(GOOD + line))) == [
        "content-wrong-type",
        "duplicate-key",
        "extra-key",
        "non-finite-number",
        "trailing-comma",
        "unescaped-control-character",
        "unknown-role",
    ]


def test_columns_count_code_points_and_offsets_count_bytes(check_bytes: Check):
    line = '{"messages": [{"role": "user", "content": "𝄞é"}, {"role": "Asistant", "content": "x"}]}\n'
    report = check_bytes(GOOD + line.encode())
    (finding,) = [finding for finding in report.findings if finding.rule == "unknown-role"]
    at = line.index('"Asistant"')
    assert (finding.column, finding.end_column) == (at + 1, at + 1 + len('"Asistant"'))
    assert finding.byte_offset == len(GOOD) + len(line[:at].encode())
    assert finding.pointer == "/messages/1/role"


# --- records over several lines --------------------------------------------------------------------------------------


def test_a_pretty_printed_record_is_one_finding_that_names_the_range(check_bytes: Check):
    lines = PRETTY.count(b"\n")
    report = check_bytes(GOOD + PRETTY + NO_MESSAGES + GOOD)
    assert found(report) == [(2, "pretty-printed-json"), (2 + lines, "empty-messages")]
    assert report.findings[0].end_line == 1 + lines
    assert f"lines 2 to {1 + lines}" in report.findings[0].message
    assert report.findings[1].byte_offset == len(GOOD + PRETTY) + 13
    assert (report.files[0].records, report.files[0].lines) == (4, lines + 3)


@pytest.mark.parametrize("count", [1, 2, 300])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_file_of_pretty_printed_records(check_bytes: Check, count: int, end: bytes):
    lines = PRETTY.count(b"\n")
    report = check_bytes(PRETTY.replace(b"\n", end) * count)
    assert found(report) == [(1 + lines * index, "pretty-printed-json") for index in range(count)]
    assert report.files[0].records == count


def test_a_pretty_printed_record_without_final_line_end(check_bytes: Check):
    assert found(check_bytes(GOOD + PRETTY.rstrip())) == [(2, "pretty-printed-json")]


def test_a_line_break_inside_a_string_is_one_finding(check_bytes: Check):
    report = check_bytes(GOOD + GOOD.replace(b"Hello", b"Hel\nlo") + NO_MESSAGES)
    assert found(report) == [(2, "unescaped-control-character"), (4, "empty-messages")]
    assert (report.findings[0].line, report.findings[0].end_line) == (2, 3)
    assert report.files[0].records == 3


def test_a_cut_off_last_line(check_bytes: Check):
    cut = GOOD[:-20]
    report = check_bytes(GOOD + cut)
    assert found(report) == [(2, "truncated-json")]
    assert report.findings[0].column == len(cut) + 1


def test_cut_off_lines_in_the_middle_are_one_finding_each(check_bytes: Check):
    cut = GOOD[:-20] + b"\n"
    assert found(check_bytes(GOOD + cut + cut + GOOD + cut + NO_MESSAGES)) == [
        (2, "truncated-json"),
        (3, "truncated-json"),
        (5, "truncated-json"),
        (6, "empty-messages"),
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        (b'"user",', b'"user"', 'expected `,` or `}`, found `"`'),
        (b'"user",', b'"user,', "expected `,` or `}`, found `c`"),
    ],
    ids=["no comma", "no quote"],
)
def test_a_pretty_printed_record_that_is_no_json_says_so_and_is_not_fixable(
    check_bytes: Check, right: bytes, wrong: bytes, fault: str
):
    report = check_bytes(PRETTY + PRETTY.replace(right, wrong))
    lines = PRETTY.count(b"\n")
    assert found(report) == [(1, "pretty-printed-json"), (1 + lines, "pretty-printed-json")]
    assert f"joined they are no JSON: {fault}" in report.findings[1].message
    assert "on line 5 of them" in report.findings[1].message
    assert [finding.fix is not None for finding in report.findings] == [True, False]
    assert report.files[0].safe_fixes == 1


@pytest.mark.parametrize("indent", [1, None], ids=["pretty-printed", "one line"])
def test_where_a_record_breaks_no_secret_is_shown(indent: int | None, check_bytes: Check):
    key = "A1b2C3d4E5f6G7h8I9j0" * 2
    broken = json.dumps({"messages": [{"role": "user", "content": key}]}, indent=indent).replace(f'{key}"', f'{key}" x')
    (finding,) = check_bytes(broken.encode() + b"\n").findings
    assert "found `x`, near " in finding.message
    assert "***" in finding.message
    assert "j0" not in finding.message


def test_a_pretty_printed_record_with_what_fix_repairs_is_fixable(check_bytes: Check):
    report = check_bytes(b"\xef\xbb\xbf" + PRETTY.replace(b'"user",', b'"us\xe9r",').replace(b"]", b"],"))
    assert [finding.fix is not None for finding in report.findings if finding.end_line > finding.line] == [True]


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(PRETTY[: PRETTY.index(b'"content"')] + b"\n", id="between values"),
        pytest.param(PRETTY[: PRETTY.index(b'"content"') + 5] + b"\n", id="inside a string"),
        pytest.param(PRETTY.removesuffix(b"}\n"), id="before its last bracket"),
        pytest.param(b'{"messages": [{"role": "cut' + PRETTY.replace(b"} two", b"two"), id="and another one behind it"),
    ],
)
@pytest.mark.parametrize("follows", [b"", GOOD, PRETTY], ids=["nothing", "a record", "a pretty-printed record"])
def test_a_record_over_several_lines_that_is_cut_off_is_one_finding(check_bytes: Check, cut: bytes, follows: bytes):
    report = check_bytes(GOOD + cut + follows)
    end = 1 + cut.count(b"\n")
    assert found(report) == [(2, "truncated-json"), *[(end + 1, "pretty-printed-json")] * (follows == PRETTY)]
    assert report.findings[0].end_line == end
    assert f"lines 2 to {end}" in report.findings[0].message
    assert (report.files[0].records, report.files[0].lines) == (2 + bool(follows), end + follows.count(b"\n"))


@pytest.mark.parametrize("indent", [1, 4])
@pytest.mark.parametrize("cut", range(8, len(GOOD) - 2))
def test_a_line_that_is_cut_off_anywhere_does_not_change_how_a_pretty_printed_record_is_read(
    check_bytes: Check, cut: int, indent: int
):
    calls = [{"name": "weather", "arguments": '{"city": ["Oslo"]}'}, {"name": "time", "arguments": "{}"}]
    pretty = json.dumps({"messages": [{"role": "assistant", "tool_calls": calls}]}, indent=indent).encode() + b"\n"
    end = 2 + pretty.count(b"\n")
    report = check_bytes(GOOD + GOOD[:cut] + b"\n" + pretty + PRETTY + GOOD)
    spread = [(finding.line, finding.rule) for finding in report.findings if not 3 < finding.line <= end]
    assert spread == [(2, "truncated-json"), (3, "pretty-printed-json"), (end + 1, "pretty-printed-json")]
    assert report.findings[1].end_line == end
    assert report.files[0].records == 5


def test_a_broken_text_with_brackets_on_lines_of_their_own_is_still_one_record(check_bytes: Check):
    code = b"Write C\nint main()\n{\n  return 0;\n}"
    matrix = b"[\n  [1, 2],\n  [3, 4]\n]"
    for text in (code, matrix):
        report = check_bytes(GOOD + GOOD.replace(b"Hello", text) + GOOD)
        assert found(report) == [(2, "unescaped-control-character")]
        assert report.findings[0].end_line == 2 + text.count(b"\n")


@pytest.mark.parametrize("indent", [b" ", b"\t", b"    "])
@pytest.mark.parametrize("cut", range(8, len(GOOD) - 2))
def test_a_line_that_is_cut_off_anywhere_does_not_hide_the_indented_records_behind_it(
    check_bytes: Check, cut: int, indent: bytes
):
    report = check_bytes(GOOD + GOOD[:cut] + b"\n" + indent + GOOD + indent + NO_MESSAGES + GOOD)
    assert found(report) == [(2, "truncated-json"), (4, "empty-messages")]
    assert report.findings[0].end_line == 2
    assert (report.files[0].records, report.files[0].valid_records) == (5, 3)


@pytest.mark.parametrize("blank", [b"\n", b"  \t\n", b" \n \n"])
def test_blank_lines_after_a_line_that_is_cut_off_are_found(check_bytes: Check, blank: bytes):
    report = check_bytes(GOOD + GOOD[:40] + b"\n" + blank + GOOD)
    blanks = [(3 + number, "blank-line") for number in range(blank.count(b"\n"))]
    assert found(report) == [(2, "truncated-json"), *blanks]
    assert report.files[0].records == 3


def test_many_pretty_printed_records_that_are_cut_off_are_one_finding_each(check_bytes: Check):
    cut = PRETTY.removesuffix(b"  ]\n}\n")
    lines, count = cut.count(b"\n"), engine_partial.MAX_PENDING // cut.count(b"\n") + 2
    report = check_bytes(GOOD + cut * count + GOOD)
    expected = [(2 + lines * index, "truncated-json") for index in range(count)]
    assert found(report)[:100] == expected[:100]
    assert found(report)[-1] == expected[-1]
    assert report.files[0].records < count + 2 + lines, "only one that is cut by the limit is taken apart"


def test_a_pretty_printed_record_that_is_cut_off_does_not_hide_what_follows(check_bytes: Check):
    half = PRETTY[: PRETTY.index(b'"content"')] + b"\n"
    report = check_bytes(GOOD + half + b"hello\n" + GOOD + NO_MESSAGES)
    start = 2 + half.count(b"\n")
    assert found(report) == [(2, "truncated-json"), (start, "invalid-json"), (start + 2, "empty-messages")]


@pytest.mark.parametrize("opened", [b"{\n", b'{"a": {\n', PRETTY.removesuffix(b"}\n")])
@pytest.mark.parametrize("follows", [b"", b"hello\n", GOOD])
def test_a_broken_text_is_one_record_whatever_was_left_open_before_it(
    check_bytes: Check, opened: bytes, follows: bytes
):
    spread = b'{\n"content": "a\nb \\"c\\"",\n"a": [\n"d\n"]}\n'
    end = (GOOD + opened + PRETTY + spread).count(b"\n")
    report = check_bytes(GOOD + opened + PRETTY + spread + follows)
    places = {(finding.line, finding.end_line, finding.rule) for finding in report.findings}
    assert (end - spread.count(b"\n") + 1, end, "unescaped-control-character") in places
    assert (end - (PRETTY + spread).count(b"\n") + 1, end - spread.count(b"\n"), "pretty-printed-json") in places


# --- counts ----------------------------------------------------------------------------------------------------------


def test_counts_stay_exact_when_findings_are_capped(check_bytes: Check):
    report = check_bytes((NO_MESSAGES + GOOD + b"\n") * 1_500, max_findings=2)
    assert [rule for _, rule in found(report)] == ["empty-messages", "blank-line"] * 2
    assert report.files[0].counts == {
        ("empty-messages", Severity.ERROR): 1_500,
        ("blank-line", Severity.WARNING): 1_500,
    }
    assert (report.files[0].records, report.files[0].valid_records) == (3_000, 1_500)
    assert report.count(Severity.ERROR) == 1_500


def test_no_cap_keeps_every_finding(check_bytes: Check):
    assert len(check_bytes(NO_MESSAGES * 3_000, max_findings=0).findings) == 3_000


@pytest.mark.parametrize("last", [b'{"text": "never closed', b"{\n{\n{", b'{"a": "b\n\n'])
def test_what_is_open_at_the_end_adds_no_findings_beyond_the_cap(check_bytes: Check, last: bytes):
    shown = [finding.rule for finding in check_bytes(b'{"messages": [\n\n]\n' * 5 + GOOD + last, max_findings=2)]
    assert max(map(shown.count, shown)) == 2


NESTED = b"[" * 1_015 + b"1" + b"]" * 1_015


@pytest.mark.parametrize("select", [(), ("JL1",), ("JL6",), ("ALL",)], ids=str)
@pytest.mark.parametrize(
    "line",
    [
        GOOD.rstrip()[:-1] + b', "tools": ' + NESTED + b"}\n",
        GOOD.replace(b'"Hello"', b'[{"type": ' + NESTED + b"}]"),
    ],
    ids=["tools", "type of a part"],
)
def test_what_is_nested_as_deep_as_it_may_be_is_judged_by_all_rules(
    check_bytes: Check, line: bytes, select: tuple[str, ...]
):
    report = check_bytes(line * 2, select=select, max_tokens=5, ignore=("JL8",))
    assert report.files[0].records == 2


# --- cutting and merging ---------------------------------------------------------------------------------------------

BITS = [
    GOOD,
    GOOD,
    GOOD.replace(b"\n", b"\r\n"),
    line_of(chat("a", "b", "c", "d")),
    NO_MESSAGES,
    line_of({"messages": [{"role": "human", "content": "é"}]}),
    line_of({"text": "a text"}),
    line_of({"role": "user", "content": "alone"}),
    b"\n",
    b"  \r\n",
    PRETTY,
    json.dumps({"text": "a", "nested": {"a": [1, {"b": 2}]}}, indent=1).encode() + b"\n",
    b'{\n  "messages": [\n    {\n',
    b"    }\n  ]\n}\n",
    b"{\n",
    b"}\n",
    b"[\n",
    b"],\n",
    b'"a text",\n',
    GOOD[:-20] + b"\n",
    GOOD.replace(b"Hello", b"Hel\nlo"),
    b'{"text": "never closed\n',
    b'the end"}\n',
    b"hello\n",
    b"[1, 2]\n",
    b'{"a": 1}\n',
    b"  " + GOOD,
    b'{"text": "\xff"}\n',
    GOOD.rstrip() + GOOD,
    b"// note\n",
]

files = st.builds(
    lambda bits, last: b"".join(bits) + last,
    st.lists(st.sampled_from(BITS), max_size=8),
    st.sampled_from([b"", GOOD.rstrip(), b'{"text": "cut', b"{", b" "]),
)


limits = pytest.mark.parametrize("limit", [0, 2], ids=["all findings", "two of each rule"])


def block(data: bytes, *, first: bool) -> Block:
    return Block("data.jsonl", 1, 0, data, "chat", 1, synchronised=first)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in blocks of whole lines, cut after some of its lines; none is empty."""
    lines = data.split(b"\n")
    lines = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    edges = sorted({0, len(lines), *(place % (len(lines) + 1) for place in places)})
    return [b"".join(lines[start:end]) for start, end in pairwise(edges)]


def merge_as_tree(parts: list[PartialReport], choices: list[int]) -> PartialReport:
    """Merge neighbours in some order until one report is left."""
    parts = list(parts)
    for choice in [*choices, *[0] * len(parts)]:
        if len(parts) > 1:
            at = choice % (len(parts) - 1)
            parts[at : at + 2] = [PartialReport.merge(parts[at], parts[at + 1])]
    return parts[0] if parts else PartialReport()


def facts(report: PartialReport) -> dict[str, Any]:
    names = ("lines", "bytes", "records", "valid_records", "counts", "findings", "first_lf", "first_crlf")
    return {name: getattr(report, name) for name in names}


def check_merging(limit: int, data: bytes, places: list[int], choices: list[int]) -> None:
    plan = plan_of(max_findings=limit)
    whole = facts(check_block(block(data, first=True), plan).finished())
    parts = [check_block(block(piece, first=index == 0), plan) for index, piece in enumerate(cut(data, places))]
    before = [facts(part) for part in parts]
    assert facts(merge_as_tree(parts, choices).finished()) == whole
    assert [facts(part) for part in parts] == before, "merging changed its arguments"
    if parts:
        assert facts(reduce(PartialReport.merge, parts).finished()) == whole
        assert facts(reduce(lambda right, left: PartialReport.merge(left, right), reversed(parts)).finished()) == whole
    assert whole["bytes"] == len(data)
    assert whole["lines"] == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


numbers = st.lists(st.integers(0, 200), max_size=6)


@limits
@given(data=files, places=numbers, choices=numbers)
@example(data=b'{\n"a": {\n}\n}\n' + GOOD, places=[1, 2, 3], choices=[1])
@example(data=b'{"a": "b\n{\n"c": "d } e"\n}\n{"f": "g\n\n{"h": 1}\n', places=[1], choices=[])
@example(data=b'{"a": [{\n  ' + GOOD, places=[1], choices=[])
@example(data=b'{\n{\n "a": 1},\n{\n"b": "c \nd"},\n', places=[2, 4], choices=[])
@settings(max_examples=250)
def test_the_report_of_a_file_does_not_depend_on_how_it_is_cut(
    limit: int, data: bytes, places: list[int], choices: list[int]
):
    check_merging(limit, data, places, choices)


@limits
@pytest.mark.slow
@given(data=files, places=numbers, choices=numbers)
@settings(max_examples=4_000)
def test_the_report_of_a_file_does_not_depend_on_how_it_is_cut_long(
    limit: int, data: bytes, places: list[int], choices: list[int]
):
    check_merging(limit, data, places, choices)


@pytest.mark.parametrize(("name", "most"), [("MAX_PENDING", 3), ("MAX_PENDING_BYTES", 60)])
@given(data=files, places=numbers, choices=numbers)
def test_merging_when_more_lines_wait_than_are_held(
    name: str, most: int, data: bytes, places: list[int], choices: list[int]
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_partial, name, most)
        check_merging(0, data, places, choices)


@pytest.mark.parametrize(
    ("line", "held"),
    [
        (PRETTY, PRETTY.count(b"\n")),
        (PRETTY + b"\n", PRETTY.count(b"\n") + 1),
        (b'{"a": 1}\n', 1),
        (b"[1]\n", 1),
        (b"hello\n", 5_000),
        (b" " + GOOD, 5_000),
    ],
    ids=["pretty-printed", "pretty-printed, blank lines between", "unknown format", "lists", "no JSON", "indented"],
)
def test_a_block_from_the_middle_holds_few_lines(line: bytes, held: int):
    report = check_block(block(line * 6_000, first=False), plan_of(max_findings=3))
    assert report.synchronised
    assert len(report.head) == held


@given(files, st.integers(1, 200), st.integers(1, 500), st.integers(1, 10))
def test_the_report_does_not_depend_on_how_much_is_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, piece: int, batch: int, lines: int
):
    from jsonl_lint import check_file

    path = tmp_path_factory.getbasetemp() / "cut.jsonl"
    path.write_bytes(data)
    whole = check_file(path).to_dict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "PIECE_BYTES", piece)
        patch.setattr(skimming, "PIECE_BYTES", piece)
        patch.setattr(source, "BATCH_BYTES", batch)
        patch.setattr(engine_block, "BATCH_LINES", lines)
        assert check_file(path).to_dict() == whole


@pytest.mark.parametrize("most", [1, 2, 7])
def test_lines_are_cut_off_in_whole_lines_of_any_length(most: int):
    data = b"\n\n1\n22222222222\n\n" + b"3" * 50 + b"\n4\n\n\n5"
    parts = []
    while data:
        end = end_of_lines(data, most)
        parts.append(data[:end])
        data = data[end:]
    assert b"".join(parts) == b"\n\n1\n22222222222\n\n" + b"3" * 50 + b"\n4\n\n\n5"
    assert all(part.endswith(b"\n") and 0 < part.count(b"\n") <= most for part in parts[:-1])


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("most", [0, 2, 1_000])
def test_blank_lines_in_a_row_have_the_findings_that_each_of_them_has(check_bytes: Check, end: bytes, most: int):
    line = GOOD.rstrip() + end
    together = check_bytes(line + 5 * end + line + 2 * end, max_findings=most)
    apart = check_bytes(line + (line + end) * 7, max_findings=most)
    assert together.summary["by_rule"] == apart.summary["by_rule"]
    assert together.summary["fixable"] == apart.summary["fixable"]
    places = [(finding.line, finding.byte_offset) for finding in together if finding.rule == "blank-line"]
    expected = [*((2 + index, len(line) + index * len(end)) for index in range(5))]
    expected += [(8 + index, 2 * len(line) + (5 + index) * len(end)) for index in range(2)]
    assert places == expected[: most or None]


CALL = {"id": "", "type": "function", "function": {"name": "x", "arguments": "{"}}
FLOODS = {
    "messages without anything": {"messages": [{}] * 50},
    "unknown roles and keys": {"messages": [{"role": "x", "content": "", "y": 1}, 7] * 20},
    "broken calls": {"messages": [{"role": "assistant", "content": None, "tool_calls": [CALL] * 30}], "tools": []},
    "texts": {"messages": [{"role": "user", "content": "a\u200bb"}, {"role": "assistant", "content": "c\ufffd"}] * 20},
}
"""Records with more findings of a rule than are kept."""


@pytest.mark.parametrize("record", FLOODS.values(), ids=FLOODS)
def test_of_a_flood_of_findings_some_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch, record: Any):
    data = line_of(record) * 2
    full = check_block(block(data, first=True), plan_of(max_findings=0)).finished()
    monkeypatch.setattr(plan, "MOST_SKETCHES", 4)
    spared = check_block(block(data, first=True), plan_of(max_findings=3)).finished()
    assert max(full.counts.values()) > 20
    assert spared.counts == full.counts
    assert (spared.safe_fixes, spared.unsafe_fixes) == (full.safe_fixes, full.unsafe_fixes)
    expected = PartialReport(3)
    expected.keep(full.findings)
    assert spared.findings == expected.findings


def test_sketches_beyond_the_limit_are_counted_by_rule_and_repair():
    one, other = Sketch("one", (), "x"), Sketch("other", (), "x", fix=Applicability.SAFE)
    sketches = Sketches(2)
    sketches.add([one] * 5 + [other] * 3)
    assert sketches.kept == [one, one, other, other]
    assert sketches.more == {("one", None): 3, ("other", Applicability.SAFE): 1}


@given(files)
def test_saturated_rules_are_counted_and_not_made(data: bytes):
    plan = plan_of(max_findings=0)
    full = check_block(block(data, first=True), plan).finished()
    spared = check_block(block(data, first=True), plan, saturated=set(plan.rules)).finished()
    assert spared.counts == full.counts
    assert (spared.records, spared.valid_records, spared.lines) == (full.records, full.valid_records, full.lines)
    spread = [range(finding.line, finding.end_line + 1) for finding in spared.findings if is_spread(finding)]
    assert all([any([finding.line in lines for lines in spread]) for finding in spared.findings])


@given(files)
def test_a_block_gives_the_same_report_twice(data: bytes):
    plan = plan_of(max_findings=0)
    assert facts(check_block(block(data, first=True), plan)) == facts(check_block(block(data, first=True), plan))
