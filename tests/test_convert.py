"""`convert`: nothing is lost that was not named, what goes out comes back, and refused records stay as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Converted, UserError, check_record, convert_file, convert_record
from jsonl_lint.cli import run
from jsonl_lint.cli.convert import ALSO_CALLED, FORMATS
from jsonl_lint.cli.convert import LOSSES as OFFERED_LOSSES
from jsonl_lint.convert import LOSSES, TARGETS, source_of
from jsonl_lint.convert.pivot import CannotConvertError
from jsonl_lint.convert.run import ALSO_CALLED as OTHER_NAMES
from jsonl_lint.dialects.known import DIALECTS
from jsonl_lint.files.source import PIECE_BYTES
from tests.conftest import anything, chat, line_of

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
FUNCTION = {"name": "weather", "description": "Today's", "parameters": {"type": "object"}}
TOOLS = [{"type": "function", "function": FUNCTION}]
SYSTEM = {"role": "system", "content": "Be brief."}
ANSWERS = chat("hi", "ho")["messages"]
WITH_TOOLS = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": '{"sky": "clear"}'},
        {"role": "assistant", "content": "Clear."},
    ],
    "tools": TOOLS,
}
PAIR = {
    "input": {"messages": ANSWERS[:1]},
    "preferred_output": [{"role": "assistant", "content": "ho"}],
    "non_preferred_output": [{"role": "assistant", "content": "ha"}],
}


def scored(ho: Any, ha: Any) -> dict[str, Any]:
    """The same pair as Gemini has it, with the scores of its answers."""
    answers = [
        {"score": score, "completion": {"role": "model", "parts": [{"text": said}]}}
        for score, said in ((ho, "ho"), (ha, "ha"))
    ]
    return {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "completions": answers}


def with_a_result(record: dict[str, Any]) -> dict[str, Any]:
    """The same with a function's result in the better answer, where none belongs."""
    record["completions"][0]["completion"]["parts"].append({"functionResponse": {"name": "f", "response": {}}})
    return record


