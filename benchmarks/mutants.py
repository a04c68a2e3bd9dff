"""Mutants of records: one to three random changes anywhere, so that hardly two have the same structure."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

OTHERS: list[Any] = [None, True, 0, 1, 2, -1, 0.5, "", " ", "text", [], ["x"], {}, {"a": 1}, [{}], "user", "human"]
NAMES = ["role", "content", "weight", "messages", "text", "prompt", "completion", "id", "name", "tools", "input"]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to the value and to each one in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in _places(item, (*path, key)))]


def mutated(record: dict[str, Any], dice: Random) -> Any:
    """The record with one to three changes: deleted, retyped, renamed, repeated or added."""
    record = copy.deepcopy(record)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        inner = [path for path in _places(record) if path]
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
