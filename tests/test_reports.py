"""Each report format, read by its own schema or by a real consumer, whatever the data and the file names hold."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import html5lib
import jsonschema_rs
import junitparser
import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from jsonl_lint import Edit, FileResult, Finding, Fix, InputError, Severity
from jsonl_lint.api import run_entry
from jsonl_lint.config import Settings
from jsonl_lint.model import Applicability, Context, Event, Suppressed
from jsonl_lint.report import ReportOptions, markdown_report, reporter_class, sarif_report, shared
from tests.conftest import GOOD, ROOT, line_of
from tests.reporting import FORMATS, HOSTILE, RULES, events_of, hostile_file, report_of, runs

SAMPLE = ROOT / "fixtures" / "sample.jsonl"


def findings_in(events: list[Event]) -> list[Finding]:
    return [event for event in events if isinstance(event, Finding)]


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Findings of every kind, a file without any, and an input that is missing."""
    monkeypatch.chdir(ROOT)
    return events_of("fixtures/sample.jsonl", "fixtures/content-wrong-type/pass.jsonl", "missing.jsonl")


def finding_of(**changes: Any) -> Finding:
    """A finding about the bytes 20 to 30 of the second line, which begins at byte 100 and has 60."""
    context = Context('{"messages": []}', 13, 15, 20, 30, 60)
    rule = ("JL203", "empty-messages", Severity.ERROR)
    finding = Finding("a.jsonl", 2, 2, 21, 31, 120, "/messages", *rule, "empty", "Fill it.")
    return finding._replace(context=context, **changes)


def fix_of(*edits: Edit) -> Fix:
    return Fix(Applicability.SAFE, "Delete the comma", edits)


RESULT = FileResult("a.jsonl", "chat", 160, 2, 2, 1, {("empty-messages", Severity.ERROR): 1})


# --- all formats -----------------------------------------------------------------------------------------------------


def test_a_long_pointer_is_not_kept():
    """Those that are shown are remembered; a key may have as many characters as its line."""
    shown = {shared.shown_pointer(finding_of(pointer=f"/{'k' * 1_000}{end}")) for end in range(9)}
    known = shared._shown.cache_info().currsize
    shown.add(shared.shown_pointer(finding_of(pointer=f"/{'k' * 1_000}/x")))
    assert len(shown) == 1
    assert shared._shown.cache_info().currsize == known


@pytest.mark.parametrize("name", FORMATS)
def test_content_is_never_in_a_report_whole(tmp_path: Path, name: str):
    path = tmp_path / "data.jsonl"
    long = "secret" * 2_000
    records = [
        {"messages": [{"role": long, "content": "x"}]},
        {"messages": [{"role": "user", "content": 1, long: 1}, {"role": [long], "content": {long: 1}}]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": long}], "weight": long},
        {"conversations": [{"from": long}]},
        long,
    ]
    path.write_bytes(b"".join(map(line_of, records)) + b'{"text": "' + long.encode())
    report = report_of(name, events_of(path))
    without_pointers = re.sub(r'"pointer": "[^"]*"', "", report)
    assert "secret" * 40 not in without_pointers


@pytest.mark.parametrize("name", FORMATS)
def test_no_fix_shows_a_key_that_it_would_insert(tmp_path: Path, name: str):
    secret = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 2
    path = tmp_path / "data.jsonl"
    users = [{"role": "user", "content": text} for text in ("Hi", f"My key is {secret}.")]
    record = {"messages": [*users, {"role": "assistant", "content": "Thanks."}]}
    path.write_bytes(line_of(record) + str(record).encode() + b"\n")
    events = events_of(path)
    assert any(secret in edit.content for found in findings_in(events) if found.fix for edit in found.fix.edits)
    assert secret[8:20] not in report_of(name, events)
    joined = next(found for found in findings_in(events) if found.rule == "consecutive-roles")
    assert joined.to_dict()["fix"] == {"applicability": "unsafe", "title": "Join the two messages", "edits": []}


@pytest.mark.parametrize("name", ["text", "full", "json", "jsonl", "sarif", "github", "gitlab", "rdjson"])
def test_findings_are_written_as_they_come(name: str):
    written: list[str] = []
    reporter = reporter_class(name)(written.append, ReportOptions())
    reporter.begin(run_entry(Settings()))
    for _ in range(3):
        before = len(written)
        reporter.emit(finding_of())
        assert "JL203" in "".join(written[before:]) or "empty-messages" in "".join(written[before:])


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "text"])
def test_what_the_target_does_is_told(name: str):
    assert "the upload is refused" in report_of(name, [finding_of(effect="the upload is refused"), RESULT])


