"""Valid records of every format, and mutants of them."""

from __future__ import annotations

import copy
import random
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
OTHERS: list[Any] = [None, True, 0, 1, 2, -1, 0.5, "", " ", "text", [], ["x"], {}, {"a": 1}, [{}], "user", "human"]
NAMES = ["role", "content", "weight", "messages", "text", "prompt", "completion", "id", "name", "tools", "input"]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in places(item, (*path, key)))]


def mutated(record: dict[str, Any], dice: random.Random) -> Any:
    """The record with one to three changes: deleted, retyped, renamed, repeated or added."""
    record = copy.deepcopy(record)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        inner = [path for path in places(record) if path]
        if not inner:
            return record
        path = dice.choice(inner)
        holder = record
        for key in path[:-1]:
            holder = holder[key]
        change, last = dice.choice(["delete", "retype", "rename", "repeat", "add"]), path[-1]
        if change == "delete":
            del holder[last]
        elif change == "rename" and isinstance(holder, dict):
            holder[dice.choice(NAMES)] = holder.pop(last)
        elif change == "repeat" and isinstance(holder, list):
            holder.insert(last, copy.deepcopy(holder[last]))
        elif change == "add" and isinstance(holder, dict):
            holder[dice.choice(NAMES)] = copy.deepcopy(dice.choice(OTHERS))
        else:
            holder[last] = copy.deepcopy(dice.choice(OTHERS))
    return record
