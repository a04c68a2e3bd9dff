"""How an answer becomes what an output has to be: a list of one message."""

from __future__ import annotations

from typing import Any

from jsonl_lint.model import Pointer
from jsonl_lint.rule import Unquote, Verb, Wrap
from jsonl_lint.rule.encoded import held_in


def made_a_list(pointer: Pointer, answer: Any) -> list[Verb]:
    """Return how an answer becomes a list of messages. A text that holds messages as JSON is decoded."""
    verbs: list[Verb] = []
    held = held_in(answer)
    if _is_message(held) or (isinstance(held, list) and held and all(map(_is_message, held))):
        verbs.append(Unquote(pointer))
        answer = held
    if isinstance(answer, str):
        verbs.append(Wrap(pointer, '[{"role": "assistant", "content": ', "}]"))
    elif isinstance(answer, dict) and "messages" not in answer:
        verbs.append(Wrap(pointer, "[", "]"))
    return verbs


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and "role" in value and "content" in value