# A record of each format and of each of its spellings, and the same as chat messages or as a pair.
READ: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("chat", {"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho"}]}, chat("hi", "ho")),
    ("chat", {"conversation": [{"from": "user", "value": "hi"}, {"from": "model", "value": "ho"}]}, chat("hi", "ho")),
    ("chat", {"instruction": "hi", "input": "", "output": "ho"}, chat("hi", "ho")),
    ("chat", {"instruction": "hi", "input": "you", "output": "ho"}, chat("hi\n\nyou", "ho")),
    ("chat", {"instruction": "hi", "context": "you", "response": "ho"}, chat("hi\n\nyou", "ho")),
    ("chat", {"instruction": "c", "output": "d", "history": [["a", "b"]]}, chat("a", "b", "c", "d")),
    ("chat", {"prompt": "hi", "completion": "ho", "weight": 0.5}, chat("hi", "ho", weight=0.5)),
    ("chat", {"prompt": "hi", "response": "ho"}, chat("hi", "ho")),
    ("chat", {"messages": json.dumps(ANSWERS)}, chat("hi", "ho")),
    ("chat", {"conversations": '[{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho"}]'}, chat("hi", "ho")),
    ("chat", {"messages": [{"role": "human", "content": "hi"}, ANSWERS[1]], "id": 1}, chat("hi", "ho", id=1)),
    ("chat", {"system_prompt": "Be brief.", "question": "hi", "response": "ho"}, {"messages": [SYSTEM, *ANSWERS]}),
    ("chat", {"system_prompt": "", "question": "hi", "response": "ho"}, chat("hi", "ho")),
    ("chat", {"system": None, "system_prompt": "Be brief.", "messages": ANSWERS}, {"messages": [SYSTEM, *ANSWERS]}),
    (
        "preference",
        {"system_prompt": "Be brief.", "prompt": "hi", "chosen": "ho", "rejected": "ha"},
        {**PAIR, "input": {"messages": [SYSTEM, ANSWERS[0]]}},
    ),
    (
        "chat",
        {"conversation": [{"system": "Be brief.", "input": "hi", "output": "ho"}]},
        {"messages": [SYSTEM, *ANSWERS]},
    ),
    ("preference", {"messages": ANSWERS, "rejected_response": "ha"}, PAIR),
    (
        "preference",
        {
            "input": PAIR["input"],
            "preferred_completion": PAIR["preferred_output"],
            "non_preferred_completion": PAIR["non_preferred_output"],
        },
        PAIR,
    ),
    ("preference", {"messages": ANSWERS, "rejected_message": PAIR["non_preferred_output"][0]}, PAIR),
    (
        "preference",
        {
            "conversations": [{"from": "human", "value": "hi"}],
            "chosen": {"from": "gpt", "value": "ho"},
            "rejected": {"from": "gpt", "value": "ha"},
            "tools": json.dumps([FUNCTION]),
        },
        {**PAIR, "input": {"messages": ANSWERS[:1], "tools": TOOLS}},
    ),
    ("chat", {"prompt": ANSWERS[:1], "completion": ANSWERS[1:], "tools": TOOLS}, chat("hi", "ho", tools=TOOLS)),
    ("chat", {"prompt": [SYSTEM, ANSWERS[0]], "completion": "ho"}, {"messages": [SYSTEM, *ANSWERS]}),
    ("chat", {"prompt": "hi", "completion": "ho", "tools": json.dumps(TOOLS)}, chat("hi", "ho", tools=TOOLS)),
    ("preference", {"messages": ANSWERS, "rejected_response": "ha", "tools": ""}, PAIR),
    ("chat", {"query": "c", "response": "d", "history": [["a", "b"]]}, chat("a", "b", "c", "d")),
    (
        "chat",
        {"query": "hi", "response": "ho", "history": None, "system": None, "tools": None, "context": None},
        chat("hi", "ho"),
    ),
    (
        "preference",
        {"messages": ANSWERS, "rejected_response": "ha", "system": "Be brief."},
        {**PAIR, "input": {"messages": [SYSTEM, *ANSWERS[:1]]}},
    ),
    ("chat", {"system": "Be brief.", "query": "hi", "response": "ho", "history": []}, {"messages": [SYSTEM, *ANSWERS]}),
    ("chat", {"prompt": ANSWERS[:1], "completion": ANSWERS[1:]}, chat("hi", "ho")),
    ("instruction", {"prompt": ANSWERS[:1], "completion": ANSWERS[1:]}, {"prompt": "hi", "completion": "ho"}),
    ("chat", {"prompt": [SYSTEM, ANSWERS[0]], "answer": "ho"}, {"messages": [SYSTEM, *ANSWERS]}),
    ("chat", {"prompt": ANSWERS[:1], "completion": ANSWERS[1:], "tools": TOOLS}, {"messages": ANSWERS, "tools": TOOLS}),
    ("chat", {"system": "Be brief.", "messages": ANSWERS}, {"messages": [SYSTEM, *ANSWERS]}),
    (
        "chat",
        {"system": [{"text": "Be brief."}], "messages": [{"role": "user", "content": [{"text": "hi"}]}]},
        {"messages": [SYSTEM, ANSWERS[0]]},
    ),
    ("chat", {"conversations": [{"from": "User", "value": "hi"}]}, {"messages": ANSWERS[:1]}),
    ("chat", {"conversations": ANSWERS}, chat("hi", "ho")),
    ("chat", {"conversations": [{"role": "user", "value": "hi"}, {"role": "ai", "value": "ho"}]}, chat("hi", "ho")),
    ("chat", {"conversation": [{"human": "hi", "assistant": "ho"}]}, chat("hi", "ho")),
    ("chat", {"question": "hi", "answer": "ho"}, chat("hi", "ho")),
    ("chat", {"question": "hi", "context": "a", "answer": "ho"}, chat("hi\n\na", "ho")),
    ("chat", {"query": "hi", "context": "", "response": "ho"}, chat("hi", "ho")),
    ("chat", {"query": "hi", "response": "ho"}, chat("hi", "ho")),
    ("chat", {"input": "hi", "output": "ho"}, chat("hi", "ho")),
    ("chat", {"text_input": "hi", "output": "ho"}, chat("hi", "ho")),
    ("chat", {"system": "Be brief.", "user": "hi", "assistant": "ho"}, {"messages": [SYSTEM, *ANSWERS]}),
    ("chat", {"question": "hi", "context": "a", "sql": "ho"}, chat("hi\n\na", "ho")),
    ("chat", {"article": "hi", "highlights": "ho"}, chat("hi", "ho")),
    (
        "chat",
        {"contents": [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [{"text": "ho"}]}]},
        chat("hi", "ho"),
    ),
    (
        "chat",
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "Be brief."}],
            "messages": [{"role": "user", "content": [{"text": "hi"}]}],
        },
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]},
    ),
    ("preference", {"prompt": "hi", "chosen": "ho", "rejected": "ha"}, PAIR),
    ("preference", {"prompt": "hi", "chosen_response": "ho", "rejected_response": "ha"}, PAIR),
    ("preference", scored(1, 0), PAIR),
    ("preference", {**scored(1, 0), "completions": scored(1.0, 0.0)["completions"][::-1]}, PAIR),
    ("preference", {"question": "hi", "chosen": "ho", "rejected": "ha"}, PAIR),
    ("preference", {"instruction": "hi", "input": "", "chosen": "ho", "rejected": "ha"}, PAIR),
    ("preference", {"input": "hi", "chosen": "ho", "rejected": "ha"}, PAIR),
    ("preference", {"messages": ANSWERS[:1], "chosen": ANSWERS[1], "rejected": PAIR["non_preferred_output"][0]}, PAIR),
    (
        "preference",
        {"prompt": ANSWERS[:1], "chosen": PAIR["preferred_output"], "rejected": PAIR["non_preferred_output"]},
        PAIR,
    ),
    ("preference", {"chosen": ANSWERS, "rejected": [ANSWERS[0], *PAIR["non_preferred_output"]]}, PAIR),
    (
        "preference",
        {"chosen": "\n\nHuman: hi\n\nAssistant: ho", "rejected": "\n\nHuman: hi\n\nAssistant: ha"},
        PAIR,
    ),
    (
        "chat",
        {
            "conversations": [{"from": "human", "value": "hi", "weight": None}, {"from": "gpt", "value": "ho"}],
            "id": None,
        },
        chat("hi", "ho"),
    ),
    (
        "chat",
        {"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho", "weight": 1.0}]},
        {"messages": [ANSWERS[0], {**ANSWERS[1], "weight": 1}]},
    ),
    (
        "preference",
        {"prompt": "hi", "chosen": ANSWERS, "rejected": [ANSWERS[0], *PAIR["non_preferred_output"]]},
        PAIR,
    ),
]


@pytest.mark.parametrize(("to", "record", "expected"), READ)
def test_every_dialect_is_read(to: str, record: dict[str, Any], expected: dict[str, Any]):
    assert convert_record(record, to) == expected
    assert [finding.rule for finding in check_record(expected) if finding.rule == "unknown-format"] == []


WRITTEN = {
    "sharegpt": {"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho"}]},
    "alpaca": {"instruction": "hi", "input": "", "output": "ho"},
    "instruction": {"prompt": "hi", "completion": "ho"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [{"text": "ho"}]}]},
    "bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [
            {"role": "user", "content": [{"text": "hi"}]},
            {"role": "assistant", "content": [{"text": "ho"}]},
        ],
    },
    "chat": chat("hi", "ho"),
}


@pytest.mark.parametrize("to", sorted(WRITTEN))
def test_every_format_is_written(to: str):
    assert convert_record(chat("hi", "ho"), to) == WRITTEN[to]


def test_what_is_null_is_not_lost():
    messages = [
        {**message, "name": None, "tool_calls": None, "weight": None} for message in chat("hi", "ho")["messages"]
    ]
    converted = convert_record({"messages": messages, "tools": None, "id": None}, "alpaca")
    assert converted == convert_record(chat("hi", "ho"), "alpaca")


