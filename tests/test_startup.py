"""What a run imports, and what it knows of rules that it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint.config import Settings
from jsonl_lint.plans import cards, registry, vouched
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.plans.selection import NEAR
from jsonl_lint.plans.verdicts import Memory
from jsonl_lint.records.structure import signature
from jsonl_lint.rule import RecordRule

USER = {"role": "user", "content": "What is the capital of Norway?"}
ANSWER = {"role": "assistant", "content": "It is Oslo, since 1814."}


SAMPLE = str(Path(__file__).parent.parent / "fixtures" / "sample.jsonl")

ASKED_FOR = """
import sys
from jsonl_lint.__main__ import main
sys.argv = ["jsonl-lint", *sys.argv[1:]]
try:
    main()
except SystemExit:
    print(*sys.modules)
"""


def imported(path: Path, *arguments: str) -> set[str]:
    """The modules that a check of the file imports."""
    command = [sys.executable, "-c", ASKED_FOR, *arguments, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.jsonl"
    questions = [{**USER, "content": f"What is the capital of country {number}?"} for number in range(10)]
    path.write_text("".join(json.dumps({"messages": [question, ANSWER]}) + "\n" for question in questions))
    return path


def test_a_clean_chat_imports_no_rules_about_records(clean: Path):
    modules = imported(clean)
    assert {name.split(".")[2] for name in modules if name.startswith("jsonl_lint.rules.")} == {"syntax", "dataset"}
    rules = {name for name in modules if name.startswith("jsonl_lint.rules.") and name.count(".") == 3}
    assert len(rules) < 10, rules


def test_a_clean_chat_imports_nothing_that_explains_repairs_or_compares(clean: Path):
    modules = imported(clean, "--target", "openai", "-q")
    assert "jiter" in modules
    slow = ("click", "jsonschema", "jsonschema_rs", "hyperscan", "orjson")
    assert not modules & {*slow, "tempfile", "hashlib", "tomllib", "threading", "pathlib", "uuid"}
    packages = ("jsonspan.parser", "jsonspan.strict", "repair", "toolcalls", "images", "stats", "results", "tokens")
    of_engine = ("judging.fixes", "dataset.compare", "dataset.reread", "keylog", "skimming.skim")
    for name in (*packages, *(f"engine.{name}" for name in of_engine)):
        assert find_spec(f"jsonl_lint.{name}") is not None  # or nobody would notice that it has another name now
        assert f"jsonl_lint.{name}" not in modules


def test_the_fix_of_a_clean_chat_imports_no_rules_about_records(clean: Path):
    modules = imported(clean, "fix", "-q", "-o", str(clean.with_suffix(".fixed")))
    rules = {name for name in modules if name.startswith("jsonl_lint.rules.") and name.count(".") == 3}
    about_records = {"conversation", "content", "tools", "images", "preference", "length"}
    assert about_records.isdisjoint(name.split(".")[2] for name in rules), rules
    assert len(rules) < 10, rules


def test_the_completion_of_a_rule_imports_none():
    program = """