@pytest.mark.parametrize(
    ("name", "words"),
    {
        "full": "\n    fix: Delete the comma (safe)\n",
        "json": '"applicability": "safe"',
        "jsonl": '"applicability": "safe"',
        "sarif": "Delete the comma (safe)",
        "markdown": "(safe fix)",
        "html": "Fix: Delete the comma (safe)",
    }.items(),
)
def test_a_fix_is_told_with_its_applicability(name: str, words: str):
    assert words in report_of(name, [finding_of(fix=fix_of(Edit(130, 131, ""))), RESULT])
    assert words not in report_of(name, [finding_of(), RESULT])


@pytest.mark.parametrize("name", ["text", "full", "json", "jsonl", "markdown", "html"])
def test_statistics_are_counts_without_findings(sample: list[Event], name: str):
    report = report_of(name, sample, statistics=True)
    assert "missing-role" in report
    assert "the message has no `role`" not in report
    assert reporter_class(name).has_statistics


@pytest.mark.parametrize("name", ["junit", "sarif", "github", "gitlab", "rdjson"])
def test_other_formats_have_no_place_for_statistics(name: str):
    assert not reporter_class(name).has_statistics


# --- text ------------------------------------------------------------------------------------------------------------


def test_text_counts_what_it_does_not_show_of_a_rule_with_two_severities():
    counts = {("empty-messages", Severity.ERROR): 4, ("empty-messages", Severity.WARNING): 4}
    shown = [*[finding_of()] * 4, finding_of(severity=Severity.WARNING)]
    lines = report_of("text", [*shown, RESULT._replace(counts=counts)]).splitlines()
    assert lines[5:-1] == ["a.jsonl: 3 more of empty-messages are not shown (--max-findings)"]


def test_a_target_file_cannot_disturb_the_summary():
    run = {"target": "\x1b[31m.json", "model": "\x1b[32m", "notice": None}
    for name in ("text", "markdown"):
        written: list[str] = []
        reporter = reporter_class(name)(written.append, ReportOptions())
        reporter.begin({"run": run})
        reporter.end()
        assert "".join(written).replace("\n", "").isprintable()


# --- sarif -----------------------------------------------------------------------------------------------------------


@cache
def sarif_validator() -> Any:
    return jsonschema_rs.validator_for(
        json.loads((ROOT / "tests" / "resources" / "sarif-2.1.0.schema.json").read_bytes())
    )


def sarif_run(report: str) -> dict[str, Any]:
    """The only run of a report that the official schema describes."""
    log = json.loads(report)
    assert [f"{error.instance_path}: {str(error)[:200]}" for error in sarif_validator().iter_errors(log)] == []
    (run,) = log["runs"]
    return run


def test_the_sarif_schema_refuses_what_is_wrong():
    report = json.loads(report_of("sarif", [finding_of(), RESULT]))
    report["runs"][0]["results"][0]["level"] = "bad"
    assert not sarif_validator().is_valid(report)