@pytest.mark.parametrize(
    "beside",
    [
        {"prompt": "hi", "chosen": [SYSTEM, *ANSWERS]},
        {"prompt": "hi", "system": "Be brief.", "chosen": ANSWERS},
        {"prompt": "hi", "system": "Be brief.", "chosen": [SYSTEM, *ANSWERS]},
        {"prompt": [SYSTEM, ANSWERS[0]], "chosen": ANSWERS},
        {"system": "Be brief.", "chosen": "Human: hi\n\nAssistant: ho", "rejected": "Human: hi\n\nAssistant: ha"},
    ],
)
def test_a_question_that_the_answers_repeat_is_asked_once(beside: dict[str, Any]):
    *asked, _ = beside["chosen"]
    record = {"rejected": [*asked, *PAIR["non_preferred_output"]], **beside}
    assert convert_record(record, "preference") == {**PAIR, "input": {"messages": [SYSTEM, ANSWERS[0]]}}


def test_a_pair_is_written_for_trl():
    expected = {"prompt": ANSWERS[:1], "chosen": PAIR["preferred_output"], "rejected": PAIR["non_preferred_output"]}
    assert convert_record(PAIR, "chosen-rejected") == expected
    assert convert_record({**PAIR, "tools": TOOLS}, "chosen-rejected") == {**expected, "tools": TOOLS}


# --- there and back --------------------------------------------------------------------------------------------------

texts = st.text(alphabet='ab \n"\\é\U0001f600{', min_size=1, max_size=8)
turns = st.lists(st.tuples(texts, texts), min_size=1, max_size=3)
systems = st.none() | texts


def conversation(system: str | None, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    record = chat(*(text for pair in pairs for text in pair))
    if system is not None:
        record["messages"].insert(0, {"role": "system", "content": system})
    return record


@pytest.mark.parametrize("to", ["alpaca", "bedrock", "gemini", "sharegpt"])
@given(system=systems, pairs=turns)
def test_conversations_go_there_and_come_back(to: str, system: str | None, pairs: list[tuple[str, str]]):
    record = conversation(system, pairs)
    assert convert_record(convert_record(record, to), "chat") == record


@given(question=texts, answer=texts, weight=st.none() | st.floats(0, 9))
def test_questions_and_answers_go_there_and_come_back(question: str, answer: str, weight: float | None):
    record = chat(question, answer, **({} if weight is None else {"weight": weight}))
    assert convert_record(convert_record(record, "instruction"), "chat") == record


@given(system=systems, pairs=turns, answers=st.tuples(texts, texts))
def test_pairs_go_there_and_come_back(system: str | None, pairs: list[tuple[str, str]], answers: tuple[str, str]):
    messages = [*conversation(system, pairs)["messages"], {"role": "user", "content": "?"}]
    outputs = [[{"role": "assistant", "content": text}] for text in answers]
    record = {
        "input": {"messages": messages, "tools": TOOLS},
        "preferred_output": outputs[0],
        "non_preferred_output": outputs[1],
    }
    assert convert_record(convert_record(record, "chosen-rejected"), "preference") == record


def without_ids(record: dict[str, Any]) -> str:
    """The record with the ids of calls numbered, since some formats have none."""
    text = json.dumps(record, sort_keys=True)
    ids = dict.fromkeys(
        call["id"] for message in record["messages"] for call in message.get("tool_calls", ())
    )  # fmt: skip
    for number, name in enumerate(ids):
        text = text.replace(f'"{name}"', f'"id-{number}"')
    return text


@pytest.mark.parametrize(
    ("to", "lossy"), [("bedrock", []), ("gemini", ["tool-call-ids"]), ("sharegpt", ["tool-call-ids"])]
)
def test_tools_go_there_and_come_back(to: str, lossy: list[str]):
    back = convert_record(convert_record(WITH_TOOLS, to, lossy), "chat")
    assert without_ids(back) == without_ids(WITH_TOOLS)


def test_what_the_user_adds_to_results_is_said_in_the_same_message_to_bedrock():
    calls = [{"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": "{}"}}]
    record = chat("hi", "ho", "And?", "Well.")
    record["messages"][1:2] = [
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "21"},
    ]
    made = convert_record(record, "bedrock")
    assert [message["role"] for message in made["messages"]] == ["user", "assistant", "user", "assistant"]
    assert made["messages"][2]["content"][1] == {"text": "And?"}
    assert convert_record(made, "chat") == record


