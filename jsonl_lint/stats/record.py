"""Count the contents of one record."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from jsonl_lint.formats import BY_NAME, REASONING_KEYS, Format, formats_of
from jsonl_lint.model import clip, printable, value_or_none

_ALL_FORMATS = tuple(BY_NAME)
_BATCH = BY_NAME["batch"]
_LISTS = ("prompt", "preferred_output", "non_preferred_output", "chosen", "rejected")
"""Keys beside a conversation that may hold messages."""

_TEXTS = frozenset(
    ("prompt", "completion", "text", "instruction", "input", "output", "context", "chosen", "rejected", "system")
)
_DECLARATIONS = ("functionDeclarations", "function_declarations")
_TOOL_KEYS = frozenset(("function", "toolSpec", "name", "type", *_DECLARATIONS))

UNKNOWN = "unknown"
"""The format of a record whose keys are those of none."""

_LONGEST_NAME = 60


class Facts(NamedTuple):
    """Counts of one record: messages of its conversation (None: it has none), characters, roles and tools by name."""

    format: str
    turns: int | None
    characters: int
    roles: list[str]
    role_characters: list[int]
    tools: list[str]
    calls: list[str]


def facts_of(record: dict[str, Any]) -> Facts:
    """The counts of a record of any format; whatever is malformed is passed over."""
    found = formats_of(record.keys(), _ALL_FORMATS)
    known = found[0] if found else None
    conversation = value_or_none(record, known.messages_at) if known and known.messages_at else None
    messages = [item for item in conversation if isinstance(item, dict)] if isinstance(conversation, list) else []
    speaker = known.speaker if known else "role"
    turns = len(messages) if isinstance(conversation, list) else None
    asked = 0
    if known is _BATCH and turns is None:
        messages, asked = _asked(record)
        turns = len(messages) or None
    for key in _LISTS:
        if isinstance(record.get(key), list):
            messages += [item for item in record[key] if isinstance(item, dict)]
    roles = [_name(message.get(speaker)) for message in messages]
    lengths = [_characters(message, known) for message in messages]
    tools = value_or_none(record, known.tools_at) if known and known.tools_at else record.get("tools")
    return Facts(
        format=known.name if known else UNKNOWN,
        turns=turns,
        characters=sum(lengths) + _texts_beside(record, known) + asked,
        roles=roles,
        role_characters=lengths,
        tools=list(_tools(tools)),
        calls=[name for message in messages for name in _calls(message)],
    )


def _asked(request: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The messages that a request without `messages` comes to, or else the characters of its texts."""
    from jsonl_lint.tokens.requests import asked_of, is_conversation, messages_of  # few files hold such requests

    asked = asked_of(request)
    if asked is not None and is_conversation(request, asked):
        return list(messages_of(request, asked)), 0
    return [], _text_length(asked)


def _name(value: Any) -> str:
    return _shown(value[: _LONGEST_NAME + 1]) if isinstance(value, str) else "(none)"


@lru_cache(1000)
def _shown(name: str) -> str:
    """A name, cut already, as it is shown: few roles and tools stand in all records."""
    return printable(clip(name, _LONGEST_NAME))


def _characters(message: dict[str, Any], known: Format | None) -> int:
    found = _text_length(message.get(known.content if known else "content"))
    for key in message.keys() & REASONING_KEYS:
        found += len(message[key]) if isinstance(message[key], str) else 0
    return found


def _text_length(content: Any) -> int:
    """Characters of a text, or of the texts in a list of parts."""
    if isinstance(content, str):
        return len(content)
    if not isinstance(content, list):
        return 0
    texts = (part if isinstance(part, str) else part.get("text") for part in content if isinstance(part, (str, dict)))
    return sum(len(text) for text in texts if isinstance(text, str))


def _texts_beside(record: dict[str, Any], known: Format | None) -> int:
    """Characters that stand beside the messages: prompts, answers, a system text; in an unknown format any text."""
    found = sum([len(record[key]) for key in _TEXTS & record.keys() if isinstance(record[key], str)])
    if known is None:
        found = sum(len(value) for value in record.values() if isinstance(value, str))
    for key in ("systemInstruction", "system_instruction"):
        value = record.get(key)
        found += _text_length(value.get("parts")) if isinstance(value, dict) else 0
    return found + (_text_length(record["system"]) if isinstance(record.get("system"), list) else 0)


def _tools(tools: Any) -> Iterator[str]:
    """Names of defined tools; one item of Gemini's holds several, or is a tool of its own, named by its key."""
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
    """OpenAI's tools have their name in `function`, Bedrock's in `toolSpec`; others beside the rest."""
    function = next((tool[key] for key in ("function", "toolSpec") if isinstance(tool.get(key), dict)), tool)
    return _name(function.get("name"))


def _calls(message: dict[str, Any]) -> Iterator[str]:
    """Names of called tools: OpenAI's `tool_calls`, Gemini's `functionCall`, Bedrock's `toolUse`, Anthropic's parts."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            yield _tool_name(call)
    for key in ("parts", "content"):
        parts = message.get(key)
        for part in parts if isinstance(parts, list) else ():
            if not isinstance(part, dict):
                continue
            if part.get("type") == "tool_use":
                yield _name(part.get("name"))
            for kind in ("functionCall", "toolUse"):
                if isinstance(part.get(kind), dict):
                    yield _name(part[kind].get("name"))
