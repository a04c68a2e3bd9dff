"""Render batch requests without messages: with a `prompt`, or an `input` of texts, tokens or conversation items.

The shapes are those of OpenAI's completions, embeddings, moderations and responses
(github.com/openai/openai-python, `types/*_create_params.py`, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jsonl_lint.records.formats import Format
from jsonl_lint.tokens.conversation import Rendering, Segment, as_list, conversation
from jsonl_lint.tokens.templates import Template

MOST_INPUTS = 50_000
"""How many inputs of one request are counted: as many as OpenAI takes in a whole batch of embeddings."""

_DOUBT = "requests without messages"


def prompt_of(request: Mapping[str, Any]) -> Any:
    """Return the `prompt` or `input` of a request without messages, None if it has neither."""
    body = request.get("body")
    if not isinstance(body, Mapping) or "messages" in body:
        return None
    return body.get("prompt", body.get("input"))


def is_conversation(request: Mapping[str, Any], prompt: Any) -> bool:
    """Whether the `prompt` or `input` is a conversation, as in OpenAI's responses, and not separate texts."""
    url, body = request.get("url"), request["body"]
    if (isinstance(url, str) and url.endswith("/responses")) or "instructions" in body:
        return True
    return any(isinstance(item, dict) for item in as_list(prompt))


def messages_of(request: Mapping[str, Any], prompt: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of such a conversation as chat messages."""
    instructions = request["body"].get("instructions")
    if isinstance(instructions, str):
        yield {"role": "system", "content": instructions}
    for item in prompt if isinstance(prompt, list) else [prompt]:
        if isinstance(item, str):
            yield {"role": "user", "content": item}
        elif isinstance(item, dict) and item.get("type") == "function_call":
            yield {"role": "assistant", "tool_calls": [{"function": item}]}
        elif isinstance(item, dict) and item.get("type") == "function_call_output":
            yield {"role": "tool", "content": item.get("output")}
        elif isinstance(item, dict) and "role" in item:
            yield item


def renderings_of_request(request: Mapping[str, Any], layout: Format, template: Template) -> list[Rendering]:
    """Return the sequences of a request without messages. In a list, each text or list of tokens is one."""
    prompt = prompt_of(request)
    if prompt is None:
        return [Rendering([])]
    if is_conversation(request, prompt):
        whole = conversation(list(messages_of(request, prompt)), request["body"].get("tools"), layout, template, 0)
        return [whole._replace(doubts=(*whole.doubts, _DOUBT))]
    items = [prompt] if isinstance(prompt, str) or _are_tokens(prompt) else as_list(prompt)
    doubts = (_DOUBT, f"more than {MOST_INPUTS:,} inputs") if len(items) > MOST_INPUTS else (_DOUBT,)
    found = [
        Rendering([Segment(-1, 0, item)], doubts)
        if isinstance(item, str)
        else Rendering([Segment(-1, len(item), "")], given=True)
        for item in islice(items, MOST_INPUTS)
        if isinstance(item, str) or _are_tokens(item)
    ]
    return found or [Rendering([])]


def _are_tokens(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all([type(item) is int for item in value])
