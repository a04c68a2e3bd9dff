"""Ids that fixes give to calls, and to the results that answer them."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import islice

from jsonl_lint.model import Pointer
from jsonl_lint.records.record import Message, Record, once_per_record
from jsonl_lint.repair import Insert, Replace, Verb, as_json
from jsonl_lint.toolcalls.calls import Call, calls, calls_of, text_or_none
from jsonl_lint.toolcalls.conversations import Conversation, conversations, messages

MOST_CHANGES = 1_000
"""How many calls of one record get ids. Each finding asks for its own, and more would take too long."""


def new_id(number: int) -> str:
    """Return an id of nine letters and digits, as Mistral requires; other providers take anything."""
    return f"call{number:05}"


@once_per_record
def renamed_calls(record: Record) -> Mapping[Pointer, tuple[Verb, ...]]:
    """Return, by its place, how to rename each call whose id the target does not take, with the results that name it.

    A call whose id another one has as well stays: nobody can tell which of them a result means.
    """
    pattern = str(record.target.traits["tool_call_id_pattern"])
    found = calls(record)
    times = Counter([call.id for call in found])
    wrong = [call for call in found if call.id is not None and times[call.id] == 1 and not re.search(pattern, call.id)]
    if len(wrong) > MOST_CHANGES or not re.search(pattern, new_id(1)):
        return {}
    ids = _unused(record)
    answers: dict[object, list[Message]] = {}
    for message in messages(record):
        answers.setdefault(_answered(message), []).append(message)
    return {call.pointer: tuple(_renaming(call, next(ids), answers.get(call.id, []))) for call in wrong}


def _renaming(call: Call, call_id: str, answers: list[Message]) -> Iterator[Verb]:
    yield Replace(call.id_pointer, as_json(call_id))
    for message in answers:
        yield Replace((*message.pointer, "tool_call_id"), as_json(call_id))


@once_per_record
def given_ids(record: Record) -> Mapping[Pointer, Verb]:
    """Return, by its place, how to give an id to each call and each result that lacks it and belongs to the other.

    They belong together if the call is the only one of its message, and the result the only one that follows.
    """
    found = calls(record)
    if len(found) > MOST_CHANGES:
        return {}
    answers = Counter([named for named in map(_answered, messages(record)) if named])
    taken = {call.id for call in found if call.id} | {named for named, times in answers.items() if times > 1}
    pattern = str(record.target.traits.get("tool_call_id_pattern", ""))
    ids = _unused(record)
    if pattern:  # the first ones are for the calls that get another id at the same time
        deque(islice(ids, len(renamed_calls(record))), maxlen=0)
    verbs: dict[Pointer, Verb] = {}
    for conversation in conversations(record):
        for call, result in _pairs(conversation):
            named = _answered(result)
            if call.pointer in verbs or result.pointer in verbs or (call.id is None and named in taken):
                continue
            if named is None and call.id in answers:
                continue
            call_id = call.id or named or next(ids)
            if not re.search(pattern, call_id):  # it gets another one first
                continue
            if call.value.get("id") is None:
                verbs[call.pointer] = _put(call.pointer, call.value, "id", call_id)
            if named is None and call.value.get("id") != "":
                verbs[result.pointer] = _put(result.pointer, result.value, "tool_call_id", call_id)
    return verbs


def _pairs(conversation: Conversation) -> Iterator[tuple[Call, Message]]:
    """Yield each call that is the only one of its message, with its result if one alone follows."""
    for message, result, after in zip(conversation, conversation[1:], (*conversation[2:], None), strict=False):
        if message is None or result is None or result.role != "tool" or (after and after.role == "tool"):
            continue
        found = calls_of(message)
        if len(found) == 1 == len(message.value["tool_calls"]) and _may_be_pair(found[0], result):
            yield found[0], result


def _may_be_pair(call: Call, result: Message) -> bool:
    """Whether nothing speaks against it: another name, or a key under which the id may be there already.

    A call that lacks the object around its function gets that first: what is put beside its keys would get into it.
    """
    known = call.value.keys() <= _OF_CALLS and result.value.keys() <= _OF_RESULTS
    return known and call.function is not None and result.value.get("name") in (None, call.name)


_OF_CALLS, _OF_RESULTS = {"id", "type", "function"}, {"role", "content", "name", "tool_call_id", "weight"}


def _put(place: Pointer, holder: Mapping[str, object], key: str, value: str) -> Verb:
    return Replace((*place, key), as_json(value)) if key in holder else Insert(place, key, as_json(value))


def _answered(message: Message) -> str | None:
    """Return the id of the call that a message says it answers."""
    return text_or_none(message.value.get("tool_call_id"))


def _unused(record: Record) -> Iterator[str]:
    """Yield ids that no call has, and none that a result names."""
    taken = {call.id for call in calls(record)} | {_answered(message) for message in messages(record)}
    number = 0
    while True:
        number += 1
        if new_id(number) not in taken:
            yield new_id(number)
