"""A structure is judged once: what is judged on the abstract record holds for every record of that structure."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jsonl_lint import Block, Plan, check_block, compile_plan
from jsonl_lint.records.lostdigits import doubtful_number
from jsonl_lint.records.structure import (
    ABSTRACT,
    ENUMERATED,
    LONGEST_ENUMERATED,
    MESSAGE_LISTS,
    abstract,
    signature,
)
from tests.conftest import anything, chat_like, integers, line_of, plan_of, words

OTHERS: dict[type, list[Any]] = {
    str: ["", " ", "\t\n", "\u2003", "other text", "y" * 99, "null"],
    int: [-9, 0, 1, 3, 2**60, 2**70, -(2**70)],
    float: [-7.5, 0.0, -0.0, 0.25, 1.0, 3.0, 3.5, 1e200],
    bool: [True, False],
    type(None): [None],
    list: [[], [None], ["x", 1.5], [{}]],
    dict: [{}, {"a": None}, {"b": [1], "c": 2}],
}


def looked_into(key: Any, value: Any, level: int) -> bool:
    """Whether the structure holds more of the value than its class."""
    if type(value) is not list or not value:
        return False
    return (level == 0 and key in MESSAGE_LISTS) or (level == 1 and key == "content")


@st.composite
def twins(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two records of the same structure whose texts and figures differ."""
    record = draw(chat_like)

    def change(value: dict[str, Any], level: int) -> None:
        for key, old in value.items():
            if type(old) is str and level and key in ENUMERATED:
                continue
            if looked_into(key, old, level):
                for index, item in enumerate(old):
                    if type(item) is dict:
                        change(item, level + 1)
                    else:
                        old[index] = other(item)
            else:
                value[key] = other(old)

    def other(old: Any) -> Any:
        alike = [new for new in OTHERS[type(old)] if signature({"x": new}) == signature({"x": old})]
        return draw(st.sampled_from([*alike, old]))

    twin = copy.deepcopy(record)
    change(twin, 0)
    return record, twin


