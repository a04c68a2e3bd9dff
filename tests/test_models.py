"""The model registry, the verb that shows it, and what the rules about models say."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jsonl_lint import (
    Settings,
    Severity,
    UserError,
    check_file,
    check_record,
    check_records,
    compile_plan,
    count_tokens,
)
from jsonl_lint.cli import run as run_command
from jsonl_lint.records.formats import PREFERENCE_OUTPUTS
from jsonl_lint.records.structure import signature
from jsonl_lint.schemas import Shape, load_schema
from jsonl_lint.target import load_target
from jsonl_lint.tokens import modelfile
from jsonl_lint.tokens.importing import import_models
from jsonl_lint.tokens.limits import ENDLESS, MOST_NAMES, Limits
from jsonl_lint.tokens.modelfile import load_registry, shipped_registry
from jsonl_lint.tokens.models import STAND_IN
from jsonl_lint.tokens.ruler import Ruler
from jsonl_lint.tokens.templates import TEMPLATES
from jsonl_lint.tokens.vocabulary import VOCABULARIES
from tests.conftest import takes_linear_time

LLAMA = "meta-llama/Llama-3.3-70B-Instruct-Reference"
SERVED = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
REGISTRY = shipped_registry()


def chat(*texts, **more):
    roles = ("user", "assistant")
    messages = [{"role": roles[index % 2], "content": text} for index, text in enumerate(texts)]
    return {"messages": messages, **more}


def request(model, **more):
    return {"custom_id": "1", "body": {"model": model, "messages": [{"role": "user", "content": "hello"}], **more}}


def found(record, *rules, **settings):
    return [finding for finding in check_record(record, Settings(**settings)) if finding.rule in rules]


def test_the_shipped_registry_is_what_its_schema_says_and_names_its_sources():
    with open(modelfile._SHIPPED, "rb") as file:
        data = json.load(file)
    assert Shape(load_schema("models")).violations(data) == []
    assert len({row["id"] for row in data["models"]}) == len(data["models"])
    for model in REGISTRY.models.values():
        assert model.source
        assert model.date[:4].isdigit()
        assert model.tokenizer in VOCABULARIES
        assert model.template in TEMPLATES
        for removal in model.removed:
            assert removal.successor is None or REGISTRY.models[removal.successor].tunable


@pytest.mark.parametrize(
    ("name", "tokenizer", "template"),
    [
        ("gpt-4o-mini", "o200k_base", "openai"),
        ("ft:gpt-4o-mini-2024-07-18:acme::abc", "o200k_base", "openai"),
        ("gpt-3.5-turbo", "cl100k_base", "openai"),
        (LLAMA, "llama3", "llama3.1"),
        ("meta-llama/Meta-Llama-3-8B-Instruct", "llama3", "llama3"),
        ("Qwen/Qwen3-8B", "qwen3", "qwen3"),
        ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5", "qwen2.5"),
        ("Qwen/Qwen3.5-9B", "qwen3.5", "qwen3.5"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "llama3", "deepseek_r1"),
        ("openai/gpt-oss-20b", "o200k_harmony", "harmony"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mistral_v1", "mistral_v1"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3", "qwen3-instruct"),
        ("davinci-002", "cl100k_base", "plain"),
    ],
)
def test_a_model_is_counted_as_its_family(name, tokenizer, template):
    model = REGISTRY.find(name)
    assert model is not None
    assert (model.tokenizer, model.template) == (tokenizer, template)


@pytest.mark.parametrize(
    ("name", "tokenizer", "template"),
    [
        ("meta.llama3-1-8b-instruct-v1:0", "llama3", "llama3.1"),
        ("us.meta.llama3-3-70b-instruct-v1:0", "llama3", "llama3.1"),
        ("meta_llama_v3_1_8b_instruct", "llama3", "llama3.1"),
        ("llama-v3p2-3b-instruct", "llama3", "llama3.1"),
        ("meta.llama3-8b-instruct-v1:0", "llama3", "llama3"),
        ("meta-llama/Llama-3-8b-chat-hf", "llama3", "llama3"),
        ("gpt-35-turbo", "cl100k_base", "openai"),
        ("ft:gpt-4-0613:acme::abc", "cl100k_base", "openai"),
        ("Qwen/Qwen3-4B-Instruct-2507", "qwen3", "qwen3-instruct"),
        ("qwen.qwen3-32b-v1:0", "qwen3", "qwen3"),
    ],
)
def test_a_model_without_a_row_is_counted_as_its_family_however_it_is_spelled(name, tokenizer, template):
    assert REGISTRY.counted_as(name) == (tokenizer, template, "")


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4.1",
        "gpt-5-mini",
        "ft:o3-mini:acme::abc",
        "Qwen/Qwen2-7B-Instruct",
        "Qwen/Qwen2.5-VL-72B-Instruct",
        "Qwen/Qwen2.5-7B",
        "Qwen/Qwen3-VL-8B-Instruct",
        "Qwen/Qwen3-4B-Thinking-2507",
        "Qwen/QwQ-32B",
        "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B",
        "nvidia/Llama-3_3-Nemotron-Super-49B-v1_5",
        "allenai/Llama-3.1-Tulu-3-8B",
        "./Qwen3-8B",
    ],
)
def test_what_only_resembles_a_family_is_not_counted_exactly(name):
    assert count_tokens(chat("Why is the sky blue?", "It scatters light."), model=name).how == "approximately"


def test_a_family_that_names_its_owner_is_counted_as_it_says(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"version": 1, "families": [{"pattern": "^acme/", "tokenizer": "llama3", "template": "llama3"}]}')
    assert load_registry(str(path)).counted_as("acme/Qwen3-8B") == ("llama3", "llama3", "")


def test_a_users_registry_is_laid_over_the_shipped_one(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "sources": [{"name": "mine", "source": "our own run", "date": "2026-11-20"}],
                "families": [{"pattern": "^acme/", "tokenizer": "llama3", "template": "llama3"}],
                "models": [
                    {"id": LLAMA, "provider": "together", "sft_limit": 77, "source": "mine"},
                    {"id": "acme/own", "provider": "together", "sft_limit": 5},
                ],
            }
        )
    )
    model = load_registry(str(path)).find(LLAMA)
    assert (model.sft_limit, model.dpo_limit, model.source) == (77, 12288, "our own run")
    assert (
        "takes 77 (sft limit, our own run, 2026-11-20)"
        in found(chat("water " * 80, "yes"), "over-length", model=LLAMA, models=str(path))[0].message
    )
    assert found(chat("a b c d e f", "yes"), "over-length", model="acme/own", models=str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a model registry"),
        ("{}", "`version`"),
        ('{"version": 1, "models": [{"id": "a"}]}', "`provider`"),
        ('{"version": 1, "models": [{"id": "a", "provider": "b", "sft_limit": 0}]}', "/models/0/sft_limit"),
        ('{"version": 1, "models": [{"id": "a", "provider": "b", "source": "c"}]}', "no source is named 'c'"),
        ('{"version": 1, "models": [{"id": "a", "provider": "b", "template": "c"}]}', "no template is named 'c'"),
        ('{"version": 1, "models": [{"id": "a", "provider": "b", "tokenizer": "c"}]}', "no tokenizer is named 'c'"),
        ('{"version": 1, "families": [{"pattern": "(", "tokenizer": "c", "template": "d"}]}', "regular expression"),
    ],
)
def test_a_broken_registry_gives_one_clear_message(content, message, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        load_registry(str(path))
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"model_name": "a/b", "max_seq_length_sft": 10, "max_seq_length_dpo": 5, "supports_tools": True},
            {"id": "a/b", "sft_limit": 10, "dpo_limit": 5, "capabilities": {"tools": True}},
        ),
        ([{"id": "a/b", "context_length": 99}], {"id": "a/b", "window": 99, "window_source": "imported"}),
        ({"object": "list", "data": [{"id": "gpt-x"}]}, {"id": "gpt-x"}),
        ([{"model": "a", "limits": {"max_seq_length": 7}}, 3], {"id": "a", "sft_limit": 7}),
    ],
)
def test_a_providers_answer_becomes_a_registry(answer, expected, tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer))
    made = import_models(str(path))
    assert made["models"] == [{"provider": "together", "source": "imported", **expected}]
    assert Shape(load_schema("models")).violations(made) == []
    own = tmp_path / "own.json"
    own.write_text(json.dumps(made))
    assert load_registry(str(own)).find(expected["id"]) is not None


def test_an_answer_is_the_source_of_what_it_says_alone(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps([{"id": LLAMA, "context_length": 99}, {"id": SERVED, "max_seq_length_sft": 7}]))
    own = tmp_path / "own.json"
    own.write_text(json.dumps(import_models(str(path))))
    listed, limited = (load_registry(str(own)).find(name) for name in (LLAMA, SERVED))
    assert (listed.sft_limit, listed.source) == (24576, REGISTRY.find(LLAMA).source)
    assert (listed.window, "answer.json" in listed.window_source) == (99, True)
    assert (limited.sft_limit, "answer.json" in limited.source) == (7, True)


def test_an_answer_is_its_providers_whose_models_are_known(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"object": "list", "data": [{"id": "gpt-4.1-2025-04-14"}, {"id": "gpt-x"}]}))
    assert {row["provider"] for row in import_models(str(path))["models"]} == {"openai"}
    assert {row["provider"] for row in import_models(str(path), "together")["models"]} == {"together"}
    path.write_text(json.dumps([{"id": "gpt-4.1-2025-04-14"}, {"id": LLAMA}]))
    with pytest.raises(UserError, match=r"models of openai and together; --provider says whose"):
        import_models(str(path))


@pytest.mark.parametrize("content", ["", "3", "[]", '{"error": "no"}', "[" * 100_000])
def test_an_answer_without_models_is_told(content, tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"answer\.json: "):
        import_models(str(path))


@pytest.mark.parametrize(
    ("base", "chat_model"),
    [
        ("meta-llama/Meta-Llama-3.1-8B-131k-Reference", "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"),
        ("meta-llama/Llama-3.2-3B", "meta-llama/Llama-3.2-3B-Instruct"),
        ("Qwen/Qwen3.5-35B-A3B-Base", "Qwen/Qwen3.5-35B-A3B"),
        ("google/gemma-3-270m", "google/gemma-3-270m-it"),
        ("mistralai/Mistral-7B-v0.1", "mistralai/Mistral-7B-Instruct-v0.2"),
    ],
)
def test_whether_a_base_model_has_the_template_of_its_chat_model_is_not_known(base: str, chat_model: str):
    counted = count_tokens(chat("Hi", "Ho"), model=base)
    assert (counted.how, "a base model" in counted.why) == ("approximately", True)
    assert count_tokens(chat("Hi", "Ho"), model=chat_model).how == "exact"


def test_preference_data_whose_question_fills_the_limit_teaches_nothing():
    def places(record: dict[str, Any], limit: int) -> list[str]:
        settings = Settings("generic", max_tokens=limit, select=("answer-truncated",))
        return [finding.pointer for finding in check_record(record, settings)]

    long, said = "water " * 100, {"role": "assistant", "content": "yes"}
    for question in (long, [{"role": "user", "content": long}]):
        answers = {"chosen": "yes", "rejected": "no"} if question == long else {"chosen": [said], "rejected": [said]}
        assert places({"prompt": question, **answers}, 60) == ["/chosen"]
        assert places({"prompt": question, "completion": answers["chosen"], "label": False}, 60) == ["/completion"]
    assert places({"prompt": "Hi", "chosen": long, "rejected": "no"}, 60) == []
    assert places({"prompt": "Hi", "completion": long, "label": True}, 60) == []
    assert places({"chosen": [{"role": "user", "content": long}, said], "rejected": [said]}, 60) == []
    assert places({"system": "Be brief.", "prompt": long, "chosen": "yes", "rejected": "no"}, 112) == ["/chosen"]


def run(capsys, *args):
    code = run_command(list(args))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_verb_shows_lists_and_imports(capsys, tmp_path):
    code, out, _ = run(capsys, "models", LLAMA)
    assert code == 0
    assert "24,576 tokens (SFT), 12,288 (DPO)" in out
    assert "docs.together.ai" in out
    code, out, _ = run(capsys, "models", "Qwen/Qwen3-8B")
    assert "from fine-tuning on 2026-07-29, use Qwen/Qwen3.5-9B" in out
    code, out, _ = run(capsys, "models", "--can", "vision", "--provider", "openai")
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["gpt-4o-2024-08-06"]
    code, out, _ = run(capsys, "models", "--output-format", "json")
    assert LLAMA in {row["id"] for row in json.loads(out)}
    assert json.loads(run(capsys, "models", LLAMA, "--output-format", "json")[1])["sft_limit"] == 24576
    assert run(capsys, "models", "--provider", "openai", "--can", "full_tuning")[1] == "no model\n"
    code, out, err = run(capsys, "models", "--provider", "nobody")
    assert (code, out) == (2, "")
    assert err.startswith("jsonl-lint: no provider is named 'nobody'; there are: together, openai")
    answer = tmp_path / "answer.json"
    answer.write_text('{"model_name": "a/b", "max_seq_length_sft": 10}')
    assert json.loads(run(capsys, "models", "import", str(answer), "--provider", "me")[1])["providers"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["llama-3.3-70b-instruct"], f"did you mean {LLAMA}"),
        (["zzz"], "lists what is known"),
        (["import"], "name the file"),
        (["import", "missing.json"], "cannot read the models"),
        (["a", "b"], "name one model"),
        ([LLAMA, "--provider", "openai"], "only a list is narrowed or widened, so there is no --provider"),
        ([LLAMA, "--can", "dpo"], "so there is no --can"),
        ([LLAMA, "--removed"], "so there is no --removed"),
        (["import", "answer.json", "--can", "dpo"], "`models import` shows no models, so there is no --can"),
        (["import", "answer.json", "--models", "own.json"], "so there is no --models"),
    ],
)
def test_the_verb_complains_in_one_line(args, message, capsys):
    code, out, err = run(capsys, "models", *args)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("gpt4o-mini", ["gpt-4o-mini"]),
        ("gpt-4.2-mini", ["gpt-4.1-mini", "gpt-4o-mini"]),
        ("llama-3.1-8b", ["meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"]),
        ("meta-llama/Llama-3.1-8B-Instruct", ["meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"]),
        ("qwen3.5-9b", ["Qwen/Qwen3.5-9B"]),
        ("Qwen/Qwen3.5-9B-Instruct", ["Qwen/Qwen3.5-9B"]),
        ("qwen/qwen3-8b", ["Qwen/Qwen3-8B"]),
        ("Llama-3.3-70B", [LLAMA, "meta-llama/Llama-3.3-70B-Instruct-Turbo"]),
        ("zai-org/GLM-4.8", ["zai-org/GLM-4.7", "zai-org/GLM-4.6"]),
        ("gemma-3-27b-chat", ["google/gemma-3-27b-it", "google/gemma-3-27b-pt", "google/gemma-3-27b-it-VLM"]),
        ("Mixtral-8x7B-chat", ["mistralai/Mixtral-8x7B-Instruct-v0.1"]),
        ("nothing-like-it", []),
    ],
)
def test_near_names_are_aliases_too_and_first_those_of_models_that_are_offered(name, near):
    assert REGISTRY.near(name) == near


def test_a_run_names_its_model_once_a_file(tmp_path, capsys):
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(chat(f"question {index}", "answer")) + "\n" for index in range(5)))

    def rules(*args):
        code, out, err = run(capsys, "check", str(path), "--output-format", "json", *args)
        assert err == ""
        report = json.loads(out)
        return code, [(finding["rule"], finding["severity"]) for finding in report["findings"]], report["run"]

    assert rules("--model", "Qwen/Qwen3-8B")[:2] == (1, [("removed-model", "error")])
    assert rules("--model", "nobody/nothing")[:2] == (1, [("unknown-model", "error")])
    assert rules("--model", "nobody/nothing", "--max-tokens", "500")[:2] == (0, [("unknown-model", "warning")])
    assert rules("--model", "moonshotai/Kimi-K3")[:2] == (0, [("unknown-model", "warning")])
    code, findings, entry = rules("--model", LLAMA)
    assert (code, findings) == (0, [])
    assert (entry["model"], entry["max_tokens"], entry["tokenizer"]) == (LLAMA, 24576, "llama3")
    assert rules("--model", LLAMA, "--method", "dpo")[2]["max_tokens"] == 12288
    assert rules("--model", LLAMA, "--max-tokens", "9", "--tokenizer", "qwen3")[2]["tokenizer"] == "qwen3"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--max-tokens", "0"], "must be at least 1"),
        (["--max-tokens", "-5"], "must be at least 1"),
        (["--tokenizer", "o200k"], "did you mean o200k_base?"),
        (["--tokenizer", "missing.json"], "cannot read the tokenizer"),
        (["--models", "missing.json"], "cannot read the models"),
    ],
)
def test_wrong_options_are_told_in_one_line(args, message, capsys):
    code, out, err = run(capsys, "check", "fixtures/sample.jsonl", *args)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("target", ["together", "generic"])
def test_a_system_prompt_beside_a_chat_is_measured(target):
    long = {"system": "water " * 300, **chat("a", "b")}
    assert found(long, "over-length", model=LLAMA, max_tokens=100, target=target)


def test_an_overlong_record_is_explained():
    long = chat("water " * 30_000, "yes")
    (finding,) = found(long, "over-length", model=LLAMA)
    assert finding.severity is Severity.WARNING
    for part in (
        "30,0",
        "exact: vocabulary llama3, template llama3.1",
        "24,576",
        "docs.together.ai/docs/fine-tuning/supported-models, 2026-08",
        "cuts the end off",
        "takes 32,768",
    ):
        assert part in finding.message
    assert found(long, "answer-truncated", model=LLAMA)[0].pointer == "/messages/1"
    assert not found(chat("water", "yes"), "over-length", model=LLAMA)
    (short,) = found(chat("a " * 50, "b"), "over-length", max_tokens=20)
    assert short.message.startswith("approximately 6")
    assert " takes " not in short.message


def test_exactly_the_limit_fits():
    record = chat("water " * 40, "yes")
    tokens = Ruler(Limits(load_target("together"), "sft", LLAMA)).count(record).tokens
    assert not found(record, "over-length", model=LLAMA, max_tokens=tokens)
    assert found(record, "over-length", model=LLAMA, max_tokens=tokens - 1)


def test_the_cheap_path_never_hides_an_overlong_record():
    records = [chat("wa" * size, "yes\u0301" * (size % 7)) for size in range(1, 120)]
    for model in (LLAMA, "Qwen/Qwen3-8B", "gpt-4o-mini"):
        settings = Settings(model=model, max_tokens=60)
        ruler = Ruler(Limits(load_target("together"), "sft", model, 60))
        lines = {finding.line for finding in check_records(records, settings) if finding.rule == "over-length"}
        assert lines == {number for number, record in enumerate(records, 1) if ruler.count(record).tokens > 60}


def test_a_request_whose_bytes_settle_it_is_not_over():
    tool = {"type": "function", "function": {"name": "f", "parameters": {"enum": [10**20] * 5}}}
    settled = over = 0
    for model in ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "Qwen/Qwen3-8B", "gpt-4o-mini", "nobody/knows"):
        ruler = Ruler(Limits(load_target("together"), "sft", None, 2000))
        for size in range(1, 800, 17):
            record = request(model, max_tokens=size, tools=[tool] * (size % 4))
            record["body"]["messages"] += [{"role": "assistant", "content": "wa" * size}] * (size % 3)
            if ruler.request_settles(json.dumps(record).encode(), record):
                settled += 1
                assert ruler.overrun(record, "batch") is None
            over += ruler.overrun(record, "batch") is not None
    assert settled > 20
    assert over > 5


def test_the_bytes_of_a_request_with_images_settle_nothing():
    plan = compile_plan()
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    for parts, settled in (([{"type": "text", "text": "hello"}], True), ([image], False)):
        record = request("gpt-4o-mini")
        record["body"]["messages"] = [{"role": "user", "content": parts}]
        assert plan.verdict(signature(record), record, "batch").tools is settled


def test_counted_or_not_the_same_records_are_over():
    ruler = Ruler(Limits(load_target("together"), "sft", LLAMA, 60))
    for size in range(1, 150, 3):
        record = chat("water " * size, "yes")
        exact, quick = (ruler.overrun(record, "chat", counted=counted) for counted in (True, False))
        assert (exact is None) == (quick is None)
    assert quick is not None
    assert str(quick.length) == "at least 61 tokens"


def test_answers_that_are_cut():
    def cut(record, limit, **more):
        return [finding.pointer for finding in found(record, "answer-truncated", model=LLAMA, max_tokens=limit, **more)]

    assert cut(chat("water " * 100, "yes"), 60) == ["/messages/1"]
    assert cut(chat("why?", "water " * 100), 60) == ["/messages/1"]
    assert cut(chat("why?", "yes", "water " * 100, "no"), 60) == []
    assert cut({"prompt": "water " * 100, "completion": "yes"}, 60) == ["/completion"]
    assert cut({"text": "water " * 100}, 60) == []
    assert cut({"prompt": "water " * 100, "response": "yes"}, 60, target="databricks") == ["/response"]


def test_the_only_trained_answer_is_not_cut_off_if_it_ends_before_the_limit():
    def cut(record):
        more = {"model": "deepseek-ai/DeepSeek-V3.1", "max_tokens": 60}
        return [finding.message for finding in found(record, "answer-truncated", **more)]

    record = chat("why?", "so", "water " * 100, "no")
    record["messages"][1]["weight"], record["messages"][3]["weight"] = 1, 0
    assert cut(record) == []
    record["messages"].append({"role": "system", "content": "be brief"})  # the template puts it in front
    assert cut(record) == []
    record["messages"][1]["content"] = "water " * 100
    assert cut(record) == ["the only trained answer is cut off after about 54 tokens, at the limit of 60"]


def test_an_answer_begins_after_all_messages_of_its_prompt():
    prompt = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "water " * 100}]
    record = {"prompt": prompt, "completion": [{"role": "assistant", "content": "yes"}]}
    (finding,) = found(record, "answer-truncated", model=LLAMA, max_tokens=60, target="generic")
    assert (finding.pointer, "so nothing is learned" in finding.message) == ("/completion", True)


def test_the_last_answer_is_the_only_one_of_a_model_that_reasons():
    def cut(record, model, target="together"):
        more = {"model": model, "max_tokens": 60, "target": target}
        return [finding.pointer for finding in found(record, "answer-truncated", **more)]

    plain = chat("why?", "yes", "and?", "water " * 100)
    thought = copy.deepcopy(plain)
    thought["messages"][1]["reasoning"] = "Because."
    assert cut(plain, LLAMA) == []
    assert cut(plain, "Qwen/Qwen3.5-9B") == cut(thought, LLAMA) == ["/messages/3"]
    assert cut(plain, "gpt-4.1", "openai") == []


def test_a_pair_teaches_nothing_if_its_question_fills_the_limit():
    def cut(question, answer, keys=PREFERENCE_OUTPUTS):
        outputs = {key: [{"role": "assistant", "content": answer}] for key in keys}
        pair = {"input": {"messages": [{"role": "user", "content": question}]}, **outputs}
        more = {"model": LLAMA, "max_tokens": 60, "method": "dpo"}
        return [finding.pointer for finding in found(pair, "answer-truncated", **more)]

    assert cut("water " * 100, "yes") == ["/preferred_output"]
    assert cut("water " * 100, "yes", ["non_preferred_output"]) == ["/non_preferred_output"]
    assert cut("water " * 100, "yes", []) == []
    assert cut("why?", "water " * 100) == []


def test_only_the_limit_is_exact_where_a_count_is_not():
    (exact,) = found(chat("water " * 100, "yes"), "answer-truncated", model=LLAMA, max_tokens=60)
    (nearly,) = found(chat("water " * 100, "yes"), "answer-truncated", max_tokens=60)
    assert "after the limit of 60 tokens, so" in exact.message
    assert "after approximately 108 tokens, past the limit of 60, so" in nearly.message


def test_requests_keep_room_for_the_answer():
    model = "openai/gpt-oss-120b"
    assert not found(request(model, max_tokens=1000), "over-length")
    (finding,) = found(request(model, max_tokens=131_072), "over-length")
    assert "131,072 of them for the answer" in finding.message
    assert found(request(model, max_tokens=131_072.0), "over-length") == [finding]
    assert not found(request(model, max_tokens=131_072.5), "over-length")
    assert "the request fails" in finding.message
    for endless in (10**4000, 1e300):
        (finding,) = found(request(model, max_tokens=endless), "over-length")
        assert "more than 1,000,000,000,000 of them for the answer" in finding.message
    behaviour = {"context_length_exceeded_behavior": "truncate"}
    assert "is cut" in found(request(model, max_tokens=131_072, **behaviour), "over-length")[0].message
    body = {"model": model, "input": "Hi", "truncation": "auto", "max_output_tokens": 131_072}
    asked = {"custom_id": "1", "body": body}
    assert "left out, as the request asks" in found(asked, "over-length")[0].message
    assert not found(request("nobody/nothing", max_tokens=10**9), "over-length")
    assert found(request("nobody/nothing"), "over-length", max_tokens=5)


def test_requests_name_their_models():
    (finding,) = found(request("openai/gpt-oss-12b"), "unknown-model")
    assert (finding.pointer, finding.severity) == ("/body/model", Severity.WARNING)
    assert "openai/gpt-oss-120b" in finding.message
    assert found(request("zai-org/GLM-5.1"), "removed-model")[0].pointer == "/body/model"
    assert not found(request("openai/whisper-large-v3"), "unknown-model")
    assert not found(request("gpt-4o-mni"), "unknown-model", target="openai")
    assert found(request(LLAMA), "unknown-model")[0].message.endswith("nearest of these: " + SERVED)
    for odd in (None, 3, "", ["x"]):
        assert not found(request(odd), "unknown-model", "removed-model")
    many = (request(f"openai/gpt-oss-{number}bb") for number in range(2500))
    assert sum(finding.rule == "unknown-model" for finding in check_records(many)) == 2500


def test_where_a_long_conversation_has_to_begin_is_found_in_linear_time():
    def measure(turns: int) -> None:
        assert found(chat(*["a", "b"] * turns), "over-length", max_tokens=100)

    assert takes_linear_time(measure, 1_500)


def test_what_a_model_cannot_do():
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    pair = {
        "input": {"messages": [{"role": "user", "content": "Why?"}]},
        "preferred_output": [{"role": "assistant", "content": "So."}],
        "non_preferred_output": [{"role": "assistant", "content": "No."}],
    }
    assert found(pair, "model-lacks-capability", model="gpt-4o-mini")[0].pointer == "/preferred_output"
    half = {key: value for key, value in pair.items() if key != "preferred_output"}
    assert found(half, "model-lacks-capability", model="gpt-4o-mini")[0].pointer == "/non_preferred_output"
    assert not found(pair, "model-lacks-capability", model="gpt-4.1")
    assert not found(chat("a", "b", tools=tools), "model-lacks-capability", model=LLAMA)
    thinking = chat("a", "b")
    thinking["messages"][1]["reasoning"] = "hm"
    assert found(thinking, "model-lacks-capability", model=LLAMA)[0].pointer == "/messages/1/reasoning"


def test_a_model_may_do_elsewhere_what_its_provider_does_not_let_it():
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    seeing = chat([picture], "A cat.")
    pair = {
        "input": {"messages": [{"role": "user", "content": "Why?"}]},
        "preferred_output": [{"role": "assistant", "content": "So."}],
        "non_preferred_output": [{"role": "assistant", "content": "No."}],
    }
    for record, method, model in ((seeing, "sft", "gpt-4.1-2025-04-14"), (pair, "dpo", "gpt-4o-2024-08-06")):
        assert found(record, "model-lacks-capability", target="openai", method=method, model=model)
        assert not found(record, "model-lacks-capability", target="azure", method=method, model=model)
    assert found(seeing, "model-lacks-capability", target="azure", model="gpt-4.1-mini")


def test_reasoning_models_are_trained_on_the_last_answer_alone():
    talk = chat("Why?", "So.", "And then?", "That.")
    (finding,) = found(talk, "untrained-earlier-turns", model="zai-org/GLM-5.1")
    assert (finding.pointer, finding.severity) == ("/messages/1", Severity.INFO)
    assert not found(talk, "untrained-earlier-turns", model=LLAMA)
    assert not found(talk, "untrained-earlier-turns")
    assert not found(chat("Why?", "So."), "untrained-earlier-turns", model="zai-org/GLM-5.1")
    assert not found(talk, "untrained-earlier-turns", model="zai-org/GLM-5.1", method="rl")
    assert not found(talk, "untrained-earlier-turns", model="zai-org/GLM-5.1", target="nebius")
    talk["messages"][1]["reasoning"] = "Hm."
    assert len(found(talk, "untrained-earlier-turns", model="zai-org/GLM-5.1")) == 1


@pytest.mark.parametrize("target", ["openai", "azure"])
def test_a_model_may_be_for_some_methods_alone(tmp_path, target: str):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(chat("a")) + "\n")

    def unknown(model: str, method: str) -> list[str]:
        report = check_file(path, Settings(target=target, model=model, method=method, select=("unknown-model",)))
        return [finding.message for finding in report]

    assert unknown("o4-mini", "rl") == unknown("gpt-4.1", "sft") == unknown("gpt-4.1", "dpo") == []
    (message,) = unknown("o4-mini", "sft")
    assert message.endswith("that are fine-tuned with the method sft")
    (message,) = unknown("gpt-4.1", "rl")
    assert message.endswith("that are fine-tuned with the method rl")


def test_of_a_model_that_is_served_and_not_fine_tuned_the_nearest_that_is_gets_named(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(chat("a", "b")) + "\n")
    for model, end in (
        (SERVED, f"are fine-tuned; nearest of these: {LLAMA}"),
        ("zai-org/GLM-5.3-Flash", "are fine-tuned"),
    ):
        (finding,) = check_file(path, Settings(model=model, select=("unknown-model",)))
        assert finding.message.endswith(end)


@pytest.mark.parametrize(
    ("target", "model", "method"),
    [("azure", "gpt-5", "rl"), ("openai", "babbage-002", "sft"), ("openai", "davinci-002", "sft")],
)
def test_a_model_that_a_provider_names_only_in_passing_is_known(tmp_path, target, model, method):
    path = tmp_path / "train.jsonl"
    path.write_text('{"prompt": "a", "completion": " b"}\n')
    assert list(check_file(path, Settings(target=target, model=model, method=method, select=("JL603",)))) == []


@pytest.mark.parametrize(
    ("model", "counts"),
    [
        ("openai/gpt-oss-20b", "approximate: the chat template is known only approximately"),
        ("zai-org/GLM-5.1", "with the vocabulary of GLM 4.5 and 4.6 where its own is not installed"),
        ("gpt-4.1", "approximate: OpenAI says how to count messages up to GPT-4o, and not for this model"),
    ],
)
def test_the_verb_says_why_counts_are_not_exact(model, counts, capsys):
    assert f"  counts         {counts}\n" in run(capsys, "models", model)[1]
    assert "counts" not in run(capsys, "models", LLAMA)[1]


def test_what_differs_elsewhere_is_shown_with_its_source(capsys):
    run_command(["models", "gpt-4o"])
    assert "elsewhere      azure can dpo (learn.microsoft.com" in capsys.readouterr().out
    run_command(["models", "gpt-4o", "--output-format", "json"])
    (entry,) = json.loads(capsys.readouterr().out)["elsewhere"]
    assert (entry["target"], entry["capabilities"]) == ("azure", {"dpo": True})


def test_a_model_that_only_an_announcement_names_can_be_tuned():
    announced, other = REGISTRY.models["zai-org/GLM-5.3"], REGISTRY.models["zai-org/GLM-5.3-Flash"]
    assert (announced.tunable, other.tunable) == (True, False)
    assert "blog" in announced.source


def test_without_a_model_nothing_is_measured():
    assert Ruler(Limits(load_target("together"), "sft")).sure_bytes == ENDLESS
    assert not found(chat("water " * 300_000, "yes"), "over-length")


def test_a_target_whose_models_are_not_known_is_left_alone():
    own = {"custom_id": "1", "params": {"model": "nobody/nothing", "max_tokens": 9, "messages": []}}
    assert not found(own, "unknown-model", target="anthropic")
    assert not found(request("nobody/nothing"), "unknown-model", target="groq")
    assert not found(request("nobody/nothing"), "over-length", "unknown-model", target="groq", max_tokens=100)


def test_a_run_without_a_model_does_not_import_what_counts(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(chat("a", "b")) + "\n")
    loaded = "[name for name in sys.modules if 'tokens' in name or 'splintr' in name]"
    code = f"import sys, jsonl_lint.cli as cli; cli.run(sys.argv[1:]); print({loaded})"
    done = subprocess.run([sys.executable, "-c", code, "check", str(path)], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_target_has_a_limit_for_any_model():
    (finding,) = found(chat("water " * 40_000, "yes"), "over-length", target="bedrock-llama", model="nobody/nothing")
    assert "limit of" in finding.message
    assert "fails the whole job" in finding.message
    (other,) = found(chat("water " * 70_000, "yes"), "over-length", model="gpt-4o-mini")
    assert "OpenAI" in other.message


def test_models_by_any_number_of_names_are_looked_up_by_several_threads():
    ruler = Ruler(Limits(load_target("together"), "sft", LLAMA))
    names = [LLAMA, *(f"nobody/{number}" for number in range(2 * MOST_NAMES))]
    with ThreadPoolExecutor(4) as threads:
        uses = list(threads.map(lambda name: ruler.use(name, "fine-tuning"), names * 2))
    assert [use.name for use in uses] == names * 2
    assert [use.offered for use in uses[:2]] == [True, False]


def test_only_the_beginning_of_a_hostile_name_is_looked_at_and_none_is_kept():
    hostile = "x" * 1_000_000
    ruler = Ruler(Limits(load_target("openai"), "sft"))
    assert ruler.limits.registry.counted_as("Qwen/Qwen3-8B" + hostile) != STAND_IN
    assert ruler.limits.registry.counted_as(hostile + "Qwen/Qwen3-8B") == STAND_IN
    tracemalloc.start()
    for number in range(40):
        ruler.use(f"{hostile}{number}", "serverless")
        ruler.limits.requested({"model": f"{hostile}{number}"})
    assert tracemalloc.get_traced_memory()[0] < 10_000_000
    tracemalloc.stop()
