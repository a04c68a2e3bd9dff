"""Count what is in one record of any format. What is malformed is not counted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.model import value_or_none
from jsonl_lint.records import toolshapes
from jsonl_lint.records.formats import BY_NAME, REASONING_KEYS, Format, formats_of
from jsonl_lint.records.roles import is_call_role
from jsonl_lint.records.texts import content_texts
from jsonl_lint.records.untyped import GEMINI_SYSTEM
from jsonl_lint.tokens.requests import is_conversation, messages_of, prompt_of
from jsonl_lint.tokens.toolparts import CALL, calls_and_results
from jsonl_lint.wording import MARGIN, printable, without_keys

_ALL_FORMATS = tuple(BY_NAME)
_BATCH = BY_NAME["batch"]
_BESIDE = ("prompt", "completion", "preferred_output", "non_preferred_output", "chosen", "rejected")
"""Keys beside a conversation that may hold messages."""

_TEXTS = frozenset(
    ("prompt", "completion", "text", "instruction", "input", "output", "context", "chosen", "rejected", "system")
)
"""Root keys that may hold a text."""

_IN_PARTS = ("prompt", "completion", "system")
"""Keys of texts that may be lists of parts."""

_DECLARATIONS = tuple(key for shape in toolshapes.ALL for key in shape.listed)
_HOLDERS = tuple(str(shape.function[0]) for shape in toolshapes.ALL if shape.function)
_TOOL_KEYS = frozenset(("name", "type", *_HOLDERS, *_DECLARATIONS))

UNKNOWN = "unknown"
"""Stands for the format of a record whose keys are those of none."""

_LONGEST_NAME = 60


class Facts(NamedTuple):
    """What is in one record.

    `turns` is the number of messages of its conversation, None if it has none. `roles` has the role of each message,
    and `role_characters` its characters; `tools` are the names of the defined tools, `calls` those of the called ones.
    """

    format: str
    turns: int | None
    characters: int
    roles: list[str]
    role_characters: list[int]
    tools: list[str]
    calls: list[str]


def facts_of(record: dict[str, Any]) -> Facts:
    """Return what is in a record."""
    found = formats_of(record.keys(), _ALL_FORMATS)
    known = found[0] if found else None
    conversation = value_or_none(record, known.messages_at) if known and known.messages_at else None
    messages = [item for item in conversation if isinstance(item, dict)] if isinstance(conversation, list) else []
    speaker = known.speaker if known else "role"
    turns = len(messages) if isinstance(conversation, list) else None
    characters = _texts_beside(record, known)
    if known is _BATCH and turns is None:
        messages, length = _prompt(record)
        characters += length
        turns = len(messages) or None
    for key in _BESIDE:
        if isinstance(record.get(key), list):
            messages += [item for item in record[key] if isinstance(item, dict) and _is_message(item)]
    roles = [_name(message.get(speaker)) for message in messages]
    lengths = [_characters(message, known) for message in messages]
    tools = value_or_none(record, known.tools_at) if known and known.tools_at else record.get("tools")
    tools = record.get("functions") if tools is None else tools
    return Facts(
        format=known.name if known else UNKNOWN,
        turns=turns,
        characters=sum(lengths) + characters,
        roles=roles,
        role_characters=lengths,
        tools=list(_tools(_decoded(tools))),
        calls=[name for message in messages for name in _calls(message, speaker)],
    )


def _is_message(item: dict[str, Any]) -> bool:
    """Whether it is a message, though one without a role, and not a part of a text."""
    return "role" in item or "type" not in item


def _prompt(request: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return the prompt of a request without `messages` as messages, or the number of characters of its texts."""
    prompt = prompt_of(request)
    if prompt is not None and is_conversation(request, prompt):
        return list(messages_of(request, prompt)), 0
    return [], _text_length(prompt)


def _name(value: Any) -> str:
    return _shown(value[: _LONGEST_NAME + MARGIN]) if isinstance(value, str) else "(none)"


@lru_cache(1000)
def _shown(name: str) -> str:
    """Return a name as it is shown: clipped, and no token. Cached, because records share names of roles and tools."""
    return printable(without_keys(name, _LONGEST_NAME))


def _characters(message: dict[str, Any], known: Format | None) -> int:
    """Return the number of characters in the content and the reasoning of a message."""
    found = _text_length(message.get(known.content if known else "content"))
    for key in message.keys() & REASONING_KEYS:
        found += len(message[key]) if isinstance(message[key], str) else 0
    return found


def _text_length(content: Any) -> int:
    """Return the number of characters in a text, or in the texts of a list of parts."""
    return len(content) if isinstance(content, str) else sum(map(len, content_texts(content)))


def _texts_beside(record: dict[str, Any], known: Format | None) -> int:
    """Return the number of characters beside the messages: prompts, answers, a system text.

    In a record of no known format, every root key may hold a text.
    """
    found = sum([len(record[key]) for key in _TEXTS & record.keys() if isinstance(record[key], str)])
    if known is None:
        found = sum(len(value) for value in record.values() if isinstance(value, str))
    for key in GEMINI_SYSTEM:
        value = record.get(key)
        found += _text_length(value.get("parts")) if isinstance(value, dict) else 0
    return found + sum([_text_length(record[key]) for key in _IN_PARTS if isinstance(record.get(key), list)])


def _tools(tools: Any) -> Iterator[str]:
    """Yield the names of defined tools. An item of Gemini's tools has several, or names a built-in tool by its key."""
    for tool in tools if isinstance(tools, list) else ():
        if not isinstance(tool, dict):
            continue
        declared = next((tool[key] for key in _DECLARATIONS if isinstance(tool.get(key), list)), None)
        if declared is not None:
            yield from (_tool_name(each) for each in declared if isinstance(each, dict))
        elif len(tool) == 1 and tool.keys().isdisjoint(_TOOL_KEYS):
            yield _name(*tool)
        else:
            yield _tool_name(tool)


def _tool_name(tool: dict[str, Any]) -> str:
    """Return the name of a tool or a call, which some formats have in an object of its own."""
    function = next((tool[key] for key in _HOLDERS if isinstance(tool.get(key), dict)), tool)
    return _name(function.get("name"))


def _calls(message: dict[str, Any], speaker: str) -> Iterator[str]:
    """Yield the names of called tools: in `tool_calls`, in OpenAI's older key, in parts, or in a turn of ShareGPT."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            yield _tool_name(call)
    if isinstance(older := message.get("function_call"), dict):
        yield _name(older.get("name"))
    for key in ("parts", "content"):
        for what, value in calls_and_results(message.get(key)):
            if what == CALL:
                yield _name(value["name"])
    who = message.get(speaker)
    if isinstance(who, str) and is_call_role(who):
        said = _decoded(message.get("value", message.get("content")))
        for call in said if isinstance(said, list) else [said]:
            if isinstance(call, dict):
                yield _tool_name(call)


def _decoded(value: Any) -> Any:
    """Return what a text of JSON holds, as LLaMA-Factory has tools and calls; any other value as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    import orjson

    try:
        return orjson.loads(value)
    except ValueError:
        return None
