"""Records that are too long lose their oldest turns, as few as it takes, or go altogether."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jsonl_lint import Settings, check_record, fix_file, fix_record
from tests.conftest import line_of
from tests.records import WEATHER, answer, call, calling, result, user

LLAMA = "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"
MISTRAL = "mistralai/Mistral-7B-Instruct-v0.2"
SYSTEM = {"role": "system", "content": "Be brief."}
WATER = "water " * 20
CALLING = calling(call())
RESULT = {**result(), "content": WATER * 4}


def fixed(record, limit, **more):
    settings = Settings(model=LLAMA, max_tokens=limit, unsafe_fixes=True, ignore=("JL7",))
    return fix_record(record, replace(settings, **more))


def turns(*texts):
    return [(user if index % 2 == 0 else answer)(text) for index, text in enumerate(texts)]


def tokens(record, limit=1, model=LLAMA, target="together"):
    settings = Settings(model=model, max_tokens=limit, target=target, select=("over-length",))
    (finding,) = check_record(record, settings)
    return int(finding.message.partition(" token")[0].replace(",", "").rpartition(" ")[2])


@pytest.mark.parametrize("model", [LLAMA, MISTRAL])
def test_as_few_of_the_oldest_turns_go_as_it_takes(model):
    texts = [f"{number} {WATER}" for number in range(8)]
    system = {"role": "system", "content": "sand " * 45}
    wholes = [{"messages": [system, *turns(*texts[start:])]} for start in (0, 2, 4, 6)]
    for whole in wholes[:-1]:
        longer = tokens(whole, model=model)
        shorter = wholes[wholes.index(whole) + 1]
        (outcome,) = fixed(wholes[0], longer - 1, model=model).outcome
        assert outcome == shorter
        if whole is not wholes[0]:
            assert fixed(wholes[0], longer, model=model).outcome == (whole,)


def test_what_stays_keeps_its_bytes():
    record = {"messages": [SYSTEM, *turns(WATER * 5, "é", "And?", "So.")], "weight": 1}
    line = line_of(record).replace(b'"And?"', b'"\\u0041nd\\/?"')
    (outcome,) = fixed(line, 60).outcome
    assert outcome == line.replace(line[line.index(b'{"role": "user"') : line.rindex(b'{"role": "user"')], b"")


def test_a_tool_call_goes_with_its_result():
    record = {"messages": [user("1"), CALLING, RESULT, answer("2"), user("3"), answer("4")], "tools": [WEATHER]}
    (outcome,) = fixed(record, tokens(record) - 1).outcome
    assert outcome == {**record, "messages": record["messages"][4:]}


@pytest.mark.parametrize(
    ("target", "result"),
    [
        ("anthropic", {"type": "tool_result", "tool_use_id": "t", "content": "x"}),
        ("bedrock-nova", {"toolResult": {"toolUseId": "t", "content": [{"text": "x"}]}}),
        ("vertex", {"functionResponse": {"name": "f", "response": {}}}),
    ],
)
def test_a_users_message_that_brings_a_result_begins_no_turn(target, result):
    key, role = ("parts", "model") if target == "vertex" else ("content", "assistant")
    spoken = [("user", "1"), (role, "2"), ("user", None), (role, WATER), ("user", "3"), (role, "4")]
    messages = [{"role": who, key: [{"text": said, "type": "text"} if said else result]} for who, said in spoken]
    if target == "anthropic":
        record = {"custom_id": "1", "params": {"model": "claude", "max_tokens": 9, "messages": messages}}
    elif target == "vertex":
        record = {"contents": messages}
    else:
        record = {"schemaVersion": "bedrock-conversation-2024", "messages": messages}
    more = {"target": target, "select": ("over-length",), "ignore": ()}
    limit = tokens(record, target=target) - 1 + 9 * (target == "anthropic")
    (outcome,) = fixed(record, limit, **more).outcome
    kept = outcome.get("params", outcome)
    assert kept.get("messages", kept.get("contents")) == messages[4:]


def test_the_last_trained_answer_stays():
    messages = [user("1"), answer("2", weight=0), user("3"), answer("4", weight=1), user(WATER * 5), answer("6")]
    messages[5]["weight"] = 0
    record = {"messages": messages}
    assert fixed(record, tokens(record) - 1).outcome == ({"messages": messages[2:]},)
    assert fixed(record, 60).outcome == ()


def test_a_preference_pair_keeps_its_question():
    ends = {"preferred_output": [answer("Yes.")], "non_preferred_output": [answer(WATER)]}
    record = {"input": {"messages": turns(WATER, "a", "Well?")}, **ends}
    (outcome,) = fixed(record, tokens(record) - 1, method="dpo").outcome
    assert outcome == {"input": {"messages": [user("Well?")]}, **ends}


@pytest.mark.parametrize(
    "record",
    [
        {"messages": turns(WATER * 9, "a")},
        {"messages": turns("q", WATER * 9)},
        {"messages": [SYSTEM, *turns("q", "a", WATER * 9, "b")]},
        {"messages": [{"role": "narrator", "content": WATER * 9}, *turns("q", "a")]},
        {"prompt": WATER * 9, "completion": "a"},
        {"text": WATER * 9},
    ],
)
def test_what_cannot_be_made_to_fit_is_deleted(record, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(line_of(record))
    settings = Settings(model=LLAMA, max_tokens=60, unsafe_fixes=True, select=("over-length",))
    result = fix_file(tmp_path / "a.jsonl", tmp_path / "b.jsonl", settings)
    assert (result.deleted, result.written, result.counts) == (1, 0, {})
    assert (tmp_path / "b.jsonl").read_bytes() == b""


def test_nothing_is_dropped_that_another_fix_makes_fit():
    record = {"messages": turns("1", "2", "3", "4", WATER * 9)}
    result = fixed(record, 60)
    assert result.fixed == {"last-message-not-assistant": 1}
    assert result.outcome == ({"messages": turns("1", "2", "3", "4")},)


def test_nothing_is_dropped_without_unsafe_fixes():
    record = {"messages": turns(WATER * 9, "a", "b", "c")}
    result = fixed(record, 60, unsafe_fixes=False)
    assert result.outcome == (record,)
    assert result.more_unsafe == 1
    (finding,) = check_record(record, Settings(model=LLAMA, max_tokens=60, select=("over-length",)))
    assert finding.fix.title == "Drop the oldest 2 messages"
    assert json.loads(json.dumps(finding.to_dict()))["fix"]["applicability"] == "unsafe"
