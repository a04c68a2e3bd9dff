"""All conversations with one profile are alike to every rule, so one verdict tells what is wrong with all of them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jsonl_lint import Applicability, Settings, compile_plan
from jsonl_lint.api import check_file
from jsonl_lint.engine import skimming
from jsonl_lint.plans import planning, profiles
from jsonl_lint.plans.profiles import ProfileVerdicts
from jsonl_lint.plans.registry import all_rules
from jsonl_lint.plans.selection import NEAR
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.profile import FEW_MESSAGES, MOST_FORMS, profile
from jsonl_lint.records.structure import abstract, signature
from jsonl_lint.target import target_names
from tests.compiled import COMPILED, recogniser_of
from tests.records import WEATHER, answer, call, picture, user

EVERY_RULE = tuple(name for name in all_rules() if name != NEAR)
PLANS = [
    compile_plan(Settings(target=target, method=method, select=EVERY_RULE, model=model))
    for target in target_names()
    for method, model in (("sft", None), ("rl", None), ("sft", "openai/gpt-oss-20b" if target == "together" else None))
]

CALLS = [call(), call("call_2")]
TALK: list[dict[str, Any]] = [
    user("Hello"),
    user("", name="Ann"),
    user([{"type": "text", "text": "What is it?"}]),
    user([{"type": "text", "text": "What is it?"}, picture()]),
    user("Hello", weight=0),
    user(None),
    answer("Hi"),
    answer("Hi", weight=0),
    answer("Hi", weight=1),
    answer("Hi", trainable=False),
    answer(" "),
    answer([{"type": "text", "text": "A dot."}]),
    answer("So.", reasoning_content="Because."),
    answer("So.", reasoning="Because.", reasoning_content="Because."),
    answer("Wait.", tool_calls=CALLS),
    answer(None, tool_calls=CALLS),
    {"role": "assistant", "tool_calls": CALLS[:1]},
    {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}},
    answer(None, refusal="I cannot."),
    {"role": "tool", "tool_call_id": "call_1", "content": "Rain."},
    {"role": "tool", "content": ""},
    {"role": "user", "content": "Hi", "tools": [WEATHER]},
]
"""Messages of common roles, right and wrong, as they may follow each other."""

BEGINNINGS: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "system", "content": "", "weight": 1},
    {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
    {"role": "developer", "content": "Be brief."},
]
ASKED = [user("Hello"), user("Hello", name="Ann"), user([{"type": "text", "text": "What is it?"}])]
ANSWERED = [answer("Hi"), answer("Hi", weight=0), answer("Hi", weight=1)]
"""Messages with which nothing is wrong in turn."""
FAULTY = [answer("Hi"), answer(" "), answer(None), answer("Hi", id=7)]

ODD: list[Any] = ["hello", None, {}, {"role": 7}, {"role": "human", "content": "Hi"}, {"content": "Hi"}]
BESIDE = [{}, {"tools": [WEATHER]}, {"tools": []}, {"weight": 2}, {"functions": [{}]}, {"id": 7}, {"text": "x"}]

CONTENTS: list[dict[str, Any]] = [
    {"role": "user", "parts": [{"text": "Hello"}]},
    {"role": "user", "parts": [{"text": " "}]},
    {
        "role": "user",
        "parts": [{"text": "What is it?"}, {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a"}}],
    },
    {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"result": "Rain."}}}]},
    {"role": "function", "parts": [{"functionResponse": {"name": "weather", "response": {"result": "Rain."}}}]},
    {"role": "model", "parts": [{"text": "Hi"}]},
    {"role": "model", "parts": [{"text": "Wait."}, {"functionCall": {"name": "weather", "args": {"city": "Oslo"}}}]},
    {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {}}}], "weight": 0},
    {"role": "model", "parts": []},
    {"role": "model", "content": "Hi"},
    {"role": "user"},
]
"""The same as Gemini has them."""


def talks(messages: list[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.sampled_from(messages), min_size=2, max_size=5).flatmap(
        lambda some: st.lists(st.sampled_from(some), min_size=FEW_MESSAGES, max_size=12)
    )


conversations = st.tuples(st.lists(st.sampled_from(BEGINNINGS), max_size=1), talks(TALK)).map(
    lambda parts: [*parts[0], *parts[1]]
)
chats = st.tuples(conversations, st.sampled_from(BESIDE)).map(lambda parts: {"messages": parts[0], **parts[1]})
requests = st.tuples(chats, st.sampled_from(["body", "params", "input"])).map(
    lambda parts: {"custom_id": "1", parts[1]: {"model": "m", **parts[0]}}
)
preferences = st.tuples(conversations, st.sampled_from(TALK)).map(
    lambda parts: {
        "input": {"messages": parts[0]},
        "preferred_output": [answer("Hi")],
        "non_preferred_output": [parts[1]],
    }
)
of_gemini = st.tuples(talks(CONTENTS), st.sampled_from(BESIDE)).map(lambda parts: {"contents": parts[0], **parts[1]})
records = chats | requests | preferences | of_gemini


def conversation_of(record: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The object with the record's conversation, and its key there."""
    for holder in (record, *[value for value in record.values() if type(value) is dict]):
        for key in ("messages", "contents"):
            if key in holder:
                return holder, key
    raise LookupError("it has no conversation")


