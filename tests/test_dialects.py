"""Records of other tools are named, and the advice is about what they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import pytest

from jsonl_lint import Finding, Settings, check_record, convert_record, fix_record
from jsonl_lint.dialects import dialect_of
from jsonl_lint.target import target_names

ANSWER = {"role": "assistant", "content": "Hello"}
ASKED = {"messages": [{"role": "user", "content": "Hi"}, ANSWER]}


def only(record: dict[str, Any], target: str = "together") -> Finding:
    (finding,) = check_record(record, Settings(target=target))
    assert finding.rule == "unknown-format"
    return finding


@pytest.mark.parametrize("target", ["together", "openai", "anthropic", "generic"])
@pytest.mark.parametrize(
    "result",
    [
        {
            "id": "batch_req_1",
            "custom_id": "1",
            "response": {"status_code": 200, "body": {"choices": []}},
            "error": None,
        },
        {"id": "batch_req_2", "custom_id": "2", "response": None, "error": {"code": "3", "message": "boom"}},
        {"custom_id": "3", "error": {"message": "late", "code": "timeout"}},
        {"custom_id": "4", "result": {"type": "succeeded", "message": {**ANSWER, "type": "message"}}},
        {"custom_id": "5", "result": {"type": "expired"}},
    ],
    ids=["answered", "failed", "together", "anthropic", "expired"],
)
def test_what_came_back_of_a_batch_is_no_request_without_a_body(target: str, result: dict[str, Any]):
    finding = only(result, target)
    assert "looks like a batch result," in finding.message
    assert "jsonl-lint batch resume" in finding.help


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"key": "1", "request": {"contents": [{"parts": [{"text": "Hi"}]}]}}, "a Gemini batch request"),
        ({"model": "text-embedding-ada-002", "input": "Hi"}, "a request of an API"),
        ({**ANSWER, "turn": 7, "session_id": "a"}, "a single message"),
        ({"from": "gpt", "value": "Hello"}, "a single turn"),
        ({"instruction": "Hi", "output": "Go away.", "kto_tag": False}, "KTO"),
        ({**ASKED, "kto_tag": False}, "KTO"),
        ({"prompt": "7 * 8?", "answer": "56", "extra_info": {}}, "prompt/answer"),
        ({"question": "How many?", "context": "CREATE TABLE a (b INT)", "answer": "1"}, "question/context/answer"),
        ({"prompt": "Hi", "completions": ["Hello", "Yo"], "rewards": [1, 0.5]}, "ranked answers"),
        ({"system": "Be brief.", "user": "Hi", "assistant": "Hello"}, "user/assistant"),
        ({"inputs": "Hi", "targets": "Hello", "dataset": "puns"}, "inputs/targets"),
        ({"prompt": "Hi", "pos": "Hello", "neg": "Go away."}, "a prompt without `completion`"),
        ({"prompt": "Hi", "chosen": "Hello"}, "a preference pair without `rejected`"),
        ({"question": "Hi", "rejected": "Go away."}, "a preference pair without `chosen`"),
        (
            {"schemaVersion": "bedrock-conversation-2024", "system": [{"text": "Be brief."}], **ASKED},
            "Bedrock converse",
        ),
        ({"question": "Hi", "table": "t", "final_answer": "Hello"}, "a question without `answer`"),
        ({"id": "x", "object": "chat.completion", "choices": [{"index": 0}]}, "an API log"),
        ({"title": "Hi", "mapping": {"a": {"id": "a", "parent": None}}, "current_node": "a"}, "a ChatGPT export"),
        (
            {"responses_create_params": {"input": ASKED["messages"][:1]}, "expected_answer": "Hello"},
            "a task of NeMo Gym",
        ),
        (
            {"system": "Be brief.", "conversation": [{"human": "Hi", "assistant": "Hello"}]},
            "ShareGPT with a question and its answer in each turn",
        ),
        (
            {"conversation": [{"input": "Hi", "output": "Hello"}]},
            "ShareGPT with a question and its answer in each turn",
        ),
        ({"conversation": [{"from": "human", "value": "Hi"}]}, "ShareGPT"),
        ({"conversations": ["Hi", "Hello"], "source": "x"}, "turns without a speaker"),
        ({"instruction": "Hi", "response": "Ho", "conversations": [{"from": "human", "value": "Hi"}]}, "Dolly"),
        ({"columns": ["text"], "index": [0], "data": [["Hi"]]}, "a table of pandas"),
        ({"features": [], "rows": [{"row_idx": 0, "row": {"text": "Hi"}}]}, "a page of a dataset viewer"),
        ({"version": "1", "data": [{"text": "Hi"}]}, "a list of records under `data`"),
        ({"data": {"messages": []}}, "a record under `data`"),
        ({"row_idx": 0, "row": {"text": "Hi"}, "truncated_cells": []}, "a record under `row`"),
        ({"type": "text2text", "instances": [{"input": "Hi", "output": "Ho"}]}, "a list of records under `instances`"),
        ({"requests": [{"custom_id": "a", "params": {}}]}, "a list of records under `requests`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_records_of_other_tools_are_named(record: dict[str, Any], name: str):
    finding = only(record)
    assert f"the record looks like {name}, which Together AI" in finding.message
    assert finding.help[0].isupper()


@pytest.mark.parametrize("value", [1, None, ["Hi"], {"a": 1}, True])
def test_a_key_with_a_value_of_another_type_was_not_meant_to_be_a_text(value: Any):
    assert only({"value": "Hi"}).help == "Rename `value` to `text`."
    assert "Rename" not in only({"value": value}).help
    assert only({"Text": value}).help == "Rename `Text` to `text`."  # only the case of the key is wrong


def test_one_text_under_data_is_no_list_of_records():
    assert only({"data": "Hi"}).message.startswith("no known format has these keys: `data`")


@pytest.mark.parametrize("asked", [{"question": "Hi"}, {"instruction": "Say hi", "input": ""}], ids=["Intel", "Alpaca"])
def test_pairs_with_another_key_for_the_prompt_are_one_finding_and_can_be_converted(asked: dict[str, str]):
    pair = {**asked, "chosen": "Hello", "rejected": "No"}
    assert "jsonl-lint convert FILE --to preference" in only(pair).help
    converted = convert_record(pair, "preference")
    assert converted["input"] == {"messages": [{"role": "user", "content": next(iter(asked.values()))}]}


def test_the_prompt_of_a_pair_is_not_dropped_as_an_extra_key():
    findings = check_record({"question": "Hi", "chosen": "Hello", "rejected": "No"}, Settings(target="fireworks"))
    assert [(finding.rule, finding.help, finding.fix) for finding in findings] == [
        ("extra-key", "Put it into `prompt`.", None)
    ]


def test_requests_are_named_where_no_conversation_is_taken():
    request = {"model": "claude-3-5-sonnet-20240620", "max_tokens": 9, "messages": ASKED["messages"][:1]}
    finding = only(request, "anthropic")
    assert "looks like a request of a chat API," in finding.message
    assert "`custom_id`" in finding.help


@pytest.mark.parametrize("conversation", ["[USER] Hi [ASSISTANT] Hello", ASKED])
@pytest.mark.parametrize("key", ["conversation", "conversations"])
def test_a_conversation_without_turns_is_not_sharegpt(key: str, conversation: Any):
    finding = only({key: conversation})
    assert finding.message.startswith(f"no known format has these keys: `{key}`")
    assert "convert" not in finding.help


def test_a_tag_that_is_neither_true_nor_false_is_a_key_like_any_other():
    (finding,) = check_record({**ASKED, "kto_tag": "good"})
    assert finding.rule == "extra-key"


def test_the_generic_target_is_called_one_and_its_formats_are_not_all_listed():
    message = only({"request": [], "response": "Hello"}, "generic").message
    assert "the generic target (no provider) takes chat, instruction, " in message
    assert message.endswith(", 9 more)")
    assert only({"request": []}).message.endswith("takes chat, instruction, text, preference, batch)")


def test_an_answer_that_is_called_so_can_be_converted():
    assert convert_record({"prompt": "7 * 8?", "answer": "56"}, "instruction") == {
        "prompt": "7 * 8?",
        "completion": "56",
    }


@pytest.mark.parametrize(
    ("caller", "result"),
    [("function_call", "observation"), ("tool_call", "tool_response"), ("function-call", "function-response")],
)
def test_speakers_that_are_known_are_converted(caller: str, result: str):
    turns = [
        {"from": "human", "value": "Weather?"},
        {"from": caller, "value": '{"name": "weather", "arguments": {}}'},
        {"from": result, "value": "Rain"},
    ]
    assert check_record({"conversations": turns}, Settings(target="generic", select=("unknown-dialect-role",))) == []
    called, answered = convert_record({"conversations": turns}, "chat")["messages"][1:]
    assert called["tool_calls"][0]["function"] == {"name": "weather", "arguments": "{}"}
    assert answered == {"role": "tool", "content": "Rain", "tool_call_id": called["tool_calls"][0]["id"]}


@pytest.mark.parametrize("method", ["sft", "rl"])
@pytest.mark.parametrize("target", ["generic", "together", "vertex"])
def test_chat_messages_under_conversations_are_one_finding_that_names_the_key(target: str, method: Any):
    record = {"conversations": ASKED["messages"]}
    (finding,) = check_record(record, Settings(target=target, method=method))
    assert finding.rule == "unknown-format"
    assert "chat messages under `conversations`" in finding.message
    if target == "vertex":  # whose chat records have the role model
        assert "--to gemini" in finding.help
        return
    assert "--to chat" in finding.help
    assert "rename `conversations` to `messages`." in finding.help
    assert "value" not in finding.help
    assert convert_record(record, "chat") == ASKED


def test_a_turn_with_the_keys_of_a_chat_is_one_finding_among_turns_of_sharegpt():
    turns = [{"from": "human", "value": "Hi"}, ANSWER, {"role": "user", "value": "Bye"}, {"content": "Bye"}]
    findings = check_record({"conversations": turns}, Settings(target="generic"))
    assert [(finding.rule, finding.pointer, finding.help) for finding in findings] == [
        (
            "missing-role",
            "/conversations/1",
            "Rename `role` to `from` (system, human or gpt) and `content` to `value`.",
        ),
        ("missing-role", "/conversations/2", "Rename `role` to `from`: system, human or gpt."),
        ("missing-role", "/conversations/3", "Add `from`: system, human or gpt."),
        ("missing-content", "/conversations/3", "Rename `content` to `value`."),
    ]


def test_prompts_with_a_reference_answer_are_for_another_method():
    record = {"messages": ASKED["messages"][:1], "reference_answer": {"greeting": "Hello"}}
    finding = only(record, "bedrock-nova")
    assert "looks like a prompt for reinforcement fine-tuning," in finding.message
    assert "bedrock-rft" in finding.help
    assert check_record(record, Settings(target="bedrock-rft", method="rl")) == []


def test_tool_definitions_of_nova_are_no_misspelt_key():
    record = {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}, {**ANSWER, "content": [{"text": "Hello"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]},
    }
    (finding,) = check_record(record, Settings(target="bedrock-nova"))
    assert (finding.rule, finding.help) == ("extra-key", "Keep it only for a model that is tuned to call tools.")


@pytest.mark.parametrize(
    ("target", "keys"),
    [
        ("together", "`messages`"),
        ("vertex", "`contents`"),
        ("anthropic", "`custom_id` and `params`"),
        ("bedrock-nova", "`schemaVersion` and `messages`"),
        ("bedrock-llama", "`prompt` and `completion`"),
    ],
)
def test_the_example_of_a_format_is_one_that_the_target_takes(target: str, keys: str):
    assert only({"foo": 1}, target).help == f"Give each record the keys of one format, for example {keys}."


def test_llama_factorys_pairs_of_turns_are_one_format():
    turn = {"from": "gpt", "value": "Hello"}
    pair = {
        "conversations": [{"from": "human", "value": "Hi"}],
        "chosen": turn,
        "rejected": {"from": "gpt", "value": "No."},
    }
    assert check_record(pair, Settings(target="generic")) == []
    assert "jsonl-lint convert FILE --to preference" in only(pair).help
    (finding,) = check_record(pair, Settings(target="fireworks"))
    assert (finding.rule, finding.fix) == ("extra-key", None)


def test_glaives_chats_are_texts_and_messages_under_chat_are_not():
    finding = only({"system": "SYSTEM: You help.", "chat": "USER: Hi\n\n\nASSISTANT: Hello <|endoftext|>"})
    assert "looks like Glaive's function calls," in finding.message
    assert only({"system": "You help.", "chat": ASKED["messages"]}).help == "Rename `chat` to `messages`."
    assert "xLAM's function calls" in only({"id": 0, "query": "Hi", "answers": "[]", "tools": "[]"}).message


def test_two_answers_beside_messages_are_told_from_needless_keys():
    record = {**ASKED, "chosen": ASKED["messages"], "rejected": [ASKED["messages"][0], {**ANSWER, "content": "No."}]}
    findings = check_record({**record, "score_chosen": 8.5})
    assert [finding.pointer for finding in findings] == ["/chosen", "/rejected", "/score_chosen"]
    assert ["--to preference" in finding.help for finding in findings] == [True, True, False]


RL = Settings(target="generic", method="rl")


@pytest.mark.parametrize(
    ("record", "rules"),
    [
        ({"prompt": "7 * 8?"}, []),
        ({"prompt": "7 * 8?", "answer": "56", "reward_model": {"style": "rule"}}, []),
        ({"prompt": [{"role": "user", "content": "7 * 8?"}], "solution": "56"}, []),
        ({"prompt": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Which?"}]}]}, []),
        ({"prompt": "7 * 8?", "completion": "56"}, []),
        ({"prompt": "7 * 8?", "chosen": "56", "rejected": "15"}, []),
        ({"prompt": 56}, ["wrong-type"]),
        ({"prompt": " "}, ["empty-text"]),
        ({"prompt": []}, ["empty-text"]),
        ({"prompt": [{"content": "7 * 8?"}]}, ["missing-role"]),
        ({"prompt": [{"role": "user", "content": ["7 * 8?"]}]}, ["invalid-content-part"]),
        ({"prompts": "7 * 8?"}, ["unknown-format"]),
    ],
)
def test_reinforcement_learning_takes_prompts_alone_if_no_provider_is_named(record, rules):
    assert [finding.rule for finding in check_record(record, RL)] == rules


def test_a_prompt_alone_needs_the_method_that_samples_answers():
    (finding,) = check_record({"prompt": "7 * 8?"}, Settings(target="generic"))
    assert finding.help == "Use `--method rl`, which takes them; for another one they lack the answers."
    (finding,) = check_record({"prompt": "7 * 8?"}, Settings(method="rl"))
    assert (finding.rule, "write each prompt as `messages`" in finding.help) == ("unknown-format", True)


def test_the_tokens_of_a_prompt_alone_are_counted():
    (finding,) = check_record({"prompt": "seven " * 50}, Settings(target="generic", method="rl", max_tokens=20))
    assert finding.rule == "over-length"


def _said(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": f"{role} {number}"} for number, role in enumerate(roles)]


@pytest.mark.parametrize(
    ("record", "rules"),
    [
        (
            {"prompt": _said("user", "user"), "completion": _said("assistant")},
            ["consecutive-roles /prompt/1"],
        ),
        (
            {"prompt": _said("user"), "completion": _said("assistant", "assistant")},
            ["consecutive-roles /completion/1"],
        ),
        (
            {"prompt": _said("system", "system", "user"), "completion": _said("assistant"), "label": True},
            ["several-system-messages /prompt/1"],
        ),
        (
            {
                "chosen": _said("user", "system", "assistant"),
                "rejected": [*_said("user"), {**ANSWER, "content": "No."}],
            },
            ["system-not-first /chosen/1"],
        ),
        (
            {
                "prompt": _said("system", "user"),
                "chosen": _said("assistant"),
                "rejected": [{**ANSWER, "content": "No."}],
            },
            [],
        ),
    ],
)
def test_the_order_of_roles_is_judged_in_prompts_and_answers_that_are_messages(record, rules):
    settings = Settings(target="generic", unsafe_fixes=True, ignore=("several-system-messages",))
    assert [f"{found.rule} {found.pointer}" for found in check_record(record, Settings(target="generic"))] == rules
    (fixed,) = fix_record(record, settings).outcome
    assert check_record(fixed, settings) == []


class VeryManyKeys(Collection[str]):
    """Keys that are looked up and never gone through."""

    def __contains__(self, key: object) -> bool:
        return key in ("conversations", "source") or str(key).startswith("key ")

    def __len__(self) -> int:
        return 1_000_000

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("each rule that asks goes through all keys")


def test_a_dialect_is_told_without_going_through_very_many_keys():
    assert dialect_of(VeryManyKeys()) == dialect_of({"conversations": [], "source": ""})


PAIR = {"prompt": "Hi", "chosen": "Hello", "rejected": "Go away."}
OF_OTHER_TOOLS: dict[str, dict[str, Any]] = {
    "alpaca": {"instruction": "Greet", "input": "a cat", "output": "Hello"},
    "sharegpt": {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
    "question": {"question": "Hi?", "answer": "Hello"},
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello"}]}]
    },
    "chat": {"messages": [{"role": "user", "content": "Hi"}, ANSWER]},
    "pair": PAIR,
    "pair of messages": {
        "input": {"messages": ASKED["messages"][:1]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [{"role": "assistant", "content": "Go away."}],
    },
    "kto": {"prompt": "Hi", "completion": "Hello", "label": True},
    "tokens": {"input_ids": [1, 2, 3], "attention_mask": [1, 1, 1]},
    "orca": {"system_prompt": "Be brief.", "question": "Hi", "response": "Hello"},
    "batch": {"custom_id": "a", "body": {"model": "m", "messages": ASKED["messages"][:1]}},
    "interactions": {"interactions": ASKED["messages"]},
    "prompt": {"prompt": "Hi"},
}


@pytest.mark.parametrize("method", ["sft", "dpo"])
@pytest.mark.parametrize("target", sorted(target_names()))
@pytest.mark.parametrize("record", OF_OTHER_TOOLS.values(), ids=OF_OTHER_TOOLS)
def test_the_advised_command_makes_what_the_target_takes(record: dict[str, Any], target: str, method: Any):
    settings = Settings(target=target, method=method)
    found = {finding.rule: finding for finding in check_record(record, settings)}
    command = re.search(r"--to ([a-z-]+)", found["unknown-format"].help) if "unknown-format" in found else None
    if command:
        converted = convert_record(record, to=command[1])
        left = {finding.rule for finding in check_record(converted, settings)}
        assert left <= ({"unknown-role"} if target == "cohere" else set())  # it has roles of its own


@pytest.mark.parametrize(
    ("target", "method", "name", "advice"),
    [
        ("together", "dpo", "alpaca", "Give each prompt two answers, or leave `--method dpo` out."),
        ("together", "dpo", "tokens", "Give each prompt two answers, or leave `--method dpo` out."),
        (
            "together",
            "dpo",
            "pair",
            "Convert it with `jsonl-lint convert FILE --to preference -o OUT`: put the prompt's",
        ),
        ("vertex", "dpo", "pair", "Give each record the keys of one format, for example `contents` and `completions`."),
        ("nebius", "sft", "pair", "The target takes no pairs of answers: keep the better one. Give each record the"),
        ("nebius", "sft", "pair of messages", "Append one of the two outputs to `input.messages` and keep these as"),
        ("together", "sft", "tokens", "Tokenised data is uploaded as Parquet."),
        ("openai", "sft", "tokens", "Give each record the keys of one format, for example `messages`."),
        ("nebius", "sft", "kto", "Keep the records whose label is true, without `label`."),
        ("groq", "sft", "alpaca", "Give each record the keys of one format, for example `custom_id` and `body`."),
        ("anthropic", "sft", "batch", "Give each record the keys of one format, for example `custom_id` and `params`."),
        ("nebius", "sft", "batch", "Batch files are for inference: keep `body.messages`, add answers."),
        ("bedrock-nova", "sft", "alpaca", "Convert it with `jsonl-lint convert FILE --to bedrock -o OUT`."),
        ("bedrock-nova", "sft", "interactions", "Give each record the keys of one format, for example `schemaVersion`"),
        ("azure", "sft", "prompt", "Give each record the keys of one format, for example `messages`."),
    ],
)
def test_the_advice_leads_to_a_format_that_the_target_takes(target: str, method: Any, name: str, advice: str):
    (finding,) = check_record(OF_OTHER_TOOLS[name], Settings(target=target, method=method))
    assert finding.rule == "unknown-format"
    assert finding.help.startswith(advice)


def test_a_record_without_keys_is_said_to_have_none():
    assert only({}).message.startswith("the record has no keys (Together AI")


@pytest.mark.parametrize(
    ("record", "target", "named"),
    [
        ({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}, "together", "`--target vertex`"),
        ({"conversations": [{"from": "human", "value": "Hi"}]}, "together", "`--target generic`"),
        ({"prompt": "Hi", "chosen": "Ho", "rejected": "No"}, "together", "`--target fireworks`"),
        ({"conversations": [{"role": "user", "content": "Hi"}]}, "generic", None),
        ({"prompt": "7 * 8?"}, "together", None),
    ],
)
def test_the_target_that_takes_a_record_as_it_is_is_named(record: dict[str, Any], target: str, named: str | None):
    (finding,) = [one for one in check_record(record, Settings(target)) if one.rule == "unknown-format"]
    told = finding.help.partition("If it is meant for another target, say so: ")[2]
    assert told == (f"{named}." if named else "")
