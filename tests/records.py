"""Records that tests share, and the messages, tools, calls and images that they are made of."""

from __future__ import annotations

import base64
from typing import Any


def user(text: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


def answer(text: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def call(id: Any = "call_1", name: Any = "weather", arguments: Any = '{"city": "Oslo"}') -> dict[str, Any]:  # noqa: A002
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: Any) -> dict[str, Any]:
    return answer(None, tool_calls=list(calls))


def result(of: str = "call_1") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": of, "content": "Rain."}


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def picture(url: str | None = None) -> dict[str, Any]:
    data = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    return {"type": "image_url", "image_url": {"url": url or data}}


VALID: list[dict[str, Any]] = [
    {"messages": [{"role": "system", "content": "Be brief."}, user("Hello"), answer("Hi")]},
    {"messages": [user("Hello"), answer("Hi", weight=0), user("Again"), answer("Hi again", weight=1)]},
    {"messages": [user("Weather in Oslo?"), calling(call()), result(), answer("Rain.")], "tools": [WEATHER]},
    {
        "messages": [
            user([{"type": "text", "text": "What is it?"}, picture()]),
            answer([{"type": "text", "text": "Dot."}]),
        ]
    },
    {"messages": [user("Why?"), answer("So.", reasoning="Because.")]},
    {"prompt": "Capital of France?", "completion": "Paris."},
    {
        "prompt": [{"type": "text", "text": "What is it?"}, picture()],
        "completion": [{"type": "text", "text": "A dot."}],
    },
    {"text": "Once upon a time."},
    {
        "input": {"messages": [user("Capital of France?")]},
        "preferred_output": [answer("Paris.")],
        "non_preferred_output": [answer("No idea.")],
    },
    {
        "input": {"messages": [user("Weather?")], "tools": [WEATHER]},
        "preferred_output": [{"role": "assistant", "tool_calls": [call()]}],
        "non_preferred_output": [answer("No idea.")],
    },
]
"""Valid records of every format."""