def exactly(value: Any) -> str:
    """Equal texts for values that are equal in type too: 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)


@given(twins())
def test_equal_signatures_mean_equal_abstract_records(pair: tuple[dict[str, Any], dict[str, Any]]):
    record, twin = pair
    assert signature(record) == signature(twin)
    assert exactly(abstract(record)) == exactly(abstract(twin))


@given(st.lists(chat_like, min_size=2, max_size=20))
def test_different_abstract_records_have_different_signatures(records: list[dict[str, Any]]):
    seen: dict[Any, str] = {}
    for record in records:
        assert seen.setdefault(signature(record), exactly(abstract(record))) == exactly(abstract(record))


@given(chat_like)
def test_an_abstract_record_holds_no_content(record: dict[str, Any]):
    allowed = {exactly(value) for value in ABSTRACT.values()}

    def check(value: Any, key: str) -> None:
        if exactly(value) in allowed or (type(value) is str and len(value) <= LONGEST_ENUMERATED and key in ENUMERATED):
            return
        for name, item in value.items() if type(value) is dict else [(key, item) for item in value]:
            check(item, name)

    check(abstract(record), "")


@given(record=chat_like)
@example(record={"text": "x", "weight": -(2**63) - 1})
@example(record={"text": "x", "weight": 2**64})
@settings(max_examples=300)
@pytest.mark.parametrize("name", ["chat", "instruction", "text"])
def test_a_schema_judges_a_record_as_it_judges_its_structure(name: str, record: dict[str, Any]):
    shape = plan_of().shape(name)
    assert {found.rule for found in shape.violations(record)} == {
        found.rule for found in shape.violations(abstract(record))
    }


file_formats = st.sampled_from(["chat", "text", "instruction", "batch", None])


@contextmanager
def without_memory(plan: Plan) -> Iterator[None]:
    """The plan as if it had seen no record yet."""
    memory = plan.memory
    verdicts, clean = dict(memory.verdicts), dict(memory.clean_chats)
    memory.verdicts.clear()
    memory.clean_chats.clear()
    yield
    memory.verdicts.update(verdicts)
    memory.clean_chats.update(clean)


methods = pytest.mark.parametrize("method", ["sft", "rl"])


def check_judging(method: str, record: dict[str, Any], file_format: str | None) -> None:
    """The sketches for the record itself, as if there were no structures, are those for its structure."""
    plan = plan_of(method=method)
    shape = signature(record)
    remembered = plan.verdict(shape, record, file_format)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jsonl_lint.plans.plan.abstract", lambda record: record)
        with without_memory(plan):
            anew = plan.verdict(shape, record, file_format)
    assert remembered.format == anew.format
    assert sorted(map(repr, remembered.sketches)) == sorted(map(repr, anew.sketches))


@methods
@given(record=chat_like, file_format=file_formats)
@settings(max_examples=300)
def test_every_rule_about_structure_judges_a_record_as_its_structure(
    method: str, record: dict[str, Any], file_format: str | None
):
    check_judging(method, record, file_format)


@methods
@pytest.mark.slow
@given(record=chat_like, file_format=file_formats)
@settings(max_examples=4_000)
def test_every_rule_about_structure_judges_a_record_as_its_structure_long(
    method: str, record: dict[str, Any], file_format: str | None
):
    check_judging(method, record, file_format)


def check_warm_and_fresh(method: str, records: list[dict[str, Any]], file_format: str | None) -> None:
    """A plan that has seen many records gives the same findings as one that has seen none."""
    plan = plan_of(method=method, max_findings=0)
    for line in map(line_of, records):
        block = Block("data.jsonl", 1, 0, line * 2, file_format, 1)
        warm = check_block(block, plan).finished()
        with without_memory(plan):
            fresh = check_block(block, plan).finished()
        assert warm == fresh


@methods
@given(records=st.lists(chat_like, max_size=6), file_format=file_formats)
def test_memory_changes_no_finding(method: str, records: list[dict[str, Any]], file_format: str | None):
    check_warm_and_fresh(method, records, file_format)


@methods
@pytest.mark.slow
@given(records=st.lists(chat_like, max_size=12), file_format=file_formats)
@settings(max_examples=1_000)
def test_memory_changes_no_finding_long(method: str, records: list[dict[str, Any]], file_format: str | None):
    check_warm_and_fresh(method, records, file_format)


@pytest.mark.parametrize("size", [LONGEST_ENUMERATED, LONGEST_ENUMERATED + 1, 500])
def test_an_unknown_type_of_a_part_is_found_however_long_it_is(size: int):
    part = {"type": "text", "text": "Hi"}
    asked = {"role": "user", "content": [{**part, "type": "x" * size}]}
    data = line_of({"messages": [asked, {"role": "assistant", "content": [part]}]})
    report = check_block(Block("data.jsonl", 1, 0, data, "chat", 1), plan_of()).finished()
    assert [finding.rule for finding in report.findings] == ["invalid-content-part"]


def test_the_memory_of_structures_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jsonl_lint.plans.verdicts.MAX_REMEMBERED", 10)
    plan = compile_plan()
    lines = [line_of({"messages": [{"role": f"role {number}", "content": "x"}]}) for number in range(50)]
    lines += [
        line_of({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}] * n})
        for n in range(1, 50)
    ]
    report = check_block(Block("data.jsonl", 1, 0, b"".join(lines), "chat", 1), plan).finished()
    assert len(plan.memory.verdicts["chat"]) <= 10
    assert len(plan.memory.clean_chats["chat"]) <= 10
    assert report.counts[next(key for key in report.counts if key[0] == "unknown-role")] == 50
    assert report.valid_records == 49


def test_verdicts_with_many_findings_are_not_remembered_for_their_kinds_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jsonl_lint.engine.kindlog.MOST_KNOWN", 60)
    messages = [[{"role": f"role {number}", "content": "x"}] * 9 for number in range(50)]
    data = b"".join([line_of({"messages": several}) for several in messages])
    report = check_block(Block("data.jsonl", 1, 0, data, "chat", 1), plan_of())
    held = [verdict.sketches for verdict in report.kinds.known.values()]
    assert held
    assert sum(map(len, held)) <= 60


@given(st.one_of(integers, st.floats(), words, anything))
def test_numbers_that_a_parser_may_change_are_found_anywhere(value: Any):
    def doubtful(item: Any) -> bool:
        if isinstance(item, dict):
            return any(map(doubtful, item.values()))
        if isinstance(item, list):
            return any(map(doubtful, item))
        return type(item) is float or (type(item) is int and not -(2**63) <= item < 2**64)

    assert (doubtful_number({"a": {"b": [value]}}) is not None) == doubtful(value)


# --- what the parser changes without a word --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        '{"messages": [], "weight": %s}',
        '{"messages": [], "extra": {"a": [{"b": %s}]}}',
        '{"messages": [{"role": "user", "content": "x", "weight": %s}]}',
        '{"messages": [{"role": "user", "content": [{"type": "text", "text": %s}]}]}',
        '{"messages": [{"role": "user", "content": [{"type": "x", "image_url": {"detail": [%s]}}]}]}',
        '{"messages": [{"role": "user", "content": [%s]}]}',
        '{"messages": [%s, 1]}',
        '{"messages": [[%s]]}',
        '{"messages": {"a": %s}}',
        '{"messages": [{"role": %s, "content": "x"}]}',
        '{"messages": [{"role": "user", "content": %s}]}',
        '{"messages": [{"role": "assistant", "content": "x", "tool_calls": [{"function": {"arguments": [%s]}}]}]}',
        '{"text": %s}',
        '{"prompt": "x", "completion": [[%s]]}',
        '{"conversations": [{"from": "human", "value": {"a": %s}}]}',
        '{"tools": [{"a": %s}]}',
    ],
)
@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("18446744073709551616", "imprecise-number"),
        ("-9223372036854775809", "imprecise-number"),
        ("1" * 309, "imprecise-number"),
        ("9" * 309, "non-finite-number"),
        ("1" * 5000, "non-finite-number"),
        ("0.123456789012345678", "imprecise-number"),
        ("12345678901234567.8e-3", "imprecise-number"),
        ("1e999", "non-finite-number"),
        ("-1E+309", "non-finite-number"),
        ("17976931348623159e292", "non-finite-number"),
        ("0.5", None),
        ("18446744073709551615", None),
        ("1e-999", None),
        ("0.10000000000000000", None),
    ],
)
def test_numbers_are_looked_at_wherever_they_stand(place: str, number: str, rule: str | None):
    plan = plan_of(max_findings=0)
    line = (place % number).encode() + b"\n"
    report = check_block(Block("data.jsonl", 1, 0, line, "chat", 1), plan).finished()
    numbers = [finding for finding in report.findings if finding.rule in ("imprecise-number", "non-finite-number")]
    assert [finding.rule for finding in numbers] == ([rule] if rule else [])
    if rule:
        assert numbers[0].column == place.index("%s") + 1
