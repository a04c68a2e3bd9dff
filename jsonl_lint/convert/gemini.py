"""Google's `contents` of `role` and `parts`."""

from __future__ import annotations

import re
from typing import Any

from jsonl_lint.convert.noted import declared_functions, note_ids, note_message_keys, note_weight
from jsonl_lint.convert.pivot import (
    CannotConvertError,
    Conversation,
    Json,
    Losses,
    call,
    calls_of,
    dumped,
    loaded,
    loaded_object,
    objects,
    only,
    parts_of,
    plain,
    role_of,
    split_system,
    text,
    without_nulls,
)
from jsonl_lint.convert.results import in_order_of_calls, with_ids
from jsonl_lint.records.untyped import GEMINI_SYSTEM
from jsonl_lint.toolcalls.geminischema import json_schema

_DATA_URL = re.compile(r"data:([\w/.+-]{1,100});base64,")


def read_gemini(record: Json, losses: Losses) -> Conversation:
    """Read `contents`. Calls of functions become tool calls, and each of their results becomes a message."""
    system = next((record[key] for key in GEMINI_SYSTEM if key in record), None)
    losses.rest("extra-keys", record, ("contents", *GEMINI_SYSTEM, "tools"))
    messages: list[Json] = []
    if record.keys() >= set(GEMINI_SYSTEM):
        raise CannotConvertError("there are two system instructions")
    if system is not None:
        messages.append({"role": "system", "content": "\n\n".join(_system_texts(system))})
    waiting: dict[str, list[str]] = {}
    contents = objects(record["contents"], "`contents`")
    for index, content in enumerate(contents):
        losses.rest("message-keys", content, ("role", "parts"), "contents", index)
        messages += _messages(content, index, waiting)
    return Conversation(messages, _tools(record.get("tools")), own_ids=_has_ids(contents))


def _has_ids(contents: list[Json]) -> bool:
    """Whether a call or a result has an id, as Google's API gives them; tuning data needs none."""
    parts = (_camel(part) for content in contents for part in objects(content.get("parts"), "`parts`"))
    values = (part.get(key) for part in parts for key in ("functionCall", "functionResponse"))
    return any(isinstance(value, dict) and value.get("id") is not None for value in values)


_CAMEL = {
    "function_call": "functionCall",
    "function_response": "functionResponse",
    "inline_data": "inlineData",
    "mime_type": "mimeType",
    "function_declarations": "functionDeclarations",
}
"""Keys as Google's Python library writes them, and as its API does. It reads both."""


def _camel(value: Json) -> Json:
    """Return an object with its keys as the API writes them, without those that are null."""
    return {_CAMEL.get(key, key): inner for key, inner in without_nulls(value).items()}


def read_gemini_preference(record: Json, losses: Losses) -> Conversation:
    """Read `contents` and two `completions`, of which the one with the score 1 is preferred."""
    completions = objects(record["completions"], "`completions`")
    conversation = read_gemini({key: value for key, value in record.items() if key != "completions"}, losses)
    answers: dict[float, Json] = {}
    for entry in completions:
        only(entry, "an entry of `completions`", "score", "completion")
        completion = entry.get("completion")
        if not isinstance(completion, dict):
            raise CannotConvertError("a completion is not an object")
        only(completion, "a completion", "role", "parts")
        score = entry.get("score")
        said = _messages({"role": "model", **completion}, len(conversation.messages), {})
        if isinstance(score, int | float) and [message["role"] for message in said] == ["assistant"]:
            answers[score] = said[0]
    if len(completions) != 2 or answers.keys() != {0, 1}:
        raise CannotConvertError("`completions` are not two answers of the model with the scores 1 and 0")
    own_ids = conversation.own_ids
    return Conversation(conversation.messages, conversation.tools, None, answers[1], answers[0], own_ids)


def _system_texts(system: Any) -> list[str]:
    if not isinstance(system, dict):
        raise CannotConvertError("the system instruction is not an object")
    only(system, "the system instruction", "role", "parts")
    return [text(_part(part).get("text"), "a part of it") for part in objects(system.get("parts"), "`parts`")]


def _messages(content: Json, index: int, waiting: dict[str, list[str]]) -> list[Json]:
    """Return the messages of one content: the results in it, and what else it says.

    `waiting` has the ids of the calls made last that have no result yet, by the function's name.
    """
    role = {"user": "user", "model": "assistant", "function": "user"}.get(role_of({"role": "user", **content}))
    if role is None:
        raise CannotConvertError(f"Gemini has no role {role_of(content)!r}")
    said: Json = {"role": role, "content": ""}
    parts: list[Json] = []
    calls: list[Json] = []
    results: list[Json] = []
    for number, part in enumerate(map(_camel, objects(content.get("parts"), "`parts`"))):
        if isinstance(made := part.get("functionCall"), dict):
            only(part, "a part", "functionCall")
            calls.append(_call(made, f"call_{index}_{number}"))
        elif isinstance(result := part.get("functionResponse"), dict):
            only(part, "a part", "functionResponse")
            results.append(_result(result, waiting))
        elif part.get("thought") is True and isinstance(part.get("text"), str):
            only(part, "a part", "text", "thought")
            if "reasoning_content" in said:
                raise CannotConvertError("a content holds its thoughts in several parts")
            said["reasoning_content"] = part["text"]
        else:
            parts.append(_part(part))
    said["content"] = parts[0]["text"] if _is_text(parts) else parts or ""
    if calls:
        said["tool_calls"] = calls
        waiting.clear()
        for made in calls:
            waiting.setdefault(made["function"]["name"], []).append(made["id"])
    says_nothing = not parts and said.keys() == {"role", "content"}
    return results if results and says_nothing else [*results, said]


