"""The order of tools' results: formats without ids know by it alone which call a result answers."""

from __future__ import annotations

from typing import Any

from jsonl_lint.convert.pivot import CannotConvertError, Json, role_of

Numbered = tuple[int, Json]
"""A message with its place in the conversation."""


def in_order_of_calls(messages: list[Json], *, tells_names: bool) -> list[Numbered]:
    """Return the messages, numbered; results that follow each other stand in the order of the calls that they answer.

    With `tells_names`, the format says whose result it is, so that only calls of one function are told apart by order.

    Raises:
        CannotConvertError: a call without a result stands before one with a result, which would seem to be its own.
    """
    numbered = list(enumerate(messages))
    ordered: list[Numbered] = []
    calls: dict[str, str] = {}
    while numbered:
        index, message = numbered.pop(0)
        if role_of(message) != "tool":
            calls = _called(message)
            ordered.append((index, message))
            continue
        run = [(index, message)]
        while numbered and role_of(numbered[0][1]) == "tool":
            run.append(numbered.pop(0))
        ordered += _sorted(run, calls, tells_names)
        calls = {}
    return ordered


def _called(message: Json) -> dict[str, str]:
    """Return the functions that a message calls by the ids of the calls, none unless each has an id of its own."""
    made: Any = message.get("tool_calls") or []
    calls = {}
    for call in made if isinstance(made, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(call.get("id"), str):
            calls[call["id"]] = str(function.get("name"))
    return calls if len(calls) == len(made) else {}


def _sorted(run: list[Numbered], calls: dict[str, str], tells_names: bool) -> list[Numbered]:
    ids = [message.get("tool_call_id") for _, message in run]
    if len(set(map(str, ids))) < len(ids) or not all(isinstance(known, str) and known in calls for known in ids):
        return run
    unanswered: set[str] = set()
    for call_id, name in calls.items():
        group = name if tells_names else ""
        if call_id not in ids:
            unanswered.add(group)
        elif group in unanswered:
            raise CannotConvertError("a call without a result stands before one with a result, told apart by ids alone")
    places = list(calls)
    return sorted(run, key=lambda one: places.index(one[1]["tool_call_id"]))
