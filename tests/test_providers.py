"""What a provider takes has no finding, and a defect that it documents has one, at its place.

Each case was written from the provider's documentation, not from the rules.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Settings, Severity, check_file, check_record, check_records, fix_record
from jsonl_lint.model import Pointer, format_pointer, value_at
from tests.conftest import line_of
from tests.records import WEATHER, answer, call, picture, result, user

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
    "tool_calls": [call("a")],
}
RESULT = result("a")

DECLARATION = {
    "name": "weather",
    "parameters": {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING"}, "unit": {"type": "STRING", "enum": ["c", "f"], "nullable": True}},
        "required": ["city"],
    },
}


NAMED_LIKE_KEYWORDS = {
    "default": {"type": "STRING"},
    "example": {"type": "INTEGER"},
    "enum": {"type": "ARRAY", "items": {"type": "STRING"}},
    "type": {"type": "STRING"},
}


def gemini_talk(call: Any = None, result: Any = None, declaration: Any = DECLARATION) -> dict[str, Any]:
    call = {"name": "weather", "args": {"city": "Oslo"}} if call is None else call
    result = {"name": "weather", "response": {"sky": "rain"}} if result is None else result
    return {
        "contents": [
            {"role": "user", "parts": [{"text": "Weather in Oslo?"}]},
            {"role": "model", "parts": [{"functionCall": call}]},
            {"role": "user", "parts": [{"functionResponse": result}]},
            {"role": "model", "parts": [{"text": "Rain."}]},
        ],
        "tools": [{"functionDeclarations": [declaration]}],
    }


ARGUMENTS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SPEC = {"name": "weather", "inputSchema": {"json": ARGUMENTS}}


SEARCH = "Oslo, or what else the capital of Norway was once called by the"


def bedrock_talk(call: Any = None, result: Any = None, spec: Any = SPEC, last: int = 4) -> dict[str, Any]:
    call = {"toolUseId": "t1", "name": "weather", "input": {"city": "Oslo"}} if call is None else call
    result = {"toolUseId": "t1", "content": [{"text": "rain"}]} if result is None else result
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [
            {"role": "user", "content": [{"text": "Weather in Oslo?"}]},
            {"role": "assistant", "content": [{"text": "Let me see."}, {"toolUse": call}]},
            {"role": "user", "content": [{"toolResult": result}]},
            {"role": "assistant", "content": [{"text": "Rain."}]},
        ][:last],
        "toolConfig": {"tools": [{"toolSpec": spec}]},
    }


def anthropic_request(**params: Any) -> dict[str, Any]:
    return {
        "custom_id": "1",
        "params": {
            "model": "claude-sonnet-4-5",
            "max_tokens": 100,
            "messages": [
                user("Weather in Oslo?"),
                answer([{"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}}]),
                user([{"type": "tool_result", "tool_use_id": "t1", "content": "rain"}]),
            ],
            "tools": [
                {"name": "weather", "input_schema": ARGUMENTS},
                {"type": "web_search_20250305", "name": "web_search"},
            ],
            **params,
        },
    }


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGMQaPgAAAIkAYFvkeRkAAAAAElFTkSuQmCC"


def shot(media_type: str = "image/png", data: str = DOT) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def seen(part: dict[str, Any]) -> list[dict[str, Any]]:
    """What is said until a tool returns a text and this part."""
    content = [{"type": "text", "text": "Look:"}, part]
    return [
        user("Weather in Oslo?"),
        answer([{"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}}]),
        user([{"type": "tool_result", "tool_use_id": "t1", "content": content}]),
    ]


GEMINI_FILE = {"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/a.png"}}
GEMINI_PDF = {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://bucket/a.pdf"}}
VIDEO = {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://bucket/a.mp4"}}}}
DOCUMENT = {"document": {"format": "pdf", "source": {"s3Location": {"uri": "s3://bucket/a.pdf"}}}}
GEMINI_VIDEO = {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/a.mp4"}}


def gemini_look(*parts: Any, model: Any = ({"text": "A dot."},)) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [*parts]}, {"role": "model", "parts": [*model]}]}


def bedrock_look(*parts: Any, assistant: Any = ({"text": "A dot."},)) -> dict[str, Any]:
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [{"role": "user", "content": [*parts]}, {"role": "assistant", "content": [*assistant]}],
    }


def sharegpt_talk(call: str = '{"name": "weather", "arguments": {}}', tools: str = "[]") -> dict[str, Any]:
    turns = [("human", "Weather in Oslo?"), ("function_call", call), ("observation", "rain"), ("gpt", "Rain.")]
    return {"conversations": [{"from": speaker, "value": text} for speaker, text in turns], "tools": tools}


def s3_picture(form: str = "png", uri: str = "s3://bucket/a.png") -> dict[str, Any]:
    return {"image": {"format": form, "source": {"s3Location": {"uri": uri}}}}


def gemini_pair(better: Any, worse: Any, *more: Any, text: str = "No idea.") -> dict[str, Any]:
    scored = [(better, "Paris."), (worse, text)]
    return {
        "contents": [{"role": "user", "parts": [{"text": "Capital of France?"}]}, *more],
        "completions": [
            {"score": score, "completion": {"role": "model", "parts": [{"text": said}]}} for score, said in scored
        ],
    }


MISTRAL_CALL = {**CALLING, "content": "", "tool_calls": [{**CALLING["tool_calls"][0], "id": "abcdef123"}]}
MISTRAL_TALK = [user("Weather?"), MISTRAL_CALL, {**RESULT, "tool_call_id": "abcdef123"}, answer("Rain.")]
UNDESCRIBED = {"type": "function", "function": {"name": "weather", "parameters": ARGUMENTS}}
OTHER_TOOL = {"type": "function", "function": {**WEATHER["function"], "name": "time"}}

PARALLEL = [{"functionCall": {"name": "weather", "args": {"city": city}}} for city in ("Oslo", "Rome")]
RESPONSES = [{"functionResponse": {"name": "weather", "response": {"sky": sky}}} for sky in ("rain", "sun")]

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
    "a function of Gemini": ("vertex", gemini_talk()),
    "a null where Gemini's schema is nullable": (
        "vertex",
        gemini_talk({"name": "weather", "args": {"city": "Oslo", "unit": None}}),
    ),
    "arguments that are called like keywords of Gemini's schemas": (
        "vertex",
        gemini_talk(
            declaration={"name": "weather", "parameters": {"type": "OBJECT", "properties": NAMED_LIKE_KEYWORDS}}
        ),
    ),
    "a function of Gemini is called twice at once": (
        "vertex",
        {
            **gemini_talk(),
            "contents": [
                {"role": "user", "parts": [{"text": "Weather in Oslo and Rome?"}]},
                {"role": "model", "parts": PARALLEL},
                {"role": "user", "parts": RESPONSES},
                {"role": "model", "parts": [{"text": "Rain and sun."}]},
            ],
        },
    ),
    "Gemini's own tools": ("vertex", {**gemini_talk(), "tools": [{"googleSearch": {}}, *gemini_talk()["tools"]]}),
    "interactions": ("mistral-finetune", {"interactions": MISTRAL_TALK, "tools": [WEATHER]}),
    "available_tools": ("mistral-finetune", {"messages": MISTRAL_TALK, "available_tools": [WEATHER]}),
    "thirty images and a video of Gemini": ("vertex", gemini_look(*[GEMINI_FILE] * 30, GEMINI_VIDEO)),
    "a stretch of a video of Gemini": (
        "vertex",
        {
            **gemini_look({**GEMINI_VIDEO, "videoMetadata": {"startOffset": "5s", "endOffset": "25s"}}),
            "generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"},
        },
    ),
    "what a grader of Bedrock's is given": (
        "bedrock-rft",
        {"messages": [user("Two plus two?")], "reference_answer": "4", "data_source": "gsm8k", "extra_info": {"k": 1}},
    ),
    "a recording and a file in a chat request": (
        "openai",
        request(
            {
                "messages": [
                    user(
                        [
                            {"type": "text", "text": "What is it?"},
                            {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
                            {"type": "file", "file": {"file_id": "file-1"}},
                        ]
                    )
                ]
            }
        ),
    ),
    "a stored prompt for the responses endpoint": (
        "openai",
        request({"prompt": {"id": "p1"}, "input": "Hi"}, "/v1/responses"),
    ),
    "a call of ShareGPT": ("generic", sharegpt_talk()),
    "a thought before a call of ShareGPT": (
        "generic",
        sharegpt_talk(call='<think>Look.</think>\n{"name": "weather", "arguments": {}}', tools=""),
    ),
    "a video of Bedrock": ("bedrock-nova", bedrock_look({"text": "What is it?"}, VIDEO)),
    "four PDF files of Gemini": ("vertex", gemini_look(*[GEMINI_PDF] * 4)),
    "a document of Bedrock": ("bedrock-nova", bedrock_look({"text": "What is it?"}, DOCUMENT)),
    "an image of Bedrock": ("bedrock-nova", bedrock_look({"text": "What is it?"}, s3_picture())),
    "a preference pair of Gemini": ("vertex", gemini_pair(1, 0)),
    "a tool of Bedrock": ("generic", bedrock_talk()),
    "a tool of Anthropic": ("anthropic", anthropic_request()),
    "null as an answer of Gemini's tool": (
        "vertex",
        gemini_talk(result={"name": "weather", "response": {"sky": "null"}}),
    ),
    "null as an answer of Bedrock's tool": (
        "generic",
        bedrock_talk(result={"toolUseId": "t1", "content": [{"text": "null"}]}),
    ),
    "a search that breaks off in a call of Bedrock": (
        "generic",
        bedrock_talk(call={"toolUseId": "t1", "name": "weather", "input": {"city": SEARCH}}, last=2),
    ),
    "null for and from Anthropic's tool": (
        "anthropic",
        anthropic_request(
            messages=[
                user("Weather?"),
                answer([{"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "null"}}]),
                user([{"type": "tool_result", "tool_use_id": "t1", "content": "null"}]),
            ]
        ),
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


ASKED = {"role": "user", "parts": [{"text": "Capital of France?"}]}


def scored(score: int, text: str) -> dict[str, Any]:
    return {"score": score, "completion": {"role": "model", "parts": [{"text": text}]}}


GEMINI_CALL, GEMINI_RESULT = "/contents/1/parts/0/functionCall", "/contents/2/parts/0/functionResponse"
BEDROCK_CALL, BEDROCK_RESULT = "/messages/1/content/1/toolUse", "/messages/2/content/0/toolResult"
DEFECTS = {
    "Gemini: arguments as a text": Defect(
        "vertex",
        gemini_talk({"name": "weather", "args": '{"city": "Oslo"}'}),
        "arguments-not-string",
        f"{GEMINI_CALL}/args",
    ),
    "Gemini: a call without a name": Defect("vertex", gemini_talk({"args": {}}), "invalid-tool-call", GEMINI_CALL),
    "Gemini: arguments that the schema refuses": Defect(
        "vertex",
        gemini_talk({"name": "weather", "args": {}}),
        "arguments-schema-mismatch",
        f"{GEMINI_CALL}/args",
        Severity.WARNING,
    ),
    "Gemini: a function that is not declared": Defect(
        "vertex",
        gemini_talk({"name": "time", "args": {}}, {"name": "time", "response": {}}),
        "undeclared-tool-call",
        f"{GEMINI_CALL}/name",
        Severity.WARNING,
    ),
    "Gemini: a response of another function": Defect(
        "vertex",
        gemini_talk(result={"name": "time", "response": {}}),
        "unmatched-tool-result",
        f"{GEMINI_RESULT}/name",
        Severity.WARNING,
    ),
    "Gemini: no declarations": Defect(
        "vertex", {**gemini_talk(), "tools": []}, "tool-calls-without-tools", GEMINI_CALL, Severity.WARNING
    ),
    "Gemini: a type that is none": Defect(
        "vertex",
        gemini_talk(declaration={**DECLARATION, "parameters": {"type": "DICT"}}),
        "invalid-parameters-schema",
        "/tools/0/functionDeclarations/0/parameters/type",
    ),
    "Gemini: a declaration without a name": Defect(
        "vertex", gemini_talk(declaration={}), "invalid-tool-definition", "/tools/0/functionDeclarations/0"
    ),
    "Gemini: tools of OpenAI": Defect(
        "vertex", {**gemini_talk(), "tools": [WEATHER]}, "invalid-tool-definition", "/tools/0"
    ),
    "Gemini: a declaration without the list around it": Defect(
        "vertex", {**gemini_talk(), "tools": [DECLARATION]}, "invalid-tool-definition", "/tools/0"
    ),
    "Gemini: declarations that are no list": Defect(
        "vertex",
        {**gemini_talk(), "tools": [{"functionDeclarations": DECLARATION}]},
        "invalid-tool-definition",
        "/tools/0/functionDeclarations",
    ),
    "Gemini: a user who calls": Defect(
        "vertex",
        {"contents": [{"role": "user", "parts": PARALLEL}, gemini_talk()["contents"][3]], "tools": []},
        "tool-calls-on-wrong-role",
        "/contents/0/parts/0/functionCall",
    ),
    "Gemini: an answer without text": Defect(
        "vertex", {"contents": [ASKED, {"role": "model", "parts": [{"text": " "}]}]}, "nothing-to-learn", "/contents"
    ),
    "Gemini: an empty completion": Defect(
        "vertex",
        {"contents": [ASKED], "completions": [scored(1, ""), scored(0, "No idea.")]},
        "empty-output",
        "/completions/0/completion/parts",
        Severity.WARNING,
    ),
    "Bedrock: an answer without text": Defect(
        "bedrock-nova",
        {**bedrock_talk(), "messages": [bedrock_talk()["messages"][0], {"role": "assistant", "content": []}]},
        "nothing-to-learn",
        "/messages",
    ),
    "ShareGPT: an answer without text": Defect(
        "generic",
        {"conversations": [{"from": "human", "value": "Capital of France?"}, {"from": "gpt", "value": ""}]},
        "nothing-to-learn",
        "/conversations",
    ),
    "Bedrock: input as a text": Defect(
        "bedrock-nova",
        bedrock_talk({"toolUseId": "t1", "name": "weather", "input": "{}"}),
        "arguments-not-string",
        f"{BEDROCK_CALL}/input",
    ),
    "Bedrock: a call without input": Defect(
        "bedrock-nova", bedrock_talk({"toolUseId": "t1", "name": "weather"}), "invalid-tool-call", BEDROCK_CALL
    ),
    "Bedrock: a call without an id": Defect(
        "bedrock-nova",
        bedrock_talk({"name": "weather", "input": {"city": "Oslo"}}),
        "missing-tool-call-id",
        BEDROCK_CALL,
        Severity.WARNING,
    ),
    "Bedrock: a result without an id": Defect(
        "bedrock-nova", bedrock_talk(result={"content": []}), "missing-tool-call-id", BEDROCK_RESULT, Severity.WARNING
    ),
    "Bedrock: input that the schema refuses": Defect(
        "bedrock-nova",
        bedrock_talk({"toolUseId": "t1", "name": "weather", "input": {"city": 7}}),
        "arguments-schema-mismatch",
        f"{BEDROCK_CALL}/input/city",
        Severity.WARNING,
    ),
    "Bedrock: a tool that is not declared": Defect(
        "bedrock-nova",
        bedrock_talk({"toolUseId": "t1", "name": "time", "input": {}}),
        "undeclared-tool-call",
        f"{BEDROCK_CALL}/name",
    ),
    "Bedrock: a result of another call": Defect(
        "bedrock-nova",
        bedrock_talk(result={"toolUseId": "t2", "content": []}),
        "unmatched-tool-result",
        f"{BEDROCK_RESULT}/toolUseId",
    ),
    "Bedrock: a schema without json": Defect(
        "bedrock-nova",
        bedrock_talk(spec={"name": "weather", "inputSchema": {"type": "object"}}),
        "invalid-tool-definition",
        "/toolConfig/tools/0/toolSpec/inputSchema",
    ),
    "Bedrock: a schema that is none": Defect(
        "bedrock-nova",
        bedrock_talk(spec={"name": "weather", "inputSchema": {"json": {"type": "dict"}}}),
        "invalid-parameters-schema",
        "/toolConfig/tools/0/toolSpec/inputSchema/json/type",
    ),
    "Bedrock: tools that are no list": Defect(
        "bedrock-nova",
        {**bedrock_talk(), "toolConfig": {"tools": {"toolSpec": SPEC}}},
        "tools-not-array",
        "/toolConfig/tools",
    ),
    "interactions with a role that is none": Defect(
        "mistral-finetune",
        {"interactions": [{"role": "human", "content": "Hello"}, answer("Hi")]},
        "unknown-role",
        "/interactions/0/role",
    ),
    "interactions beside messages": Defect(
        "mistral-finetune",
        {"interactions": [user("Hello"), answer("Hi")], "messages": [user("Hello"), answer("Hi")]},
        "ambiguous-format",
        "",
    ),
    "a tool that is not in available_tools": Defect(
        "mistral-finetune",
        {"messages": MISTRAL_TALK, "available_tools": [OTHER_TOOL]},
        "undeclared-tool-call",
        "/messages/1/tool_calls/0/function/name",
        Severity.WARNING,
    ),
    "a function without a description": Defect(
        "mistral-finetune",
        {"messages": MISTRAL_TALK, "tools": [UNDESCRIBED]},
        "invalid-tool-definition",
        "/tools/0/function",
    ),
    "a tool's result at the end": Defect(
        "mistral", {"messages": MISTRAL_TALK[:3], "tools": [WEATHER]}, "last-message-not-assistant", "/messages/2"
    ),
    "a call in the middle without a result": Defect(
        "mistral",
        {"messages": [*MISTRAL_TALK[:2], user("So?"), answer("Rain.")], "tools": [WEATHER]},
        "unanswered-tool-call",
        "/messages/1/tool_calls/0",
    ),
    "an answer of KTO": Defect(
        "together", {"prompt": "Capital of France?", "completion": "Rome.", "label": False}, "unknown-format", ""
    ),
    "a conversation of KTO": Defect(
        "together", {"messages": [user("Hello"), answer("Go away.")], "label": False}, "unknown-format", ""
    ),
    "a record of Bedrock": Defect("together", bedrock_look({"text": "What is it?"}), "unknown-format", ""),
    "a label that is not KTO's": Defect(
        "together",
        {"messages": [user("Hello"), answer("Hi")], "label": "greeting"},
        "extra-key",
        "/label",
        Severity.WARNING,
    ),
    "Gemini: 31 images": Defect("vertex", gemini_look(*[GEMINI_FILE] * 31), "too-many-images", "/contents/0/parts/30"),
    "Gemini: an image from nowhere": Defect(
        "vertex",
        gemini_look({"fileData": {"mimeType": "image/png", "fileUri": "a.png"}}),
        "unsupported-image-url",
        "/contents/0/parts/0/fileData/fileUri",
    ),
    "Gemini: an image in the record": Defect(
        "vertex",
        gemini_look({"inlineData": {"mimeType": "image/png", "data": "iVBORw0K"}}),
        "unsupported-image-url",
        "/contents/0/parts/0/inlineData/data",
    ),
    "Gemini: the model answers with an image": Defect(
        "vertex", gemini_look({"text": "Draw."}, model=[GEMINI_FILE]), "image-on-wrong-role", "/contents/1/parts/0"
    ),
    "Gemini: a file without an address": Defect(
        "vertex",
        gemini_look({"fileData": {"mimeType": "image/png"}}),
        "invalid-content-part",
        "/contents/0/parts/0/fileData",
    ),
    "Gemini: a file with an empty address": Defect(
        "vertex",
        gemini_look({"fileData": {"mimeType": "image/png", "fileUri": ""}}),
        "invalid-content-part",
        "/contents/0/parts/0/fileData/fileUri",
    ),
    "Gemini: a stretch of no video": Defect(
        "vertex",
        gemini_look({"videoMetadata": {"startOffset": "5s"}}),
        "invalid-content-part",
        "/contents/0/parts/0",
    ),
    "Gemini: a response of no function": Defect(
        "vertex",
        gemini_talk(result={"name": "", "response": {"sky": "rain"}}),
        "invalid-content-part",
        f"{GEMINI_RESULT}/name",
    ),
    "Gemini: an empty part": Defect("vertex", gemini_look({}), "invalid-content-part", "/contents/0/parts/0"),
    "Gemini: a part that is something unknown": Defect(
        "vertex", gemini_look({"markdown": "Hi"}), "invalid-content-part", "/contents/0/parts/0"
    ),
    "Gemini: a response that is no object": Defect(
        "vertex",
        gemini_talk(result={"name": "weather", "response": "rain"}),
        "invalid-content-part",
        f"{GEMINI_RESULT}/response",
    ),
    "Gemini: a pair that ends with the model": Defect(
        "vertex",
        gemini_pair(1, 0, {"role": "model", "parts": [{"text": "Paris."}]}),
        "input-ends-with-assistant",
        "/contents/1",
    ),
    "Gemini: a pair with two questions in a row": Defect(
        "vertex",
        gemini_pair(1, 0, {"role": "user", "parts": [{"text": "Quick!"}]}),
        "consecutive-roles",
        "/contents/1",
        Severity.WARNING,
    ),
    "Gemini: a pair with a turn of nobody among several": Defect(
        "vertex",
        gemini_pair(1, 0, {"role": "model", "parts": [{"text": "Paris."}]}, {"parts": [{"text": "Sure?"}]}),
        "missing-role",
        "/contents/2",
    ),
    "Gemini: a pair of the same answer": Defect(
        "vertex", gemini_pair(1, 0, text="Paris. "), "identical-outputs", "/completions/1", Severity.WARNING
    ),
    "Bedrock: the assistant answers with an image": Defect(
        "bedrock-llama",
        bedrock_look({"text": "Draw."}, assistant=[s3_picture()]),
        "image-on-wrong-role",
        "/messages/1/content/0",
    ),
    "Bedrock: an image that is not on S3": Defect(
        "bedrock-nova",
        bedrock_look({"text": "What is it?"}, s3_picture(uri="https://example.com/a.png")),
        "unsupported-image-url",
        "/messages/0/content/1/image/source/s3Location/uri",
    ),
    "Bedrock: an image of another format": Defect(
        "bedrock-nova",
        bedrock_look({"text": "What is it?"}, s3_picture("bmp")),
        "unsupported-image-type",
        "/messages/0/content/1/image/format",
    ),
    "Bedrock: an image called jpg": Defect(
        "bedrock-nova",
        bedrock_look({"text": "What is it?"}, s3_picture("jpg")),
        "image-jpg-alias",
        "/messages/0/content/1/image/format",
    ),
    "Bedrock: eleven images": Defect(
        "bedrock-nova", bedrock_look(*[s3_picture()] * 11), "too-many-images", "/messages/0/content/10"
    ),
    "Bedrock: an image without a format": Defect(
        "bedrock-nova",
        bedrock_look({"image": {"source": {"s3Location": {"uri": "s3://bucket/a.png"}}}}),
        "invalid-content-part",
        "/messages/0/content/0/image",
    ),
    "Bedrock: an image that is nowhere": Defect(
        "bedrock-nova",
        bedrock_look({"text": "What is it?"}, {"image": {"format": "png", "source": {}}}),
        "invalid-content-part",
        "/messages/0/content/1/image/source",
    ),
    "Bedrock: reasoning without a text": Defect(
        "bedrock-nova",
        bedrock_look({"text": "2 + 2?"}, assistant=({"reasoningContent": {"text": "Easy."}}, {"text": "4"})),
        "invalid-content-part",
        "/messages/1/content/0/reasoningContent",
    ),
    "Bedrock: reasoning that is no object": Defect(
        "bedrock-nova",
        bedrock_look({"text": "2 + 2?"}, assistant=({"reasoningContent": {"reasoningText": "Easy."}}, {"text": "4"})),
        "invalid-content-part",
        "/messages/1/content/0/reasoningContent/reasoningText",
    ),
    "Bedrock: a video without an address": Defect(
        "bedrock-nova",
        bedrock_look({"video": {"format": "mp4", "source": {"s3Location": {"uri": 1}}}}),
        "invalid-content-part",
        "/messages/0/content/0/video/source",
    ),
    "Bedrock: a video at a web address": Defect(
        "bedrock-nova",
        bedrock_look({"video": {"format": "mp4", "source": {"s3Location": {"uri": "https://example.com/a.mp4"}}}}),
        "unsupported-image-url",
        "/messages/0/content/0/video/source/s3Location/uri",
    ),
    "Bedrock: a document in the record": Defect(
        "bedrock-nova",
        bedrock_look({"document": {"format": "pdf", "source": {"bytes": "JVBERi0="}}}),
        "unsupported-image-url",
        "/messages/0/content/0/document/source/bytes",
    ),
    "Gemini: a video on a disk": Defect(
        "vertex",
        gemini_look({"fileData": {"mimeType": "video/mp4", "fileUri": "file:///a.mp4"}}),
        "unsupported-image-url",
        "/contents/0/parts/0/fileData/fileUri",
    ),
    "Gemini: a sound in the record": Defect(
        "vertex",
        gemini_look({"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}),
        "unsupported-image-url",
        "/contents/0/parts/0/inlineData/data",
    ),
    "Bedrock: a user who reasons": Defect(
        "bedrock-nova",
        bedrock_look({"text": "Hello"}, {"reasoningContent": {"reasoningText": {"text": "Hm."}}}),
        "reasoning-on-wrong-role",
        "/messages/0/content/1",
        Severity.WARNING,
    ),
    "Bedrock: two system prompts for Llama": Defect(
        "bedrock-llama",
        {**bedrock_look({"text": "Hello"}), "system": [{"text": "Be brief."}, {"text": "Be kind."}]},
        "wrong-type",
        "/system",
    ),
    "Anthropic: an image of OpenAI": Defect(
        "anthropic",
        anthropic_request(messages=[user([WEB_PICTURE])]),
        "invalid-content-part",
        "/params/messages/0/content/0/type",
        Severity.WARNING,
    ),
    "Anthropic: a result that is an object": Defect(
        "anthropic",
        anthropic_request(
            messages=[
                user("Weather in Oslo?"),
                answer([{"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}}]),
                user([{"type": "tool_result", "tool_use_id": "t1", "content": {"sky": "grey"}}]),
            ]
        ),
        "invalid-content-part",
        "/params/messages/2/content/0/content",
        Severity.WARNING,
    ),
    "Anthropic: a result with a picture of another type": Defect(
        "anthropic",
        anthropic_request(messages=seen(shot("image/jpeg"))),
        "image-type-mismatch",
        "/params/messages/2/content/0/content/1/source/media_type",
        Severity.WARNING,
    ),
    "Anthropic: a result with a picture that is no base64": Defect(
        "anthropic",
        anthropic_request(messages=seen(shot(data="@@@"))),
        "invalid-base64",
        "/params/messages/2/content/0/content/1/source/data",
    ),
    "Anthropic: a result with a part without text": Defect(
        "anthropic",
        anthropic_request(messages=seen({"type": "text", "txt": "Rain."})),
        "invalid-content-part",
        "/params/messages/2/content/0/content/1",
        Severity.WARNING,
    ),
    "Bedrock: a part with an unknown key": Defect(
        "generic",
        {
            "schemaVersion": "bedrock-conversation-2024",
            "messages": [user([{"txt": "Hi"}]), answer([{"text": "Hello."}])],
        },
        "invalid-content-part",
        "/messages/0/content/0",
        Severity.WARNING,
    ),
    "Anthropic: a result of another call": Defect(
        "anthropic",
        anthropic_request(
            messages=[
                user("Weather?"),
                answer([{"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}}]),
                user([{"type": "tool_result", "tool_use_id": "t2", "content": "rain"}]),
            ]
        ),
        "unmatched-tool-result",
        "/params/messages/2/content/0/tool_use_id",
    ),
    "Anthropic: an id with a colon": Defect(
        "anthropic",
        anthropic_request(
            messages=[
                user("Weather?"),
                answer([{"type": "tool_use", "id": "weather:1", "name": "weather", "input": {"city": "Oslo"}}]),
                user([{"type": "tool_result", "tool_use_id": "weather:1", "content": "rain"}]),
            ]
        ),
        "invalid-tool-call",
        "/params/messages/1/content/0/id",
    ),
    "Anthropic: a call without a result": Defect(
        "anthropic",
        anthropic_request(
            messages=[
                user("Weather?"),
                answer([{"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}}]),
                user("And?"),
            ]
        ),
        "unanswered-tool-call",
        "/params/messages/1/content/0",
    ),
    "Anthropic: a tool of OpenAI": Defect(
        "anthropic", anthropic_request(tools=[WEATHER]), "invalid-tool-definition", "/params/tools/0"
    ),
    "an image in a preference pair": Defect(
        "openai",
        {**PAIR, "input": {"messages": [user([{"type": "text", "text": "What is it?"}, WEB_PICTURE])]}},
        "invalid-content-part",
        "/input/messages/0/content/1/type",
    ),
    "an output of a tool alone": Defect(
        "azure", {**PAIR, "preferred_output": [RESULT]}, "output-not-assistant", "/preferred_output"
    ),
    "Azure: a request without an endpoint": Defect(
        "azure",
        {"custom_id": "1", "method": "POST", "body": {"model": "mine", "messages": [user("Hello")]}},
        "unsupported-url",
        "",
    ),
    "a blank system text of Bedrock": Defect(
        "bedrock-llama",
        {**bedrock_look({"text": "Hi"}), "system": [{"text": " "}]},
        "empty-content",
        "/system/0/text",
        Severity.WARNING,
    ),
    "mistral-finetune: both texts of a message": Defect(
        "mistral-finetune",
        {"messages": [{"role": "user", "content": "Hi", "text": "Hello"}, answer("Ho")]},
        "ambiguous-format",
        "/messages/0/content",
    ),
    "mistral-finetune: both plain texts": Defect(
        "mistral-finetune", {"text": "Once upon", "content": "a time"}, "ambiguous-format", "/content"
    ),
    "mistral-finetune: a definition under the older name of tools": Defect(
        "mistral-finetune",
        {"messages": [user("Hi"), answer("Ho")], "available_tools": [{"type": "function", "function": {"name": "x"}}]},
        "invalid-tool-definition",
        "/available_tools/0/function",
    ),
    "ShareGPT: a call that is not JSON": Defect(
        "generic",
        sharegpt_talk(call="{'name': 'weather', 'arguments': {}}"),
        "arguments-not-json",
        "/conversations/1/value",
        Severity.WARNING,
    ),
    "ShareGPT: blank tools": Defect("generic", sharegpt_talk(tools=" "), "tools-not-array", "/tools", Severity.WARNING),
    "ShareGPT: tools that are not JSON": Defect(
        "generic", sharegpt_talk(tools="[{"), "tools-not-array", "/tools", Severity.WARNING
    ),
    "two videos of Nova": Defect(
        "bedrock-nova", bedrock_look({"text": "Hi"}, VIDEO, VIDEO), "too-many-images", "/messages/0/content/2"
    ),
    "a document beside an image of Nova": Defect(
        "bedrock-nova", bedrock_look(s3_picture(), DOCUMENT), "too-many-images", "/messages/0/content/1"
    ),
    "a document beside a video of Nova": Defect(
        "bedrock-nova", bedrock_look(VIDEO, DOCUMENT), "too-many-images", "/messages/0/content/1"
    ),
    "a video beside an image of Nova": Defect(
        "bedrock-nova", bedrock_look(s3_picture(), VIDEO), "too-many-images", "/messages/0/content/1"
    ),
    "five PDF files of Gemini": Defect(
        "vertex", gemini_look(*[GEMINI_PDF] * 5), "too-many-images", "/contents/0/parts/4"
    ),
    "an image in a preference pair of Gemini": Defect(
        "vertex",
        {**gemini_pair(1, 0), "contents": [{"role": "user", "parts": [{"text": "What is it?"}, GEMINI_FILE]}]},
        "invalid-content-part",
        "/contents/0/parts/1/fileData",
    ),
    "Azure: an empty endpoint": Defect("azure", request({"messages": [user("Hello")]}, " "), "unsupported-url", "/url"),
    "Anthropic: half a token": Defect(
        "anthropic", anthropic_request(max_tokens=1.5), "invalid-body", "/params/max_tokens"
    ),
    "Anthropic: temperature as a text": Defect(
        "anthropic", anthropic_request(temperature="0.2"), "invalid-body", "/params/temperature"
    ),
    "Anthropic: top_k with a fraction": Defect(
        "anthropic", anthropic_request(top_k=2.5), "invalid-body", "/params/top_k"
    ),
    "Anthropic: one stop sequence alone": Defect(
        "anthropic", anthropic_request(stop_sequences="END"), "invalid-body", "/params/stop_sequences"
    ),
    "Anthropic: a bitmap": Defect(
        "anthropic",
        anthropic_request(
            messages=[
                user([{"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": "Qk0="}}])
            ]
        ),
        "unsupported-image-type",
        "/params/messages/0/content/0/source/media_type",
    ),
    "max_tokens as a text": Defect(
        "openai",
        request({"messages": [user("Hello")], "max_tokens": "20"}),
        "invalid-body",
        "/body/max_tokens",
    ),
    "max_output_tokens as a text": Defect(
        "openai",
        request({"input": "Hello", "max_output_tokens": "20"}, "/v1/responses"),
        "invalid-body",
        "/body/max_output_tokens",
    ),
    "a recording that is no address": Defect(
        "together",
        {"custom_id": "1", "method": "FILE", "body": {"model": "openai/whisper-large-v3", "file": ["a.mp3"]}},
        "invalid-body",
        "/body/file",
    ),
    "a recording on this machine": Defect(
        "together",
        {"custom_id": "1", "method": "FILE", "body": {"model": "openai/whisper-large-v3", "file": "a.mp3"}},
        "invalid-body",
        "/body/file",
    ),
    "OpenAI: a prompt in parts": Defect(
        "openai",
        {"prompt": [{"type": "text", "text": "Capital of France?"}], "completion": " Paris"},
        "invalid-content-part",
        "/prompt",
    ),
    "OpenAI: a part that the responses endpoint has": Defect(
        "openai",
        request({"messages": [user([{"type": "input_text", "text": "Hello"}])]}),
        "invalid-content-part",
        "/body/messages/0/content/0/type",
    ),
    "an input that is a number": Defect(
        "openai", request({"input": 7}, "/v1/embeddings"), "invalid-body", "/body/input"
    ),
    "temperature as a text": Defect(
        "mistral",
        {"custom_id": "1", "body": {"messages": [user("Hello")], "temperature": "0.2"}},
        "invalid-body",
        "/body/temperature",
    ),
    "parallel calls by a word": Defect(
        "openai",
        {"messages": [user("Hi"), answer("Hello.")], "parallel_tool_calls": "no"},
        "wrong-type",
        "/parallel_tool_calls",
    ),
    "an input that is null": Defect(
        "openai", request({"input": None}, "/v1/embeddings"), "invalid-body", "/body/input"
    ),
    "an input that is an empty list": Defect(
        "generic", request({"input": []}, "/v1/moderations"), "invalid-body", "/body/input"
    ),
    "the body of another endpoint": Defect("openai", request({"input": "Hello"}), "invalid-body", "/body"),
    "an embedding of messages": Defect(
        "generic", request({"messages": [user("Hello")]}, "/v1/embeddings"), "invalid-body", "/body"
    ),
    "messages for the responses endpoint": Defect(
        "openai", request({"messages": [user("Hello")]}, "/v1/responses"), "invalid-body", "/body"
    ),
    "logprobs as a number": Defect(
        "openai", request({"messages": [user("Hello")], "logprobs": 3}), "invalid-body", "/body/logprobs"
    ),
}


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_documented_defect_is_found_at_its_place(defect: Defect):
    assert found(defect.record, defect.target).get(defect.rule) == (defect.pointer, defect.severity)


WORDS = {
    "a parameter of another type": (
        "together",
        {"custom_id": "1", "body": {"model": "m", "messages": [user("Hi")], "logprobs": True}},
        ("`logprobs` is true; this endpoint takes an integer", "Write `logprobs` as an integer, or leave it out."),
    ),
    "a key of a part": (
        "bedrock-nova",
        bedrock_look({"text": "Hi", "type": "text"}),
        ("the key `type` is not part of a content part", "Drop the key, or check its spelling."),
    ),
    "a turn of Gemini that is no object": (
        "vertex",
        {"contents": ["Hi", {"role": "model", "parts": [{"text": "Ho"}]}]},
        ('the message is "Hi", not an object', "Write each message as an object with `role` and `parts`."),
    ),
    "turns of Gemini that are no array": (
        "vertex",
        {"contents": None},
        ("`contents` is null, not an array", "Write `contents` as an array of objects."),
    ),
    "a role of Gemini that is no text": (
        "vertex",
        {"contents": [{"role": 1, "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Ho"}]}]},
        ("the role is 1, not a string", "Write `role` as user or model."),
    ),
    "a turn of ShareGPT that is no object": (
        "generic",
        {"conversations": [["Hi"], {"from": "gpt", "value": "Ho"}]},
        (
            "the message is an array of 1 item, not an object",
            "Write each message as an object with `from` and `value`.",
        ),
    ),
    "an output beside its other name": (
        "together",
        {**PAIR, "chosen": "Hi"},
        ("the key `chosen` should be `preferred_output`", "Drop the key: the answer is read from `preferred_output`."),
    ),
    "an image without an address": (
        "openai",
        {"messages": [user([{"type": "image_url", "image_url": {"url": ""}}]), answer("A dot.")]},
        ("`url` is empty", 'Write {"type": "text", "text": …} or {"type": "image_url", "image_url": {"url": …}}.'),
    ),
    "a function without a name": (
        "openai",
        {"messages": [user("Hi"), answer("Ho")], "tools": [{"type": "function", "function": {"name": ""}}]},
        ("`name` is empty", 'Write {"type": "function", "function": {"name": …, "parameters": …}}.'),
    ),
    "an id of other characters": (
        "anthropic",
        {"custom_id": "a b", "params": {"model": "m", "max_tokens": 1, "messages": [user("Hi")]}},
        (
            'the `custom_id` "a b" does not match ^[a-zA-Z0-9_-]{1,64}$',
            "Use only the characters that the pattern allows; keep it unique.",
        ),
    ),
}


@pytest.mark.parametrize(("target", "record", "words"), WORDS.values(), ids=WORDS)
def test_the_words_are_about_this_very_defect(target: str, record: dict[str, Any], words: tuple[str, str]):
    assert words in [(finding.message, finding.help) for finding in check_record(record, Settings(target=target))]


def test_what_a_call_says_is_no_refusal():
    settings = Settings(target="generic", select=("refusal-answer",))
    mail = {"toolUseId": "t1", "name": "weather", "input": {"city": "I cannot help with that."}}
    assert check_record(bedrock_talk(mail), settings) == []
    assert check_record({"messages": [user("Steal."), answer("I cannot help with that.")]}, settings) != []


def test_a_grader_may_have_a_label():
    assert found({"messages": [user("Is 7 prime?")], "label": True}, "openai", method="rl") == {}


def test_a_jpeg_by_another_name_is_repaired_where_its_type_stands():
    record = bedrock_look({"text": "What is it?"}, s3_picture("jpg"))
    fixed = fix_record(record, Settings(target="bedrock-nova"))
    assert fixed.outcome[0]["messages"][0]["content"][1] == s3_picture("jpeg")


@pytest.mark.parametrize(
    ("target", "record"),
    [
        ("mistral-finetune", {"interactions": [{"role": "user", "content": "Hi"}, answer("Hello")]}),
        ("generic", {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}),
        ("bedrock-nova", bedrock_look({"text": "Hi"})),
        ("vertex", gemini_look({"text": "Hi"})),
    ],
)
def test_a_text_under_text_is_put_where_the_format_has_it(target: str, record: dict[str, Any]):
    (name, (message, *others)), *rest = reversed(record.items())
    speaker = next(iter(message))
    misspelt = dict([*reversed(rest), (name, [{speaker: message[speaker], "text": "Hi"}, *others])])
    assert found(misspelt, target)["missing-content"] == (f"/{name}/0", Severity.ERROR)
    assert fix_record(misspelt, Settings(target=target)).outcome == (record,)


@pytest.mark.parametrize(
    ("target", "record", "role", "fixed"),
    [
        ("vertex", {"contents": [ASKED, {"role": "assistant", "parts": [{"text": "Paris."}]}]}, "model", "unsafe"),
        ("vertex", {"contents": [ASKED, {"role": "MODEL", "parts": [{"text": "Paris."}]}]}, "model", "safe"),
        ("cohere", {"messages": [{**user("Hi"), "role": "User"}, answer("Hello.")]}, "Chatbot", "unsafe"),
        (
            "cohere",
            {"messages": [{**user("Hi"), "role": "User"}, {**answer("Ho"), "role": "chatbot"}]},
            "Chatbot",
            "safe",
        ),
    ],
)
def test_a_role_becomes_the_one_of_the_target(target: str, record: dict[str, Any], role: str, fixed: str):
    (finding,) = check_record(record, Settings(target=target))
    assert (finding.rule, finding.fix and finding.fix.applicability) == ("unknown-role", fixed)
    assert finding.help.startswith("Use ")
    assert role in finding.help
    (mended,) = fix_record(record, Settings(target=target, unsafe_fixes=True)).outcome
    assert role in (message["role"] for message in next(iter(mended.values())))


@pytest.mark.parametrize(
    ("target", "record", "rule", "advice"),
    [
        ("vertex", {"contents": [{"role": "user", "parts": "Hi"}]}, "content-wrong-type", '[{"text": …}]'),
        (
            "generic",
            {"conversations": [{"from": "human", "value": 1}]},
            "content-wrong-type",
            "Write `value` as a string",
        ),
        ("vertex", {"contents": [ASKED, {"parts": [{"text": "Paris."}]}]}, "missing-role", "user or model"),
        ("generic", {"conversations": [{"value": "Hi"}]}, "missing-role", "Add `from`: system, human or gpt"),
        ("generic", {"conversations": [{"from": "human"}]}, "missing-content", "Add `value`"),
        (
            "vertex",
            {"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0="}}]}]},
            "unsupported-image-url",
            "gs:",
        ),
        (
            "anthropic",
            {"custom_id": "1", "params": {"model": "m", "max_tokens": 1, "messages": [user([{"type": "text"}])]}},
            "invalid-content-part",
            '"source"',
        ),
    ],
)
def test_what_to_do_is_said_in_the_words_of_the_format(target: str, record: dict[str, Any], rule: str, advice: str):
    helps = [finding.help for finding in check_record(record, Settings(target=target)) if finding.rule == rule]
    assert len(helps) == 1
    assert advice in helps[0]


def test_a_record_of_bedrock_without_a_version_is_told_to_have_one():
    (finding,) = check_record({"messages": bedrock_talk()["messages"]}, Settings(target="bedrock-nova"))
    assert (finding.rule, finding.message) == ("unknown-format", "the record has no `schemaVersion`")
    assert "bedrock-conversation-2024" in finding.help


def test_the_address_of_an_endpoint_is_not_asked_where_it_is_foreign():
    record = request({"messages": [user("Hello")]}, "/v1/embeddings")
    assert "foreign-request-key" in found(record, "together")
    assert "invalid-body" not in found(record, "together")


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


SYSTEMS_THAT_ARE_NONE = {
    "no parts": ({}, ""),
    "a text": ({"parts": "Be brief."}, "/parts"),
    "an empty list": ({"parts": []}, "/parts"),
    "a text as a part": ({"parts": ["Be brief."]}, "/parts/0"),
    "a number as a text": ({"parts": [{"text": "Be brief."}, {"text": 1}]}, "/parts/1"),
}


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize(("value", "inside"), SYSTEMS_THAT_ARE_NONE.values(), ids=SYSTEMS_THAT_ARE_NONE)
def test_a_system_message_of_gemini_has_parts(key: str, value: Any, inside: str):
    record = {key: value, "contents": gemini_talk()["contents"], "tools": gemini_talk()["tools"]}
    assert found(record, "vertex") == {"invalid-content-part": (f"/{key}{inside}", Severity.ERROR)}
    pair = {key: value, **GEMINI_PAIR}
    assert found(pair, "vertex") == {"invalid-content-part": (f"/{key}{inside}", Severity.ERROR)}


GEMINI_PAIR: dict[str, Any] = {
    "contents": [{"role": "user", "parts": [{"text": "Capital of France?"}]}],
    "completions": [
        {"score": score, "completion": {"role": "model", "parts": [{"text": text}]}}
        for score, text in ((1, "Paris."), (0, "No idea."))
    ],
}


def test_a_preference_pair_of_gemini_asks_something():
    contents = [{"role": "user", "parts": []}]
    assert found({**GEMINI_PAIR, "contents": contents}, "vertex") == {
        "empty-content": ("/contents/0/parts", Severity.WARNING)
    }
    contents = [{"role": "user", "parts": [{}]}]
    assert found({**GEMINI_PAIR, "contents": contents}, "vertex") == {
        "invalid-content-part": ("/contents/0/parts/0", Severity.ERROR)
    }


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize(
    ("parts", "blank"),
    [
        ([{"text": ""}], True),
        ([{"text": " "}, {"text": "\n"}], True),
        ([{"text": "Be brief."}, {"text": "\n"}], False),
        ([{"text": "Be brief."}], False),
    ],
)
def test_a_system_message_of_gemini_says_something(key: str, parts: list[Any], blank: bool):
    expected = {"empty-content": (f"/{key}/parts", Severity.WARNING)} if blank else {}
    assert found({key: {"parts": parts}, "contents": gemini_talk()["contents"][:1]}, "vertex", "rl") == expected
    assert found({key: {"role": "system", "parts": parts}, **GEMINI_PAIR}, "vertex") == expected


@pytest.mark.parametrize(
    ("place", "removed"),
    [
        (("systemInstruction",), ()),
        (("systemInstruction", "parts", 0), ()),
        (("completions", 0, "completion"), ()),
        (("completions", 1, "completion", "parts", 0), ()),
        (("contents", 0, "parts", 0), ()),
        (("completions", 1, "completion"), ("role",)),
    ],
)
def test_a_key_that_gemini_does_not_know_is_reported_and_dropped_wherever_it_is(
    place: Pointer, removed: tuple[str, ...]
):
    record = copy.deepcopy({"systemInstruction": {"parts": [{"text": "Be brief."}]}, **GEMINI_PAIR})
    holder = value_at(record, place)
    for key in removed:
        del holder[key]
    assert found(record, "vertex") == {}
    right = copy.deepcopy(record)
    holder["mood"] = "good"
    where = format_pointer((*place, "mood"))
    assert found(record, "vertex") == {"extra-message-key": (where, Severity.WARNING)}
    assert fix_record(record, Settings(target="vertex")).outcome == (record,)
    assert fix_record(record, Settings(target="vertex", unsafe_fixes=True)).outcome == (right,)


@pytest.mark.parametrize(("key", "right"), [("Parts", "parts"), ("function_call", None), ("part", None)])
def test_a_key_of_an_answer_of_gemini_that_is_misspelt_is_not_dropped(key: str, right: str | None):
    pair = copy.deepcopy(GEMINI_PAIR)
    answer = pair["completions"][1]["completion"]
    answer[key] = answer.pop("parts")
    fixed = fix_record(pair, Settings(target="vertex", unsafe_fixes=True)).outcome
    assert fixed == (GEMINI_PAIR if right else pair,)


@pytest.mark.parametrize("key", ["rol", "content", "tool_calls"])
@pytest.mark.parametrize(("held", "goes"), [(None, True), ([], True), ("x", False)])
def test_a_vital_key_of_an_answer_of_gemini_is_dropped_only_if_it_is_empty(key: str, held: Any, goes: bool):
    pair = copy.deepcopy(GEMINI_PAIR)
    answer = pair["completions"][0]["completion"]
    answer.pop("role", None)
    right = copy.deepcopy(pair)
    answer[key] = held
    fixed = fix_record(pair, Settings(target="vertex", unsafe_fixes=True, select=("extra-message-key",))).outcome
    assert fixed == (right if goes else pair,)


@pytest.mark.parametrize("parts", ["Be brief.", [{"text": 5}]])
def test_what_gemini_takes_for_no_system_message_is_not_compared_with_others(parts: Any):
    talk = gemini_talk()["contents"]
    records = [{"systemInstruction": {"parts": each}, "contents": talk} for each in ([{"text": "Be kind."}], parts)]
    settings = Settings(target="vertex", ignore=("JL3", "JL801", "JL804"))
    assert {finding.rule for finding in check_records(records, settings)} == {"invalid-content-part"}


def test_an_answer_of_gemini_of_which_nothing_is_known_is_one_finding():
    pair = copy.deepcopy(GEMINI_PAIR)
    pair["completions"][0]["completion"]["parts"] = [{"txt": "Paris."}]
    assert list(found(pair, "vertex")) == ["invalid-completion"]
    pair["completions"][0]["completion"] = {"role": "model", "part": [{"text": "Paris."}]}
    assert fix_record(pair, Settings(target="vertex", unsafe_fixes=True)).outcome == (pair,)


def bedrock_result(*content: Any) -> dict[str, Any]:
    use = {"toolUse": {"toolUseId": "a", "name": "weather", "input": {}}}
    asked, answered = {"text": "Weather?"}, {"text": "It rains."}
    result = {"toolResult": {"toolUseId": "a", "content": list(content)}}
    turns = [("user", asked), ("assistant", use), ("user", result), ("assistant", answered)]
    talk = [{"role": role, "content": [block]} for role, block in turns]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": talk}


@pytest.mark.parametrize(
    ("part", "inside", "words"),
    [
        ("Rain.", "", 'the part is "Rain."; it must be an object'),
        (
            {"words": "Rain."},
            "",
            "the part is an object of 1 key; it must hold text, json, image, document, video or searchResult",
        ),
        ({}, "", "the part is {}; it must hold text, json, image, document, video or searchResult"),
        ({"text": 5}, "/text", "`text` is 5; it must be a text"),
        ({"image": "a.png"}, "/image", '`image` is "a.png"; it must be an object'),
        ({"text": ""}, None, ""),
        ({"json": {"rain": True}}, None, ""),
        ({"json": ["rain"]}, None, ""),
        ({"document": {"format": "pdf", "source": {"bytes": "JVBERi0="}}}, None, ""),
    ],
)
@pytest.mark.parametrize("target", ["bedrock-nova", "generic"])
def test_a_result_of_a_tool_at_bedrock_is_made_of_parts(target: str, part: Any, inside: str | None, words: str):
    settings = Settings(target=target, select=("invalid-content-part", "extra-message-key"))
    findings = check_record(bedrock_result({"text": "Well."}, part), settings)
    assert [(finding.rule, finding.pointer) for finding in findings] == (
        [] if inside is None else [("invalid-content-part", f"/messages/2/content/0/toolResult/content/1{inside}")]
    )
    assert [finding.message for finding in findings] == [words] * len(findings)


def test_the_type_of_a_part_of_a_result_at_bedrock_is_dropped():
    record = bedrock_result({"type": "text", "text": "Rain."})
    settings = Settings(target="bedrock-nova", select=("extra-message-key",), unsafe_fixes=True)
    (finding,) = check_record(record, settings)
    assert finding.pointer == "/messages/2/content/0/toolResult/content/0/type"
    assert fix_record(record, settings).outcome == (bedrock_result({"text": "Rain."}),)


@pytest.mark.parametrize(
    ("part", "right"),
    [
        ({"type": "text", "text": "Hi"}, {"text": "Hi"}),
        ({"type": "text", "words": "Hi"}, None),
        ({"type": "text"}, None),
    ],
)
def test_the_type_of_a_part_is_dropped_where_parts_have_none(part: dict[str, str], right: dict[str, str] | None):
    record = {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [{"role": "user", "content": [part]}, {"role": "assistant", "content": [{"text": "Ho"}]}],
    }
    fixed = fix_record(record, Settings(target="bedrock-nova", unsafe_fixes=True)).outcome[0]
    assert fixed["messages"][0]["content"] == [right or part]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ({}, ""),
        ({"source": "a.png"}, "/source"),
        ({"source": {}}, "/source"),
        ({"source": {"type": "base64", "media_type": "image/png"}}, "/source"),
        ({"source": {"type": "url", "url": ""}}, "/source/url"),
        ({"source": {"type": "file", "file_id": 7}}, "/source/file_id"),
        ({"source": {"type": "url", "url": "https://example.com/a.png"}}, None),
        ({"source": {"type": "file", "file_id": "file_1"}}, None),
    ],
)
def test_an_image_of_anthropic_has_a_source(source: dict[str, Any], place: str | None):
    for kind in ("image", "document"):
        places = found(anthropic_request(messages=[user([{"type": kind, **source}])]), "anthropic")
        place_of_part = f"/params/messages/0/content/0{place}"
        assert places == ({} if place is None else {"invalid-content-part": (place_of_part, Severity.WARNING)})


def test_a_source_of_anthropic_without_a_media_type():
    image = {"type": "image", "source": {"type": "base64", "data": "iVBORw0KGgo="}}
    findings = check_record(anthropic_request(messages=[user([image])]), Settings(target="anthropic"))
    assert {finding.pointer.rpartition("/")[2] for finding in findings} == {"source", "data"}


@pytest.mark.parametrize("system", [["Be brief."], [{"text": "Be brief."}], [{"type": "image"}], [{"type": "text"}]])
def test_a_system_prompt_of_anthropic_is_made_of_texts(system: Any):
    assert found(anthropic_request(system=[{"type": "text", "text": "Be brief."}]), "anthropic") == {}
    assert set(found(anthropic_request(system=system), "anthropic")) == {"invalid-body"}


TRL_PAIRS = {
    "an empty prompt": ({"prompt": " ", "chosen": "a b", "rejected": "c d"}, "empty-text", "/prompt"),
    "a blank message as a prompt": (
        {"prompt": [user(" ")], "chosen": [answer("a b")], "rejected": [answer("c d")]},
        "empty-text",
        "/prompt",
    ),
    "an empty list as a prompt": ({"prompt": [], "chosen": "a b", "rejected": "c d"}, "empty-text", "/prompt"),
    "an empty list as an answer": ({"prompt": "a b", "chosen": [], "rejected": "c d"}, "empty-output", "/chosen"),
    "a list that ends with the user": (
        {"chosen": [user("Hello")], "rejected": [user("Hello"), answer("Go away.")]},
        "output-not-assistant",
        "/chosen/0/role",
    ),
    "an empty list to complete": ({"prompt": "a b", "completion": [], "label": True}, "empty-text", "/completion"),
    "parts without text": (
        {"prompt": [{"type": "text", "text": " "}], "completion": [{"type": "text", "text": "Paris."}]},
        "empty-text",
        "/prompt",
    ),
    "a completion by the user": (
        {"prompt": [user("Hello")], "completion": [user("Hello?")]},
        "no-assistant-message",
        "/completion",
    ),
    "a better or worse answer by the user": (
        {"prompt": [user("Hello")], "completion": [user("Hello?")], "label": False},
        "no-assistant-message",
        "/completion",
    ),
    "a message without parts": (
        {"prompt": [user([])], "completion": [answer("Paris.")], "label": True},
        "empty-text",
        "/prompt",
    ),
    "a message with a blank part": (
        {"prompt": [user("Capital of France?")], "completion": [answer([{"type": "text", "text": " "}])]},
        "empty-text",
        "/completion",
    ),
}


@pytest.mark.parametrize(("record", "rule", "pointer"), TRL_PAIRS.values(), ids=TRL_PAIRS)
def test_a_prompt_or_answer_of_trl_that_is_none(record: dict[str, Any], rule: str, pointer: str):
    severity = Severity.ERROR if rule.endswith(("not-assistant", "no-assistant-message")) else Severity.WARNING
    assert found(record, "generic") == {rule: (pointer, severity)}


@pytest.mark.parametrize("target", ["together", "openai", "azure", "fireworks", "generic"])
def test_pairs_of_answers_are_what_dpo_learns_from(target: str):
    assert found(PAIR, target, method="dpo") == {}
    chat = {"messages": [user("Hello"), answer("Hi.")]}
    assert found(chat, target, method="dpo") == {"unknown-format": ("", Severity.ERROR)}
    assert found({"messages": [user("Hello"), answer("")]}, target, method="dpo").keys() == {
        *("unknown-format", "nothing-to-learn", "empty-content")
    }
    findings = check_records([PAIR, chat], Settings(target=target, method="dpo"))
    mixed = "mixed-formats" if target in ("together", "generic") else "unknown-format"
    assert [(finding.rule, finding.severity) for finding in findings] == [(mixed, Severity.ERROR)]


def test_a_target_without_pairs_or_a_batch_is_not_held_to_dpo():
    assert found({"messages": [user("Hello"), answer("Hi.")]}, "nebius", method="dpo") == {}
    assert found(request({"messages": [user("Hello")]}), "openai", method="dpo") == {}


def test_prompts_and_completions_of_trl_may_be_conversations():
    record = {"prompt": [user("Capital of France?")], "completion": [answer("Paris.")]}
    assert found(record, "generic") == {}
    assert set(found(record, "together")) == {"invalid-content-part"}
    assert set(found({**record, "completion": [user("Paris?")]}, "together")) == {"invalid-content-part"}
    call = {"id": "call_0001", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    calling = {"prompt": record["prompt"], "completion": [{**answer(""), "tool_calls": [call]}]}
    assert set(found(calling, "generic")) <= {"tool-calls-without-tools"}
    mixed = {"prompt": [user("Capital of France?"), 5], "completion": [answer("Paris.")]}
    assert found(mixed, "generic") == {"message-not-object": ("/prompt/1", Severity.ERROR)}


def test_a_number_as_a_version_has_no_fix_because_its_text_would_be_wrong_too():
    (finding,) = check_record({**bedrock_look({"text": "2 + 2?"}), "schemaVersion": 2024}, Settings(target="generic"))
    assert (finding.rule, finding.pointer, finding.fix) == ("wrong-type", "/schemaVersion", None)


@pytest.mark.parametrize(
    "thought", [{"reasoningText": {"text": "Easy.", "signature": "s"}}, {"redactedContent": "aGlkZGVu"}]
)
def test_reasoning_of_bedrock_has_a_text_or_is_hidden(thought: Any):
    record = bedrock_look({"text": "2 + 2?"}, assistant=({"reasoningContent": thought}, {"text": "4"}))
    assert found(record, "bedrock-nova") == {}


@pytest.mark.parametrize("content", ["rain", [], [{"type": "text", "text": "rain"}], None])
def test_a_result_of_anthropic_is_a_text_or_a_list(content: Any):
    messages = anthropic_request()["params"]["messages"]
    messages[2]["content"][0]["content"] = content
    assert found(anthropic_request(messages=messages), "anthropic") == {}


def test_a_request_to_together_may_have_a_call_of_the_older_kind():
    call = {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}}
    result = {"role": "function", "name": "weather", "content": "Rain."}
    body = {"model": "openai/gpt-oss-120b", "messages": [user("Weather?"), call, result]}
    body["functions"] = [{"name": "weather"}]
    assert found({"custom_id": "1", "body": body}, "together") == {}
    rules = found({"messages": [*body["messages"], answer("Rain.")]}, "together")
    assert rules["legacy-function-call"] == ("/messages/1/function_call", Severity.ERROR)


def test_a_weight_of_the_user_in_a_preference_pair():
    pair = {**PAIR, "input": {"messages": [user("Capital of France?", weight=1)]}}
    assert found(pair, "together") == {"weight-on-non-assistant": ("/input/messages/0/weight", Severity.WARNING)}


@pytest.mark.parametrize("target", ["together", "mistral", "openai", "generic"])
def test_a_body_alone_is_a_request_without_its_id(target: str):
    body = {"model": "openai/gpt-oss-120b", "messages": [user("Hello")]}
    assert "missing-custom-id" in found({"body": body}, target)
    assert found({"title": "Rain", "body": "It rained."}, target) == {"unknown-format": ("", Severity.ERROR)}


@pytest.mark.parametrize(
    ("line", "severity"),
    [(request({"model": "gpt-4o", "messages": [user("Hello")]}), Severity.ERROR), (PAIR, Severity.WARNING)],
    ids=["batch", "training"],
)
def test_azure_refuses_a_byte_order_mark_in_a_batch_alone(tmp_path: Path, line: dict[str, Any], severity: Severity):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line_of(line))
    findings = check_file(path, Settings(target="azure", ignore=("too-few-records",))).findings
    assert [(finding.rule, finding.severity) for finding in findings] == [("utf8-bom", severity)]


@pytest.mark.parametrize("target", ["vertex", "generic"])
def test_the_one_turn_of_a_gemini_pair_may_go_without_a_role(target: str):
    pair = gemini_pair(1, 0)
    assert found(pair, target) == {}
    del pair["contents"][0]["role"]
    assert found(pair, target) == {}
