"""The formats that can be read and written, and how a record's format is detected."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from jsonl_lint.convert.bedrock import read_bedrock, write_bedrock
from jsonl_lint.convert.chat import (
    read_alpaca,
    read_chat,
    read_texts,
    write_alpaca,
    write_chat,
    write_instruction,
)
from jsonl_lint.convert.gemini import read_gemini, read_gemini_preference, write_gemini
from jsonl_lint.convert.pairs import read_chosen, read_preference, read_rejected, write_chosen, write_preference
from jsonl_lint.convert.pivot import Conversation, Json, Losses
from jsonl_lint.convert.sharegpt import read_sharegpt, write_sharegpt
from jsonl_lint.dialects import PAIRS_OF_TEXTS

Reader = Callable[[Json, Losses], Conversation]
Writer = Callable[[Conversation, Losses], Json]


class Source(NamedTuple):
    """A format that can be read, by the root keys that it has."""

    name: str
    keys: frozenset[str]
    read: Reader


def _source(name: str, keys: str, read: Reader) -> Source:
    return Source(name, frozenset(keys.split()), read)


def _read_messages(record: Json, losses: Losses) -> Conversation:
    """Read chat messages, or Bedrock's without their `schemaVersion` if `system` is a list, as only Bedrock has it."""
    read = read_bedrock if isinstance(record.get("system"), list) else read_chat
    return read(record, losses)


SOURCES = (
    _source("bedrock", "schemaVersion messages", read_bedrock),
    _source("preference", "input preferred_output non_preferred_output", read_preference),
    _source("preference", "input preferred_completion non_preferred_completion", read_preference),
    _source("chosen-rejected", "chosen rejected", read_chosen),
    _source("chosen-rejected", "chosen_response rejected_response", read_chosen),
    _source("chosen-rejected", "messages rejected_response", read_rejected),
    _source("chosen-rejected", "messages rejected_message", read_rejected),
    _source("chat", "messages", _read_messages),
    _source("sharegpt", "conversations", read_sharegpt),
    _source("sharegpt", "conversation", read_sharegpt),
    _source("gemini-preference", "contents completions", read_gemini_preference),
    _source("gemini", "contents", read_gemini),
    _source("alpaca", "instruction output", read_alpaca),
    _source("alpaca", "instruction response", read_alpaca),
    *(_source("instruction", f"{question} {answer}", read_texts) for question, answer in PAIRS_OF_TEXTS),
)
"""The first one whose keys a record has is used."""

TARGETS: dict[str, Writer] = {
    "alpaca": write_alpaca,
    "bedrock": write_bedrock,
    "chat": write_chat,
    "chosen-rejected": write_chosen,
    "gemini": write_gemini,
    "instruction": write_instruction,
    "preference": write_preference,
    "sharegpt": write_sharegpt,
}

WRITTEN_KEYS = {
    "alpaca": frozenset(("instruction", "output")),
    "chosen-rejected": frozenset(("chosen", "rejected")),
    "instruction": frozenset(("prompt", "completion")),
    "preference": frozenset(("input", "preferred_output", "non_preferred_output")),
    "sharegpt": frozenset(("conversations",)),
}
"""For formats that are read under several names: the keys under which they are written."""


def source_of(keys: Collection[str]) -> Source | None:
    """Return the format of a record with these root keys, None if it cannot be read."""
    return next((source for source in SOURCES if source.keys.issubset(keys)), None)
