"""Valid records, broken on purpose: every planted defect is found by its rule, and nothing else is disturbed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jsonl_lint import Block, PartialReport, check_block
from jsonl_lint.plans.registry import all_rules
from tests.conftest import GOOD, line_of, plan_of

Record = dict[str, Any]

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Köln"}'}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
USER, ANSWER = (
    {"role": "user", "content": "Wie ist das Wetter? ☀"},
    {"role": "assistant", "content": "Sunny \U0001f31e."},
)
SYSTEM = {"role": "system", "content": "Be brief."}

PARTS = [{"type": "text", "text": "A cloud."}]
RECORDS: dict[str, Record] = {
    "plain": {"messages": [USER, ANSWER]},
    "system": {"messages": [SYSTEM, USER, ANSWER, {"role": "user", "content": "Sure?"}, ANSWER]},
    "tools": {
        "messages": [
            USER,
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "name": "weather", "content": "25 °C"},
            ANSWER,
        ],
        "tools": [TOOL],
    },
    "parts": {"messages": [{**USER, "content": PARTS}, {**ANSWER, "content": PARTS}]},
    "weights": {"messages": [USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}], "weight": 0.5},
    "reasoning": {"messages": [USER, {**ANSWER, "reasoning": "The sky is blue."}]},
}
TYPES = {"null": None, "true": True, "integer": 7, "fraction": -0.5, "text": "x", "empty text": ""}
TYPES |= {"array": [], "full array": [1], "object": {}, "full object": {"a": 1}}


def check(lines: list[bytes]) -> PartialReport:
    """The report of these lines, each between two good ones: line n of them is line 2n + 1 from 0."""
    data = GOOD + b"".join(line.rstrip(b"\n") + b"\n" + GOOD for line in lines)
    return check_block(Block("data.jsonl", 1, 0, data, "chat", 1), plan_of(max_findings=0)).finished()


def by_line(report: PartialReport, count: int) -> list[list[tuple[str, str]]]:
    """Rule and pointer of the findings of each line; the good lines must have none, nor may a finding span them."""
    assert all(finding.line % 2 == 1 and finding.end_line == finding.line for finding in report.findings)
    assert report.lines == 2 * count + 1
    return [
        [(finding.rule, finding.pointer) for finding in report.findings if finding.line == 2 * number + 1]
        for number in range(count)
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_the_records_are_valid(name: str):
    assert check([line_of(RECORDS[name])] * 3).findings == []


# --- systematic mutations --------------------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(item, (*path, key))


def at(record: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        record = record[key]
    return record


def mutants(record: Record) -> Iterator[Any]:
    """The record with one thing deleted, retyped, renamed or moved; and each type in its own place."""
    yield from TYPES.values()
    for path in places(record):
        *parent, key = path
        for value in TYPES.values():
            changed = copy.deepcopy(record)
            at(changed, tuple(parent))[key] = value
            yield changed
        changed = copy.deepcopy(record)
        del at(changed, tuple(parent))[key]
        yield changed
        changed = copy.deepcopy(record)
        holder = at(changed, tuple(parent))
        if isinstance(holder, dict):
            holder[f"{key} "] = holder.pop(key)
        else:
            holder.insert(0, holder.pop())
        yield changed


@pytest.mark.parametrize("name", RECORDS)
def test_no_mutation_crashes_or_disturbs_its_neighbours(name: str):
    lines = [line_of(mutant) for mutant in mutants(RECORDS[name])]
    assert len(lines) > 60
    by_line(check(lines), len(lines))


@pytest.mark.parametrize("name", RECORDS)
def test_a_line_cut_off_anywhere_is_one_finding(name: str):
    line = line_of(RECORDS[name]).rstrip()
    lines = [line[:size] for size in range(1, len(line))]
    for cut, found in zip(lines, by_line(check(lines), len(lines)), strict=True):
        rules = [rule for rule, _ in found]
        if cut.endswith((b"}", b"]")):  # inside a string: the quote may be what is missing
            assert rules in (["truncated-json"], ["invalid-json"]), cut
        else:
            assert rules == ["truncated-json"], cut


@pytest.mark.parametrize("name", RECORDS)
def test_a_line_without_its_beginning_is_found(name: str):
    line = line_of(RECORDS[name]).rstrip()
    lines = [line[start:] for start in range(1, len(line))]
    assert all(by_line(check(lines), len(lines)))


@pytest.mark.parametrize("name", RECORDS)
def test_a_line_with_one_byte_lost_or_spoilt_is_no_crash(name: str):
    line = line_of(RECORDS[name]).rstrip()
    for spoil in (b"", b"\x00", b"\xff", b'"', b"{", b"}", b"\\", b","):
        lines = [line[:place] + spoil + line[place + 1 :] for place in range(len(line))]
        found = by_line(check(lines), len(lines))
        if spoil in (b"\x00", b"\xff"):
            assert all(found)


# --- each defect and the rule that owns it ---------------------------------------------------------------------------


def change(path: tuple[Any, ...], value: Any) -> Callable[[Record], None]:
    def mutate(record: Record) -> None:
        at(record, path[:-1])[path[-1]] = value

    return mutate


def drop(*path: Any) -> Callable[[Record], None]:
    def mutate(record: Record) -> None:
        del at(record, path[:-1])[path[-1]]

    return mutate


def rename(path: tuple[Any, ...], new: str) -> Callable[[Record], None]:
    def mutate(record: Record) -> None:
        holder = at(record, path[:-1])
        items = [(new if key == path[-1] else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(items)

    return mutate


def messages(edit: Callable[[list[Any]], Any]) -> Callable[[Record], None]:
    def mutate(record: Record) -> None:
        edit(record["messages"])

    return mutate


Defect = tuple[str, str, Callable[[Record], None], str, str | None]


def defects() -> Iterator[Defect]:
    """Name, record, mutation, the rule that must find it, and where (None: anywhere)."""
    for kind, value in TYPES.items():
        if not isinstance(value, list):
            yield f"messages: {kind}", "plain", change(("messages",), value), "messages-not-array", "/messages"
        if not isinstance(value, dict):
            yield f"message: {kind}", "plain", change(("messages", 0), value), "message-not-object", "/messages/0"
        wrong = "unknown-role" if isinstance(value, str) else "role-not-string"
        yield f"role: {kind}", "system", change(("messages", 2, "role"), value), wrong, "/messages/2/role"
        if value is None:
            yield (
                "content: null",
                "plain",
                change(("messages", 1, "content"), value),
                "null-content",
                "/messages/1/content",
            )
        elif not isinstance(value, (str, list)):
            rule = "content-wrong-type"
            yield f"content: {kind}", "tools", change(("messages", 1, "content"), value), rule, "/messages/1/content"
            yield f"content: {kind}", "plain", change(("messages", 0, "content"), value), rule, "/messages/0/content"
        weight = ("messages", 1, "weight")
        yield f"weight: {kind}", "weights", change(weight, value), "invalid-message-weight", "/messages/1/weight"
        if kind != "integer":
            yield f"sample weight: {kind}", "weights", change(("weight",), value), "invalid-sample-weight", "/weight"
        if value is not None and not isinstance(value, str):
            for key in ("name", "tool_call_id"):
                yield f"{key}: {kind}", "tools", change(("messages", 2, key), value), "wrong-type", f"/messages/2/{key}"
            reasoning = ("messages", 1, "reasoning")
            yield f"reasoning: {kind}", "reasoning", change(reasoning, value), "wrong-type", "/messages/1/reasoning"
    for weight in (2, -1, 1.0, 0.0, "1"):
        yield f"weight {weight!r}", "weights", change(("messages", 1, "weight"), weight), "invalid-message-weight", None

    yield "no messages", "plain", drop("messages"), "missing-messages", ""
    yield "no messages but tools", "tools", drop("messages"), "missing-messages", ""
    yield "messages misspelt", "plain", rename(("messages",), "mesages"), "missing-messages", ""
    yield "ShareGPT", "plain", rename(("messages",), "conversations"), "unknown-format", ""
    yield "empty messages", "plain", change(("messages",), []), "empty-messages", "/messages"
    yield "extra key", "plain", change(("id",), 1), "extra-key", "/id"
    yield "another format's key", "plain", change(("text",), "x"), "ambiguous-format", ""
    yield "extra message key", "plain", change(("messages", 0, "x"), 1), "extra-message-key", "/messages/0/x"

    for name, record in RECORDS.items():
        for index, message in enumerate(record["messages"]):
            place = f"/messages/{index}"
            yield f"{name} {place} no role", name, drop("messages", index, "role"), "missing-role", place
            yield f"{name} {place} Role", name, rename(("messages", index, "role"), "Role"), "missing-role", place
            yield f"{name} {place} Role", name, rename(("messages", index, "role"), "Role"), "extra-message-key", None
            for role in ("User", "human", "gpt", "model", "developer", " user"):
                new = change(("messages", index, "role"), role)
                yield f"{name} {place} {role}", name, new, "unknown-role", f"{place}/role"
            if "tool_calls" not in message:
                yield f"{name} {place} no content", name, drop("messages", index, "content"), "missing-content", place
                blank = change(("messages", index, "content"), " \n")
                if "reasoning" not in message:  # which is enough of an answer
                    yield f"{name} {place} blank", name, blank, "empty-content", f"{place}/content"
            if message["role"] != "assistant":
                weight = change(("messages", index, "weight"), 1)
                yield f"{name} {place} weight", name, weight, "weight-on-non-assistant", f"{place}/weight"
                reasoning = change(("messages", index, "reasoning"), "x")
                yield f"{name} {place} thinks", name, reasoning, "reasoning-on-wrong-role", f"{place}/reasoning"
        asked = next(index for index, message in enumerate(record["messages"]) if message["role"] == "user")
        again = messages(lambda items, asked=asked: items.insert(asked, items[asked]))
        yield f"{name} asks twice", name, again, "consecutive-roles", f"/messages/{asked + 1}"
        yield f"{name} answers twice", name, messages(lambda items: items.append(ANSWER)), "consecutive-roles", None
        yield (
            f"{name} asks at the end",
            name,
            messages(lambda items: items.append(USER)),
            "last-message-not-assistant",
            None,
        )
        late = messages(lambda items: items.insert(len(items) - 1, SYSTEM))
        yield f"{name} late system message", name, late, "system-not-first", None

    only_user = messages(lambda items: items.pop())
    yield "no answer", "plain", only_user, "no-assistant-message", "/messages"
    yield "backwards", "plain", messages(lambda items: items.reverse()), "assistant-first", "/messages/0"
    yield "backwards, with system", "system", messages(lambda items: items.reverse()), "system-not-first", None
    two = messages(lambda items: items.insert(0, SYSTEM))
    yield "two system messages", "system", two, "several-system-messages", "/messages/1"
    untrained = change(("messages", 3, "weight"), 0)
    yield "all weights 0", "weights", untrained, "nothing-to-learn", "/messages"
    yield "an empty answer", "plain", change(("messages", 1, "content"), ""), "nothing-to-learn", "/messages"
    yield "an answer of no parts", "parts", change(("messages", 1, "content"), []), "nothing-to-learn", None
    both = change(("messages", 1, "reasoning_content"), "x")
    yield "two kinds of reasoning", "reasoning", both, "conflicting-reasoning-keys", "/messages/1"
    more = messages(lambda items: items.extend([USER, ANSWER]))
    yield "reasoning, then more", "reasoning", more, "untrained-earlier-turns", "/messages/1"
    for text in ("<think>hm", "hm</think>", "</think>hm<think>", "<think><think>hm</think></think>"):
        broken = change(("messages", 1, "content"), text)
        yield f"tags {text}", "plain", broken, "unbalanced-think-tags", "/messages/1/content"


DEFECTS = list(defects())


@pytest.mark.parametrize(("name", "record", "mutate", "rule", "pointer"), DEFECTS, ids=[item[0] for item in DEFECTS])
def test_a_planted_defect_is_found_by_the_rule_that_owns_it(
    name: str, record: str, mutate: Callable[[Record], None], rule: str, pointer: str | None
):
    mutant = copy.deepcopy(RECORDS[record])
    mutate(mutant)
    report = check([line_of(mutant)])
    (found,) = by_line(report, 1)
    assert rule in [each for each, _ in found]
    if pointer is not None:
        assert (rule, pointer) in found
    assert len(found) == len(set(found)), "the same thing is reported twice"


def test_every_conversation_rule_has_a_planted_defect():
    """But for those that are about other targets or other formats alone."""
    planted = {rule for *_, rule, _ in DEFECTS}
    owned = {name for name, rule in all_rules().items() if rule.code.startswith("JL2")}
    of_other_targets = {"unknown-dialect-role", "reserved-string", "last-message-calls-tool", "too-few-messages"}
    assert owned - planted == {*of_other_targets, "last-message-not-user"}


def test_many_defects_in_one_record_are_all_found_once():
    record = {
        "messages": [
            "text",
            {"role": "User", "content": 1, "x": 1},
            {"content": "no role"},
            {"role": "user"},
            {"role": "assistant", "content": None, "weight": 2},
        ],
        "weight": -1,
        "y": 1,
    }
    (found,) = by_line(check([json.dumps(record).encode()]), 1)
    assert sorted(found) == [
        ("content-wrong-type", "/messages/1/content"),
        ("extra-key", "/y"),
        ("extra-message-key", "/messages/1/x"),
        ("invalid-message-weight", "/messages/4/weight"),
        ("invalid-sample-weight", "/weight"),
        ("message-not-object", "/messages/0"),
        ("missing-content", "/messages/3"),
        ("missing-role", "/messages/2"),
        ("null-content", "/messages/4/content"),
        ("unknown-role", "/messages/1/role"),
    ]
