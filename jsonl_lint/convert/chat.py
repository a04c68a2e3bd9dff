"""Chat messages, and the formats of one prompt and one answer."""

from __future__ import annotations

from typing import Any

from jsonl_lint.convert.noted import note_message_keys, note_weight
from jsonl_lint.convert.pivot import (
    CannotConvertError,
    Conversation,
    Json,
    Losses,
    decoded,
    objects,
    plain,
    role_of,
    split_system,
    system_key,
    system_of,
    text,
)
from jsonl_lint.convert.sharegpt import tools_of
from jsonl_lint.dialects import PAIRS_OF_TEXTS, WITH_CONTEXT
from jsonl_lint.records.roles import is_call_role, role_meaning


def read_chat(record: Json, losses: Losses) -> Conversation:
    """Read `messages`, `tools` and `weight`; a `system` text beside them, as Anthropic has it, becomes a message.

    Other tools' names of who speaks become the usual ones: Gemini's `model`, Cohere's `Chatbot`.
    """
    losses.rest("extra-keys", record, ("messages", "tools", "weight", system_key(record)))
    tools = record.get("tools")
    tools = tools_of(tools) if isinstance(tools, str) else tools
    key = system_key(record)
    system = record.get(key)
    beginning = [] if system is None else [{"role": "system", "content": text(system, f"`{key}`")}]
    return Conversation(
        [*beginning, *map(_usual, objects(decoded(record["messages"], "`messages`"), "`messages`"))],
        None if tools is None else objects(tools, "`tools`"),
        record.get("weight"),
    )


def _usual(message: Json) -> Json:
    """Return the message with the usual name of its role; calls and results of functions are of another shape."""
    meant = role_meaning(message, ())
    role = message.get("role")
    if meant in (None, "tool", role) or (isinstance(role, str) and is_call_role(role)):
        return message
    return {**message, "role": meant}


def with_usual_roles(record: Json) -> Json:
    """Return a chat with the usual names of who speaks, itself if it has them; OpenAI's `developer` is one."""
    messages = record.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return record
    named = [message if message.get("role") in (None, "developer") else _usual(message) for message in messages]
    same = all(new is old for new, old in zip(named, messages, strict=True))
    return record if same else {**record, "messages": named}


def write_chat(conversation: Conversation, losses: Losses) -> Json:
    """Write `messages`, `tools` and `weight`."""
    record: Json = {"messages": conversation.messages}
    if conversation.tools:
        record["tools"] = conversation.tools
    if conversation.weight is not None:
        record["weight"] = conversation.weight
    return record


def read_texts(record: Json, losses: Losses) -> Conversation:
    """Read a question, with its `context` if it may have one, and an answer, under any of their usual names.

    Each may also be a list of messages, as TRL has them, with `tools` beside them. ms-swift has `system`, and earlier
    turns in `history`.
    """
    for question_key, answer_key in PAIRS_OF_TEXTS:
        if question_key in record and answer_key in record:
            question = record[question_key]
            kinds = {**_BESIDE, system_key(record): str}
            beside = {key: record[key] for key, kind in kinds.items() if key in record and _fits(record[key], kind)}
            if "context" in beside and question_key in WITH_CONTEXT and isinstance(question, str):
                question = _with_context(question, beside["context"])
            else:
                beside.pop("context", None)
            losses.rest("extra-keys", record, (question_key, answer_key, "weight", *beside))
            messages = [*_earlier(beside), *_turn(question, record[answer_key], question_key, answer_key)]
            return Conversation(messages, tools_of(beside.get("tools")), record.get("weight"))
    raise CannotConvertError("no question and answer")


_BESIDE: dict[str, type | tuple[type, ...]] = {"history": list, "tools": (list, str), "context": str}
"""What may stand beside a question and its answer, and the type that it has if it is what its name says."""


def _fits(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Whether a value has the type. Tables have null where there is nothing."""
    return value is None or isinstance(value, kind)


def are_messages(value: Any) -> bool:
    """Whether a prompt or a completion is a conversation instead of a text."""
    is_list = isinstance(value, list) and len(value) > 0
    return is_list and all(isinstance(item, dict) and "role" in item for item in value)


def _with_context(question: str, context: str) -> str:
    return f"{question}\n\n{context}" if context else question


def _turn(question: Any, answer: Any, question_key: str, answer_key: str) -> list[Json]:
    """Return a question and its answer as messages; the keys name them in messages about errors."""
    return [*_as_messages("user", question, question_key), *_as_messages("assistant", answer, answer_key)]


def _as_messages(role: str, value: Any, key: str) -> list[Json]:
    return value if are_messages(value) else [{"role": role, "content": text(value, f"`{key}`")}]


def write_instruction(conversation: Conversation, losses: Losses) -> Json:
    """Write `prompt` and `completion`: one question and one answer."""
    note_message_keys(conversation, ("weight",) if _trains_all(conversation) else (), losses)
    system, messages = split_system(conversation.messages)
    if system:
        losses.note("system", "messages", 0)
    if [role_of(message) for message in messages] != ["user", "assistant"] or _calls_tools(messages):
        raise CannotConvertError("prompt and completion hold one question and one answer in words, no more")
    if conversation.tools:
        losses.note("tools", "tools")
    record: Json = {"prompt": plain(messages[0]), "completion": plain(messages[1])}
    if conversation.weight is not None:
        record["weight"] = conversation.weight
    return record


def _trains_all(conversation: Conversation) -> bool:
    """Whether every message has the weight 1 or none, which means the same."""
    return all(message.get("weight", 1) == 1 for message in conversation.messages)


def read_alpaca(record: Json, losses: Losses) -> Conversation:
    """Read `instruction`, `input` and `output`, which Dolly calls `context` and `response`.

    LLaMA-Factory also has `system`, and earlier turns in `history`.
    """
    answer = "output" if "output" in record else "response"
    context = "input" if "input" in record else "context"
    losses.rest("extra-keys", record, ("instruction", context, answer, system_key(record), "history"))
    messages = _earlier(record)
    about = text(record.get(context) or "", f"`{context}`")
    question = _with_context(text(record["instruction"], "`instruction`"), about)
    return Conversation([*messages, *_turn(question, record[answer], "instruction", answer)])


def _earlier(record: Json) -> list[Json]:
    """Return the system text, and the earlier turns under `history`, as messages."""
    messages = system_of(record)
    history = record.get("history") or []
    for pair in history if isinstance(history, list) else [history]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise CannotConvertError("`history` is not a list of questions and answers")
        messages += _turn(pair[0], pair[1], "history", "history")
    return messages


def write_alpaca(conversation: Conversation, losses: Losses) -> Json:
    """Write `instruction`, an empty `input`, and `output`; earlier turns become `history`."""
    note_weight(conversation, losses)
    note_message_keys(conversation, (), losses)
    if conversation.tools:
        losses.note("tools", "tools")
    system, messages = split_system(conversation.messages)
    roles = [role_of(message) for message in messages]
    if not messages or roles != ["user", "assistant"] * (len(messages) // 2) or _calls_tools(messages):
        raise CannotConvertError("Alpaca holds questions and answers in turn, in words, and no tools")
    texts = [plain(message) for message in messages]
    record: Json = {"instruction": texts[-2], "input": "", "output": texts[-1]}
    if system:
        record["system"] = "\n\n".join(system)
    if len(texts) > 2:
        record["history"] = [texts[index : index + 2] for index in range(0, len(texts) - 2, 2)]
    return record


def _calls_tools(messages: list[Json]) -> bool:
    return any(message.get("tool_calls") for message in messages)