def test_sarif_lists_all_rules_with_help(sample: list[Event]):
    rules = sarif_run(report_of("sarif", sample))["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["name"]) for rule in rules] == [(rule.code, rule.name) for rule in RULES]
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    assert all(rule["shortDescription"]["text"] and rule["fullDescription"]["text"] for rule in rules)


def test_sarif_shows_what_is_accepted_as_suppressed():
    accepted = Suppressed(finding_of(line=2), "old\ndata")
    run = sarif_run(report_of("sarif", [finding_of(), accepted, RESULT]))
    reason = {"kind": "external", "status": "accepted", "justification": "old\\ndata"}
    assert [result["suppressions"] for result in run["results"]] == [[], [reason]]
    for name in FORMATS:
        if name != "sarif":
            assert report_of(name, [finding_of(), accepted, RESULT]) == report_of(name, [finding_of(), RESULT])


def test_sarif_results_have_regions_pointers_and_fingerprints(sample: list[Event]):
    run = sarif_run(report_of("sarif", sample))
    found = findings_in(sample)
    assert run["columnKind"] == "unicodeCodePoints"
    for result, finding in zip(run["results"], found, strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.code
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] == finding.line
        assert (region["startColumn"], region["endColumn"]) == (finding.column, finding.end_column)
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "fixtures/sample.jsonl"}
        names = [entry["fullyQualifiedName"] for entry in location.get("logicalLocations", ())]
        assert names == ([finding.pointer] if finding.pointer else [])
        assert result["suppressions"] == []
    assert len({result["partialFingerprints"][sarif_report.FINGERPRINT] for result in run["results"]}) == len(found)
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert len(invocation["toolExecutionNotifications"]) == 1
    assert run["properties"]["summary"]["errors"] == 6


def test_fingerprints_stay_when_lines_move(tmp_path: Path):
    lines = SAMPLE.read_bytes().splitlines(keepends=True)
    names = []
    for shift in (b"", lines[0] * 3):
        (tmp_path / "data.jsonl").write_bytes(shift + b"".join(lines))
        results = sarif_run(report_of("sarif", events_of(tmp_path / "data.jsonl")))["results"]
        names.append([result["partialFingerprints"] for result in results])
    assert names[0] == names[1]


def test_sarif_fixes_are_byte_regions():
    short, long = fix_of(Edit(130, 131, ""), Edit(135, 135, "x")), fix_of(Edit(130, 131, "x" * 1_000))
    run = sarif_run(report_of("sarif", [finding_of(fix=short), finding_of(fix=long), RESULT]))
    (fix,) = run["results"][0]["fixes"]
    assert fix["description"]["text"] == "Delete the comma (safe)"
    assert fix["artifactChanges"][0]["replacements"] == [
        {"deletedRegion": {"byteOffset": 130, "byteLength": 1}, "insertedContent": {"text": ""}},
        {"deletedRegion": {"byteOffset": 135, "byteLength": 0}, "insertedContent": {"text": "x"}},
    ]
    assert "fixes" not in run["results"][1]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xef\xbb\xbf" + GOOD, "utf8-bom"),
        (GOOD + GOOD.replace(b"\n", b"\r\n"), "mixed-line-endings"),
        (GOOD.replace(b"\n", b"\r") * 2, "cr-line-endings"),
        (GOOD.decode().encode("utf-16"), "utf16-file"),
        (b"[" + GOOD.strip() + b"]", "json-array-file"),
    ],
)
def test_sarif_shows_no_fix_whose_edits_are_not_known(tmp_path: Path, data: bytes, rule: str):
    (tmp_path / "data.jsonl").write_bytes(data)
    events = events_of(tmp_path / "data.jsonl")
    (finding,) = findings_in(events)
    (result,) = sarif_run(report_of("sarif", events))["results"]
    assert (finding.rule, finding.fix is not None, "fixes" in result) == (rule, True, False)


def test_sarif_names_files_by_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    wanted = {
        "a b%#?.jsonl": "a%20b%25%23%3F.jsonl",
        str(tmp_path / "in" / "a.jsonl"): "in/a.jsonl",
        "./a.jsonl": "a.jsonl",
        "/elsewhere/é.jsonl": "file:///elsewhere/%C3%A9.jsonl",
        "caf\udce9.jsonl": "caf%E9.jsonl",
        "s3://bucket/a b/../c.jsonl": "s3://bucket/a%20b/../c.jsonl",
        "https://host:8080/a.jsonl": "https://host:8080/a.jsonl",
    }
    assert {path: sarif_report.uri_of(path) for path in wanted} == wanted