def test_what_a_role_says_in_several_messages_becomes_blocks_of_one_to_bedrock():
    said = [("user", ""), ("user", "a"), ("user", "b"), ("assistant", "c"), ("assistant", ""), ("assistant", "d")]
    said += [("user", "e"), ("assistant", "")]
    record = {"messages": [{"role": role, "content": text} for role, text in said]}
    assert convert_record(record, "bedrock")["messages"] == [
        {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
        {"role": "assistant", "content": [{"text": "c"}, {"text": "d"}]},
        {"role": "user", "content": [{"text": "e"}]},
        {"role": "assistant", "content": [{"text": ""}]},
    ]


def calls_and_results(names: str, results: list[str], *, ids: bool = True) -> dict[str, Any]:
    """A conversation whose assistant calls the functions c1, c2 … by these names, answered in this order."""
    calls = [
        {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for number, name in enumerate(names, start=1)
    ]
    called = {"role": "assistant", "content": "", "tool_calls": calls}
    answers = [{"role": "tool", "tool_call_id": known, "content": json.dumps({"of": known})} for known in results]
    return {"messages": [ANSWERS[0], called, *answers, ANSWERS[1]]}


@pytest.mark.parametrize("to", ["gemini", "sharegpt"])
@pytest.mark.parametrize("names", ["ff", "fg"])
def test_results_that_come_in_another_order_still_answer_their_calls(to: str, names: str):
    back = convert_record(convert_record(calls_and_results(names, ["c2", "c1"]), to, ["tool-call-ids"]), "chat")
    assert without_ids(back) == without_ids(calls_and_results(names, ["c1", "c2"]))


def test_a_result_that_would_seem_to_answer_an_earlier_call_is_refused():
    for to, names in (("gemini", "ff"), ("sharegpt", "fg")):
        with pytest.raises(ValueError, match="stands before one with a result"):
            convert_record(calls_and_results(names, ["c2"]), to, ["ALL"])
    made = convert_record(calls_and_results("fg", ["c2"]), "gemini", ["ALL"])
    assert convert_record(made, "chat")["messages"][2]["tool_call_id"] == "call_1_1"


def test_a_result_answers_no_call_of_an_earlier_turn():
    call = {"functionCall": {"name": "f", "args": {}}}
    contents = [{"role": "model", "parts": [call]}, {"role": "user", "parts": [{"text": "a"}]}]
    contents += [{"role": "model", "parts": [call]}, {"role": "user", "parts": [RESPONSE]}]
    *_, made, result = convert_record({"contents": contents}, "chat")["messages"]
    assert result["tool_call_id"] == made["tool_calls"][0]["id"] == "call_2_0"


def test_ids_that_no_record_had_are_not_lost():
    for there, back in (("sharegpt", "gemini"), ("gemini", "sharegpt")):
        record = convert_record(WITH_TOOLS, there, ["tool-call-ids"])
        assert convert_record(record, back) == convert_record(WITH_TOOLS, back, ["tool-call-ids"])


def test_gemini_may_have_ids_snake_case_and_thoughts():
    parts = [{"text": "Hm.", "thought": True}, {"function_call": {"id": "c1", "name": "f", "args": {}}}]
    result = {"function_response": {"id": "c1", "name": "f", "response": {"a": 1}}}
    image = {"inline_data": {"mime_type": "image/png", "data": "AA=="}, "text": None}
    record = {
        "contents": [
            {"role": "user", "parts": [image]},
            {"role": "model", "parts": parts},
            {"role": "user", "parts": [result]},
        ],
        "tools": [{"function_declarations": [FUNCTION]}],
    }
    assert convert_record(record, "chat") == {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
            },
            {
                "role": "assistant",
                "content": "",
                "reasoning_content": "Hm.",
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "content": '{"a": 1}', "tool_call_id": "c1"},
        ],
        "tools": TOOLS,
    }
    with pytest.raises(ValueError, match="tool-call-ids"):
        convert_record({**record, "contents": record["contents"][1:]}, "sharegpt", ["reasoning"])


@pytest.mark.parametrize("to", ["gemini", "bedrock"])
@pytest.mark.parametrize("stray", [None, "look"])
def test_what_is_no_call_among_calls_without_ids_is_refused(to: str, stray: str | None):
    calls = [{key: value for key, value in CALL.items() if key != "id"}, stray]
    answered = [{"role": "tool", "content": "clear"}, {"role": "assistant", "content": "Clear."}]
    made = {"role": "assistant", "content": "", "tool_calls": calls}
    with pytest.raises(ValueError, match="tool_calls"):
        convert_record({"messages": [ANSWERS[0], made, *answered]}, to)


def test_ids_of_results_alone_are_not_lost_to_gemini():
    called = {"functionCall": {"name": "f", "args": {}}}
    answer = {"functionResponse": {"id": "r1", "name": "f", "response": {}}}
    contents = [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [called]}]
    chat_record = convert_record({"contents": [*contents, {"role": "user", "parts": [answer]}]}, "chat")
    assert chat_record["messages"][2]["tool_call_id"] == "r1"
    with pytest.raises(ValueError, match="tool-call-ids"):
        convert_record({"contents": [*contents, {"role": "user", "parts": [answer]}]}, "sharegpt")


def test_a_result_without_an_id_answers_a_call_that_no_other_one_does():
    calls = [{"functionCall": {"id": name, "name": "f", "args": {}}} for name in ("a", "b")]
    answers = [{"functionResponse": {**named, "name": "f", "response": {}}} for named in ({"id": "a"}, {})]
    asked = {"role": "user", "parts": [{"text": "hi"}]}
    record = {"contents": [asked, {"role": "model", "parts": calls}, {"role": "user", "parts": answers}]}
    found = convert_record(record, "chat")["messages"][2:]
    assert [message["tool_call_id"] for message in found] == ["a", "b"]


@pytest.mark.parametrize("to", ["gemini", "bedrock", "sharegpt"])
def test_the_name_of_the_function_that_answers_is_not_lost(to: str):
    record = json.loads(json.dumps(WITH_TOOLS))
    record["messages"][3]["name"] = "weather"
    assert convert_record(record, to, ["tool-call-ids"]) == convert_record(WITH_TOOLS, to, ["tool-call-ids"])
    record["messages"][3]["name"] = "time"
    with pytest.raises(ValueError, match="/messages/3/name would be lost"):
        convert_record(record, to, ["tool-call-ids"])


@pytest.mark.parametrize("to", ["gemini", "bedrock"])
def test_results_without_ids_answer_the_calls_in_order(to: str):
    record = calls_and_results("fg", ["c1", "c2"])
    expected = convert_record(record, to, ["tool-call-ids"])
    for result in record["messages"][2:4]:
        del result["tool_call_id"]
    assert convert_record(record, to, ["tool-call-ids"]) == expected
    for call in record["messages"][1]["tool_calls"]:
        del call["id"]
    made = json.dumps(convert_record(record, to)).replace("call_1_0", "c1").replace("call_1_1", "c2")
    assert json.loads(made) == expected


@pytest.mark.parametrize("to", ["gemini", "bedrock", "instruction"])
def test_reasoning_without_a_word_is_not_lost(to: str):
    record = {"messages": [ANSWERS[0], {**ANSWERS[1], "reasoning_content": ""}]}
    assert convert_record(record, to) == convert_record({"messages": ANSWERS}, to)


@pytest.mark.parametrize("to", ["gemini", "bedrock", "sharegpt", "instruction"])
def test_null_in_a_part_is_not_lost(to: str):
    content = [{"type": "text", "text": "hi", "image_url": None}]
    record = {"messages": [{"role": "user", "content": content}, ANSWERS[1]]}
    assert convert_record(record, to) == convert_record({"messages": ANSWERS}, to)


