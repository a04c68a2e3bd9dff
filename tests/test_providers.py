"""What a provider takes has no finding, and a defect that it documents has one, at its place.

Each case was written from the provider's documentation, not from the rules.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Settings, Severity, check_record
from tests.test_together_cases import WEATHER, answer, picture, user

WEB_PICTURE = picture("https://example.com/a.png")


def request(body: dict[str, Any], url: str = "/v1/chat/completions", **more: Any) -> dict[str, Any]:
    return {"custom_id": "1", "method": "POST", "url": url, "body": {"model": "gpt-4.1-mini", **body}, **more}


def found(record: dict[str, Any], target: str, method: str = "sft") -> dict[str, tuple[str, Severity]]:
    """The places and severities of the findings, by rule; of several findings of a rule, the first."""
    places: dict[str, tuple[str, Severity]] = {}
    for finding in check_record(record, Settings(target=target, method=method)):
        places.setdefault(finding.rule, (finding.pointer, finding.severity))
    return places


REFUSAL = {"role": "assistant", "content": None, "refusal": "I will not do that."}
REFUSAL_PART = answer([{"type": "refusal", "refusal": "I will not do that."}])
PAIR = {
    "input": {"messages": [user("Capital of France?")]},
    "preferred_output": [answer("Paris.")],
    "non_preferred_output": [answer("No idea.")],
}
CALLING = {
    "role": "assistant",
    "tool_calls": [{"id": "a", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}],
}
RESULT = {"role": "tool", "content": "Rain.", "tool_call_id": "a"}

VALID: dict[str, tuple[str, dict[str, Any]]] = {
    "a refusal": ("openai", {"messages": [user("Steal."), REFUSAL]}),
    "a refusal as a part": ("azure", {"messages": [user("Steal."), REFUSAL_PART]}),
    "an output with a call, its result and an answer": (
        "azure",
        {
            **PAIR,
            "input": {"messages": [user("Weather in Oslo?")], "tools": [WEATHER]},
            "preferred_output": [CALLING, RESULT, answer("Rain.")],
        },
    ),
    "images for a model that is not tuned on them": (
        "openai",
        request({"messages": [user([{"type": "text", "text": "What is it?"}, WEB_PICTURE])]}),
    ),
    "tools of the responses endpoint": (
        "openai",
        request(
            {"input": "Weather?", "tools": [{"type": "function", "name": "weather"}, {"type": "web_search"}]},
            "/v1/responses",
        ),
    ),
    "a recording by its address": (
        "groq",
        request({"model": "whisper-large-v3", "url": "https://example.com/a.mp3"}, "/v1/audio/transcriptions"),
    ),
}


@pytest.mark.parametrize(("target", "record"), VALID.values(), ids=VALID)
def test_what_a_provider_takes_has_no_finding(target: str, record: dict[str, Any]):
    assert found(record, target) == {}


class Defect(NamedTuple):
    target: str
    record: dict[str, Any]
    rule: str
    pointer: str
    severity: Severity = Severity.ERROR


DEFECTS = {
    "an image in a preference pair": Defect(
        "openai",
        {**PAIR, "input": {"messages": [user([{"type": "text", "text": "What is it?"}, WEB_PICTURE])]}},
        "invalid-content-part",
        "/input/messages/0/content/1/type",
    ),
    "an output of a tool alone": Defect(
        "azure", {**PAIR, "preferred_output": [RESULT]}, "output-not-assistant", "/preferred_output"
    ),
    "max_tokens as a text": Defect(
        "openai",
        request({"messages": [user("Hello")], "max_tokens": "20"}),
        "incomplete-body",
        "/body/max_tokens",
    ),
    "temperature as a text": Defect(
        "mistral",
        {"custom_id": "1", "body": {"messages": [user("Hello")], "temperature": "0.2"}},
        "incomplete-body",
        "/body/temperature",
    ),
    "logprobs as a number": Defect(
        "openai", request({"messages": [user("Hello")], "logprobs": 3}), "incomplete-body", "/body/logprobs"
    ),
}


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_documented_defect_is_found_at_its_place(defect: Defect):
    assert found(defect.record, defect.target).get(defect.rule) == (defect.pointer, defect.severity)


def test_a_recording_with_a_wrong_method_is_one_defect():
    record = {
        "custom_id": "1",
        "method": "POST",
        "body": {"model": "openai/whisper-large-v3", "file": "https://a/b.mp3"},
    }
    assert set(found(record, "together")) == {"missing-method"}


def test_a_nameless_result_of_the_older_kind_is_repaired():
    record = {
        "messages": [
            user("Weather?"),
            {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}},
            {"role": "function", "content": "Rain."},
            answer("Rain."),
        ],
        "functions": [{"name": "weather", "parameters": {"type": "object", "properties": {}}}],
    }
    findings = check_record(json.dumps(record).encode(), Settings(target="openai", select=("legacy-function-call",)))
    assert all(finding.fix is not None for finding in findings)
    assert sorted(finding.pointer for finding in findings) == [
        "/functions",
        "/messages/1/function_call",
        "/messages/2/role",
    ]