@given(runs())
def test_any_run_makes_valid_sarif(events: list[Event]):
    run = sarif_run(report_of("sarif", events))
    shown = [result["message"]["text"] for result in run["results"]]
    assert all(text.startswith(item.message) for text, item in zip(shown, findings_in(events), strict=True))


# --- github ----------------------------------------------------------------------------------------------------------


_COMMAND = re.compile(r"::(error|warning|notice) ([^\r\n]*?)::([^\r\n]*)")


def read_command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner reads it: split first, then taken out of its escapes."""
    match = _COMMAND.fullmatch(line)
    assert match, line
    properties = dict(item.split("=", 1) for item in match[2].split(","))
    plain = {key: value.replace("%3A", ":").replace("%2C", ",") for key, value in properties.items()}
    decode = lambda text: text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")  # noqa: E731
    return match[1], {key: decode(value) for key, value in plain.items()}, decode(match[3])


def test_github_annotations_name_the_place(sample: list[Event]):
    *commands, summary = report_of("github", sample).splitlines()
    assert summary.endswith("6 errors, 4 warnings, 6 fixable, 1 input not checked")
    for line, finding in zip(commands, findings_in(sample), strict=False):
        kind, properties, text = read_command(line)
        assert kind == {"error": "error", "warning": "warning", "info": "notice"}[finding.severity.value]
        assert properties["file"] == "fixtures/sample.jsonl"
        assert (properties["line"], properties["col"]) == (str(finding.line), str(finding.column))
        assert properties["title"] == f"{finding.code} {finding.rule}"
        assert text.startswith(finding.message)
        assert text.endswith(finding.help)
    assert read_command(commands[-1])[1:] == (
        {"file": "missing.jsonl", "title": "not checked"},
        "no such file or directory",
    )
    assert report_of("github", sample, quiet=True).splitlines() == commands


@given(runs())
def test_no_data_makes_another_github_command(events: list[Event]):
    lines = report_of("github", events, quiet=True).split("\n")
    assert lines.pop() == ""
    assert len(lines) == sum(not isinstance(event, FileResult) for event in events)
    for line, finding in zip(lines, findings_in(events), strict=False):
        _, properties, text = read_command(line)
        assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert text.startswith(finding.message)


# --- gitlab ----------------------------------------------------------------------------------------------------------


def gitlab_issues(report: str) -> list[dict[str, Any]]:
    """The issues, each with the fields that GitLab's documentation demands."""
    issues: list[dict[str, Any]] = json.loads(report)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["description"]
        assert re.fullmatch("[0-9a-f]{32}", issue["fingerprint"])
        assert not issue["location"]["path"].startswith("./")
        assert issue["location"]["lines"]["begin"] >= 1
    return issues


def test_gitlab_issues_name_the_place_and_are_all_different(sample: list[Event]):
    issues = gitlab_issues(report_of("gitlab", sample))
    found = findings_in(sample)
    assert [issue["location"]["lines"]["begin"] for issue in issues] == [*(item.line for item in found), 1]
    assert [issue["check_name"] for issue in issues] == [*(item.rule for item in found), "not-checked"]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert {issue["location"]["path"] for issue in issues} == {"fixtures/sample.jsonl", "missing.jsonl"}


def test_equal_lines_have_different_fingerprints(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of({"messages": []}) * 4)
    issues = gitlab_issues(report_of("gitlab", events_of(path)))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 4


@given(runs())
def test_any_run_makes_a_gitlab_report(events: list[Event]):
    assert len(gitlab_issues(report_of("gitlab", events))) == sum(not isinstance(item, FileResult) for item in events)


# --- junit -----------------------------------------------------------------------------------------------------------


