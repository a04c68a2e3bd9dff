"""Preference pairs: `input` with two outputs as at Together and OpenAI, TRL's `chosen` and `rejected`, ms-swift's."""

from __future__ import annotations

import re
from typing import Any

from jsonl_lint.convert.noted import note_weight
from jsonl_lint.convert.pivot import (
    CannotConvertError,
    Conversation,
    Json,
    Losses,
    objects,
    role_of,
    system_key,
    system_of,
    text,
)
from jsonl_lint.convert.sharegpt import read_sharegpt, tools_of

_NAMES = (("chosen", "rejected"), ("chosen_response", "rejected_response"))
"""Keys of the two answers."""

_OUTPUTS = (("preferred_output", "non_preferred_output"), ("preferred_completion", "non_preferred_completion"))
"""Keys of two answers that are a list of one message each."""

_PROMPTS = ("prompt", "conversations", "messages", "question", "query", "input")
"""Keys that may hold the prompt, the likeliest first."""


def read_preference(record: Json, losses: Losses) -> Conversation:
    """Read `input.messages`, `input.tools` and the two outputs, of one message each.

    OpenAI's API reference calls the outputs completions; `tools` may also stand beside them.
    """
    names = next(names for names in _OUTPUTS if set(names) <= record.keys())
    losses.rest("extra-keys", record, ("input", *names, "weight", "tools"))
    pair = record["input"]
    if not isinstance(pair, dict):
        raise CannotConvertError("`input` is not an object")
    losses.rest("extra-keys", pair, ("messages", "tools"), "input")
    outputs = [objects(record[key], f"`{key}`") for key in names]
    if any(len(output) != 1 for output in outputs):
        raise CannotConvertError("an output is not one message")
    found = [value for value in (pair.get("tools"), record.get("tools")) if value is not None]
    if len(found) > 1:
        losses.note("extra-keys", "tools")
    tools = objects(found[0], "`tools`") if found else None
    messages = objects(pair.get("messages"), "`input.messages`")
    return Conversation(messages, tools, record.get("weight"), outputs[0][0], outputs[1][0])


def read_chosen(record: Json, losses: Losses) -> Conversation:
    """Read a prompt and two answers, each a text or messages; or two whole conversations with a common beginning.

    LLaMA-Factory has ShareGPT's turns instead of messages, and the tools as JSON text. Conversations may also be
    transcripts like those of Anthropic's HH-RLHF.
    """
    names = next(names for names in _NAMES if set(names) <= record.keys())
    prompt, asked = _prompt_of(record, losses)
    losses.rest("extra-keys", record, (*asked, system_key(record), "tools", *names))
    if not prompt and all(_is_transcript(record[name]) for name in names):
        chosen, rejected = (_transcript(record[name]) for name in names)
    else:
        chosen, rejected = (_messages(record[name], "assistant", name, losses) for name in names)
    common = 0
    while common < min(len(chosen), len(rejected)) - 1 and chosen[common] == rejected[common]:
        common += 1
    if len(chosen) != common + 1 or len(rejected) != common + 1:
        raise CannotConvertError("the two answers are not one message each after a common beginning")
    messages = _joined([*system_of(record), *prompt], chosen[:common])
    return Conversation(messages, tools_of(record.get("tools")), None, chosen[-1], rejected[-1])


def _joined(prompt: list[Json], beginning: list[Json]) -> list[Json]:
    """Return what is asked before two answers that are whole conversations, which mostly repeat the prompt."""
    own_system, asked = _without_system(prompt)
    system, said = _without_system(beginning)
    if own_system == system:
        own_system = []
    repeated = any(said[start : start + len(asked)] == asked for start in range(len(said)))
    if asked and said and not repeated and role_of(asked[-1]) == role_of(said[0]):
        raise CannotConvertError("the two conversations do not begin with the prompt")
    return [*own_system, *system, *([] if repeated else asked), *said]


