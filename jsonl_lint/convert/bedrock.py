"""Bedrock's converse format: `schemaVersion`, `system`, and `messages` whose content is a list of blocks."""

from __future__ import annotations

from typing import Any

from jsonl_lint.convert.noted import declared_functions, note_message_keys, note_weight
from jsonl_lint.convert.pivot import (
    CannotConvertError,
    Conversation,
    Json,
    Losses,
    call,
    calls_of,
    dumped,
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
from jsonl_lint.convert.results import with_ids
from jsonl_lint.records.formats import BEDROCK_SCHEMA_VERSION, REASONING_KEYS


def read_bedrock(record: Json, losses: Losses) -> Conversation:
    """Read `system`, `messages` and `toolConfig`; `toolUse` is a tool call, `toolResult` becomes a tool's message."""
    losses.rest("extra-keys", record, ("schemaVersion", "system", "messages", "toolConfig"))
    if record.get("schemaVersion", BEDROCK_SCHEMA_VERSION) != BEDROCK_SCHEMA_VERSION:
        losses.note("extra-keys", "schemaVersion")
    messages: list[Json] = []
    if record.get("system"):
        texts = [_system_text(block) for block in objects(record["system"], "`system`")]
        messages.append({"role": "system", "content": "\n\n".join(texts)})
    for index, message in enumerate(objects(record["messages"], "`messages`")):
        losses.rest("message-keys", message, ("role", "content"), "messages", index)
        messages += _messages(message)
    config = record.get("toolConfig", {})
    if not isinstance(config, dict):
        raise CannotConvertError("`toolConfig` is not an object")
    losses.rest("extra-keys", config, ("tools",), "toolConfig")
    return Conversation(messages, _tools(config.get("tools")))


def _system_text(block: Json) -> str:
    only(block, "a block of `system`", "text")
    return text(block.get("text"), "a block of `system`")


def _messages(message: Json) -> list[Json]:
    """Return the messages of chat that one message becomes: the results in it, and what else it says."""
    texts: list[str] = []
    read: Json = {"role": role_of(message), "content": ""}
    results: list[Json] = []
    for block in map(without_nulls, objects(message.get("content"), "`content`")):
        only(block, "a block", next(iter(block), ""))  # a block has one key
        if isinstance(block.get("text"), str):
            texts.append(block["text"])
        elif isinstance(use := block.get("toolUse"), dict):
            only(use, "a tool call", "toolUseId", "name", "input")
            made = call(text(use.get("toolUseId"), "`toolUseId`"), use.get("name"), use.get("input", {}))
            read.setdefault("tool_calls", []).append(made)
        elif isinstance(result := block.get("toolResult"), dict):
            results.append(_result(result))
        elif isinstance(thought := block.get("reasoningContent"), dict):
            if "reasoning_content" in read:
                raise CannotConvertError("a message holds its reasoning in several blocks")
            read["reasoning_content"] = _thought(thought)
        else:
            if block.keys() <= {"text"}:
                raise CannotConvertError("the `text` of a block is not a text")
            raise CannotConvertError(f"chat messages have no block like {', '.join(sorted(block))[:60]}")
    read["content"] = texts[0] if len(texts) == 1 else [{"type": "text", "text": part} for part in texts] or ""
    only_results = results and not texts and read.keys() == {"role", "content"}
    return results if only_results else [*results, read]


def _thought(block: Json) -> str:
    inner = block.get("reasoningText")
    if not isinstance(inner, dict):
        raise CannotConvertError("the reasoning is not a text")
    only(inner, "the reasoning", "text")
    return text(inner.get("text"), "the reasoning")


def _result(result: Json) -> Json:
    only(result, "a tool's result", "toolUseId", "content")
    parts = map(_text_of_result, objects(result.get("content"), "`content` of a tool's result"))
    return {"role": "tool", "tool_call_id": result.get("toolUseId"), "content": "\n".join(parts)}


def _text_of_result(part: Json) -> str:
    only(part, "a part of a tool's result", "text", "json")
    return part["text"] if isinstance(part.get("text"), str) else dumped(part.get("json", part))


def _tools(tools: Any) -> list[Any]:
    found = []
    for tool in objects(tools or [], "`tools`"):
        spec = tool.get("toolSpec")
        if not isinstance(spec, dict):
            raise CannotConvertError("a tool has no `toolSpec`")
        only(spec, "a tool", "name", "description", "inputSchema")
        schema = spec.get("inputSchema")
        function = {key: spec[key] for key in ("name", "description") if key in spec}
        parameters = schema.get("json") if isinstance(schema, dict) else None
        found.append({"type": "function", "function": {**function, "parameters": parameters or {}}})
    return found


def write_bedrock(conversation: Conversation, losses: Losses) -> Json:
    """Write `system`, `messages` and `toolConfig`; results of tools are the user's."""
    note_weight(conversation, losses)
    note_message_keys(conversation, REASONING_KEYS, losses)
    system, messages = split_system(conversation.messages)
    written: list[Json] = []
    for message in with_ids(messages):
        _write(message, written)
    for message in written:
        message["content"] = message["content"] or [{"text": ""}]
    record: Json = {"schemaVersion": BEDROCK_SCHEMA_VERSION}
    if system:
        record["system"] = [{"text": part} for part in system]
    record["messages"] = written
    if conversation.tools:
        record["toolConfig"] = {"tools": [_spec(function) for function in declared_functions(conversation, losses)]}
    return record


def _write(message: Json, written: list[Json]) -> None:
    """Write a message, in the same one as what its role said just before it: Bedrock wants the roles to alternate."""
    role = role_of(message)
    if role not in ("user", "assistant", "tool"):
        raise CannotConvertError(f"Bedrock has no role {role!r}")
    blocks = [_result_block(message)] if role == "tool" else _blocks(message)
    if role == "tool":
        role = "user"
    if not written or written[-1]["role"] != role:
        written.append({"role": role, "content": blocks})
    elif blocks and "reasoningContent" in blocks[0]:
        raise CannotConvertError("an assistant's second message in a row has reasoning of its own")
    else:
        written[-1]["content"] += blocks


def _blocks(message: Json) -> list[Json]:
    """Return what a message says and calls as blocks."""
    blocks: list[Json] = []
    if set(REASONING_KEYS) <= message.keys():
        raise CannotConvertError("a message has both `reasoning` and `reasoning_content`")
    thought = message.get("reasoning_content", message.get("reasoning"))
    if thought not in (None, ""):
        blocks.append({"reasoningContent": {"reasoningText": {"text": text(thought, "the reasoning")}}})
    for part in parts_of(message):
        if part.get("type") == "image_url":
            raise CannotConvertError("Bedrock takes images from S3 only")
        if part.get("type", "text") != "text":
            raise CannotConvertError("a part of the content is neither a text nor an image")
        only(part, "a part", "type", "text")
        blocks.append({"text": text(part.get("text"), "a part of the content")})
    for call_id, name, arguments in calls_of(message):
        call_id = text(call_id, "the id of a call")
        blocks.append({"toolUse": {"toolUseId": call_id, "name": name, "input": loaded_object(arguments)}})
    return blocks


def _result_block(message: Json) -> Json:
    call_id = text(message.get("tool_call_id"), "`tool_call_id`")
    return {"toolResult": {"toolUseId": call_id, "content": [{"text": plain(message)}]}}


def _spec(function: Json) -> Json:
    only(function, "a tool definition", "name", "description", "parameters")
    spec = {key: function[key] for key in ("name", "description") if key in function}
    return {"toolSpec": {**spec, "inputSchema": {"json": function.get("parameters") or {}}}}
