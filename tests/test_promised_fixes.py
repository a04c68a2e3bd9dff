"""What a check counts as fixable is fixed."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from typing import Any

import pytest

from benchmarks.mutants import mutated
from jsonl_lint import Settings, check_record, fix_record
from jsonl_lint.model import Applicability
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.target import target_names
from tests.conftest import ROOT

SEED = int(os.environ.get("JSONL_LINT_FUZZ_SEED", "7"))
UNCERTAIN = {"unknown-role"}
"""Whether the result of a function belongs to a call depends on names, which no structure shows."""

TEXTS = [{"type": "text", "text": "What is it?"}]
USER, ANSWER = {"role": "user", "content": "What is it?"}, {"role": "assistant", "content": "A dot."}


def fixtures() -> list[dict[str, Any]]:
    """The records of all fixtures."""
    records = []
    for path in sorted((ROOT / "fixtures").glob("*/*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            if len(line) < 3000:
                try:
                    records.append(json.loads(line))
                except (ValueError, RecursionError):
                    continue
    return [record for record in records if isinstance(record, dict)]


def broken_promises(line: bytes, settings: Settings) -> list[str]:
    """The rules whose fixes were counted and, if no other rule is selected, or if all are, not made."""
    found = check_record(line, settings)
    fixable = Counter(finding.rule for finding in found if finding.fix)
    broken = []
    for rule, count in fixable.items():
        alone = fix_record(line, Settings(settings.target, method=settings.method, select=(rule,), unsafe_fixes=True))
        left = sum(number for (name, _), number in alone.counts.items() if name == rule)
        if left > sum(finding.rule == rule for finding in found) - count:
            broken.append(rule)
    together = fix_record(line, Settings(settings.target, method=settings.method, unsafe_fixes=True))
    return [*broken, *(refusal.rule for refusal in together.refused)]


def mutants_keep_promises(count: int, seed: int) -> None:
    dice, records = random.Random(seed), fixtures()
    for _ in range(count):
        try:
            line = json.dumps(mutated(dice.choice(records), dice)).encode()
        except RecursionError:  # Python 3.13 copies no record that is nested so deep
            continue
        target = dice.choice([*target_names(), *["together"] * 6])
        settings = Settings(target, method=dice.choice(["sft", "sft", "dpo", "rl"]))
        assert set(broken_promises(line, settings)) <= UNCERTAIN, (line, settings.target, settings.method)


def test_mutants_of_all_fixtures_are_fixed_as_promised():
    mutants_keep_promises(400, SEED)


@pytest.mark.slow
def test_many_mutants_of_all_fixtures_are_fixed_as_promised():
    mutants_keep_promises(20_000, SEED + 1)


REVEALED = [
    ("a text under another key", {"messages": [{"role": "user", "Content": {}}, ANSWER]}, "content-wrong-type"),
    ("a role under another key", {"messages": [{"Role": 7, "content": "x"}, ANSWER]}, "role-not-string"),
    (
        "an answer under another key",
        {"messages": [USER, {"role": "assistant", "weight": 0, "text": "y"}, USER, {**ANSWER, "weight": 0}]},
        "nothing-to-learn",
    ),
    (
        "a part under another key",
        {
            "input": {"messages": [USER]},
            "preferred_output": [{"role": "assistant", "content": [{"type": "text", "content": "A dot."}]}],
            "non_preferred_output": [{"role": "assistant", "content": [{"type": "text", "text": "A dot."}]}],
        },
        "identical-outputs",
    ),
    ("tools under another key", {"messages": [USER, ANSWER], "Tools": 5}, "tools-not-array"),
]


@pytest.mark.parametrize(("record", "rule"), [each[1:] for each in REVEALED], ids=[each[0] for each in REVEALED])
def test_what_is_put_where_it_is_read_may_turn_out_to_be_wrong(record: dict[str, Any], rule: str):
    result = fix_record(record, Settings(unsafe_fixes=True))
    assert (rule in [name for name, _ in result.counts], result.refused) == (True, ())
    assert rule not in [finding.rule for finding in check_record(record)]


@pytest.mark.parametrize(
    ("line", "rule", "target"),
    [
        (b'{"prompt": "2 + 5?", "chosen": 7, "rejected": 7}', "identical-outputs", "generic"),
        (b'{"text": 1%s}' % (b"0" * 150), "degenerate-repetition", "together"),
    ],
)
def test_what_stands_instead_of_a_number_may_turn_out_to_be_wrong(line: bytes, rule: str, target: str):
    result = fix_record(line, Settings(target=target, unsafe_fixes=True))
    assert (rule in [name for name, _ in result.counts], result.refused) == (True, ())
    assert rule not in [finding.rule for finding in check_record(line, Settings(target=target))]


def test_what_is_encoded_twice_is_decoded_even_if_it_does_not_fit_the_tool():
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
    call = {
        "id": "a",
        "type": "function",
        "function": {"name": "weather", "arguments": json.dumps('{"place": "Oslo"}')},
    }
    record = {"messages": [USER, {"role": "assistant", "tool_calls": [call]}], "tools": [tool]}
    result = fix_record(record)
    assert result.fixed == {"arguments-not-object": 1}
    assert [name for name, _ in result.counts] == ["arguments-schema-mismatch"]


@pytest.mark.parametrize(
    ("record", "rule", "target"),
    [
        ({"messages": [ANSWER, {"role": "assistant", "content": "A."}]}, "consecutive-roles", "databricks"),
        ({"messages": [{"role": "system", "content": "s"}, USER, ANSWER], "system": "t"}, "extra-key", "together"),
        (
            {"messages": [ANSWER, {"role": "system", "content": "s"}, {**ANSWER, "weight": 0}]},
            "system-not-first",
            "openai",
        ),
        (
            {
                "messages": [
                    USER,
                    {"content": None, "function_call": {"name": "f", "arguments": "{}"}},
                    {"role": "function", "name": "f", "content": "5"},
                    ANSWER,
                ]
            },
            "unknown-role",
            "nebius",
        ),
        (
            {
                "schemaVersion": "bedrock-conversation-2024",
                "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]},
                "messages": [
                    {"role": "user", "content": [{"text": "Hi"}]},
                    {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "f", "input": {}}}]},
                ],
            },
            "extra-key",
            "bedrock-nova",
        ),
        ({"messages": [USER, {**ANSWER, "content": " ", "reasoning": "So."}]}, "extra-message-key", "openai"),
        ({"messages": [USER, {**ANSWER, "content": None, "refusal": "No."}]}, "extra-message-key", "together"),
        (
            {"messages": [USER, {**ANSWER, "content": [{"type": "text", "text": ""}], "reasoning": "So."}]},
            "extra-message-key",
            "openai",
        ),
        (
            {"messages": [USER, ANSWER], "tools": [{"type": "function", "name": "f", "description": []}]},
            "invalid-tool-definition",
            "azure",
        ),
        (
            {
                "messages": [USER, ANSWER],
                "tools": [
                    {
                        "type": "function",
                        "function": {
                            "name": "f",
                            "parameters": {"type": "object", "properties": {"city": None}, "required": ["city"]},
                        },
                    }
                ],
            },
            "invalid-parameters-schema",
            "together",
        ),
        (
            {
                "systemInstruction": {"text": "Be brief.", "parts": [{}]},
                "contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "A."}]}],
            },
            "extra-message-key",
            "vertex",
        ),
        (
            {
                "contents": [
                    {
                        "role": "user",
                        "parts": [
                            {
                                "fileData": {"mimeType": "image/png", "fileUri": "gs://a/a.png"},
                                "file_data": {"mime_type": "image/png", "file_uri": "gs://a/b.png"},
                            }
                        ],
                    },
                    {"role": "model", "parts": [{"text": "A."}]},
                ]
            },
            "extra-message-key",
            "vertex",
        ),
        ({"messages": [USER, {**ANSWER, "content": "All <\x01/s> done."}]}, "control-character", "together"),
        ({"messages": [USER, {**ANSWER, "content": "[IN\x1b[31mST]\x07"}]}, "control-character", "together"),
        (
            {
                "input": {"messages": [USER, ANSWER, {"role": "system", "content": "Be brief."}]},
                "preferred_output": [ANSWER],
                "non_preferred_output": [{**ANSWER, "content": "No."}],
            },
            "system-not-first",
            "together",
        ),
        ({"messages": [USER, {"tool_calls": [{"id": "a"}]}]}, "missing-role", "cohere"),
        ({"messages": [USER, {"content": "x", "tool_call_id": "a"}]}, "missing-role", "vertex"),
        (
            {
                "messages": [USER, ANSWER],
                "tools": [
                    {"type": "function", "function": {"name": {"name": "f", "parameters": {}}, "parameters": {}}}
                ],
            },
            "invalid-tool-definition",
            "azure",
        ),
    ],
)
def test_no_fix_is_promised_that_would_be_wrong(record: dict[str, Any], rule: str, target: str):
    (found,) = [finding for finding in check_record(record, Settings(target)) if finding.rule == rule]
    assert found.fix is None
    result = fix_record(record, Settings(target, select=(rule,), unsafe_fixes=True))
    assert (result.changed, result.refused) == (False, ())


def test_a_role_of_the_record_says_nothing_about_its_messages():
    looping = {"role": {}, "content": "So it is. " + "I do not know. " * 20}
    record = {"messages": [USER, looping], "role": "human"}
    settings = Settings("fireworks", method="dpo", unsafe_fixes=True)
    assert "degenerate-repetition" in [finding.rule for finding in check_record(record, settings)]
    assert fix_record(record, settings).refused == ()


@pytest.mark.parametrize("role", ["User", "human"])
def test_no_other_role_is_promised_to_what_ends_an_answer(role: str):
    asking = {**USER, "role": role}
    settings = Settings("generic", method="dpo", select=("unknown-role",), unsafe_fixes=True)
    for rejected in ([asking], [USER, asking]):
        record = {"prompt": [USER], "chosen": [ANSWER], "rejected": rejected}
        assert [one.fix for one in check_record(record, settings)] == [None]
        assert fix_record(record, settings).refused == ()
    record = {"chosen": [asking, ANSWER], "rejected": [asking, {**ANSWER, "content": "A line."}]}
    assert fix_record(record, settings).fixed == {"unknown-role": 2}


def test_two_of_three_messages_are_joined_if_two_must_stay():
    record = {"messages": [ANSWER, *({"role": "assistant", "content": text} for text in "ab")]}
    result = fix_record(record, Settings("databricks", unsafe_fixes=True))
    assert (result.fixed, len(result.outcome[0]["messages"])) == ({"consecutive-roles": 1}, 2)
    assert result.refused == ()


@pytest.mark.parametrize("tools", [5, {"a": 1}, True])
def test_what_is_no_list_of_tools_is_not_moved(tools: Any):
    pair = {"preferred_output": [ANSWER], "non_preferred_output": [{**ANSWER, "content": "A line."}]}
    record = {"input": {"messages": [USER]}, "tools": tools, **pair}
    (found,) = check_record(record, Settings(method="dpo"))
    assert (found.rule, found.fix) == ("tools-at-root", None)
    assert not fix_record(record, Settings(method="dpo")).changed


def test_every_rule_that_reveals_has_a_fix():
    from jsonl_lint.fixer.mend import _REVEALING

    assert all(all_rules()[name].fix for name in _REVEALING)


@pytest.mark.parametrize(
    ("weight", "fix", "right"),
    [
        (False, Applicability.SAFE, {"weight": 0}),
        (1.0, Applicability.SAFE, {"weight": 1}),
        (None, Applicability.UNSAFE, {}),
        ("1", None, {"weight": "1"}),
    ],
)
def test_a_weight_of_another_type_is_written_as_what_it_means(
    weight: Any, fix: Applicability | None, right: dict[str, Any]
):
    record = {"messages": [USER, {**ANSWER, "weight": weight}]}
    settings = Settings(select=("invalid-message-weight", "nothing-to-learn"))
    found = next(one for one in check_record(record, settings) if one.rule == "invalid-message-weight")
    assert (found.fix.applicability if found.fix else None) is fix
    assert fix_record(record, settings).changed is (fix is Applicability.SAFE)
    result = fix_record(record, Settings(select=settings.select, unsafe_fixes=True))
    assert (result.outcome, result.refused) == (({"messages": [USER, {**ANSWER, **right}]},), ())


@pytest.mark.parametrize(
    ("target", "wrong", "right"),
    [
        (
            "together",
            {"messages": [{**USER, "content": TEXTS}, {**ANSWER, "content": 7}]},
            {"messages": [{**USER, "content": TEXTS}, {**ANSWER, "content": [{"type": "text", "text": "7"}]}]},
        ),
        (
            "generic",
            {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": 1.50}]},
            {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "1.5"}]},
        ),
        (
            "vertex",
            {"contents": [{"role": "user", "parts": "Hi"}, {"role": "model", "parts": " "}]},
            {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": " "}]}]},
        ),
        (
            "bedrock-nova",
            {"schemaVersion": "1", "messages": [{**USER, "content": "Bot: Hi"}, ANSWER]},
            {
                "schemaVersion": "1",
                "messages": [{**USER, "content": [{"text": "Bot: Hi"}]}, {**ANSWER, "content": [{"text": "A dot."}]}],
            },
        ),
    ],
)
def test_a_content_of_another_type_becomes_a_text_or_a_part(target: str, wrong: dict[str, Any], right: dict[str, Any]):
    result = fix_record(wrong, Settings(target))
    assert (result.outcome, result.refused) == ((right,), ())
    assert "content-wrong-type" not in result.counts


@pytest.mark.parametrize(
    ("label", "meant"),
    [(0, False), (1, True), ("true", None), ("", None), (2, None), (1.0, None)],
)
def test_what_means_true_or_false_is_written_so(label: Any, meant: bool | None):
    record = {"prompt": "A word?", "completion": "A word.", "label": label}
    (found,) = check_record(record, Settings("generic"))
    assert (found.rule, found.pointer, found.fix is not None) == ("wrong-type", "/label", meant is not None)
    assert fix_record(record, Settings("generic")).outcome == ({**record, "label": label if meant is None else meant},)
    calling = {"messages": [USER, ANSWER], "parallel_tool_calls": label}
    right = calling if meant is None else {**calling, "parallel_tool_calls": meant}
    assert fix_record(calling, Settings("openai")).outcome == (right,)


@pytest.mark.parametrize(("target", "kept"), [("databricks", ()), ("together", ("tool_calls", "tool_call_id", "name"))])
def test_what_a_table_leaves_empty_in_messages_is_dropped_where_no_key_is_taken(target: str, kept: tuple[str, ...]):
    empty = dict.fromkeys(("tool_calls", "function_call", "tool_call_id", "refusal", "name"))
    record = {"messages": [{**USER, **empty}, {**ANSWER, **empty}]}
    result = fix_record(record, Settings(target, unsafe_fixes=True))
    left = dict.fromkeys(kept)
    assert result.outcome == ({"messages": [{**USER, **left}, {**ANSWER, **left}]},)
    assert (result.refused, result.counts) == ((), {})
    calling = {"messages": [USER, {**ANSWER, "function_call": {"name": "f", "arguments": "{}"}}]}
    assert fix_record(calling, Settings("databricks", unsafe_fixes=True)).outcome == (calling,)


NULLS = dict.fromkeys(("text", "prompt", "completion", "weight", "id"))


@pytest.mark.parametrize(
    ("beside", "right"),
    [
        (NULLS, {}),
        ({"text": None}, {}),
        ({"text": ""}, None),
        ({"prompt": "A word?", "completion": None}, None),
        ({"prompt": None, "completion": None, "text": "A word."}, None),
    ],
)
def test_the_keys_of_other_formats_are_dropped_where_a_table_left_them_null(beside: dict[str, Any], right: Any):
    record = {"messages": [USER, ANSWER], **beside}
    (found,) = [one for one in check_record(record, Settings()) if one.rule == "ambiguous-format"]
    assert (found.fix is not None) == (right is not None)
    assert not fix_record(record, Settings()).changed
    result = fix_record(
        record, Settings(unsafe_fixes=True, select=("ambiguous-format", "invalid-sample-weight", "extra-key"))
    )
    assert result.outcome == ({"messages": [USER, ANSWER], **(beside if right is None else right)},)
    assert result.refused == ()


@pytest.mark.parametrize(
    ("text", "fixable"),
    [('{"city": "Oslo"}', True), ('{"city": "Oslo", "city": "Rome"}', False), ('{"city": "\\ud800"}', False)],
)
def test_arguments_become_an_object_unless_something_is_wrong_inside(text: str, fixable: bool):
    used = {"type": "tool_use", "id": "a", "name": "weather", "input": text}
    talk = [USER, {"role": "assistant", "content": [used]}]
    record = {"custom_id": "1", "params": {"model": "m", "max_tokens": 9, "messages": talk}}
    result = fix_record(record, Settings(target="anthropic", select=("arguments-not-string", "JL0")))
    assert (result.fixed, result.refused) == ({"arguments-not-string": 1} if fixable else {}, ())


@pytest.mark.parametrize("idle", ["text", "messages", "conversations"])
@pytest.mark.parametrize("first", [True, False])
def test_a_record_has_the_format_under_whose_keys_something_stands(idle: str, first: bool):
    """Not that of a column which a table has for the records of another dataset."""
    record = {"text": "Once upon a time."} if idle == "messages" else {"messages": [USER, ANSWER]}
    joined = {idle: None, **record} if first else {**record, idle: None}
    settings = Settings(target="generic", unsafe_fixes=True)
    assert [finding.rule for finding in check_record(joined, settings)] == ["ambiguous-format"]
    fixed = fix_record(joined, settings)
    assert (fixed.outcome, fixed.refused) == ((record,), ())


@pytest.mark.parametrize(("text", "left"), [("N\x01/A", "N/A"), ("\x1b[31mTODO", "TODO"), ("\\nTODO", "\nTODO")])
def test_what_is_no_part_of_a_placeholder_is_removed_from_it(text: str, left: str):
    settings = Settings(unsafe_fixes=True)
    before = check_record({"messages": [USER, {**ANSWER, "content": text}]}, settings)
    assert [finding.fix is not None for finding in before] == [True]
    result = fix_record({"messages": [USER, {**ANSWER, "content": text}]}, settings)
    assert result.outcome == ({"messages": [USER, {**ANSWER, "content": left}]},)
    assert [rule for rule, _ in result.counts] == ["placeholder-content"]