def test_null_in_a_block_is_not_lost():
    blocks = [{"toolUse": None, "text": "hi"}]
    assert convert_record(bedrock(blocks), "chat") == chat("hi", "b")


def test_no_calls_are_no_loss_whoever_has_none():
    empty = {"messages": [{**message, "tool_calls": [], "tool_call_id": ""} for message in WITH_TOOLS["messages"][:2]]}
    assert convert_record(empty, "bedrock") == convert_record({"messages": WITH_TOOLS["messages"][:2]}, "bedrock")


def test_the_types_of_gemini_become_those_of_json_schema():
    city = {"type": "STRING", "default": "OBJECT"}
    function = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"city": city}}}
    record = {
        "contents": [{"role": "model", "parts": [{"text": "a"}]}],
        "tools": [{"functionDeclarations": [function]}],
    }
    made = convert_record(record, "chat")["tools"][0]["function"]["parameters"]
    assert made == {"type": "object", "properties": {"city": {"type": "string", "default": "OBJECT"}}}


def test_images_go_to_gemini_and_come_back():
    url = "data:image/png;base64,iVBORw0KGgo="
    parts = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}]
    record = {"messages": [{"role": "user", "content": parts}, {"role": "assistant", "content": "A dot."}]}
    assert convert_record(convert_record(record, "gemini"), "chat") == record


def test_reasoning_goes_to_bedrock_and_comes_back():
    record = chat("hi", "ho")
    record["messages"][1]["reasoning_content"] = "Hm."
    assert convert_record(convert_record(record, "bedrock"), "chat") == record


# --- what is lost ----------------------------------------------------------------------------------------------------


def with_key(key: str, value: Any) -> dict[str, Any]:
    return {"messages": [ANSWERS[0], {**ANSWERS[1], key: value}]}


RESPONSE = {"functionResponse": {"name": "f", "response": {"a": 1}}}

STRICT = [{"type": "function", "function": {**FUNCTION, "strict": True}}]

LOST: list[tuple[str, str, dict[str, Any], str]] = [
    ("extra-keys", "sharegpt", chat(id=7), "/id"),
    ("message-keys", "gemini", with_key("name", "Bo"), "/messages/1/name"),
    ("weights", "sharegpt", with_key("weight", 0), "/messages/1/weight"),
    ("weights", "instruction", with_key("weight", 0), "/messages/1/weight"),
    ("weights", "instruction", {**with_key("weight", 0), "weight": 2}, "/messages/1/weight"),
    ("weights", "alpaca", chat(weight=2.0), "/weight"),
    ("reasoning", "sharegpt", with_key("reasoning", "Hm."), "/messages/1/reasoning"),
    ("system", "instruction", {"messages": [{"role": "system", "content": "x"}, *ANSWERS]}, "/messages/0"),
    ("tools", "instruction", chat(tools=TOOLS), "/tools"),
    ("tool-call-ids", "gemini", {"messages": WITH_TOOLS["messages"]}, "/messages/2/tool_calls"),
    ("rejected-answer", "chat", PAIR, "/non_preferred_output"),
    ("extra-keys", "chat", {"instruction": "a", "output": "b", "id": 3}, "/id"),
    ("extra-keys", "chat", {"prompt": "a", "completion": "b", "label": False}, "/label"),
    ("extra-keys", "instruction", {"prompt": "a", "completion": "b", "label": False}, "/label"),
    ("extra-keys", "instruction", {"prompt": "a", "completion": "b", "label": True}, "/label"),
    ("extra-keys", "chat", chat(label=False), "/label"),
    ("extra-keys", "alpaca", {"instruction": "a", "output": "b", "kto_tag": False}, "/kto_tag"),
    ("extra-keys", "chat", {"question": "a", "context": ["c"], "answer": "b"}, "/context"),
    ("extra-keys", "chat", {"system": "a", "system_prompt": "b", "question": "a", "answer": "b"}, "/system_prompt"),
    (
        "extra-keys",
        "chosen-rejected",
        {**PAIR, "input": {**PAIR["input"], "tools": TOOLS}, "tools": TOOLS},
        "/tools",
    ),
    ("extra-keys", "gemini", chat(tools=STRICT), "/tools/0/function/strict"),
    ("extra-keys", "bedrock", chat(tools=STRICT), "/tools/0/function/strict"),
    ("extra-keys", "chat", {"prompt": "a", "context": "c", "completion": "b"}, "/context"),
    ("message-keys", "bedrock", {"messages": [{**SYSTEM, "tool_calls": [CALL]}, *ANSWERS]}, "/messages/0/tool_calls"),
    ("message-keys", "bedrock", {"messages": [{**ANSWERS[0], "tool_call_id": "c1"}]}, "/messages/0/tool_call_id"),
    ("message-keys", "chat", {"conversations": [{"from": "gpt", "value": "a", "id": 1}]}, "/conversations/0/id"),
    ("extra-keys", "chat", {"schemaVersion": "tooluse-2024", "messages": []}, "/schemaVersion"),
    ("message-keys", "sharegpt", {"contents": [{"role": "user", "parts": [RESPONSE]}]}, "/messages/0/name"),
]


@pytest.mark.parametrize(("name", "to", "record", "pointer"), LOST)
def test_a_loss_is_refused_unless_it_is_named(name: str, to: str, record: dict[str, Any], pointer: str):
    with pytest.raises(ValueError, match=f"^{pointer}( and [0-9]+ more)? would be lost; --lossy {name} allows it$"):
        convert_record(record, to, [other for other in LOSSES if other != name])
    result = convert_record(record, to, [name])
    assert result == convert_record(record, to, ["ALL"])
    assert source_of(result.keys())


def test_every_loss_has_an_example():
    assert {name for name, *_ in LOST} == set(LOSSES)


THOUGHT = {"reasoningContent": {"reasoningText": {"text": "Hm."}}}


def bedrock(asked: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": [{"text": "b"}]}]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": messages, **more}