def _without_system(messages: list[Json]) -> tuple[list[Json], list[Json]]:
    """Return the system messages at the beginning, and the messages after them."""
    count = next((index for index, message in enumerate(messages) if role_of(message) != "system"), len(messages))
    return messages[:count], messages[count:]


def read_rejected(record: Json, losses: Losses) -> Conversation:
    """Read a conversation that ends with the better answer, and the worse one, as ms-swift and OpenPipe have them."""
    key = "rejected_response" if "rejected_response" in record else "rejected_message"
    losses.rest("extra-keys", record, ("messages", key, system_key(record), "tools"))
    messages = objects(record["messages"], "`messages`")
    if not messages or role_of(messages[-1]) != "assistant":
        raise CannotConvertError("`messages` do not end with the better answer")
    worse = _messages(record[key], "assistant", key, losses)
    if len(worse) != 1:
        raise CannotConvertError(f"`{key}` is not one answer")
    *asked, better = messages
    return Conversation([*system_of(record), *asked], tools_of(record.get("tools")), None, better, worse[0])


def _prompt_of(record: Json, losses: Losses) -> tuple[list[Json], tuple[str, ...]]:
    """Return what is asked, under any of its usual names, and the keys that hold it."""
    if "prompt" not in record and "instruction" in record:
        parts = [text(record.get(key) or "", f"`{key}`") for key in ("instruction", "input")]
        return _messages("\n\n".join(filter(None, parts)), "user", "instruction", losses), ("instruction", "input")
    key = next((key for key in _PROMPTS if key in record), "prompt")
    prompt = _messages(record.get(key), "user", key, losses)
    if prompt and key in ("messages", "conversations") and prompt[-1].get("role") == "assistant":
        return [], ()  # they hold one of the answers as well
    return prompt, (key,)


def _is_transcript(value: Any) -> bool:
    return isinstance(value, str) and _SPEAKER.match(value) is not None


def _transcript(value: str) -> list[Json]:
    """Cut a transcript at its speakers into messages."""
    _, *pieces = _SPEAKER.split(value)
    return [{"role": _ROLES[speaker], "content": said} for speaker, said in zip(pieces[::2], pieces[1::2], strict=True)]


_SPEAKER = re.compile(r"(?:^|\n\n)(Human|Assistant): ?")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def _messages(value: Any, role: str, what: str, losses: Losses) -> list[Json]:
    """Return a text (said in this `role`), a message or a list of messages as messages; so are turns of ShareGPT."""
    if value is None:
        return []
    if isinstance(value, str):
        return [{"role": role, "content": value}]
    found = objects([value] if isinstance(value, dict) and _SPEAKERS & value.keys() else value, f"`{what}`")
    if found and all("from" in turn for turn in found):
        return read_sharegpt({"conversations": found}, losses).messages
    return list(found)


_SPEAKERS = {"role", "from"}


def write_preference(conversation: Conversation, losses: Losses) -> Json:
    """Write `input` and two outputs."""
    preferred, rejected = _answers(conversation)
    if not conversation.messages:
        raise CannotConvertError("a preference pair needs a prompt, and there is none")
    pair: Json = {"messages": conversation.messages}
    if conversation.tools:
        pair["tools"] = conversation.tools
    record: Json = {"input": pair, "preferred_output": [preferred], "non_preferred_output": [rejected]}
    if conversation.weight is not None:
        record["weight"] = conversation.weight
    return record


def write_chosen(conversation: Conversation, losses: Losses) -> Json:
    """Write `prompt`, `chosen` and `rejected`, each a list of messages."""
    preferred, rejected = _answers(conversation)
    note_weight(conversation, losses)
    record: Json = {"prompt": conversation.messages, "chosen": [preferred], "rejected": [rejected]}
    if conversation.tools:
        record["tools"] = conversation.tools
    return record


def _answers(conversation: Conversation) -> tuple[Json, Json]:
    if conversation.preferred is None or conversation.rejected is None:
        raise CannotConvertError("a preference pair needs two answers, and there is one")
    return conversation.preferred, conversation.rejected
