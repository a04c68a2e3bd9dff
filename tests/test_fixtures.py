"""Each rule's fixtures: `fixtures/<rule>/fail.*` have the defect in every record, `pass.*` in none.

The first word of a file's name says which; a second one only tells variants apart, such as `fail.crlf.jsonl`.
`settings.json` holds the `Settings` for the folder. A record of `pass` has no error at all, except in
`pass.other-rules.jsonl`: its records are near misses that are another rule's to report.

Where the rule has a fix, `pass.jsonl` begins with what it makes of `fail.jsonl`, byte for byte. Records that it cannot
repair are in `fail.…by-hand.jsonl`, and those that have other errors after it in `fail.other-rules.jsonl`.
"""

import json
import re

import pytest

from jsonl_lint import Settings, Severity, check_paths, fix_file, undo_file
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.jsonspan import decode, encode
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.rule import ComparisonRule, DatasetRule, FileRule, KindRule, RereadingRule
from tests.conftest import ROOT, resolve

FIXTURES = ROOT / "fixtures"
CASES = sorted(FIXTURES.glob("*/fail.*")) + sorted(FIXTURES.glob("*/pass.*"))
POINTER = re.compile(r"(/([^~/]|~[01])*)*", re.DOTALL)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)  # settings.json names targets and schemas by their path from here


def check(path, **changes):
    return check_paths([path], settings_of(path, max_findings=0, **changes))


def settings_of(path, **changes):
    options = path.with_name("settings.json")
    settings = json.loads(options.read_bytes()) if options.exists() else {}
    return Settings(**{**settings, **changes})


def lines_of(path):
    return path.read_bytes().removesuffix(b"\n").split(b"\n")


def of_rule(findings, name):
    return [finding for finding in findings if finding.rule == name]


def test_every_rule_has_fixtures_and_every_fixture_a_rule():
    assert {entry.name for entry in FIXTURES.iterdir()} == {*all_rules(), "sample.jsonl"}
    for name in all_rules():
        files = {entry.name for entry in (FIXTURES / name).iterdir()}
        kinds = {
            file.partition(".")[0]
            for file in files - {"settings.json", "target.json", "schema.json", "validation.jsonl"}
        }
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
    elif isinstance(rule, (ComparisonRule, DatasetRule, FileRule, KindRule, RereadingRule)):
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
    spread, whole = range(0), b""
    for finding in check(path).findings:
        assert 1 <= finding.line <= finding.end_line <= len(lines), finding
        if is_spread(finding):
            spread = range(finding.line, finding.end_line + 1)
            whole = b"\n".join(lines[finding.line - 1 : finding.end_line])
        assert 1 <= finding.column <= finding.end_column, finding
        line, start = lines[finding.line - 1], starts[finding.line - 1]
        assert start <= finding.byte_offset <= start + len(line), finding
        if not (has_mark and finding.line == 1):  # columns count from the first character after the mark
            before = decode(line)[: finding.column - 1]
            assert finding.byte_offset == start + len(encode(before)), finding
        assert POINTER.fullmatch(finding.pointer), finding
        follow(finding.pointer, whole if finding.line in spread else line)


def follow(pointer, line):
    """One that leads nowhere fails. A line that is not JSON has no such places."""
    if "\ufffd" in pointer:  # stands for half of a surrogate pair, which no report can hold
        return
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return
    resolve(value, pointer)


@pytest.mark.parametrize("name", ["no-assistant-message", "last-message-not-assistant", "nothing-to-learn"])
def test_prompts_without_answers_are_no_defect_for_reinforcement_learning(name):
    assert not of_rule(check(FIXTURES / name / "fail.jsonl", method="rl").findings, name)


FIXABLE = [path for path in CASES if path.name.startswith("fail.") and all_rules()[path.parent.name].fix]


@pytest.mark.parametrize("path", FIXABLE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_fix_is_what_passes(path, tmp_path):
    name = path.parent.name
    fixed = tmp_path / "fixed.jsonl"
    result = fix_file(path, fixed, settings_of(path, select=name, unsafe_fixes=True), changes=tmp_path / "changes")
    remaining = sum(count for (rule, _), count in result.counts.items() if rule == name)
    if path.name.endswith("by-hand.jsonl"):
        assert fixed.read_bytes() == path.read_bytes()
        return
    assert remaining == 0
    passes = path.with_name(path.name.replace("fail.", "pass.", 1))
    if passes.name in ("pass.jsonl", "pass.other-rules.jsonl"):
        assert passes.read_bytes().startswith(fixed.read_bytes())
    again = fix_file(fixed, tmp_path / "again.jsonl", settings_of(path, select=name, unsafe_fixes=True))
    assert not again.changed
    assert (tmp_path / "again.jsonl").read_bytes() == fixed.read_bytes()
    undo_file(tmp_path / "changes", fixed, tmp_path / "restored")
    assert (tmp_path / "restored").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", [name for name, rule in all_rules().items() if not rule.fix])
def test_a_rule_without_a_fix_has_no_fixable_finding(name):
    for path in (FIXTURES / name).glob("fail.*"):
        assert not any(finding.fix for finding in of_rule(check(path).findings, name))