REFUSED: list[tuple[str, Any, str]] = [
    ("preference", chat(), "needs two answers"),
    ("instruction", chat("a", "b", "c", "d"), "one question and one answer"),
    (
        "instruction",
        {"messages": [ANSWERS[0], {"role": "assistant", "content": "", "tool_calls": [CALL]}]},
        "one answer",
    ),
    ("alpaca", {"messages": ANSWERS[:1]}, "in turn"),
    ("alpaca", {"messages": []}, "in turn"),
    ("gemini", {"messages": [*ANSWERS, {"role": "system", "content": "x"}]}, "after the beginning"),
    ("gemini", {"messages": [{"role": "critic", "content": "x"}]}, "no role"),
    ("bedrock", {"messages": [{"role": "critic", "content": "x"}]}, "no role"),
    ("sharegpt", {"messages": [{"role": "critic", "content": "x"}]}, "no speaker"),
    ("gemini", with_key("content", [{"type": "image_url", "image_url": {"url": "https://x"}}]), "data URL"),
    ("gemini", with_key("content", [{"type": "text", "text": "a", "cache": 1}]), "no counterpart"),
    ("bedrock", with_key("content", [{"type": "image_url", "image_url": {"url": "x"}}]), "S3"),
    ("bedrock", with_key("content", [{"type": "video_url"}]), "neither a text nor an image"),
    (
        "bedrock",
        {"messages": [ANSWERS[0], {**ANSWERS[0], "reasoning": "Hm."}]},
        "second message in a row has reasoning",
    ),
    ("sharegpt", with_key("content", [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), "not a text"),
    ("chat", {"conversations": [{"from": "narrator", "value": "a"}]}, "speaker"),
    ("chat", {"conversations": {}}, "list of objects"),
    ("chat", {"conversations": "a"}, "`conversations` is not JSON"),
    ("chat", {"messages": "a"}, "`messages` is not JSON"),
    ("chat", {"conversations": [{"from": "function_call", "value": "{"}]}, "not JSON"),
    ("chat", {"conversations": [{"from": "function_call", "value": '{"name": "f", "name": "g"}'}]}, "not JSON"),
    ("chat", {"contents": [{"role": "user", "parts": [{"fileData": {"fileUri": "gs://x"}}]}]}, "fileData"),
    ("preference", scored(1, 1), "the scores 1 and 0"),
    ("preference", scored([1], 0), "the scores 1 and 0"),
    ("preference", with_a_result(scored(1, 0)), "are not two answers"),
    ("preference", {"contents": [], "completions": [{"score": 1, "completion": "a"}]}, "not an object"),
    ("preference", {"contents": [], "completions": 1}, "not a list of objects"),
    ("chat", {"contents": [{"role": "user", "parts": [{"text": None}]}]}, "the `text` of a part is not a text"),
    ("chat", bedrock([{"text": None}]), "the `text` of a block is not a text"),
    ("chat", {"contents": [], "systemInstruction": {"parts": []}, "system_instruction": {"parts": []}}, "two system"),
    ("chat", {"instruction": 1, "output": "b"}, "`instruction` is not a text"),
    ("chat", {"instruction": "a", "output": "b", "history": 1}, "`history` is not a list"),
    ("chat", {"prompt": None, "completion": "b"}, "`prompt` is not a text"),
    ("chat", {"prompt": [{"type": "text", "text": "a"}], "completion": "b"}, "`prompt` is not a text"),
    ("preference", {"chosen": [], "rejected": []}, "one message each"),
    ("preference", {"messages": ANSWERS[:1], "rejected_response": "ha"}, "do not end with the better answer"),
    ("preference", {"messages": ANSWERS, "rejected_response": None}, "`rejected_response` is not one answer"),
    ("preference", {"chosen": "hi ho", "rejected": "hi ha"}, "needs a prompt"),
    ("preference", {"messages": ANSWERS, "chosen": "ho", "rejected": "ha"}, "needs a prompt"),
    ("preference", {"conversations": ANSWERS, "chosen": "ho", "rejected": "ha"}, "needs a prompt"),
    ("preference", {"prompt": "you", "chosen": ANSWERS, "rejected": ANSWERS}, "do not begin with the prompt"),
    ("chosen-rejected", {**PAIR, "preferred_output": []}, "not one message"),
    ("chat", bedrock([{"text": "a"}], system=[{"text": "x", "id": 1}]), "no counterpart"),
    ("chat", bedrock([], toolConfig={"tools": [{"toolSpec": {"name": "f", "strict": True}}]}), "no counterpart"),
    ("chat", bedrock([{"toolResult": {"toolUseId": "c", "content": [{"image": {"format": "png"}}]}}]), "key 'image'"),
    ("chat", bedrock([THOUGHT, {"text": "a"}, THOUGHT]), "several blocks"),
    ("instruction", bedrock([{"toolUse": {"toolUseId": "c", "name": "f", "input": {}}}]), "one answer"),
    ("chat", {"text": "a"}, "no format"),
    ("chat", [], "not an object"),
]


@pytest.mark.parametrize("to", ["gemini", "bedrock", "sharegpt"])
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [("[]", "not an object"), ('""', "not an object"), ("", "not JSON"), ('{"a": 1, "a": 2}', "not JSON")],
)
def test_arguments_that_are_no_object_have_no_counterpart(to: str, arguments: str, reason: str):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    with pytest.raises(ValueError, match=reason):
        convert_record({"messages": [ANSWERS[0], {"role": "assistant", "tool_calls": [call]}]}, to, ["ALL"])


@pytest.mark.parametrize("to", ["gemini", "bedrock", "sharegpt"])
def test_a_call_with_an_infinite_number_is_refused(files: Files, to: str):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1e999}'}}
    record = {"messages": [{"role": "assistant", "tool_calls": [call]}]}
    done = files.convert(line_of(record), to, lossy=["ALL"])
    assert [refusal.reason for refusal in done.refusals] == ["`arguments` is not JSON that can be converted"]
    with pytest.raises(ValueError, match="`arguments` is not JSON"):
        convert_record(record, to, ["ALL"])


