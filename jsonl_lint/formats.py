"""The record formats that a target may take, and the dialects that people bring instead.

A format is known by its required root keys. A dialect is another tool's format: it is named, with the way out.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class Format(NamedTuple):
    """A record format: the root keys that make it, and the schema that describes it (None: only its keys count)."""

    name: str
    required: frozenset[str]
    schema: str | None


class Dialect(NamedTuple):
    """A format of other tools, known by `keys`, and how its records become chat records."""

    name: str
    keys: frozenset[str]
    conversion: str


def _keys(names: str) -> frozenset[str]:
    return frozenset(names.split())


FORMATS = (
    Format("chat", _keys("messages"), "chat"),
    Format("instruction", _keys("prompt completion"), "instruction"),
    Format("text", _keys("text"), "text"),
    Format("preference", _keys("input preferred_output non_preferred_output"), None),
    Format("batch", _keys("custom_id body"), None),
)

_TO_MESSAGES = "give each record a `messages` array of `role` and `content`: "

DIALECTS = (
    Dialect(
        "ShareGPT",
        _keys("conversations"),
        "rename `conversations` to `messages`, `from` to `role` and `value` to `content`; "
        "human becomes user, gpt becomes assistant",
    ),
    Dialect(
        "ShareGPT",
        _keys("conversation"),
        "rename `conversation` to `messages`, `from` to `role` and `value` to `content`",
    ),
    Dialect(
        "preference (prompt/chosen/rejected)",
        _keys("chosen rejected"),
        "put the prompt's messages into `input.messages`, `chosen` into `preferred_output` and `rejected` into "
        "`non_preferred_output`, each a list of one assistant message",
    ),
    Dialect(
        "preference (chosen_response/rejected_response)",
        _keys("chosen_response rejected_response"),
        "put the prompt into `input.messages`, `chosen_response` into `preferred_output` and `rejected_response` into "
        "`non_preferred_output`, each a list of one assistant message",
    ),
    Dialect(
        "Alpaca",
        _keys("instruction output"),
        _TO_MESSAGES + "instruction and input as user, output as assistant",
    ),
    Dialect(
        "Dolly",
        _keys("instruction response"),
        _TO_MESSAGES + "instruction and context as user, response as assistant",
    ),
    Dialect(
        "Gemini",
        _keys("contents"),
        "rename `contents` to `messages`; `parts` become `content`, model assistant",
    ),
    Dialect("Bedrock converse", _keys("schemaVersion"), "turn each content part into plain text"),
    Dialect("KTO", _keys("prompt completion label"), "keep the desirable answers as `prompt` and `completion`"),
    Dialect("question/answer", _keys("question answer"), _TO_MESSAGES + "question as user, answer as assistant"),
    Dialect("query/response", _keys("query response"), _TO_MESSAGES + "query as user, response as assistant"),
    Dialect("prompt/response", _keys("prompt response"), "rename `response` to `completion`"),
    Dialect("input/output", _keys("input output"), "rename `input` to `prompt` and `output` to `completion`"),
    Dialect(
        "OpenAI evals",
        _keys("input ideal"),
        _TO_MESSAGES + "input holds them, ideal is the assistant's answer",
    ),
    Dialect("tokenised", _keys("input_ids"), "tokenised data is uploaded as Parquet"),
    Dialect("API log", _keys("choices object"), "keep the request's messages and append `choices[0].message`"),
)

RECORD_STARTS = _keys("messages prompt completion conversations instruction custom_id preferred_output contents")
"""Root keys that no message, part or tool holds: a line that begins with one begins a record."""


def formats_of(keys: Collection[str], accepted: Collection[str]) -> list[Format]:
    """The accepted formats whose required keys are all there."""
    return [known for known in FORMATS if known.name in accepted and known.required.issubset(keys)]


def dialect_of(keys: Collection[str]) -> Dialect | None:
    """The dialect that a record with these root keys resembles most: the one with most keys in common."""
    found = [dialect for dialect in DIALECTS if dialect.keys.issubset(keys)]
    return max(found, key=lambda dialect: len(dialect.keys), default=None)
