"""All rules: how they are named and documented, how they are selected, and how others add theirs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jsonl_lint.rules
from jsonl_lint import Settings, UserError
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.plans.selection import find_rule, rules_of
from jsonl_lint.rule import SchemaRule
from jsonl_lint.schemas import DEFAULT_RULE
from jsonl_lint.target import load_target
from tests.conftest import ROOT

RULES = [pytest.param(rule, id=name) for name, rule in all_rules().items()]
RULE_FILES = list(Path(jsonl_lint.rules.__file__).parent.glob("*/[!_]*.py"))
CODE_BLOCKS = {
    "syntax": "JL0",
    "shape": "JL1",
    "conversation": "JL2",
    "tools": "JL3",
    "images": "JL4",
    "preference": "JL5",
    "length": "JL6",
    "content": "JL7",
    "dataset": "JL8",
    "batch": "JL9",
}

# Names are a promise to reports, selectors and suppressions: none may be renamed or dropped.
PROMISED = [
    "missing-preference-key",
    "preference-input-not-object",
    "input-ends-with-assistant",
    "output-not-single-message",
    "output-not-assistant",
    "identical-outputs",
    "empty-output",
    "tools-at-root",
    "renamed-output-key",
    "missing-custom-id",
    "custom-id-not-string",
    "custom-id-too-long",
    "duplicate-custom-id",
    "missing-body",
    "invalid-body",
    "mixed-models",
    "mixed-endpoints",
    "unsupported-url",
    "missing-method",
    "foreign-request-key",
    "stream-in-batch",
    "empty-file",
    "wrong-extension",
    "file-too-large",
    "utf8-bom",
    "utf16-file",
    "invalid-utf8",
    "blank-line",
    "mixed-line-endings",
    "invalid-json",
    "truncated-json",
    "trailing-comma",
    "single-quoted-json",
    "non-finite-number",
    "unescaped-control-character",
    "several-values-on-one-line",
    "json-array-file",
    "pretty-printed-json",
    "duplicate-key",
    "lone-surrogate",
    "imprecise-number",
    "too-deep",
    "record-too-large",
    "too-few-records",
    "too-many-records",
    "not-an-object",
    "double-encoded-record",
    "unknown-format",
    "ambiguous-format",
    "mixed-formats",
    "extra-key",
    "extra-message-key",
    "wrong-type",
    "invalid-sample-weight",
    "empty-text",
    "schema-violation",
    "missing-messages",
    "messages-not-array",
    "empty-messages",
    "message-not-object",
    "missing-role",
    "role-not-string",
    "unknown-role",
    "missing-content",
    "null-content",
    "empty-content",
    "content-wrong-type",
    "no-assistant-message",
    "last-message-not-assistant",
    "consecutive-roles",
    "assistant-first",
    "system-not-first",
    "several-system-messages",
    "unknown-dialect-role",
    "invalid-message-weight",
    "weight-on-non-assistant",
    "nothing-to-learn",
    "conflicting-reasoning-keys",
    "reasoning-on-wrong-role",
    "unbalanced-think-tags",
    "untrained-earlier-turns",
]

# What no schema names: the rule for constraints without a rule of their own, and the one for the user's own schema.
NAMED_BY_NO_SCHEMA = {DEFAULT_RULE, "schema-violation"}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_named_by_its_place(rule):
    *_, family, stem = type(rule).__module__.split(".")
    assert stem == rule.name.replace("-", "_")
    assert rule.code.startswith(CODE_BLOCKS[family])


def test_every_file_holds_one_rule():
    assert sorted(path.stem.replace("_", "-") for path in RULE_FILES) == sorted(all_rules())


def test_codes_are_unique():
    codes = [rule.code for rule in all_rules().values()]
    assert len(set(codes)) == len(codes)


def test_no_promised_name_is_missing():
    assert not set(PROMISED) - set(all_rules())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_explains_itself(rule):
    assert len(rule.summary()) <= 80
    assert rule.summary().endswith(".")
    assert rule.documentation()
    assert rule.help.endswith(".")


@pytest.mark.parametrize(
    "rule", [rule for rule in all_rules().values() if hasattr(rule, "check")], ids=lambda rule: rule.name
)
def test_a_check_says_what_it_yields(rule):
    assert rule.check.__doc__.startswith("Yield ")
    assert rule.check.__doc__.endswith(".")


@pytest.mark.parametrize("rule", RULES)
def test_the_documentation_says_what_the_fix_is(rule):
    said = re.findall(r"\b(?:safe|unsafe)\b", rule.documentation().partition("Fix: ")[2])
    if rule.fix is None:
        assert not said
    else:
        # A fix that is safe only at times says both, in either order.
        assert said[:1] == [rule.fix.value] or set(said) == {"safe", "unsafe"}


def schema_rules():
    """Every rule that some `x-rules` names."""
    found = set()

    def walk(node):
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            for rule in node.get("x-rules", {}).values():
                found.update(rule.values() if isinstance(rule, dict) else [rule])
            for value in node.values():
                walk(value)

    for path in (ROOT / "schemas").glob("*.schema.json"):
        walk(json.loads(path.read_bytes()))
    return found


def test_schemas_name_only_schema_rules_and_all_of_them():
    every = {name for name, rule in all_rules().items() if isinstance(rule, SchemaRule)}
    assert schema_rules() - every == {"messages-not-array", "foreign-request-key"}  # which look into the real record
    assert every - schema_rules() - NAMED_BY_NO_SCHEMA == set()


def selected(select=(), ignore=(), extend_select=()):
    settings = Settings(select=select, ignore=ignore, extend_select=extend_select)
    return set(rules_of(settings, load_target("generic")._replace(off=frozenset())))


def family(prefix):
    return {name for name, rule in all_rules().items() if rule.code.startswith(prefix)}


ALONE = {name for name, rule in all_rules().items() if rule.alone}
"""Rules that only their own name or code selects."""


def test_selectors_are_names_codes_prefixes_and_all():
    assert selected(["missing-role"]) == {"missing-role"}
    assert selected(["JL204"]) == {"missing-role"}
    assert selected(["JL1", "missing-role"]) == family("JL1") | {"missing-role"}
    assert selected(["ALL"]) == set(all_rules()) - ALONE
    assert selected() == {name for name, rule in all_rules().items() if rule.default}
    assert selected(ignore=["ALL"]) == set()
    assert selected(["JL1"], extend_select=["JL204"]) == family("JL1") | {"missing-role"}


def test_the_longest_selector_wins():
    assert selected(["ALL"], ["JL2"]) == set(all_rules()) - family("JL2") - ALONE
    assert selected(["JL204"], ["JL2"]) == {"missing-role"}
    assert selected(["JL2"], ["JL204"]) == family("JL2") - {"missing-role"}
    assert selected(["missing-role"], ["JL204"]) == {"missing-role"}
    assert selected(["JL204"], ["missing-role"]) == set()
    assert selected(["JL20"], ["JL2"], ["JL21"]) == family("JL20") | family("JL21")
    assert selected(["JL2"], ["JL2"]) == set()


@pytest.mark.parametrize(
    ("selector", "suggestion"),
    [
        ("mising-role", "did you mean missing-role"),
        ("JL2O4", "did you mean JL2"),
        ("sonnet", "`jsonl-lint rule` lists them"),
        ("", "is empty"),
    ],
)
def test_a_selector_that_matches_nothing_is_an_error(selector, suggestion):
    for arguments in ({"select": [selector]}, {"ignore": [selector]}, {"extend_select": [selector]}):
        with pytest.raises(UserError, match=suggestion):
            selected(**arguments)


def test_a_rule_is_found_by_name_and_by_code():
    assert find_rule("missing-role") is find_rule("JL204")
    with pytest.raises(UserError, match="did you mean empty-messages"):
        find_rule("empty-message")


MODULE = '''
from jsonl_lint.model import Severity
from jsonl_lint.rule import StructureRule


class TooManyTurns(StructureRule):
    """A conversation has more than two messages.

    Only here to be found.
    """

    code = "XX001"
    name = "too-many-turns"
    severity = Severity.ERROR
    help = "Shorten it."

    def check(self, record):
        """More than two."""
        if len(record.messages) > 2:
            yield self.sketch(("messages",), "too many turns")
'''


@pytest.fixture
def run(tmp_path):
    """Run the command line with a package beside it that brings a rule, as `pip install` leaves one."""
    (tmp_path / "acme_rules.py").write_text(MODULE)
    installed = tmp_path / "acme_rules-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[jsonl_lint.rules]\nacme = acme_rules\n")

    def run(*arguments):
        command = [sys.executable, "-m", "jsonl_lint", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)

    return run


def test_a_third_party_rule_is_listed_and_explained(run):
    assert "XX001  too-many-turns" in run("rule").stdout
    page = run("rule", "XX001")
    assert page.returncode == 0
    assert "A conversation has more than two messages." in page.stdout


def test_a_third_party_rule_checks_records(run, tmp_path):
    turns = [{"role": role, "content": "x"} for role in ("system", "user", "assistant")]
    data = tmp_path / "data.jsonl"
    data.write_text(json.dumps({"messages": turns}) + "\n")
    assert "XX001 too-many-turns" in run("check", str(data)).stdout
    assert "XX001" not in run("check", str(data), "--ignore", "XX").stdout


def test_a_third_party_rule_that_fails_is_named_and_other_files_are_checked(run, tmp_path):
    (tmp_path / "acme_rules.py").write_text(
        MODULE.replace("yield self.sketch", "raise KeyError('x')\n            yield")
    )
    bad, other = tmp_path / "bad.jsonl", tmp_path / "other.jsonl"
    turns = [{"role": role, "content": "x"} for role in ("system", "user", "assistant")]
    bad.write_text(json.dumps({"messages": turns}) + "\n")
    other.write_text('{"messages": []}\n')
    result = run("check", str(bad), str(other))
    assert result.returncode == 2
    assert "empty-messages" in result.stdout
    assert re.fullmatch(r"jsonl-lint: \S+: internal error: KeyError: 'x' \(in acme_rules, line \d+\)\n", result.stderr)
    assert run("check", "--debug", str(bad), str(other)).stderr.startswith("Traceback ")


@pytest.mark.parametrize("taken", [("XX001", "JL204"), ("too-many-turns", "missing-role")], ids=["code", "name"])
def test_a_third_party_rule_with_a_code_or_name_that_is_taken(taken, run, tmp_path):
    (tmp_path / "acme_rules.py").write_text(MODULE.replace(*taken))
    wrong = run("check", "fixtures/sample.jsonl")
    assert wrong.returncode == 2
    assert wrong.stderr.endswith(" of acme_rules is also in jsonl_lint.rules.conversation.missing_role\n")