@pytest.mark.parametrize("calls", [["x"], [{**CALL, "id": None}, "x"], "x"], ids=str)
@pytest.mark.parametrize("role", ["assistant", "tool"])
@pytest.mark.parametrize("to", ["gemini", "bedrock", "sharegpt"])
def test_calls_of_which_one_is_no_object_are_refused(to: str, role: str, calls: Any):
    called = {"role": role, "content": "b", "name": "f", "tool_calls": calls}
    with pytest.raises(CannotConvertError):
        convert_record({"messages": [ANSWERS[0], called, {"role": "tool", "content": "c"}]}, to, ["ALL"])


def test_a_message_with_ids_of_several_calls_is_named_once():
    with pytest.raises(CannotConvertError, match=r"^/messages/1/tool_calls would be lost"):
        convert_record({"messages": calls_and_results("fg", [])["messages"]}, "gemini")


@pytest.mark.parametrize(("to", "record", "reason"), REFUSED)
def test_records_without_a_counterpart_are_refused(to: str, record: Any, reason: str):
    with pytest.raises(ValueError, match=reason):
        convert_record(record, to, ["ALL"])


def test_what_stands_beside_a_result_is_kept():
    result = {"toolResult": {"toolUseId": "c", "content": [{"text": "r"}]}}
    tool, user, _ = convert_record(bedrock([THOUGHT, result]), "chat")["messages"]
    assert (tool["tool_call_id"], user["reasoning_content"]) == ("c", "Hm.")
    read = convert_record({"contents": [{"role": "user", "parts": [RESPONSE]}]}, "chat")
    assert read["messages"] == [{"role": "tool", "content": '{"a": 1}', "name": "f"}]


@pytest.mark.parametrize("to", ["bedrock", "gemini"])
def test_a_part_of_a_text_alone_needs_no_type(to: str):
    untyped = {"messages": [{**answer, "content": [{"text": answer["content"]}]} for answer in ANSWERS]}
    assert convert_record(untyped, to) == convert_record({"messages": ANSWERS}, to)


shapes = st.dictionaries(
    st.sampled_from(sorted({key for dialect in DIALECTS for key in dialect.keys} | {"system", "tools", "messages"})),
    anything | st.lists(st.dictionaries(st.sampled_from(["role", "content", "from", "value", "parts"]), anything)),
    max_size=4,
)


@given(record=shapes, to=st.sampled_from(sorted(TARGETS)))
def test_any_record_is_converted_or_refused(record: dict[str, Any], to: str):
    try:
        result = convert_record(record, to, ["ALL"])
    except ValueError:
        return
    assert source_of(result.keys())


# --- dialects and the command agree ----------------------------------------------------------------------------------


def test_unknown_format_names_a_command_that_works():
    for dialect in DIALECTS:
        if dialect.convertible:
            assert set(dialect.convertible) <= set(TARGETS), dialect.name
            assert source_of(dialect.keys), dialect.name
    (finding,) = check_record({"conversations": []})
    assert "`jsonl-lint convert FILE --to chat -o OUT`" in finding.help
    (finding,) = check_record({"chosen": "a", "rejected": "b"})
    assert "--to preference" in finding.help


@pytest.mark.parametrize("place", ["role", "key"])
def test_a_reason_holds_no_secret(place: str):
    secret = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 2
    record = {"messages": [{"role": secret, "content": "a"}]} if place == "role" else {**chat(), secret: 1}
    with pytest.raises(ValueError, match="sk-") as refused:
        convert_record(record, "gemini")
    assert secret[8:20] not in str(refused.value)


def test_a_format_may_be_called_by_its_key(tmp_path: Path):
    turns = {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}]}
    assert convert_record(turns, "messages") == convert_record(turns, "chat") == chat("Hi", "Hello.")
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps(turns))
    assert run(["convert", str(source), "--to", "messages", "-o", str(tmp_path / "b.jsonl")]) == 0
    assert json.loads((tmp_path / "b.jsonl").read_text()) == chat("Hi", "Hello.")


def test_the_command_offers_what_the_library_can():
    assert list(FORMATS) == sorted(TARGETS)
    assert set(ALSO_CALLED) == set(OTHER_NAMES)
    assert list(OFFERED_LOSSES) == [*LOSSES, "ALL"]


# --- files -----------------------------------------------------------------------------------------------------------


class Files:
    def __init__(self, folder: Path) -> None:
        self.source, self.out, self.rejects = folder / "in.jsonl", folder / "out.jsonl", folder / "rejects.jsonl"

    def convert(self, data: bytes, to: str = "chat", **more: Any) -> Converted:
        self.source.write_bytes(data)
        return convert_file(self.source, self.out, to, **more)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


GOOD = line_of({"question": "\U0001f600?", "answer": "é"})
LOSING = line_of({"question": "a", "answer": "b", "id": 1})
BROKEN = [
    b"{broken\n",
    b"[1]\n",
    b'{"question": "a", "question": "b", "answer": "c"}\n',
    b'{"question": "\xff", "answer": "c"}\n',
    b'{"messages": [NaN]}\n',
    b'{"contents": ' + b"[" * 5_000 + b"\n",
    b'{"prompt": "a", "completion": "b", "weight": 1e999}\n',
    b'{"question": "\\ud83d", "answer": "b"}\n',
]


def test_records_are_converted_in_order(files: Files):
    done = files.convert(b"\xef\xbb\xbf" + GOOD + b"\n" + line_of({"prompt": "a", "completion": "b"}).rstrip())
    assert done == Converted(2, 2, 0, {}, ())
    assert files.out.read_bytes() == line_of(chat("\U0001f600?", "é")) + line_of(chat("a", "b"))


def test_records_that_have_the_format_stay_as_they_are(files: Files):
    data = b'{"messages":[{"role":"user","content":"\\u00e9"}], "n": 1.50, "big": 123456789012345678901234567890}\r\n'
    assert files.convert(data).ok
    assert files.out.read_bytes() == data