def rearranged(messages: list[Any], dice: random.Random) -> list[Any]:
    """The messages in another order or number, after which the same ones follow each other."""
    messages = list(messages)
    for _ in range(dice.randrange(1, 6)):
        same: dict[str, list[int]] = defaultdict(list)
        for index, message in enumerate(messages[1:], start=1):
            same[json.dumps(message)].append(index)
        again = [places for places in same.values() if len(places) > 1]
        if not again:
            break
        places = sorted(dice.sample(chosen := dice.choice(again), min(len(chosen), 3)))
        first, middle, last = places[0], places[len(places) // 2], places[-1]
        round_trip = messages[first + 1 : middle + 1]
        if len(places) == 3 and dice.random() < 0.5:
            messages[first + 1 : last + 1] = messages[middle + 1 : last + 1] + round_trip
        elif dice.random() < 0.5:
            messages[first + 1 : first + 1] = round_trip
        else:
            del messages[first + 1 : middle + 1]
    return messages


def broken_rules(found: Verdict) -> set[str]:
    return {sketch.rule for sketch in found.sketches}


def in_order(found: Verdict) -> Verdict:
    return found._replace(sketches=tuple(sorted(found.sketches, key=repr)), varies=False)


@given(records, st.randoms(use_true_random=False))
def test_records_of_one_profile_break_the_same_rules_where_messages_are_in_the_same_situation(
    record: dict[str, Any], dice: random.Random
):
    other = deepcopy(record)
    holder, key = conversation_of(other)
    holder[key] = rearranged(holder[key], dice)
    assume(other != record)
    shapes = signature(record), signature(other)
    assume(profile(shapes[0]) is not None and profile(shapes[0]) == profile(shapes[1]))
    for plan in PLANS:
        one, same = [plan._judge(abstract(each), each, "chat") for each in (record, other)]
        assert broken_rules(one) == broken_rules(same), plan.settings
        assert one._replace(sketches=(), more=()) == same._replace(sketches=(), more=()), plan.settings
        shared = ProfileVerdicts(plan.rules_by_name)
        shared.learn(one, shapes[0], "chat")
        told = shared.verdict(shapes[1], "chat")
        assert told is None or in_order(told) == in_order(same), plan.settings


def test_whether_the_end_of_a_conversation_can_be_cut_off_depends_on_what_comes_before_it():
    weather = [user("Weather?"), answer("Wait.", tool_calls=CALLS[:1]), {**TALK[-3], "content": "Rain."}]
    unanswered, greeting, more = [*weather, user("And?")], [user("Hello"), answer("Hi"), user("And?")], [user("Hello")]
    ends_with_answer = {"messages": [*unanswered, *greeting, *unanswered, *greeting, *more]}
    ends_with_result = {"messages": [*unanswered, *greeting, *greeting, *unanswered, *more]}
    shapes = [signature(record) for record in (ends_with_answer, ends_with_result)]
    assert profile(shapes[0]) == profile(shapes[1])
    plan = compile_plan(Settings(target="mistral", select=("last-message-not-assistant",)))
    records = ends_with_answer, ends_with_result
    found = [plan.verdict(shape, record, "chat") for shape, record in zip(shapes, records, strict=True)]
    assert [sketch.fix for verdict in found for sketch in verdict.sketches] == [Applicability.UNSAFE, None]


def test_most_verdicts_follow_from_that_on_another_record():
    dice, told, plan = random.Random(5), 0, compile_plan()
    for _ in range(200):
        some = dice.sample(TALK, 2)
        record = {"messages": [BEGINNINGS[0], *[dice.choice(some) for _ in range(12)]]}
        other = {"messages": rearranged(record["messages"], dice)}
        shared = ProfileVerdicts(plan.rules_by_name)
        found = shared.learn(plan._judge(abstract(record), record, "chat"), signature(record), "chat")
        told += found.varies and other != record and shared.verdict(signature(other), "chat") is not None
    assert told > 50


def test_most_rearrangements_keep_the_profile():
    dice, kept = random.Random(5), 0
    for _ in range(200):
        some = dice.sample(TALK, 3)
        record = {"messages": [BEGINNINGS[0], *[dice.choice(some) for _ in range(12)]]}
        other = {"messages": rearranged(record["messages"], dice)}
        kept += other != record and profile(signature(record)) == profile(signature(other))
    assert kept > 80


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("place", [0, 1, 5])
def test_what_is_not_common_has_no_profile(odd: Any, place: int):
    messages: list[Any] = [user("Hello"), answer("Hi")] * 3
    assert profile(signature({"messages": messages}))
    assert profile(signature({"messages": messages[:FEW_MESSAGES]})) is None
    messages[place] = odd
    assert profile(signature({"messages": messages})) is None


@pytest.mark.parametrize("role", ["system", "developer", "tool"])
def test_only_a_first_message_may_be_the_system_s_and_none_a_result(role: str):
    message = {"role": role, "content": "Be brief."}
    messages = [user("Hello"), answer("Hi")] * 3
    assert bool(profile(signature({"messages": [message, *messages]}))) is (role != "tool")
    assert bool(profile(signature({"messages": [*messages, message]}))) is (role == "tool")


@COMPILED
@given(st.lists(st.tuples(records, st.integers(0, 9), st.sampled_from([*ODD, *BEGINNINGS])), min_size=1, max_size=9))
def test_the_c_code_sees_the_same_profiles(chosen: list[tuple[dict[str, Any], int, Any]]):
    recogniser = recogniser_of(PLANS[0], profiles=True)
    for record, place, odd in chosen:
        holder, key = conversation_of(record)
        if place < 3:
            holder[key][place] = odd
        if place == 3:
            record["contents" if "contents" in record else "messages"] = [user("Hello")] * 5
    data = b"".join(json.dumps(record).encode() + b"\n" for record, _, _ in chosen)
    found = recogniser.skim(data, 1 << 20, [], texts=False)
    spelled: dict[Any, set[bytes]] = defaultdict(set)
    meant: dict[bytes, set[Any]] = defaultdict(set)
    for entry in found.entries:
        of_python, of_c = profile(signature(json.loads(data[entry.start : entry.end]))), found.profile_of(entry)
        assert bool(of_c) is (of_python is not None)
        spelled[of_python].add(of_c)
        meant[of_c].add(of_python)
    assert all(len(same) == 1 for same in (*spelled.values(), *meant.values()))


@COMPILED
@pytest.mark.parametrize("forms", [MOST_FORMS, MOST_FORMS + 1])
def test_a_conversation_with_many_kinds_of_messages_has_no_profile(forms: int):
    recogniser = recogniser_of(PLANS[0], profiles=True)
    record = {
        "messages": [
            user("Hello", **{"abcdefghijklmnopqrstuvwxyz"[form % 26] * (form // 26 + 1): 1}) for form in range(forms)
        ]
    }
    found = recogniser.skim(json.dumps(record).encode() + b"\n", 1 << 20, [], texts=False)
    (entry,) = found.entries
    assert bool(found.profile_of(entry)) is bool(profile(signature(record))) is (forms == MOST_FORMS)


@pytest.mark.parametrize(("parts", "most"), [(1, 150), (20, 101), (500, 0)])
def test_profiles_are_forgotten_when_they_are_many_or_large(monkeypatch: pytest.MonkeyPatch, parts: int, most: int):
    monkeypatch.setattr(profiles, "MAX_REMEMBERED_SIZE", 44_000)
    plan = compile_plan(Settings(ignore=("untrained-earlier-turns", "mixed-content-shapes", "extra-message-key")))
    kept = 0
    for name in range(150):
        asked = user([{"type": "text", "text": "Hello"}] * parts, **{f"k{name}": 1})
        record = {"messages": [asked, answer("Hi")] * 3}
        plan.verdict(signature(record), record, "chat")
        assert plan.profiles is not None
        kept = max(kept, len(plan.profiles.known))
    assert kept == most


@COMPILED
def test_a_long_conversation_has_a_profile_but_no_signature():
    recogniser = recogniser_of(PLANS[0], profiles=True)
    turn = [user("Hello"), answer(None, tool_calls=CALLS[:1]), {"role": "tool", "content": "1", "tool_call_id": "a"}]
    records_of_turns = [{"messages": [*turn * count, answer("Hi")]} for count in (50, 90, 2)]
    data = b"".join(json.dumps(record).encode() + b"\n" for record in records_of_turns)
    found = recogniser.skim(data, 1 << 20, [], texts=False)
    long, longer, short = found.entries
    assert found.signature_of(long) == found.signature_of(longer) == b"" != found.signature_of(short)
    assert found.profile_of(long) == found.profile_of(longer) == found.profile_of(short) != b""
    recogniser.learn(found.profile_of(long), 3, 1 << 20)
    again = recogniser.skim(data, 1 << 20, [], texts=False, keys=False)
    assert [(entry.group, entry.lines) for entry in again.entries] == [(3, 3)]


@COMPILED
def test_a_few_messages_with_many_parts_are_not_taken_for_the_last_of_them():
    recogniser = recogniser_of(PLANS[0], profiles=True)
    root = {f"metadata of the record, {number:02}": 1 for number in range(40)}
    few = [user("Hello"), answer("Hi")]
    conversations = [few, [answer(""), answer([{"type": "text", "text": "What is it?"}] * 60), *few]]
    last, whole = [json.dumps({**root, "messages": messages}).encode() + b"\n" for messages in conversations]
    found = recogniser.skim(last, 1 << 20, [], texts=False)
    (entry,) = found.entries
    recogniser.learn(found.signature_of(entry), 3, 1 << 20)
    assert [entry.group for entry in recogniser.skim(last, 1 << 20, [], texts=False).entries] == [3]
    assert [entry.group for entry in recogniser.skim(whole, 1 << 20, [], texts=False).entries] == [0]


@COMPILED
def test_a_structure_that_is_found_by_its_profile_is_found_by_itself_the_next_time():
    recogniser = recogniser_of(PLANS[0], profiles=True)
    data = json.dumps({"messages": [user("Hello"), answer("Hi")] * 4}).encode() + b"\n"

    def groups() -> list[int]:
        found = recogniser.skim(data, 1 << 20, [], texts=False, keys=False)
        return [entry.group for entry in found.entries if not entry.why]

    (entry,) = (found := recogniser.skim(data, 1 << 20, [], texts=False)).entries
    recogniser.learn(found.profile_of(entry), 3, 1 << 20)
    recogniser.profiles = False
    assert groups() == []
    recogniser.profiles = True
    assert groups() == [3]
    recogniser.profiles = False
    assert groups() == [3]


def as_request(messages: list[Any]) -> dict[str, Any]:
    return {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": messages}}


def chats_of(dice: random.Random) -> list[Any]:
    some = dice.sample([TALK[0], TALK[6], *dice.sample(TALK, 2)], 3)
    return [dice.choice([*BEGINNINGS, *TALK]), *[dice.choice(some) for _ in range(dice.randrange(3, 12))]]


def contents_of(dice: random.Random) -> list[Any]:
    some = [CONTENTS[0], CONTENTS[5], dice.choice(CONTENTS)]
    return [dice.choice(CONTENTS), *[dice.choice(some) for _ in range(dice.randrange(3, 12))]]


@pytest.mark.parametrize(
    ("settings", "talk", "record"),
    [
        (Settings(), chats_of, lambda messages: {"messages": messages}),
        (Settings(max_findings=2), chats_of, lambda messages: {"messages": messages}),
        (Settings(target="openai"), chats_of, lambda messages: {"messages": messages}),
        (Settings(target="openai"), chats_of, as_request),
        (Settings(target="vertex"), contents_of, lambda messages: {"contents": messages}),
    ],
)
def test_the_report_is_the_same_without_profiles(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    talk: Callable[[random.Random], list[Any]],
    record: Callable[[list[Any]], dict[str, Any]],
):
    dice = random.Random(9)
    data = tmp_path / "data.jsonl"
    with data.open("w") as file:
        for number in range(1_500):
            messages = talk(dice)
            if number % 3 == 1 and talk is chats_of:
                turns = [(dice.choice(ASKED), dice.choice(ANSWERED)) for _ in range(dice.randrange(2, 7))]
                messages = [*BEGINNINGS[: dice.randrange(2)], *chain.from_iterable(turns)]
            if number % 3 == 2 and talk is chats_of:
                turns = [(user("Hello", id=7), dice.choice(FAULTY)) for _ in range(dice.randrange(2, 7))]
                messages = [*turns[0], user("Hello"), *chain.from_iterable(turns[1:])]
            file.write(json.dumps({**record(messages), **dice.choice(BESIDE[:2])}) + "\n")
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 0)
    planning._kept_plan.cache_clear()
    with_them = check_file(data, settings).to_dict()
    shared = planning.plan_of(settings).profiles
    assert shared is not None
    assert len(shared.known) > 20
    assert any(verdict.common.varies for verdict in shared.known.values())
    monkeypatch.setattr(planning, "_verdicts_follow_from_profiles", lambda *_: False)
    planning._kept_plan.cache_clear()
    assert check_file(data, settings).to_dict() == with_them
    assert planning.plan_of(settings).profiles is None
    planning._kept_plan.cache_clear()


def test_a_target_that_wants_many_messages_has_no_use_for_profiles(tmp_path: Path):
    target, data = tmp_path / "target.json", tmp_path / "data.jsonl"
    target.write_text(json.dumps({"extends": "generic", "name": "own", "limits": {"min_messages": 8}}))
    data.write_text("".join(json.dumps({"messages": [user("Hi"), answer("Hi")] * turns}) + "\n" for turns in (5, 3)))
    report = check_file(data, Settings(target=str(target), select=("too-few-messages",)))
    assert [finding.line for finding in report] == [2]
