"""Lists of tools that are known by their bytes are the flawless ones, and they are split as a parser splits them."""

from __future__ import annotations

import json
import random
import sys
from ctypes import PyDLL
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mutants import mutated
from jsonl_lint.engine.skimming import called
from jsonl_lint.engine.skimming.called import ToolReader
from jsonl_lint.native.cuts import MOST_ITEMS, items
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.rule import RecordRule
from jsonl_lint.toolcalls.definitions import Definition, Remark, define
from tests.compiled import COMPILED
from tests.records import WEATHER

pytestmark = COMPILED

KEY = "sk-proj-" + "Zq8" * 16
FUNCTION = WEATHER["function"]
POOL: list[Any] = [
    WEATHER,
    {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}},
    {"type": "function", "function": {**FUNCTION, "name": "g", "description": "It says [\"}\", ']'] and \\ at once."}},
    {"type": "function", "function": {**FUNCTION, "name": "h", "description": f"Use {KEY}."}},
    {"type": "function", "function": {**FUNCTION, "name": "two words"}},
    {"type": "function", "function": {"name": "p", "parameters": {"type": "objekt"}}},
    {"type": "web_search"},
    {"name": "flat"},
    "tool",
]


@pytest.fixture(autouse=True, scope="module")
def _all_checks_are_registered() -> None:
    all_rules().of_kind(RecordRule).values()


@given(
    chosen=st.lists(st.sampled_from(POOL), min_size=1, max_size=4),
    changed=st.booleans(),
    dice=st.randoms(use_true_random=False),
    separators=st.sampled_from([(",", ":"), (" , ", ": "), (",\t", ":\t")]),
)
def test_a_list_is_known_if_it_is_flawless(
    library: PyDLL, chosen: list[Any], changed: bool, dice: random.Random, separators: tuple[str, str]
):
    tools = mutated({"tools": chosen}, dice).get("tools") if changed else chosen
    if not isinstance(tools, list) or not tools:
        return
    spelled = json.dumps(tools, separators=separators, ensure_ascii=False).encode()
    found = ToolReader(library).read_list(spelled)
    assert (found is not None) is define(tools).flawless
    if found is not None:
        assert {name: orjson.loads(each) for name, each in found.by_name.items()} == {
            each["function"]["name"]: each for each in tools
        }


@pytest.mark.parametrize("count", [0, 1, MOST_ITEMS - 1, MOST_ITEMS])
def test_only_so_many_items_are_split(library: PyDLL, count: int):
    values = [{"a": [number, "],["]} for number in range(count)]
    found = items(library, json.dumps(values).encode())
    assert [orjson.loads(item) for item in found if item] == (values if count < MOST_ITEMS else [])


@pytest.mark.parametrize("most", [1, 3])
def test_what_is_forgotten_is_read_again(library: PyDLL, monkeypatch: pytest.MonkeyPatch, most: int):
    for name in ("_MOST_LISTS", "_MOST_DEFINED", "_MOST_BYTES"):
        monkeypatch.setattr(called, name, most)
    reader = ToolReader(library)
    pool = [{"type": "function", "function": {**FUNCTION, "name": f"f{number}"}} for number in range(9)]
    for number in (*range(8), *range(8)):
        tools = json.dumps(pool[number : number + 2]).encode()
        found = reader.read(tools, [], b"")
        assert found.tools is not None
        assert [*found.tools.by_name] == [f"f{number}", f"f{number + 1}"]
        assert max(len(reader.lists), len(reader.definitions), len(reader.names)) <= most + 2


def test_large_definitions_are_forgotten_by_their_bytes(library: PyDLL, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(called, "_MOST_BYTES", 5_000)
    reader = ToolReader(library)
    for number in range(50):
        large = {"type": "function", "function": {**FUNCTION, "name": f"f{number}", "description": "long " * 200}}
        assert reader.read(json.dumps([large]).encode(), [], b"").fit((str,))
        assert sum(map(len, reader.definitions)) < 8_000


def test_no_check_of_a_definition_is_skipped_if_another_thread_asks_meanwhile(monkeypatch: pytest.MonkeyPatch):
    meanwhile: list[bool] = []

    def slow(definition: Definition) -> list[Remark]:
        if not meanwhile:
            meanwhile.append(True)
            meanwhile.append(definition.flawless)
        return []

    def strict(_: Definition) -> list[Remark]:
        return [Remark((), "wrong")]

    monkeypatch.setattr(sys.modules[Definition.__module__], "_checks", [slow, strict])
    definition = Definition(WEATHER)
    assert not definition.flawless
    assert not definition.flawless
    assert meanwhile == [True, False]