def test_junit_is_read_back(sample: list[Event]):
    suites = list(junitparser.JUnitXml.fromstring(report_of("junit", sample).encode()))
    assert [suite.name for suite in suites] == [
        "fixtures/sample.jsonl",
        "fixtures/content-wrong-type/pass.jsonl",
        "missing.jsonl",
    ]
    assert [(suite.tests, suite.failures, suite.errors) for suite in suites] == [(10, 6, 0), (1, 0, 0), (1, 0, 1)]
    cases = {case.name: case for case in suites[0]}
    (failure,) = cases["JL204 missing-role"].result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == "1 finding"
    assert "6:63: the message has no `role` (/messages/1)" in failure.text
    assert not cases["JL106 extra-key"].result
    assert "/id" in cases["JL106 extra-key"].system_out
    (error,) = next(iter(suites[2])).result
    assert error.message == "no such file or directory"


def test_junit_fails_what_the_run_fails(sample: list[Event]):
    stricter = [
        event._replace(fail_on=Severity.WARNING) if isinstance(event, FileResult) else event for event in sample
    ]
    report = report_of("junit", stricter)
    assert next(iter(junitparser.JUnitXml.fromstring(report.encode()))).failures == 10


def test_junit_lists_the_first_findings_and_counts_all(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of({"messages": []}) * 500)
    (suite,) = junitparser.JUnitXml.fromstring(report_of("junit", events_of(path, max_findings=0)).encode())
    (failure,) = next(iter(suite)).result
    assert failure.message == "500 findings"
    assert failure.text.count("`messages` is empty") == 20
    assert "and 480 more" in failure.text


@pytest.mark.parametrize(
    ("fail_on", "failed", "passed"),
    [(Severity.ERROR, "1 finding", "warning, 1 finding\n2:"), (Severity.WARNING, "2 findings", "")],
)
def test_a_rule_with_findings_of_two_severities_is_one_test_of_junit(
    tmp_path: Path, fail_on: Severity, failed: str, passed: str
):
    for name, answer in (("train.jsonl", "Rome, in Lazio."), ("validation.jsonl", "Rome.")):
        records = [
            {"prompt": "Capital of Malta?", "completion": "Valletta."},
            {"prompt": "Of Italy?", "completion": answer},
        ]
        (tmp_path / name).write_bytes(b"".join(map(line_of, records)))
    others = (str(tmp_path / "validation.jsonl"),)
    events = events_of(tmp_path / "train.jsonl", ignore=(), against=others, fail_on=fail_on.value)
    (suite,) = junitparser.JUnitXml.fromstring(report_of("junit", events).encode())
    assert (suite.tests, suite.failures) == (1, 1)
    (case,) = suite
    (failure,) = case.result
    assert (case.name, failure.message, failure.type) == ("JL805 overlap-with-validation", failed, "error")
    assert (case.system_out or "").startswith(passed)
    assert bool(case.system_out) is bool(passed)


@given(runs())
def test_any_run_makes_junit_that_can_be_read(events: list[Event]):
    suites = list(junitparser.JUnitXml.fromstring(report_of("junit", events).encode()))
    assert len(suites) == sum(isinstance(event, (FileResult, InputError)) for event in events)
    for suite in suites:
        assert suite.tests == len(list(suite))
        assert len({case.name for case in suite}) == suite.tests


# --- rdjson ----------------------------------------------------------------------------------------------------------

