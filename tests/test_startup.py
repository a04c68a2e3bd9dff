"""What a run imports, and what it knows of rules that it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint import registry
from jsonl_lint.config import Settings
from jsonl_lint.plan import compile_plan
from jsonl_lint.registry import all_rules
from jsonl_lint.rule import RecordRule

USER = {"role": "user", "content": "What is the capital of Norway?"}
ANSWER = {"role": "assistant", "content": "It is Oslo, since 1814."}


def imported(path: Path, *arguments: str) -> set[str]:
    """The modules that a check of the file imports."""
    code = f"import sys; from jsonl_lint.cli import run; run({[*arguments, str(path)]!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.jsonl"
    path.write_text(10 * f"{json.dumps({'messages': [USER, ANSWER]})}\n")
    return path


def test_a_chat_of_texts_imports_no_rules_about_anything_else(clean: Path):
    modules = imported(clean)
    found = {name.split(".")[2] for name in modules if name.startswith("jsonl_lint.rules.")}
    assert not found & {"tools", "images", "preference", "length"}
    assert not any(all_rules().cards[name].module in modules for name in ("missing-role", "trailing-comma"))


def card_of(name: str) -> registry.Card:
    return registry.all_rules.__wrapped__().cards[name]


@pytest.mark.parametrize("content", [None, "not JSON", "{}"])
def test_without_an_index_the_rules_themselves_are_asked(content, tmp_path, monkeypatch):
    index = tmp_path / "index.json"
    if content is not None:
        index.write_text(content)
    monkeypatch.setattr(registry, "INDEX", str(index))
    assert registry.all_rules.__wrapped__().cards == all_rules().cards


def test_a_rule_that_has_changed_since_the_index_was_made_is_asked_itself(tmp_path, monkeypatch):
    path = Path(registry.rules_folder()) / registry.INDEX
    index = json.loads(path.read_text())
    for entry in index.values():
        entry["severity"] = "info"
    index["conversation/missing_role.py"]["size"] += 1
    changed = tmp_path / "index.json"
    changed.write_text(json.dumps(index))
    monkeypatch.setattr(registry, "INDEX", str(changed))
    assert card_of("missing-role") == all_rules().cards["missing-role"]
    assert card_of("null-content").severity == "info"


ROLES = st.sampled_from(["system", "user", "assistant", "tool", "function", "model", 7, None])
CONTENTS = st.sampled_from(["x", "", None, 1, {}, [], ["x"], [{"type": "text", "text": "x"}], [{"type": "image_url"}]])
OTHER_KEYS = ("tools", "functions", "tool_calls", "function_call", "tool_call_id", "tool_choice", "name", "weight")
OTHER = st.dictionaries(st.sampled_from(OTHER_KEYS), st.sampled_from([None, [], {}, "x", 1, [{"type": "function"}]]))
MESSAGES = st.builds(lambda role, content, other: {"role": role, "content": content, **other}, ROLES, CONTENTS, OTHER)


@given(
    st.lists(MESSAGES | st.just("x"), max_size=4), OTHER, st.sampled_from(["together", "openai", "mistral-finetune"])
)
@example([USER, ANSWER], {}, "together")
@example([USER, {**ANSWER, "content": [{"type": "text", "text": "x"}]}], {}, "together")
@example([USER, {"role": "function", "content": "x"}, ANSWER], {}, "together")
def test_rules_beyond_texts_have_nothing_to_say_of_a_plain_chat(messages, other, target):
    plan = compile_plan(Settings(target=target))
    record = plan.record({"messages": messages, **other}, "chat", "chat", "chat")
    asked = [rule for rule in all_rules().values() if rule.beyond_texts]
    assert len(asked) > 30
    if record.plain:
        for rule in asked:
            assert not (isinstance(rule, RecordRule) and rule.concerns(record)), rule.name
            assert not list(rule.check(record)), rule.name


def test_a_conversation_of_texts_is_plain():
    plan = compile_plan()
    for messages in ([USER, ANSWER], [{"role": "system", "content": "x"}, USER, {**ANSWER, "weight": 1}]):
        assert plan.record({"messages": messages}, "chat", "chat", "chat").plain
    for message in ({**ANSWER, "tool_calls": None}, {"role": "tool", "content": "x"}, {**ANSWER, "content": []}):
        assert not plan.record({"messages": [USER, message]}, "chat", "chat", "chat").plain
