"""Targets are data: each is described by its schema, says where every figure comes from, and is judged by."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonl_lint import Settings, Severity, UserError, check_paths, check_record, compile_plan
from jsonl_lint.dialects import dialect_of
from jsonl_lint.model import Pointer, format_pointer
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.records.formats import BY_NAME, Format
from jsonl_lint.schemas import Shape, load_schema
from jsonl_lint.target import load_target, read_target, target_names
from jsonl_lint.validator import Validator
from tests.conftest import ROOT, Check, anything, chat, found, line_of
from tests.test_schemas import by_python, violations_of

PROMISED = {
    *("together", "openai", "azure", "fireworks", "mistral", "mistral-finetune", "nebius", "vertex", "bedrock-nova"),
    *("bedrock-llama", "bedrock-rft", "cohere", "databricks", "groq", "anthropic", "generic"),
}
NAMES = target_names()
SECTIONS = ("keys", "severities", "limits", "traits", "effects")


def places(data: dict[str, Any]) -> list[Pointer]:
    """The place of every value that needs a source."""
    single = [(key,) for key in ("status", "formats", "roles", "over_length")]
    return [*single, *((section, key) for section in SECTIONS for key in data.get(section, {}))]


def test_the_promised_targets_are_there():
    assert set(NAMES) >= PROMISED


@pytest.mark.parametrize("name", NAMES)
def test_a_target_is_what_the_schema_describes(name: str):
    assert Validator(load_schema("target")).violations(read_target(name)) == []
    assert load_target(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_every_value_has_a_source(name: str):
    data = read_target(name)
    said = {pointer for source in data["sources"] for pointer in source["for"]}
    assert {format_pointer(place) for place in places(data)} - said == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_source_is_for_something_and_dated(name: str):
    data = read_target(name)
    known = {format_pointer(place) for place in places(data)}
    for source in data["sources"]:
        assert source["for"]
        assert set(source["for"]) <= known
        assert source["date"]
        assert source["confidence"]


@pytest.mark.parametrize("name", NAMES)
def test_no_error_is_built_on_contradictions_or_hearsay(name: str):
    data = read_target(name)
    for rule, severity in data["severities"].items():
        trust = {one["confidence"] for one in data["sources"] if f"/severities/{rule}" in one["for"]}
        assert severity != "error" or trust & {"documented", "code"}, rule


@pytest.mark.parametrize("name", NAMES)
def test_rules_and_formats_that_a_target_names_exist(name: str):
    data = read_target(name)
    assert {*data["severities"], *data.get("effects", {})} - {"over-length"} <= set(all_rules())
    for kind in data.get("keys", {}):
        first, _, second = kind.partition(".")
        assert second in ("", "message", "body")
        assert first in data["formats"] if second else first in {*data["formats"], "message", "input"}


@pytest.mark.parametrize("name", NAMES)
def test_known_keys_are_enough_for_each_format(name: str):
    data = read_target(name)
    for kind, keys in data.get("keys", {}).items():
        if kind in BY_NAME:
            assert BY_NAME[kind].required <= set(keys)


def test_nothing_can_be_set_that_nobody_reads():
    code = [path.read_text(encoding="utf-8") for path in (ROOT / "jsonl_lint").rglob("*.py")]
    shapes = [path.read_text(encoding="utf-8") for path in (ROOT / "schemas").glob("*.schema.json")]
    text = "".join([*code, *(shape for shape in shapes if '"max_file_bytes"' not in shape)])
    known = load_schema("target")["properties"]
    names = [*known["limits"]["properties"], *known["traits"]["properties"]]
    derived = {name.replace("_batch_", "_").replace("part_types_by_", "{name}_by_"): name for name in names}
    assert [name for read_as, name in derived.items() if f'"{read_as}"' not in text and f'"{name}"' not in text] == []


def test_the_schema_lists_the_formats_that_there_are():
    assert load_schema("target")["$defs"]["format-name"]["enum"] == list(BY_NAME)
    assert load_schema("report")["$defs"]["file"]["properties"]["format"]["enum"] == [*BY_NAME, None]


@pytest.mark.parametrize("known", BY_NAME.values(), ids=lambda known: known.name)
def test_a_format_that_a_target_does_not_take_is_named(known: Format):
    dialect = dialect_of(known.required, weak=True)
    assert dialect is not None
    assert dialect.conversion


def test_a_weak_dialect_gives_way_to_the_file(check_bytes: Check):
    pair, half = line_of({"prompt": "Hi", "completion": "Hello"}), line_of({"prompt": "Hi", "id": 1})
    assert found(check_bytes(pair * 3 + half, ignore=("extra-key",))) == [(4, "wrong-type")]
    (finding,) = check_record({"prompt": "Hi", "id": 1})
    assert "looks like a prompt without `completion`" in finding.message


# --- a user's own target ---------------------------------------------------------------------------------------------


def own(tmp_path: Path, data: Any) -> str:
    path = tmp_path / "own.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def test_an_own_target_extends_a_shipped_one(tmp_path: Path, check_bytes: Check):
    changes = {
        "limits": {"min_records": 2, "max_records": 3, "warn_file_bytes": None},
        "severities": {"extra-key": "off"},
    }
    path = own(tmp_path, {"extends": "together", "name": "house", **changes})
    mine, base = load_target(path), load_target("together")
    assert (mine.name, mine.title, mine.roles) == ("house", base.title, base.roles)
    assert mine.limits["extensions"] == base.limits["extensions"]
    assert "warn_file_bytes" not in mine.limits
    assert found(check_bytes(line_of(chat(id=1)), target=path)) == [(1, "too-few-records")]
    assert found(check_bytes(line_of(chat()) * 4, target=path)) == [(4, "too-many-records")]


def test_a_batch_file_over_the_smaller_limit_is_not_said_to_be_refused_by_a_client(tmp_path: Path, check_bytes: Check):
    path = own(tmp_path, {"extends": "together", "limits": {"warn_batch_file_bytes": 50}})
    request = {"custom_id": "a", "body": {"model": "m", "messages": [{"role": "user", "content": "Where is Oslo?"}]}}
    report = check_bytes(line_of(request), target=path, select=("file-too-large",))
    (finding,) = report.findings
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith("the target may take no more than 50")


def test_an_own_target_extends_another_own(tmp_path: Path):
    base = tmp_path / "base.json"
    base.write_text(json.dumps({"extends": "fireworks", "name": "base", "roles": ["user", "assistant"]}))
    assert load_target(own(tmp_path, {"extends": str(base), "name": "house"})).roles == ("user", "assistant")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"extends": "together", "limits": {"min_recrds": 1}}, 'at /limits, the key "min_recrds" is not known'),
        ({"extends": "together", "limits": {"min_records": "10"}}, 'at /limits/min_records, "10" does not fit'),
        ({"extends": "together", "severities": {"extra-key": "fatal"}}, '/severities/extra-key, "fatal" does not fit'),
        ({"extends": "together", "formats": ["chad"]}, '/formats/0, "chad" does not fit'),
        ({"extends": "together", "traits": {"tool_arguments": 1}}, "/traits/tool_arguments, 1 does not fit"),
        ({"name": "x", "title": "X", "formats": ["chat"]}, 'the key "roles" is missing'),
        (
            {"extends": "together", "severities": {"extra-kye": "off"}},
            "own.json: `severities`: no rule is named 'extra-kye'; did you",
        ),
        ({"extends": "togehter"}, "did you mean together"),
        ("[]", "it is no object"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('"\\ud800"', "it is no object"),
    ],
)
def test_a_wrong_target_is_one_clear_error(tmp_path: Path, data: Any, words: str):
    path = own(tmp_path, data)
    with pytest.raises(UserError) as caught:
        compile_plan(Settings(target=path))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_target_that_extends_itself_is_one_clear_error(tmp_path: Path):
    path = own(tmp_path, {"extends": str(tmp_path / "own.json")})
    with pytest.raises(UserError, match="circle"):
        load_target(path)


# --- what each target judges -----------------------------------------------------------------------------------------

USER, ANSWER = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}
REQUEST = {"custom_id": "1", "body": {"model": "m", "messages": [USER]}}
POSTED = {**REQUEST, "method": "POST", "url": "/v1/chat/completions"}
PARAMS = {"custom_id": "1", "params": {"model": "m", "max_tokens": 9, "messages": [USER]}}
PAIR = {
    "input": {"messages": [USER]},
    "preferred_output": [ANSWER],
    "non_preferred_output": [{**ANSWER, "content": "No"}],
}
CALL = {"id": "abcdefgh1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}


RAIN = {"role": "tool", "content": "rain"}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "The weather.", "parameters": {}}}


def calling(
    call: dict[str, Any], asks: dict[str, Any] | None = None, result: Any = "rain", **more: Any
) -> dict[str, Any]:
    told = {"role": "tool", "content": result, "tool_call_id": call["id"]}
    caller = {"role": "assistant", "tool_calls": [call]}
    return {"messages": [{**USER, **(asks or {})}, caller, told, ANSWER], **more}


def without_type(tool: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tool.items() if key != "type"}


def gemini(*roles: str, **more: Any) -> dict[str, Any]:
    return {"contents": [{"role": role, "parts": [{"text": "Hi"}]} for role in roles], **more}


def bedrock(*roles: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": role, "content": [{"text": "Hi"}]} for role in roles]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": messages, **more}


def with_document(role: str) -> dict[str, Any]:
    record = bedrock("user", "assistant")
    document = {"document": {"format": "pdf", "source": {"s3Location": {"uri": "s3://bucket/a.pdf"}}}}
    record["messages"][("user", "assistant").index(role)]["content"].append(document)
    return record


def with_video(role: str) -> dict[str, Any]:
    record = bedrock("user", "assistant")
    video = {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://bucket/video.mp4"}}}}
    record["messages"][("user", "assistant").index(role)]["content"].append(video)
    return record


def turns(*speakers: str, said: str = "Hi") -> dict[str, Any]:
    return {"conversations": [{"from": speaker, "value": said} for speaker in speakers]}


REFUSAL = {"type": "refusal", "refusal": "No."}
UNTYPED_PICTURE = {"type": "image_url", "image_url": {"url": "data:;base64,iVBORw0KGgo="}}
WEB_PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}

GOOD = [
    ("together", chat(weight=2)),
    ("openai", chat(parallel_tool_calls=True)),
    (
        "openai",
        {
            "messages": [
                USER,
                {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            ],
            "functions": [{"name": "f"}],
        },
    ),
    ("azure", chat(tools=[])),
    ("fireworks", chat(weight=-1)),
    ("fireworks", {"messages": [USER, {"role": "assistant", "content": "Hello", "trainable": True}]}),
    ("mistral", chat()),
    ("mistral-finetune", {"messages": [USER, {"role": "system", "content": "Be brief."}, ANSWER]}),
    ("nebius", {"prompt": "Hi", "completion": "Hello"}),
    ("vertex", gemini("user", "model")),
    (
        "vertex",
        {"messages": [{"role": "system", "content": "x"}, USER, {"role": "model", "content": "Hello"}], "context": "x"},
    ),
    ("bedrock-nova", bedrock("user", "assistant", system=[{"text": "Be brief."}])),
    ("bedrock-nova", with_video("user")),
    ("bedrock-nova", with_document("user")),
    ("mistral-finetune", chat(system_prompt="Be brief.", only_last=True)),
    ("bedrock-llama", {"prompt": "Hi", "completion": "Hello"}),
    ("nebius", {"messages": [{"role": "user", "content": [WEB_PICTURE]}, ANSWER]}),
    ("fireworks", calling({"id": "a", "name": "weather", "args": {}}, tools=[WEATHER])),
    ("fireworks", calling(CALL, {"tools": [WEATHER]})),
    ("azure", calling(CALL, result=[{"type": "text", "text": "rain"}], tools=[WEATHER])),
    ("mistral-finetune", calling(without_type(CALL), tools=[without_type(WEATHER)])),
    ("bedrock-rft", {"id": "1", "messages": [USER], "reference_answer": {"answer": 4}}),
    ("cohere", {"messages": [{"role": "User", "content": "Hi"}, {"role": "Chatbot", "content": "Hello"}]}),
    ("databricks", {"prompt": "Hi", "response": "Hello"}),
    *((name, POSTED) for name in ("openai", "azure", "groq", "generic")),
    *((name, REQUEST) for name in ("together", "mistral", "generic")),
    *((name, PARAMS) for name in ("anthropic", "generic")),
    *((name, PAIR) for name in ("together", "openai", "azure", "fireworks", "generic")),
    ("generic", turns("system", "human", "gpt")),
    ("generic", turns("human", "function_call", "observation", "gpt", said='{"name": "f", "arguments": {}}')),
    ("generic", {"instruction": "Name it.", "input": "", "output": "Paris", "source": "x"}),
    ("generic", {"prompt": "Hi", "chosen": "Hello", "rejected": "No"}),
    ("generic", {"prompt": [USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "No"}]}),
    ("generic", {"prompt": "Hi", "completion": "Hello", "label": False}),
    ("generic", {"input_ids": [1, 2], "labels": [-100, 2]}),
    ("generic", gemini("user", "model")),
    ("generic", bedrock("user", "assistant")),
]

BAD = [
    ("together", chat(id=1), "extra-key", "warning"),
    ("together", chat(weight=-1), "invalid-sample-weight", "error"),
    ("openai", chat(weight=1), "extra-key", "warning"),
    (
        "openai",
        {"messages": [USER, {"role": "assistant", "content": "x", "reasoning": "y"}]},
        "extra-message-key",
        "warning",
    ),
    ("openai", {"messages": [USER, {"role": "assistant", "content": "x", "weight": 0}]}, "nothing-to-learn", "warning"),
    ("openai", {"messages": [USER, {**ANSWER, "refusal": ["No."]}]}, "wrong-type", "error"),
    ("openai", {"messages": [{**USER, "content": None, "refusal": "No."}, ANSWER]}, "null-content", "warning"),
    ("openai", calling(CALL, result=[{"type": "text", "text": "rain"}]), "invalid-content-part", "error"),
    ("openai", {"messages": [USER, {**ANSWER, "content": [REFUSAL, REFUSAL]}]}, "invalid-content-part", "error"),
    ("openai", {"messages": [{**USER, "content": [REFUSAL]}, ANSWER]}, "invalid-content-part", "error"),
    ("azure", {"messages": [USER, {**ANSWER, "content": [{"type": "refusal"}]}]}, "invalid-content-part", "error"),
    ("azure", {"messages": [USER, ANSWER, ANSWER]}, "consecutive-roles", "warning"),
    ("fireworks", {"messages": [USER, ANSWER, USER]}, "last-message-not-assistant", "error"),
    ("fireworks", {"messages": [USER, {"role": "system", "content": "x"}, ANSWER]}, "system-not-first", "error"),
    ("fireworks", chat(weight="1"), "invalid-sample-weight", "error"),
    ("fireworks", {"messages": [{**USER, "content": [UNTYPED_PICTURE]}, ANSWER]}, "unsupported-image-type", "error"),
    ("fireworks", calling(CALL), "tool-calls-without-tools", "warning"),
    ("mistral", calling({"id": "a", "name": "weather", "args": {}}, tools=[WEATHER]), "invalid-tool-call", "error"),
    ("mistral", calling(without_type(CALL), tools=[WEATHER]), "invalid-tool-call", "error"),
    ("mistral", calling(CALL, tools=[without_type(WEATHER)]), "invalid-tool-definition", "error"),
    (
        "mistral",
        {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}], "tools": []},
        "last-message-calls-tool",
        "warning",
    ),
    (
        "nebius",
        {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}], "tools": []},
        "last-message-calls-tool",
        "error",
    ),
    ("nebius", {"token_ids": [1, 2], "labels": [1]}, "unequal-token-lengths", "error"),
    (
        "mistral-finetune",
        {"messages": [{"role": "system", "content": "x"}] * 2 + [USER, ANSWER]},
        "several-system-messages",
        "error",
    ),
    ("mistral-finetune", {"messages": [USER, {"role": "assistant", "content": None}]}, "null-content", "error"),
    ("mistral-finetune", chat(tools=[WEATHER], available_tools=[WEATHER]), "ambiguous-format", "error"),
    ("vertex", gemini("user", "assistant"), "unknown-role", "error"),
    (
        "vertex",
        {"contents": [{"parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hi"}]}]},
        "missing-role",
        "error",
    ),
    ("vertex", {"contents": [{"role": "model", "content": "Hi"}]}, "missing-content", "error"),
    ("vertex", {"contents": [{"role": "model", "parts": "Hi"}]}, "content-wrong-type", "error"),
    ("vertex", gemini("user"), "no-assistant-message", "error"),
    ("vertex", {"systemInstruction": {"parts": []}}, "missing-messages", "error"),
    ("vertex", {**gemini("user", "model"), "references": ["4"]}, "wrong-type", "error"),
    ("vertex", {"contents": gemini("user")["contents"], "completions": [{"score": 1}]}, "wrong-type", "error"),
    ("bedrock-nova", bedrock("user", "assistant", "assistant"), "consecutive-roles", "error"),
    ("bedrock-nova", bedrock("assistant", "user", "assistant"), "assistant-first", "error"),
    ("bedrock-nova", bedrock("user", "system", "assistant"), "unknown-role", "error"),
    ("bedrock-nova", {**bedrock("user", "assistant"), "messages": [USER, ANSWER]}, "content-wrong-type", "error"),
    ("bedrock-nova", {**bedrock("user", "assistant"), "schemaVersion": "1"}, "unknown-schema-version", "warning"),
    ("bedrock-llama", {**bedrock("user", "assistant"), "schemaVersion": "1"}, "unknown-schema-version", "error"),
    ("bedrock-nova", bedrock("user", "assistant", system="Be brief."), "wrong-type", "error"),
    ("bedrock-nova", with_video("assistant"), "image-on-wrong-role", "error"),
    ("bedrock-nova", with_document("assistant"), "image-on-wrong-role", "error"),
    ("bedrock-nova", {"text": "Bot: hello"}, "reserved-string", "error"),
    ("bedrock-llama", bedrock("user", "assistant", id=1), "extra-key", "error"),
    ("bedrock-llama", bedrock("assistant"), "too-few-messages", "error"),
    ("bedrock-llama", bedrock("user", "assistant", system=[]), "wrong-type", "error"),
    ("cohere", chat(), "unknown-role", "error"),
    ("databricks", chat(id=1), "extra-key", "error"),
    ("databricks", {"messages": [ANSWER]}, "too-few-messages", "error"),
    ("databricks", {"messages": [USER, {**ANSWER, "weight": 1}]}, "extra-message-key", "error"),
    ("databricks", {"messages": [USER, ANSWER, RAIN, RAIN, ANSWER]}, "consecutive-roles", "error"),
    ("groq", chat(), "unknown-format", "error"),
    ("groq", {**POSTED, "url": "/v1/embeddings"}, "unsupported-url", "error"),
    ("openai", {**POSTED, "method": "GET"}, "missing-method", "error"),
    ("mistral", POSTED, "foreign-request-key", "warning"),
    ("together", {**REQUEST, "custom_id": "x" * 65}, "custom-id-too-long", "error"),
    ("together", {"custom_id": "1", "body": {"model": "m", "input": "Hi"}}, "invalid-body", "error"),
    ("together", {"custom_id": "1", "body": {"model": "m", "prompt": "Hi"}}, "invalid-body", "error"),
    ("anthropic", {**PARAMS, "custom_id": "a b"}, "custom-id-too-long", "error"),
    ("anthropic", {**PARAMS, "method": "POST"}, "foreign-request-key", "warning"),
    ("anthropic", {**PARAMS, "url": "/v1/messages"}, "foreign-request-key", "warning"),
    ("anthropic", {"custom_id": "1", "params": {"model": "m", "messages": [USER]}}, "invalid-body", "error"),
    ("generic", turns("human", "bing!"), "unknown-dialect-role", "error"),
    ("generic", {"conversations": [{"from": "human"}, {"value": "x", "from": "gpt"}]}, "missing-content", "error"),
    ("generic", {"conversations": [{"value": "Hi"}, {"value": "x", "from": "gpt"}]}, "missing-role", "error"),
    ("generic", {"conversations": "Hi"}, "messages-not-array", "error"),
    ("generic", {"conversations": []}, "empty-messages", "error"),
    ("generic", {"instruction": "x", "output": {"a": 1}}, "wrong-type", "error"),
    ("generic", {"instruction": "x", "output": " "}, "empty-text", "warning"),
    ("generic", {"instruction": "x", "input": "<noinput>", "output": "y"}, "placeholder-content", "warning"),
    ("generic", {"prompt": "x", "completion": "y", "label": 1}, "wrong-type", "error"),
    ("generic", {"prompt": "x", "chosen": 1, "rejected": "y"}, "wrong-type", "error"),
    ("generic", {"chosen": [{"content": "x"}], "rejected": [ANSWER]}, "missing-role", "error"),
    ("generic", {"prompt": "x", "chosen": "y", "rejected": "y "}, "identical-outputs", "warning"),
    ("fireworks", {"chosen": [USER, ANSWER], "rejected": [USER, ANSWER]}, "identical-outputs", "warning"),
    ("generic", {"prompt": "x", "chosen": ANSWER, "rejected": ANSWER}, "identical-outputs", "warning"),
    ("generic", {"prompt": "x", "chosen": " ", "rejected": "y"}, "empty-output", "warning"),
    ("generic", {"chosen": [USER, ANSWER], "rejected": [USER, {**ANSWER, "content": ""}]}, "empty-output", "warning"),
    ("generic", {"prompt": "x", "chosen": {**ANSWER, "content": " "}, "rejected": ANSWER}, "empty-output", "warning"),
    ("generic", {"chosen": "x", "rejected": {"from": "gpt", "value": ""}}, "empty-output", "warning"),
    ("generic", {"input_ids": [1, "2"]}, "invalid-token-list", "error"),
    ("generic", {"question": "x", "answer": "y"}, "unknown-format", "error"),
]


def serious(record: dict[str, Any], target: str, **options: Any) -> list[tuple[str, str]]:
    findings = check_record(record, Settings(target=target, **options))
    return [(one.rule, one.severity.value) for one in findings if one.severity is not Severity.INFO]


@pytest.mark.parametrize(("target", "record"), GOOD)
def test_what_a_target_takes_passes(target: str, record: dict[str, Any]):
    assert serious(record, target) == []


@pytest.mark.parametrize(("target", "record", "rule", "severity"), BAD)
def test_what_a_target_refuses_is_found(target: str, record: dict[str, Any], rule: str, severity: str):
    assert (rule, severity) in serious(record, target)


def test_a_weight_that_the_target_does_not_know_leaves_nothing_out():
    ignored = {"messages": [USER, {**ANSWER, "weight": 0}]}
    assert serious(ignored, "nebius") == [("extra-message-key", "warning")]
    assert serious(ignored, "mistral") == [("extra-message-key", "warning")]
    talk = bedrock("user", "assistant")
    talk["messages"][1]["weight"] = 0
    assert serious(talk, "bedrock-nova") == [("extra-message-key", "error")]
    assert serious(talk, "generic") == []


def test_at_fireworks_trainable_wins_over_the_weight():
    def answered(**more: Any) -> dict[str, Any]:
        return {"messages": [USER, {**ANSWER, **more}]}

    assert serious(answered(weight=0, trainable=True), "fireworks") == []
    assert serious(answered(weight=1, trainable=False), "fireworks") == [("nothing-to-learn", "error")]
    assert serious(answered(weight=1, trainable=False), "generic") == []


def test_with_rl_other_keys_are_the_graders():
    prompt = {"messages": [{"role": "developer", "content": "x"}, USER], "reference_answer": "y"}
    assert serious(prompt, "openai", method="rl") == []
    assert serious(prompt, "together", method="rl") == [("unknown-role", "error"), ("extra-key", "warning")]


@pytest.mark.parametrize("name", sorted(PROMISED - {"groq", "anthropic", "generic"}))
def test_what_is_too_long_is_an_error_only_where_the_record_or_the_job_is_known_to_be_lost(name: str):
    target = load_target(name)
    lost = target.over_length["behaviour"] in ("drop", "drop-message", "fail-job", "reject")
    assert target.severities.get("over-length", Severity.ERROR) is (Severity.ERROR if lost else Severity.WARNING)


@pytest.mark.parametrize("target", ["azure", "mistral", "nebius", "bedrock-rft"])
def test_that_an_answer_is_cut_off_is_no_error_where_nobody_says_that_anything_is_cut(target: str):
    assert load_target(target).over_length["behaviour"] == "unknown"
    record = {"messages": [USER, {"role": "assistant", "content": "water " * 100}]}
    settings = Settings(target=target, model="gpt-4o", max_tokens=60)
    found = [finding.severity for finding in check_record(record, settings) if finding.rule == "answer-truncated"]
    assert found == ([] if target == "bedrock-rft" else [Severity.WARNING])


def test_the_effect_is_in_the_finding():
    (finding,) = check_record({"text": "User: hello"}, Settings(target="bedrock-nova"))
    assert finding.effect == "The job fails."


@pytest.mark.parametrize(
    ("record", "rule", "words"),
    [
        ({"messages": [USER, RAIN, ANSWER], "tools": [WEATHER]}, "unmatched-tool-result", "The server checks"),
        ({"messages": [ANSWER, USER, ANSWER]}, "assistant-first", "The client passes it"),
        (b'{"text": "a", "text": "b"}', "duplicate-key", "the last one counts"),
        (b"{'text': 'a'}", "single-quoted-json", "The client refuses the file"),
    ],
)
def test_at_together_the_effect_says_what_client_and_server_do(record: Any, rule: str, words: str):
    (finding,) = [one for one in check_record(record) if one.rule == rule]
    assert words in (finding.effect or "")


@pytest.mark.parametrize(
    ("target", "words"),
    [("databricks", "UnknownExampleTypeError"), ("bedrock-nova", "not JSONL"), ("mistral-finetune", "`content`")],
)
def test_the_effect_of_an_unknown_format_is_that_of_the_target(target: str, words: str):
    (finding,) = check_record({"who": "knows"}, Settings(target=target))
    assert (finding.rule, words in (finding.effect or "")) == ("unknown-format", True)


def test_tools_at_nova_are_a_warning_since_its_sources_disagree():
    (finding,) = check_record(bedrock("user", "assistant", toolConfig={"tools": []}), Settings(target="bedrock-nova"))
    assert (finding.rule, finding.pointer, finding.severity) == ("extra-key", "/toolConfig", Severity.WARNING)
    assert "may fail the job" in (finding.effect or "")


def test_of_a_known_format_without_pairs_no_error_is_quoted_that_is_about_unknown_ones():
    settings = Settings(method="dpo")
    for record in ({"text": "Once upon a time."}, {"prompt": "Capital of Malta?", "completion": "Valletta."}):
        (finding,) = check_record(record, settings)
        assert finding.rule == "unknown-format"
        assert finding.effect is not None
        assert "what a DPO job does with records that are no pairs is not documented" in finding.effect
        assert check_record(record) == []
    (finding,) = check_record({"who": "knows"})
    assert (finding.effect or "").startswith("The file is set to INVALID_FORMAT")


def test_message_and_effect_agree_on_what_becomes_of_a_record_that_is_too_long():
    record = {"messages": [{"role": "User", "content": "water " * 20}, {"role": "Chatbot", "content": "More?"}]}
    (finding,) = check_record(record, Settings(target="cohere", max_tokens=20, select=("over-length",)))
    assert "drops a message that is too long by itself, and keeps the rest of the record" in finding.message
    assert "leaves the record out" not in finding.message
    assert finding.effect == "A message of more than 16,384 tokens is dropped, and the rest of the record is kept."


def test_what_becomes_of_training_data_is_not_said_of_requests():
    def effects(record: dict[str, Any], **settings: Any) -> dict[str, str | None]:
        return {finding.rule: finding.effect for finding in check_record(record, Settings(**settings))}

    stray = {"role": "human", "content": "Hello"}
    assert effects({"messages": [stray, ANSWER]})["unknown-role"] is not None
    request = {"custom_id": "1", "body": {"model": "m", "messages": [stray]}, "method": "POST"}
    assert effects(request)["unknown-role"] is None
    assert effects({"body": request["body"]})["missing-custom-id"] == "The whole batch fails while it is validated."
    long = {**request, "url": "/v1/chat/completions", "body": {"model": "gpt-4.1-mini", "messages": [USER]}}
    assert effects(long, target="openai", max_tokens=3)["over-length"] is None


def test_a_target_that_is_closing_says_so_once(tmp_path: Path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat()) * 10)
    report = check_paths([path], Settings(target="openai"))
    assert report.ok
    assert "closing (2027-01-06)" in report.run["run"]["notice"]
    assert check_paths([path], Settings(target="together")).run["run"]["notice"] is None


def test_a_model_whose_limit_is_not_known_is_said_once_to_be_unmeasured(tmp_path: Path):
    def notice(**settings):
        return check_paths([path], Settings(**settings)).run["run"]["notice"]

    path = tmp_path / "data.jsonl"
    path.write_bytes(line_of(chat()) * 10)
    words = "no sft limit of Qwen/Qwen3.8-27B is known, so no length is checked: give --max-tokens"
    assert notice(model="Qwen/Qwen3.8-27B") == words
    assert notice(model="Qwen/Qwen3.8-27B", max_tokens=100) is None
    assert notice(model="Qwen/Qwen3.5-9B") is None
    assert notice(model="gpt-4o", target="azure", method="dpo") == words.replace(
        "sft limit of Qwen/Qwen3.8-27B", "dpo limit of gpt-4o-2024-08-06"
    )
    assert notice(model="acme/unknown") is None  # `unknown-model` says it


# --- schemas of other formats ----------------------------------------------------------------------------------------

EXAMPLES = [(name, example) for name in BY_NAME for example in load_schema(name)["examples"]]


@st.composite
def nearly_valid(draw: st.DrawFn) -> tuple[str, Any]:
    """A record of some format in which one value or key is another, or gone."""
    name, example = draw(st.sampled_from(EXAMPLES))
    record = copy.deepcopy(example)
    containers = [record]
    for container in containers:
        values = container.values() if isinstance(container, dict) else container
        containers += [value for value in values if isinstance(value, (dict, list)) and value]
    container = draw(st.sampled_from(containers))
    key = draw(st.sampled_from(list(container) if isinstance(container, dict) else range(len(container))))
    if draw(st.booleans()):
        container[key] = draw(anything)
    else:
        del container[key]
    if isinstance(container, dict) and draw(st.integers(0, 3)) == 0:
        container["another"] = draw(anything)
    return name, record


ENGINES = {
    name: (Shape(load_schema(name)), Validator(load_schema(name)), by_python(load_schema(name))) for name in BY_NAME
}


@given(case=nearly_valid())
@settings(max_examples=300)
def test_all_engines_judge_other_formats_alike(case: tuple[str, Any]):
    name, record = case
    shape, rust, python = ENGINES[name]
    assert violations_of(shape, record) == violations_of(rust, record) == violations_of(python, record)


@given(case=nearly_valid(), target=st.sampled_from(NAMES), method=st.sampled_from(["sft", "dpo", "rl"]))
@settings(max_examples=300)
def test_no_record_disturbs_any_target(case: tuple[str, Any], target: str, method: str):
    for finding in check_record(case[1], Settings(target=target, method=method)):
        assert finding.message


# --- the verb --------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    from click.testing import CliRunner

    from jsonl_lint.cli.commands import cli

    return CliRunner().invoke(cli, ["targets", *arguments])


def test_the_list_of_targets():
    lines = run().output.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert any(line.startswith("openai") and "closing (2027-01-06)" in line for line in lines)
    assert [data["name"] for data in json.loads(run("--output-format", "json").output)] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_target_is_shown_with_its_sources(name: str):
    data = read_target(name)
    assert json.loads(run(name, "--output-format", "json").output) == data
    page = run(name).output
    for source in data["sources"]:
        assert source["source"] in page
    for key in data.get("limits", {}):
        assert f"  {key}: " in page


def test_an_own_target_is_shown(tmp_path: Path):
    path = own(tmp_path, {"extends": "groq", "name": "house", "limits": {"max_batch_records": 7}})
    assert "max_batch_records: 7" in run(path).output


def test_an_unknown_target_is_an_error():
    assert isinstance(run("togehter").exception, UserError)


def test_the_readme_names_each_target():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"[{name}](docs/targets/{name}.md)" in readme