_LINE_COLUMN = {
    "type": "object",
    "required": ["line"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}
_RANGE = {
    "type": "object",
    "required": ["start"],
    "properties": {"start": _LINE_COLUMN, "end": _LINE_COLUMN},
    "additionalProperties": False,
}
_DIAGNOSTIC = {
    "type": "object",
    "required": ["message", "location", "severity", "code"],
    "properties": {
        "message": {"type": "string", "minLength": 1},
        "location": {
            "type": "object",
            "required": ["path"],
            "properties": {"path": {"type": "string", "minLength": 1}, "range": _RANGE},
            "additionalProperties": False,
        },
        "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
        "code": {"type": "object", "properties": {"value": {"type": "string"}}, "additionalProperties": False},
        "suggestions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["range", "text"],
                "properties": {"range": _RANGE, "text": {"type": "string"}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
RDJSON = {
    "type": "object",
    "required": ["source", "diagnostics"],
    "properties": {
        "source": {"type": "object", "properties": {"name": {"const": "jsonl-lint"}}, "additionalProperties": False},
        "diagnostics": {"type": "array", "items": _DIAGNOSTIC},
    },
    "additionalProperties": False,
}
"""Reviewdog Diagnostic Format, as its protocol definition describes `DiagnosticResult`: the fields that are used here,
and no others."""


def diagnostics(report: str) -> list[dict[str, Any]]:
    result = json.loads(report)
    jsonschema_rs.validate(RDJSON, result)
    return result["diagnostics"]


def test_rdjson_columns_count_bytes(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "Straße 漢字"}, {"role": "gpt", "content": "x"}]}\n')
    events = events_of(path)
    (finding,) = (item for item in findings_in(events) if item.rule == "unknown-role")
    (entry,) = (item for item in diagnostics(report_of("rdjson", events)) if "unknown-role" in item["code"]["value"])
    place = entry["location"]["range"]
    assert place["start"] == {"line": 1, "column": finding.column + 5}
    line = path.read_bytes()
    assert line[place["start"]["column"] - 1 : place["end"]["column"] - 1] == b'"gpt"'


def test_rdjson_suggests_a_fix_within_the_line():
    fixes = {
        fix_of(Edit(130, 131, "")): [({"line": 2, "column": 31}, {"line": 2, "column": 32}, "")],
        fix_of(Edit(100, 160, "x")): [({"line": 2, "column": 1}, {"line": 2, "column": 61}, "x")],
        fix_of(Edit(90, 131, "")): [],
        fix_of(Edit(130, 161, "")): [],
        fix_of(Edit(130, 131, ""), Edit(140, 141, "")): [],
        fix_of(Edit(130, 131, "x" * 1_000)): [],
    }
    for fix, wanted in fixes.items():
        (entry,) = diagnostics(report_of("rdjson", [finding_of(fix=fix), RESULT]))
        found = [(item["range"]["start"], item["range"]["end"], item["text"]) for item in entry.get("suggestions", ())]
        assert found == wanted


def test_rdjson_takes_whole_lines_for_a_record_over_several(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({"messages": [{"role": "user", "content": "a"}]}, indent=1))
    (entry,) = diagnostics(report_of("rdjson", events_of(path, select=("pretty-printed-json",))))
    assert entry["location"]["range"] == {"start": {"line": 1}, "end": {"line": 8}}


@given(runs())
def test_any_run_makes_rdjson(events: list[Event]):
    assert len(diagnostics(report_of("rdjson", events))) == sum(not isinstance(item, FileResult) for item in events)


# --- markdown --------------------------------------------------------------------------------------------------------

_OUR_TAGS = {
    *("html", "head", "body", "h3", "p", "ul", "li", "code", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def rendered(report: str) -> Any:
    """The report as a forge renders it: CommonMark with tables and raw HTML."""
    html = MarkdownIt("commonmark").enable("table").render(report)
    return html5lib.parse(html, namespaceHTMLElements=False)


def words_outside_code(tree: Any) -> str:
    """What a forge looks through for mentions, links and commands."""
    for element in tree.iter("code"):
        element.text = ""
    return "".join(tree.itertext())


def test_markdown_is_a_summary(sample: list[Event]):
    report = report_of("markdown", sample)
    assert report.startswith("### jsonl-lint: 6 errors, 4 warnings\n")
    tree = rendered(report)
    tables = [[["".join(cell.itertext()) for cell in row] for row in table.iter("tr")] for table in tree.iter("table")]
    assert tables[0][0] == ["rule", "severity", "findings", "first place", "what to do"]
    row = ["JL203 empty-messages", "error", "1", "fixtures/sample.jsonl:3:14"]
    assert tables[0][1] == [*row, "Delete the record, or fill in its messages."]
    assert len(tables[0]) == 11
    assert tables[1][1] == ["fixtures/sample.jsonl", "chat", "8", "2"]
    assert "missing.jsonl" in [element.text for element in tree.iter("code")]
    assert "No" not in report_of("markdown", [RESULT._replace(counts={})]).split("\n")[0]


def test_markdown_says_what_a_fix_is():
    report = report_of("markdown", [finding_of(fix=fix_of(Edit(1, 2, ""))), RESULT])
    assert "`a.jsonl:2:21` `/messages` `empty` (safe fix)" in report


def test_markdown_tells_severities_of_a_rule_apart():
    warnings = [finding_of(line=line, severity=Severity.WARNING) for line in (8, 9)]
    counts = {("empty-messages", Severity.ERROR): 9, ("empty-messages", Severity.WARNING): 2}
    report = report_of("markdown", [*[finding_of()] * 9, *warnings, RESULT._replace(counts=counts)])
    assert "| error | 9 | `a.jsonl:2:21` |" in report
    assert "| warning | 2 | `a.jsonl:8:21` |" in report
    assert report.count("- `a.jsonl:2:21`") == markdown_report.MOST_SHOWN
    assert "2 warnings:\n\n- `a.jsonl:8:21`" in report


def test_markdown_without_room_for_findings_closes_nothing(monkeypatch: pytest.MonkeyPatch):
    whole = report_of("markdown", [finding_of(), RESULT])
    monkeypatch.setattr(markdown_report, "MOST_CHARACTERS", whole.index("\n<details>") + 40)
    assert report_of("markdown", [finding_of(), RESULT]) == whole[: whole.index("\n<details>")]


@given(runs())
def test_no_data_becomes_markup(events: list[Event]):
    tree = rendered(report_of("markdown", events))
    assert {element.tag for element in tree.iter()} <= _OUR_TAGS
    shown = "".join(tree.itertext())
    messages = [item.message for item in findings_in(events) if item.message.strip()]
    assert all(message in shown for message in messages)
    assert not re.search(r"[@<]|https?:|javascript", words_outside_code(tree).replace("<think>", ""))


def test_markdown_fits_into_a_comment(tmp_path: Path):
    records = [{"messages": [{"role": text, text * 9: 1}], text: 1} for text in HOSTILE * 3]
    paths = [tmp_path / f"{number}{'x' * 180}.jsonl" for number in range(60)]
    for path in paths:
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    events = events_of(*paths)
    template = finding_of(message="x" * 900)
    every = [template._replace(rule=rule.name, code=rule.code) for rule in RULES for _ in range(5)]
    counts = {(rule.name, Severity.ERROR): 5 for rule in RULES}
    for run in (events, [*every, RESULT._replace(counts=counts)]):
        report = report_of("markdown", run)
        assert 5_000 < len(report) <= markdown_report.MOST_CHARACTERS
        assert report.count("<details>") == report.count("</details>")


# --- hostile data, from the file to each report ----------------------------------------------------------------------


def test_a_hostile_file_makes_a_valid_report_of_each_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    events = events_of(hostile_file(tmp_path).name)
    count = len(findings_in(events))
    assert count > 150
    results = sarif_run(report_of("sarif", events))["results"]
    assert len(results) == count
    uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == hostile_file(tmp_path).name
    assert len(report_of("github", events, quiet=True).splitlines()) == count
    assert len(gitlab_issues(report_of("gitlab", events))) == count
    assert len(diagnostics(report_of("rdjson", events))) == count
    assert len(list(junitparser.JUnitXml.fromstring(report_of("junit", events).encode()))) == 1
    assert {element.tag for element in rendered(report_of("markdown", events)).iter()} <= _OUR_TAGS
    for name in ("text", "full"):
        assert all(line.isprintable() for line in report_of(name, events).split("\n"))
