"""What fixes make of records as people have them, and that nothing is found in the result."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Applicability, Settings, check_record, fix_record


class Case(NamedTuple):
    """A record, what all fixes make of it, and whether the safe ones suffice."""

    before: Any
    after: Any
    target: str = "together"
    safe: bool = False


ASK = {"role": "user", "content": "What is on this picture?"}
ANSWER = {"role": "assistant", "content": "A dog."}
LOOK = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Look at a part.",
        "parameters": {"type": "object", "properties": {"part": {"type": "integer"}}},
    },
}
SERVED = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
SAY = {"role": "model", "parts": [{"text": "A dog."}]}


def gemini(part: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [part]}, SAY]}


def turns(*said: str) -> dict[str, Any]:
    """A chat whose messages have the keys and the speakers of ShareGPT."""
    speakers = ("human", "gpt") * len(said)
    return {"messages": [{"from": speaker, "value": text} for speaker, text in zip(speakers, said, strict=False)]}


def called(*calls: dict[str, Any] | str, results: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {"messages": [ASK, {"role": "assistant", "tool_calls": [*calls]}, *results, ANSWER], "tools": [LOOK]}


def call(call_id: str | None, **arguments: Any) -> dict[str, Any]:
    named = {} if call_id is None else {"id": call_id}
    return {**named, "type": "function", "function": {"name": "look", "arguments": json.dumps(arguments)}}


def result(call_id: str | None, text: str) -> dict[str, Any]:
    return {"role": "tool", **({} if call_id is None else {"tool_call_id": call_id}), "content": text}


def asked_again(call_id: str | None, *, last: bool = False) -> list[dict[str, Any]]:
    """Another call, with its id in front or at its end, where a fix puts it; and its result."""
    made = {**call(None, part=2), "id": call_id} if last else call(call_id, part=2)
    answered = {**result(None, "dog"), "tool_call_id": call_id} if last else result(call_id, "dog")
    return [{"role": "assistant", "tool_calls": [made]}, answered]


CASES = {
    "ids of OpenAI at Mistral": Case(
        called(
            call("call_a", part=1), call("call_b", part=2), results=(result("call_b", "cat"), result("call_a", "dog"))
        ),
        called(
            call("call00001", part=1),
            call("call00002", part=2),
            results=(result("call00002", "cat"), result("call00001", "dog")),
        ),
        "mistral",
    ),
    "an id that is taken at Mistral": Case(
        called(call("call00001", part=1), call("b", part=2), results=(result("call00001", "cat"), result("b", "dog"))),
        called(
            call("call00001", part=1),
            call("call00002", part=2),
            results=(result("call00001", "cat"), result("call00002", "dog")),
        ),
        "mistral",
    ),
    "a call and its result without an id": Case(
        called({"name": "look", "arguments": {"part": 1}}, results=(result(None, "dog"),)),
        called(
            {
                "type": "function",
                "function": {"name": "look", "arguments": '{"part": 1}'},
                "id": "call00001",
            },
            results=({**result(None, "dog"), "tool_call_id": "call00001"},),
        ),
    ),
    "a result without an id of a call whose id is none at Mistral": Case(
        called(call("null", part=1), results=(result(None, "dog"),)),
        called(call("call00001", part=1), results=(result("call00001", "dog"),)),
        "mistral",
    ),
    "an id that is none at Mistral beside a call without one": Case(
        called(call("a", part=1), results=(result("a", "cat"), ANSWER, ASK, *asked_again(None))),
        called(
            call("call00001", part=1),
            results=(result("call00001", "cat"), ANSWER, ASK, *asked_again("call00002", last=True)),
        ),
        "mistral",
    ),
    "turns of ShareGPT under `messages`": Case(
        turns("Who dug the canal?", "De Lesseps."),
        {
            "messages": [
                {"role": "user", "content": "Who dug the canal?"},
                {"role": "assistant", "content": "De Lesseps."},
            ]
        },
    ),
    "definitions that are texts of JSON": Case(
        {
            "messages": [ASK, ANSWER],
            "tools": [
                json.dumps(LOOK),
                {**LOOK, "function": json.dumps({"name": "hear"})},
                {**LOOK, "function": {"name": "smell", "parameters": '{"type": "object"}'}},
            ],
        },
        {
            "messages": [ASK, ANSWER],
            "tools": [
                LOOK,
                {**LOOK, "function": {"name": "hear"}},
                {**LOOK, "function": {"name": "smell", "parameters": {"type": "object"}}},
            ],
        },
        safe=True,
    ),
    "calls that are texts of JSON": Case(
        called(
            json.dumps(call("a", part=1)),
            {**call("b"), "function": json.dumps(call("b", part=2)["function"])},
            results=(result("a", "cat"), result("b", "dog")),
        ),
        called(call("a", part=1), call("b", part=2), results=(result("a", "cat"), result("b", "dog"))),
        safe=True,
    ),
    "a request whose body is a text of JSON": Case(
        {"custom_id": "a", "body": json.dumps({"model": SERVED, "messages": [ASK]})},
        {"custom_id": "a", "body": {"model": SERVED, "messages": [ASK]}},
        safe=True,
    ),
    "a request of Anthropic whose body is a text of JSON": Case(
        {"custom_id": "a", "params": json.dumps({"model": "claude-opus-4-5", "max_tokens": 9, "messages": [ASK]})},
        {"custom_id": "a", "params": {"model": "claude-opus-4-5", "max_tokens": 9, "messages": [ASK]}},
        "anthropic",
        safe=True,
    ),
    "numbers as ids": Case(
        called({**call("7", part=1), "id": 7}, results=({**result("7", "cat"), "tool_call_id": 7},)),
        called(call("7", part=1), results=(result("7", "cat"),)),
        safe=True,
    ),
    "a tool's result that is an object": Case(
        called(call("a", part=1), results=({**result("a", ""), "content": {"seen": 1}},)),
        called(call("a", part=1), results=(result("a", '{"seen": 1}'),)),
    ),
    "a pair without the lists around its messages": Case(
        {
            "input": [{**ASK, "content": 7}],
            "preferred_output": {"role": "Assistant", "content": "A dog."},
            "non_preferred_output": "No.",
        },
        {
            "input": {"messages": [{**ASK, "content": "7"}]},
            "preferred_output": [ANSWER],
            "non_preferred_output": [{**ANSWER, "content": "No."}],
        },
        safe=True,
    ),
    "a chat's key for the text at Gemini": Case(
        {"contents": [{"role": "user", "content": "What is it?"}, SAY]},
        {"contents": [{"role": "user", "parts": [{"text": "What is it?"}]}, SAY]},
        "vertex",
        safe=True,
    ),
    "a table that was joined of chats and of ShareGPT": Case(
        {
            "messages": [
                {"from": "human", "value": "What is it?", "role": None, "content": None},
                {"role": None, "from": "gpt", "content": None, "value": "A dog."},
            ]
        },
        {"messages": [{"role": "user", "content": "What is it?"}, {"role": "assistant", "content": "A dog."}]},
    ),
    "a file in the spelling of a client library for Python": Case(
        gemini({"file_data": {"file_uri": "gs://a/b.png", "mime_type": "image/png"}}),
        gemini({"fileData": {"fileUri": "gs://a/b.png", "mimeType": "image/png"}}),
        "vertex",
    ),
}


def test_two_calls_do_not_get_the_id_that_both_results_name():
    twice = called(call(None), results=(result("a", "cat"), ANSWER, ASK, *asked_again("a")))
    del twice["messages"][5]["tool_calls"][0]["id"]
    record = {**twice, "messages": [*twice["messages"], ASK, *asked_again(None), ANSWER]}
    (fixed,) = fix_record(record, Settings(unsafe_fixes=True)).outcome
    ids = [each["tool_calls"][0].get("id") for each in fixed["messages"] if "tool_calls" in each]
    assert ids == [None, None, "call00001"]


def test_a_new_id_is_none_that_another_result_names():
    stray = [result("call00001", "cat"), ANSWER]
    (fixed,) = fix_record(
        called(call(None), results=(result(None, "dog"), ANSWER, *stray)), Settings(unsafe_fixes=True)
    ).outcome
    assert fixed["messages"][2]["tool_call_id"] == "call00002"


def test_a_result_does_not_get_an_id_that_another_one_has():
    answered = (result(None, "cat"), ANSWER, ASK, {"role": "assistant", "tool_calls": [call("b")]}, result("a", "dog"))
    findings = check_record(called(call("a"), results=answered), Settings(select=("missing-tool-call-id",)))
    assert [found.fix for found in findings] == [None]


def test_arguments_are_compared_with_a_schema_that_was_a_text():
    typed = json.dumps({"type": "object", "properties": {"part": {"type": "string"}}})
    record = called(call("a", part=1), results=(result("a", "cat"),))
    record["tools"] = [{**LOOK, "function": {"name": "look", "parameters": typed}}]
    outcome = fix_record(record).outcome
    assert outcome[0]["tools"][0]["function"]["parameters"] == json.loads(typed)
    assert [found.rule for found in check_record(outcome[0])] == ["arguments-schema-mismatch"]


@pytest.mark.parametrize(
    "record",
    [
        {"custom_id": "a", "body": "Say hi."},
        {"custom_id": "a", "body": json.dumps({"messages": [ASK]})},
        {"custom_id": "a", "body": json.dumps({"model": SERVED, "messages": [ASK], "temperature": "0.5"})},
        {"messages": [ASK, ANSWER], "tools": ["look", json.dumps({**LOOK, "function": {}})]},
        called("look", json.dumps({"id": "a", "type": "function"}), results=()),
        called({**call("a"), "id": True}, results=()),
    ],
)
def test_what_would_still_be_wrong_is_not_called_fixable(record: dict[str, Any]):
    findings = check_record(record, Settings(select=("invalid-body", "invalid-tool-definition", "invalid-tool-call")))
    assert findings
    assert [found.fix for found in findings] == [None] * len(findings)


def test_a_part_in_place_of_a_tools_result_becomes_a_list_of_one():
    part = {"type": "text", "text": "cat"}
    record = called(call("a", part=1), results=({**result("a", ""), "content": part},))
    settings = Settings(select=("content-wrong-type",), unsafe_fixes=True)
    (fixed,) = fix_record(record, settings).outcome
    assert fixed["messages"][2]["content"] == [part]


def test_tools_that_are_json_stay_for_a_trainer_that_may_want_them_so():
    record = {"messages": [ASK, ANSWER], "tools": json.dumps([LOOK])}
    settings = Settings(target="generic", unsafe_fixes=True)
    assert fix_record(record, settings).outcome == (record,)
    assert fix_record({**record, "tools": str([LOOK])}, settings).outcome == ({**record, "tools": [LOOK]},)


@pytest.mark.parametrize("name", CASES)
def test_fixes_reach_a_record_without_findings(name: str):
    case = CASES[name]
    settings = Settings(target=case.target, unsafe_fixes=not case.safe)
    line = json.dumps(case.before).encode()
    outcome = fix_record(line, settings).outcome
    assert [json.loads(fixed) for fixed in outcome] == [case.after]
    assert fix_record(outcome[0], settings).outcome == outcome
    assert [found.rule for found in check_record(outcome[0], settings)] == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.safe])
def test_what_is_a_guess_is_not_a_safe_fix(name: str):
    case = CASES[name]
    outcome = fix_record(json.dumps(case.before).encode(), Settings(target=case.target)).outcome
    assert [json.loads(fixed) for fixed in outcome] != [case.after]


@pytest.mark.parametrize(
    ("messages", "applicability"),
    [([ASK], Applicability.SAFE), ([ASK, ANSWER], Applicability.UNSAFE)],
)
def test_messages_that_may_end_with_one_of_the_answers_are_not_moved_safely(
    messages: list[dict[str, Any]], applicability: Applicability
):
    pair = {"messages": messages, "preferred_output": [ANSWER], "non_preferred_output": [{**ANSWER, "content": "No."}]}
    (fix,) = [finding.fix for finding in check_record(pair) if finding.rule == "missing-preference-key"]
    assert fix is not None
    assert fix.applicability is applicability
