"""Each rule's fixtures: `fixtures/<rule>/fail.*` have the defect in every record, `pass.*` in none.

The first word of a file's name says which; a second one only tells variants apart, such as `fail.crlf.jsonl`.
`settings.json` holds the `Settings` for the folder. A record of `pass` has no error at all, except in
`pass.other-rules.jsonl`: its records are near misses that are another rule's to report.
"""

import json
import re
from pathlib import Path

import pytest

from jsonl_lint import Settings, Severity, check_paths
from jsonl_lint.jsonspan import decode, encode
from jsonl_lint.registry import all_rules
from jsonl_lint.rule import DatasetRule, FileRule

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
CASES = sorted(FIXTURES.glob("*/fail.*")) + sorted(FIXTURES.glob("*/pass.*"))
POINTER = re.compile(r"(/([^~/]|~[01])*)*", re.DOTALL)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)  # settings.json names targets and schemas by their path from here


def check(path, **changes):
    options = path.with_name("settings.json")
    settings = json.loads(options.read_bytes()) if options.exists() else {}
    return check_paths([path], Settings(**{**settings, "max_findings": 0, **changes}))


def lines_of(path):
    return path.read_bytes().removesuffix(b"\n").split(b"\n")


def of_rule(findings, name):
    return [finding for finding in findings if finding.rule == name]


def test_every_rule_has_fixtures_and_every_fixture_a_rule():
    assert {entry.name for entry in FIXTURES.iterdir()} == {*all_rules(), "sample.jsonl"}
    for name in all_rules():
        files = {entry.name for entry in (FIXTURES / name).iterdir()}
        kinds = {file.partition(".")[0] for file in files - {"settings.json", "target.json", "schema.json"}}
        assert kinds == {"fail", "pass"}, name


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_rule_finds_its_defect_and_nothing_else(path):
    rule = all_rules()[path.parent.name]
    report = check(path)
    found = of_rule(report.findings, rule.name)
    for finding in found:
        assert finding.code == rule.code
        assert finding.message
    if path.name.startswith("pass."):
        assert not found
        assert not report.input_errors  # an unread file would pass without being looked at
        errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
        assert not errors or path.name == "pass.other-rules.jsonl"
    elif isinstance(rule, (DatasetRule, FileRule)):
        assert found
    else:
        wanted = {
            number
            for number, line in enumerate(lines_of(path), start=1)
            if (not line.strip()) == (rule.name == "blank-line")
        }
        reported = {line for finding in found for line in range(finding.line, finding.end_line + 1)}
        assert sorted(wanted - reported) == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_finding_is_where_it_says(path):
    lines = lines_of(path)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    has_mark = path.read_bytes().startswith(b"\xef\xbb\xbf")
    for finding in check(path).findings:
        assert 1 <= finding.line <= finding.end_line <= len(lines), finding
        assert 1 <= finding.column <= finding.end_column, finding
        line, start = lines[finding.line - 1], starts[finding.line - 1]
        assert start <= finding.byte_offset <= start + len(line), finding
        if not (has_mark and finding.line == 1):  # columns count from the first character after the mark
            before = decode(line)[: finding.column - 1]
            assert finding.byte_offset == start + len(encode(before)), finding
        assert POINTER.fullmatch(finding.pointer), finding
        resolve(finding.pointer, line)


def resolve(pointer, line):
    """Follow the pointer, so that one that leads nowhere fails. A line that is not JSON has no such places."""
    if "\ufffd" in pointer:  # stands for half of a surrogate pair, which no report can hold
        return
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]


@pytest.mark.parametrize("name", ["no-assistant-message", "last-message-not-assistant", "nothing-to-learn"])
def test_prompts_without_answers_are_no_defect_for_reinforcement_learning(name):
    assert not of_rule(check(FIXTURES / name / "fail.jsonl", method="rl").findings, name)
