"""Records of agents: long conversations that call tools, hardly two of the same structure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from json import JSONEncoder
from random import Random

from benchmarks.records import Generator, Record, encode


def agent_lines(seed: int) -> Iterator[bytes]:
    """The records as OpenAI's API has them."""
    for record, encoder in _agents(seed):
        yield encode(record, encoder)


def object_lines(seed: int) -> Iterator[bytes]:
    """The same records with the arguments of calls as objects, as the chat templates of Hugging Face want them."""
    for record, encoder in _agents(seed):
        for message in record["messages"]:
            for call in message.get("tool_calls") or ():
                call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        yield encode(record, encoder)


def gemini_agent_lines(seed: int) -> Iterator[bytes]:
    """The same records as Gemini has them."""
    for record, encoder in _agents(seed):
        contents: list[Record] = []
        names: dict[str, str] = {}
        for message in record["messages"]:
            parts: list[Record] = []
            if message["role"] == "tool":
                name = names[message["tool_call_id"]]
                parts.append({"functionResponse": {"name": name, "response": {"result": message["content"]}}})
            elif message["content"]:
                parts.append({"text": message["content"]})
            for call in message.get("tool_calls") or ():
                name = names[call["id"]] = call["function"]["name"]
                parts.append({"functionCall": {"name": name, "args": json.loads(call["function"]["arguments"])}})
            contents.append({"role": "model" if message["role"] == "assistant" else "user", "parts": parts})
        tools = [{"functionDeclarations": [tool["function"] for tool in record["tools"]]}]
        yield encode({"contents": contents, "tools": tools}, encoder)


def _agents(seed: int) -> Iterator[tuple[Record, JSONEncoder]]:
    dice = Random(seed + 3)
    calling = ((record, encoder) for record, encoder in Generator(seed).records() if "tools" in record)
    while True:
        messages: list[Record] = []
        for _ in range(dice.randrange(2, 9)):
            steps = [record["messages"][-4:] for record, _ in islice(calling, dice.randrange(1, 5))]
            for _, call, _, _ in steps:
                call["content"] = dice.choice((None, "Let me look."))
            messages += [steps[0][0], *[message for step in steps for message in step[1:3]], steps[-1][3]]
        record, encoder = next(calling)
        yield {"messages": messages, "tools": record["tools"]}, encoder