def test_converted_records_end_as_the_lines_of_the_file_do(files: Files):
    had, asked = line_of(chat("a", "b")).rstrip(), b'{"question": "a", "answer": "b"}'
    files.convert(b"\r\n".join([had, asked, b"", b"[]", asked]), rejects=files.rejects)
    assert files.out.read_bytes() == (had + b"\r\n") * 3
    assert files.rejects.read_bytes() == b"[]\r\n"


def test_one_refused_record_is_enough_to_write_nothing(files: Files):
    done = files.convert(GOOD + LOSING)
    assert (done.ok, done.records, done.refused) == (False, 2, 1)
    assert [refusal.line for refusal in done.refusals] == [2]
    assert not files.out.exists()
    assert files.convert(GOOD + LOSING, lossy=["extra-keys"]) == Converted(2, 2, 0, {"extra-keys": 1}, ())


@pytest.mark.parametrize("broken", BROKEN, ids=lambda line: repr(line[:30]))
def test_refused_records_go_to_the_rejects_as_they_are(files: Files, broken: bytes):
    done = files.convert(GOOD + broken + GOOD, rejects=files.rejects)
    assert (done.converted, done.refused) == (2, 1)
    assert files.out.read_bytes() == line_of(chat("\U0001f600?", "é")) * 2
    assert files.rejects.read_bytes() == broken


def test_a_broken_line_is_named_by_its_place_in_the_file_alone(files: Files):
    done = files.convert(GOOD + b'{"question": "cut o\n' + b'{"question": "a", "answer": "b",}\r\n')
    assert [(refusal.line, refusal.reason) for refusal in done.refusals] == [
        (2, "not JSON that can be converted: EOF while parsing a string; `jsonl-lint fix` may repair it"),
        (3, "not JSON that can be converted: trailing comma; `jsonl-lint fix` may repair it"),
    ]


def test_files_that_are_no_lines_are_refused(files: Files):
    lines = "`jsonl-lint fix` makes lines of it"
    for data, advice in (
        (b"\x1f\x8b\x08", "gzip"),
        ("{}".encode("utf-16"), lines),
        (b'[\n{"question": "a", "answer": "b"}\n]\n', lines),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "`git lfs pull`"),
    ):
        with pytest.raises(UserError, match=advice):
            files.convert(data)
        assert not files.out.exists()
    with pytest.raises(UserError, match="overwrite an input"):
        convert_file(str(files.source), str(files.source), "chat")


def test_a_line_of_too_many_values_is_refused(files: Files, monkeypatch: pytest.MonkeyPatch):
    data = line_of({"question": "," * PIECE_BYTES, "answer": "b"})
    assert files.convert(data).converted == 1
    monkeypatch.setattr("jsonl_lint.convert.run.MOST_BRACKETS_AND_COMMAS", 1_000_000)
    with pytest.raises(UserError, match=":1: more than 1,000,000 brackets and commas"):
        files.convert(data)


def test_the_command_says_what_is_lost_and_where(files: Files, capsysbinary: Any):
    files.source.write_bytes(GOOD + LOSING)
    args = ["convert", str(files.source), "--to", "chat", "-o", str(files.out)]
    assert run(args) == 1
    assert capsysbinary.readouterr().err.decode().splitlines() == [
        f"jsonl-lint: {files.source}:2: /id would be lost; --lossy extra-keys allows it",
        "jsonl-lint: 2 records: 1 refused, nothing written (see --rejects)",
    ]
    assert run([*args, "--rejects", str(files.rejects), "-q"]) == 1
    assert files.rejects.read_bytes() == LOSING
    assert run([*args, "--lossy", "extra-keys,weights"]) == 0
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert err.decode() == "jsonl-lint: 2 records: 2 converted, extra-keys lost in 1, 0 refused\n"


def test_the_command_writes_to_standard_output(files: Files, capsysbinary: Any):
    files.source.write_bytes(GOOD)
    assert run(["convert", str(files.source), "--to", "instruction", "-o", "-", "-q"]) == 0
    out, err = capsysbinary.readouterr()
    assert (json.loads(out), err) == ({"prompt": "\U0001f600?", "completion": "é"}, b"")


def test_wrong_use(files: Files, capsysbinary: Any):
    files.source.write_bytes(GOOD)
    for more in (["--to", "word"], ["--to", "chat", "--lossy", "everything"], []):
        assert run(["convert", str(files.source), "-o", str(files.out), *more]) == 2
        assert capsysbinary.readouterr().err.count(b"\n") == 1
    for to, lossy in (("word", []), ("chat", ["everything"])):
        with pytest.raises(UserError):
            convert_record(chat(), to, lossy)


@pytest.mark.parametrize("to", ["gemini", "bedrock", "sharegpt", "alpaca"])
@pytest.mark.parametrize("roles", [("User", "Chatbot"), ("user", "model"), ("human", "gpt")])
def test_other_names_of_who_speaks_are_understood(to: str, roles: tuple[str, str]):
    named = {"messages": [{**message, "role": role} for message, role in zip(ANSWERS, roles, strict=True)]}
    assert convert_record(named, to) == convert_record({"messages": ANSWERS}, to)


@pytest.mark.parametrize("start", ["", "\ufeff", "\n \n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_records_that_are_spread_over_lines_are_one_clear_line(start: str, end: str, files: Files, capsysbinary: Any):
    text = "".join(json.dumps(chat(str(number), "b"), indent=2) + "\n" for number in range(30))
    files.source.write_bytes((start + text.replace("\n", end)).encode())
    assert run(["convert", str(files.source), "--to", "alpaca", "-o", str(files.out)]) == 2
    assert capsysbinary.readouterr().err.decode().splitlines() == [
        f"jsonl-lint: {files.source}: not one record on each line: the first is spread over 12 lines; "
        "`jsonl-lint fix` makes lines of it"
    ]
    assert not files.out.exists()


@pytest.mark.parametrize(
    "first", [b'{"broken":\n', b'{"question": "a", "answer": "b"}, \n{"question":\n', b"{\n" * 5_000]
)
def test_a_first_line_that_begins_no_record_does_not_hide_the_others(first: bytes, files: Files):
    done = files.convert(first + GOOD, rejects=files.rejects)
    assert done.converted == 1
