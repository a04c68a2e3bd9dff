"""Ways to spoil a record, each named after the rule that owns it. One defect stays on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from benchmarks.records import Record, encode


def _with_root(**entries: object) -> Callable[[Record], object]:
    return lambda record: {**record, **entries}


def _with_first(**entries: object) -> Callable[[Record], object]:
    """The record whose first user message has other entries."""

    def spoil(record: Record) -> object:
        _first(record, "user").update(entries)
        return record

    return spoil


def _with_answer(**entries: object) -> Callable[[Record], object]:
    def spoil(record: Record) -> object:
        record["messages"][-1].update(entries)
        return record

    return spoil


def _without(key: str) -> Callable[[Record], object]:
    """The record whose first user message lacks a key."""

    def spoil(record: Record) -> object:
        del _first(record, "user")[key]
        return record

    return spoil


def _first(record: Record, role: str) -> Record:
    found: Record = next(message for message in record["messages"] if message["role"] == role)
    return found


def _insert(place: int, *messages: object) -> Callable[[Record], object]:
    def spoil(record: Record) -> object:
        record["messages"][place:place] = messages
        return record

    return spoil


def _append(message: object) -> Callable[[Record], object]:
    return lambda record: {**record, "messages": [*record["messages"], message]}


def _no_assistant(record: Record) -> object:
    return {"messages": [message for message in record["messages"] if message["role"] in ("system", "user")]}


def _into_text(code: bytes) -> Callable[[bytes], bytes]:
    """The line whose first text begins with these bytes."""
    return lambda line: _TEXT_START.sub(lambda start: start.group() + code, line, count=1)


def _nothing_to_learn(record: Record) -> object:
    for message in record["messages"]:
        if message["role"] == "assistant":
            message["weight"] = 0
    return record


_TEXT_START = re.compile(rb'"content":\s*"')
_SYSTEM = {"role": "system", "content": "You answer in one sentence."}

STRUCTURAL: dict[str, Callable[[Record], object]] = {
    "not-an-object": lambda record: record["messages"],
    "double-encoded-record": json.dumps,
    "missing-messages": lambda record: {"dialogue": record["messages"]},
    "extra-key": _with_root(id=17),
    "extra-message-key": _with_first(timestamp="2026-01-01"),
    "invalid-sample-weight": _with_root(weight=-1),
    "messages-not-array": _with_root(messages="hello"),
    "empty-messages": _with_root(messages=[]),
    "missing-role": _without("role"),
    "message-not-object": _insert(0, "hello"),
    "role-not-string": _with_first(role=7),
    "unknown-role": _with_first(role="human"),
    "missing-content": _without("content"),
    "null-content": _with_first(content=None),
    "empty-content": _with_first(content=""),
    "content-wrong-type": _with_first(content=7),
    "no-assistant-message": _no_assistant,
    "last-message-not-assistant": _append({"role": "user", "content": "And then?"}),
    "consecutive-roles": _append({"role": "assistant", "content": "That is all."}),
    "assistant-first": _insert(0, {"role": "assistant", "content": "How can I help?"}),
    "several-system-messages": _insert(0, _SYSTEM, _SYSTEM),
    "invalid-message-weight": _with_answer(weight=0.5),
    "weight-on-non-assistant": _with_first(weight=1),
    "nothing-to-learn": _nothing_to_learn,
    "conflicting-reasoning-keys": _with_answer(reasoning="so", reasoning_content="thus"),
    "unbalanced-think-tags": _with_answer(content="<think>It is so. The answer is 7."),
}
"""The record's value is replaced."""

SYNTACTIC: dict[str, Callable[[bytes], bytes]] = {
    "invalid-json": lambda line: line.replace(b":", b" ", 1),
    "truncated-json": lambda line: line[: len(line) * 2 // 3].rstrip(b"\\}") + b"\n",
    "trailing-comma": lambda line: re.sub(rb"\}\s*\]", b"},]", line, count=1),
    "single-quoted-json": lambda line: line.replace(b'"messages"', b"'messages'", 1).replace(b'"role"', b"'role'"),
    "non-finite-number": lambda line: line.replace(b"{", b'{"weight":NaN,', 1),
    "unescaped-control-character": _into_text(b"\x01"),
    "several-values-on-one-line": lambda line: line.rstrip() + b" " + line,
    "comment-in-json": lambda line: line.rstrip() + b" // checked by hand\n",
    "duplicate-key": lambda line: line.replace(b'"role"', b'"role":"system","role"', 1),
    "lone-surrogate": _into_text(b"\\ud83d"),
    "invalid-utf8": _into_text(b"\xff"),
}
"""The record's line is replaced."""

KINDS = (*STRUCTURAL, *SYNTACTIC)


def spoiled(kind: str, record: Record, encoder: json.JSONEncoder) -> bytes:
    """The record's line, with a defect of this kind. The record may be changed."""
    if kind in STRUCTURAL:
        return encode(STRUCTURAL[kind](record), encoder)
    return SYNTACTIC[kind](encode(record, encoder))
