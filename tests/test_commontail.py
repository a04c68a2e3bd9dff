"""Lines that end alike are parsed as if they did not."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint.plans.commontail import CommonTails
from jsonl_lint.plans.planning import compile_plan

PARSE = compile_plan().parse

WORDS = st.sampled_from(["tools", '"tools"', ', "tools": []}', '"tools": [1]}', "messages", "", "\\\\", "a}]"])
VALUES = st.recursive(
    WORDS | st.integers(0, 3) | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=5,
)
RECORDS = st.lists(st.tuples(st.sampled_from(["messages", "tools", "x"]) | WORDS, VALUES), min_size=1, max_size=3)


def spelled(pairs: list[tuple[str, object]], spacing: str) -> bytes:
    """An object with these members, twice the same key or not."""
    members = [f"{json.dumps(key)}:{spacing}{json.dumps(value)}" for key, value in pairs]
    return ("{" + f",{spacing}".join(members) + "}\n").encode()


def parsed(line: bytes) -> object:
    try:
        return PARSE(line)
    except ValueError:
        return ValueError


def by_tail(tails: CommonTails, line: bytes) -> object:
    """What the engine does with a line."""
    try:
        return (tails.record(line) if line.endswith(tails.tails) else None) or PARSE(line)
    except ValueError:
        return ValueError


@given(st.lists(st.tuples(RECORDS, st.sampled_from(["", " "])), min_size=2, max_size=12))
def test_a_common_tail_changes_nothing(records):
    tails = CommonTails(PARSE)
    lines = [spelled(pairs, spacing) for pairs, spacing in records]
    broken = [line[: len(line) // 2] + other[len(other) // 2 :] for line, other in pairwise(lines)]
    for line in [*lines, *broken, *lines]:
        found = by_tail(tails, line)
        assert found == parsed(line)
        if isinstance(found, dict):
            assert list(found) == list(PARSE(line))
            if "tools" in found and id(found["tools"]) not in tails.known:
                tails.learn(line, found)
        assert len(tails.tails) == len(tails.values) == len(tails.known) <= tails.MOST


def test_tools_are_shared_from_the_second_record_on():
    tails = CommonTails(PARSE)
    tools = [{"type": "function", "function": {"name": "add", "parameters": {"minimum": 1.5}}}]
    lines = [spelled([("messages", [number]), ("tools", tools)], " ") for number in range(3)]
    tails.learn(lines[0], PARSE(lines[0]))
    second, third = (tails.record(line) for line in lines[1:])
    assert second == {"messages": [1], "tools": tools}
    assert third is not None
    assert second is not None
    assert second["tools"] is third["tools"]


@pytest.mark.parametrize("number", ["1e999", "123456789012345678901234567890", "0.1234567890123456789012"])
def test_tools_with_numbers_that_lose_digits_are_not_remembered(number):
    tails = CommonTails(json.loads)
    line = f'{{"messages": [], "tools": [{number}]}}\n'.encode()
    tails.learn(line, json.loads(line))
    assert not tails.tails