def _call(made: Json, number: str) -> Json:
    only(made, "a function call", "id", "name", "args")
    call_id = number if made.get("id") is None else text(made["id"], "the id of a function call")
    return call(call_id, made.get("name"), made.get("args", {}))


def _result(result: Json, waiting: dict[str, list[str]]) -> Json:
    """Return a tool's message; a result without an id is that of the next call of its function."""
    only(result, "a function's response", "id", "name", "response")
    message: Json = {"role": "tool", "content": dumped(result.get("response"))}
    ids = waiting.get(str(result.get("name")))
    if result.get("id") is not None:
        message["tool_call_id"] = text(result["id"], "the id of a function's response")
        if ids and result["id"] in ids:
            ids.remove(result["id"])
    elif ids:
        message["tool_call_id"] = ids.pop(0)
    else:
        message["name"] = result.get("name")
    return message


def _is_text(parts: list[Json]) -> bool:
    return len(parts) == 1 and parts[0]["type"] == "text"


def _part(part: Json) -> Json:
    """Return a text or an image as a part of a chat message."""
    if isinstance(part.get("text"), str) and len(part) == 1:
        return {"type": "text", "text": part["text"]}
    data = part.get("inlineData")
    data = _camel(data) if isinstance(data, dict) else data
    if isinstance(data, dict) and isinstance(data.get("data"), str):
        only(part, "a part", "inlineData")
        only(data, "an image", "mimeType", "data")
        return {"type": "image_url", "image_url": {"url": f"data:{data.get('mimeType')};base64,{data['data']}"}}
    if part.keys() <= {"text"}:
        raise CannotConvertError("the `text` of a part is not a text")
    raise CannotConvertError(f"chat messages have no part like {', '.join(sorted(part))[:60]}")


def _tools(value: Any) -> list[Any] | None:
    declared: list[Json] = []
    for tool in map(_camel, objects(value or [], "`tools`")):
        only(tool, "a tool", "functionDeclarations")
        declared += objects(tool.get("functionDeclarations"), "`functionDeclarations`")
    return [{"type": "function", "function": _in_json_schema(function)} for function in declared] or None


def _in_json_schema(function: Json) -> Json:
    """Return a declared function with the types of its arguments spelled as in JSON Schema: OBJECT is object there."""
    return {key: json_schema(value) if key == "parameters" else value for key, value in function.items()}


def write_gemini(conversation: Conversation, losses: Losses) -> Json:
    """Write `contents`. Results of tools that follow each other become parts of one content of the user."""
    note_weight(conversation, losses)
    note_message_keys(conversation, (), losses)
    system, messages = split_system(conversation.messages)
    names: dict[str | None, str] = {}
    contents: list[Json] = []
    before = len(conversation.messages) - len(messages)
    for place, message in in_order_of_calls(with_ids(messages), tells_names=True):
        if role_of(message) == "tool":
            note_ids(conversation, before + place, losses)
            part = _response(message, names)
            if contents and "functionResponse" in contents[-1]["parts"][-1]:
                contents[-1]["parts"].append(part)
            else:
                contents.append({"role": "user", "parts": [part]})
            continue
        parts = [_written(part) for part in parts_of(message)]
        for call_id, name, arguments in calls_of(message):
            names[call_id] = name
            parts.append({"functionCall": {"name": name, "args": loaded_object(arguments)}})
        note_ids(conversation, before + place, losses)
        role = {"user": "user", "assistant": "model"}.get(role_of(message))
        if role is None:
            raise CannotConvertError(f"Gemini has no role for {role_of(message)!r}")
        contents.append({"role": role, "parts": parts or [{"text": ""}]})
    record: Json = {"systemInstruction": {"parts": [{"text": part} for part in system]}} if system else {}
    record["contents"] = contents
    if conversation.tools:
        record["tools"] = [{"functionDeclarations": list(declared_functions(conversation, losses))}]
    return record


def _written(part: Json) -> Json:
    """Return a part of a chat message as Gemini has it."""
    if part.get("type", "text") == "text":
        only(part, "a part", "type", "text")
        return {"text": text(part.get("text"), "a part of the content")}
    only(part, "a part", "type", "image_url")
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    only(image if isinstance(image, dict) else {}, "an image", "url")
    found = _DATA_URL.match(url) if isinstance(url, str) else None
    if found is None or not isinstance(url, str):
        raise CannotConvertError("an image is not a base64 data URL")
    return {"inlineData": {"mimeType": found[1], "data": url[found.end() :]}}


def _response(message: Json, names: dict[str | None, str]) -> Json:
    """Return a tool's message as a part; `names` has the functions by the ids of their calls."""
    call_id = message.get("tool_call_id")
    name = message.get("name") or (names.get(call_id) if isinstance(call_id, str) else None)
    if not isinstance(name, str):
        raise CannotConvertError("a tool's message answers no call that is known")
    words = plain(message)
    try:
        value = loaded(words, "")
    except CannotConvertError:
        value = None
    return {"functionResponse": {"name": name, "response": value if isinstance(value, dict) else {"output": words}}}