import sys
from jsonl_lint.cli.completion import offer_rules
print(offer_rules(None, None, "JL20"), *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "'JL201'" in done.stdout
    assert "jsonl_lint.rules." not in done.stdout


def test_a_chat_with_a_wrong_role_imports_no_rules_about_tools_or_images(clean: Path):
    with clean.open("a") as file:
        file.write(json.dumps({"messages": [{**USER, "role": "usr"}, ANSWER]}) + "\n")
    modules = imported(clean, "--select", "JL2,JL4,JL5")
    assert "jsonl_lint.rules.conversation.unknown_role" in modules
    assert not modules & {"click", "jsonl_lint.toolcalls", "jsonl_lint.images", "jsonl_lint.jsonspan.parser"}
    assert not any(name.startswith(("jsonl_lint.rules.tools.", "jsonl_lint.rules.images.")) for name in modules)


def test_a_rule_about_texts_is_imported_for_a_text_that_concerns_it(clean: Path):
    with clean.open("a") as file:
        file.write(json.dumps({"messages": [USER, {**ANSWER, "content": "It is \ufffd."}]}) + "\n")
    modules = imported(clean)
    assert "jsonl_lint.rules.content.replacement_character" in modules
    assert "jsonl_lint.rules.content.mojibake" not in modules


def test_no_annotation_is_compiled_for_a_clean_chat(clean: Path):
    compiled = (
        "import typing\n"
        "made = typing.ForwardRef.__init__\n"
        "def noted(self, text, *rest, **more):\n"
        "    print('compiled', text)\n"
        "    made(self, text, *rest, **more)\n"
        "typing.ForwardRef.__init__ = noted\n"
    )
    command = [sys.executable, "-c", compiled + ASKED_FOR, str(clean)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "10 records" in done.stdout
    assert "compiled" not in done.stdout


@pytest.mark.parametrize("target", vouched.TARGETS)
def test_what_is_vouched_for_is_clean_whatever_rules_are_selected(target: str):
    every = tuple(name for name in all_rules() if name != NEAR)
    plan = compile_plan(Settings(target=target, select=every))
    vouched_for = plan.memory.verdicts["chat"]
    assert len(vouched_for) == 2 * vouched.MOST_TURNS
    afresh = plan._replace(memory=Memory())
    for chat in plan.memory.clean_chats["chat"]:
        record = {"messages": [{"role": role, "content": "x"} for role in chat]}
        assert vouched_for[signature(record)] == afresh.verdict(signature(record), record, "chat")
    assert afresh.memory.clean_chats["chat"] == plan.memory.clean_chats["chat"]


@pytest.mark.parametrize(
    "other",
    [{"target": "anthropic"}, {"method": "dpo"}, {"method": "rl"}, {"model": "gpt-4o"}, {"max_tokens": 10}],
)
def test_nobody_vouches_where_something_else_may_be_wrong(other: dict[str, Any]):
    assert not vouched.clean_chats(Settings(**other))


def test_nobody_vouches_once_a_rule_has_changed(tmp_path, monkeypatch):
    assert all_rules().as_indexed
    monkeypatch.setattr(cards, "INDEX", str(tmp_path / "none.json"))
    assert not registry.all_rules.__wrapped__().as_indexed


def card_of(name: str) -> cards.Card:
    return registry.all_rules.__wrapped__().cards[name]


@pytest.mark.parametrize("content", [None, "not JSON", "{}", '{"layout": ["name"], "shape/extra_key.py": {}}'])
def test_without_an_index_the_rules_themselves_are_asked(content, tmp_path, monkeypatch):
    index = tmp_path / "index.json"
    if content is not None:
        index.write_text(content)
    monkeypatch.setattr(cards, "INDEX", str(index))
    assert registry.all_rules.__wrapped__().cards == all_rules().cards


def test_a_rule_that_has_changed_since_the_index_was_made_is_asked_itself(tmp_path, monkeypatch):
    path = Path(cards.rules_folder()) / cards.INDEX
    index = json.loads(path.read_text())
    for path, entry in index.items():
        if path != cards.LAYOUT:
            entry["severity"] = "info"
    index["conversation/missing_role.py"]["size"] += 1
    changed = tmp_path / "index.json"
    changed.write_text(json.dumps(index))
    monkeypatch.setattr(cards, "INDEX", str(changed))
    assert card_of("missing-role") == all_rules().cards["missing-role"]
    assert card_of("null-content").severity == "info"


ROLES = st.sampled_from(["system", "user", "assistant", "tool", "function", "model", 7, None])
CONTENTS = st.sampled_from(["x", "", None, 1, {}, [], ["x"], [{"type": "text", "text": "x"}], [{"type": "image_url"}]])
OTHER_KEYS = (
    *("tools", "functions", "tool_calls", "function_call", "tool_call_id", "tool_choice"),
    *("name", "weight", "reasoning", "reasoning_content"),
)
OTHER = st.dictionaries(st.sampled_from(OTHER_KEYS), st.sampled_from([None, [], {}, "x", 1, [{"type": "function"}]]))
MESSAGES = st.builds(lambda role, content, other: {"role": role, "content": content, **other}, ROLES, CONTENTS, OTHER)


@given(
    st.lists(MESSAGES | st.just("x"), max_size=4), OTHER, st.sampled_from(["together", "openai", "mistral-finetune"])
)
@example([USER, ANSWER], {}, "together")
@example([USER, {**ANSWER, "content": [{"type": "text", "text": "x"}]}], {}, "together")
@example([USER, {"role": "function", "content": "x"}, ANSWER], {}, "together")
def test_rules_have_nothing_to_say_of_a_chat_that_lacks_what_they_need(messages, other, target):
    plan = compile_plan(Settings(target=target))
    record = plan.record({"messages": messages, **other}, "chat", "chat")
    for need, fewest in {"tools": 10, "parts": 10, "weights": 2, "reasoning": 3}.items():
        asked = [rule for rule in all_rules().values() if rule.needs == need]
        assert len(asked) >= fewest
        for rule in asked if need in record.lacks else ():
            assert not (isinstance(rule, RecordRule) and rule.concerns(record)), rule.name
            assert not list(rule.check(record)), rule.name


def test_what_a_conversation_lacks():
    def lacks(*messages: Any, **other: Any) -> set[str]:
        record = compile_plan().record({"messages": list(messages), **other}, "chat", "chat", "chat")
        return set(record.lacks)

    parts = {**USER, "content": [{"type": "text", "text": "x"}]}
    for messages in ((USER, ANSWER), ({"role": "system", "content": "x"}, USER, ANSWER)):
        assert lacks(*messages) == {"tools", "parts", "weights", "reasoning"}
        assert lacks(*messages, parts) == {"tools", "weights"}
        assert lacks(*messages, tools=[]) == {"parts", "weights", "reasoning"}
    for message in ({**ANSWER, "tool_calls": None}, {"role": "tool", "content": "x"}):
        assert lacks(USER, message) == {"parts", "weights", "reasoning"}
    assert lacks(USER, {**ANSWER, "weight": None}) == {"tools", "parts", "reasoning"}
    assert lacks(USER, {**ANSWER, "reasoning": None}) == {"tools", "parts", "weights"}


@pytest.mark.parametrize(
    "arguments", [["rule", "missing-role"], ["rule"], ["check", "--output-format", "html", SAMPLE]]
)
def test_docs_of_rules_are_there_where_python_drops_docstrings(arguments: list[str]):
    command = ["-m", "jsonl_lint", *arguments]
    dropped, kept = (
        subprocess.run([sys.executable, *options, *command], capture_output=True, text=True)
        for options in (["-OO"], [])
    )
    assert (dropped.returncode, dropped.stdout, dropped.stderr) == (kept.returncode, kept.stdout, kept.stderr)
    assert kept.stdout
