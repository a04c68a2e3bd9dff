"""Valid records of every format."""

from __future__ import annotations

from typing import Any

from tests.test_together_cases import WEATHER, answer, call, picture, user

TOOL_CALLING = {"role": "assistant", "content": None, "tool_calls": [call()]}
RESULT = {"role": "tool", "content": "Rain.", "tool_call_id": "call_1"}
VALID: list[dict[str, Any]] = [
    {"messages": [{"role": "system", "content": "Be brief."}, user("Hello"), answer("Hi")]},
    {"messages": [user("Hello"), answer("Hi", weight=0), user("Again"), answer("Hi again", weight=1)]},
    {"messages": [user("Weather in Oslo?"), TOOL_CALLING, RESULT, answer("Rain.")], "tools": [WEATHER]},
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
