"""Which call a tool's result answers: formats without ids know it by the order alone."""

from __future__ import annotations

from jsonl_lint.convert.pivot import CannotConvertError, Json, role_of

Numbered = tuple[int, Json]
"""A message with its place in the conversation."""


def in_order_of_calls(messages: list[Json], *, tells_names: bool) -> list[Numbered]:
    """Return the messages, numbered; results that follow each other stand in the order of the calls that they answer.

    With `tells_names`, the format says whose result it is, so that only calls of one function are told apart by order.

    Raises:
        CannotConvertError: a call without a result stands before one with a result, which would seem to be its own.
    """
    ordered: list[Numbered] = []
    run: list[Numbered] = []
    calls: dict[str, str] = {}
    for index, message in enumerate(messages):
        if message.get("role") == "tool":
            run.append((index, message))
            continue
        ordered += _sorted(run, calls, tells_names)
        run, calls = [], called_functions(message)
        ordered.append((index, message))
    return ordered + _sorted(run, calls, tells_names)


def called_functions(message: Json) -> dict[str, str]:
    """Return the functions that a message calls, by the ids of the calls; none unless each has an id of its own."""
    if not message.get("tool_calls"):
        return {}
    made = _calls(message)
    calls = {call["id"]: str(call["function"].get("name")) for call in made if isinstance(call.get("id"), str)}
    return calls if len(calls) == len(made) else {}


def _calls(message: Json) -> list[Json]:
    """Return the calls of a message, none if one of them has another shape, over which writing it fails."""
    made = message.get("tool_calls")
    calls = made if isinstance(made, list) else []
    return calls if all(isinstance(call, dict) and isinstance(call.get("function"), dict) for call in calls) else []


def with_ids(messages: list[Json]) -> list[Json]:
    """Return the messages with ids for calls that have none, and for their results, if all are there, in order."""
    if not any(message.get("tool_calls") for message in messages):
        return messages
    messages = list(messages)
    for index, message in enumerate(messages):
        calls = _calls(message)
        if calls and all(call.get("id") is None for call in calls):
            calls = [{**call, "id": f"call_{index}_{number}"} for number, call in enumerate(calls)]
            messages[index] = {**message, "tool_calls": calls}
        results = messages[index + 1 : index + 1 + len(calls)]
        if calls and all(map(_has_no_id, results)) and len(results) == len(calls):
            known = [call.get("id") for call in calls]
            messages[index + 1 : index + 1 + len(calls)] = [
                {**result, "tool_call_id": call_id} for result, call_id in zip(results, known, strict=True)
            ]
    return messages


def _has_no_id(message: Json) -> bool:
    """Whether it is a result of which nothing says what call it answers."""
    return role_of(message) == "tool" and message.get("tool_call_id") is None and message.get("name") is None


def _sorted(run: list[Numbered], calls: dict[str, str], tells_names: bool) -> list[Numbered]:
    if len(run) < 2 and len(calls) < 2:
        return run
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
