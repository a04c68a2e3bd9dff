"""The rule `rare-label`: what it takes for labels, and which of them it reports."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from jsonl_lint import Block, Settings, check_block, check_records
from jsonl_lint.engine.dataset.reread import Records
from jsonl_lint.records import record
from tests.conftest import Check, chat, found, line_of, plan_of
from tests.test_dataset import cut_report, facts

USUAL = ["positive"] * 70 + ["negative"] * 50


def judged(check_bytes: Check, answers: list[str], **settings: Any) -> list[tuple[int, str]]:
    lines = [line_of(chat(f"Review {number}?", answer)) for number, answer in enumerate(answers)]
    report = check_bytes(b"".join(lines), select=("rare-label",), **settings)
    return [(finding.line, finding.message) for finding in report.findings]


@pytest.mark.parametrize(
    ("rare", "message"),
    [
        (["positve"], '"positve" is the answer once, "positive" 70 times'),
        (["postiive"], '"postiive" is the answer once, "positive" 70 times'),
        (["Positive"] * 3, '"Positive" is the answer 3 times, "positive" 70 times'),
        (["positive."] * 69, '"positive." is the answer 69 times, "positive" 70 times'),
        ([" negative"], '" negative" is the answer once, "negative" 50 times'),
        (["neutral"], '"neutral" is the answer only here; 120 others have 2 labels'),
    ],
)
def test_a_rare_label_is_reported_once(rare: list[str], message: str, check_bytes: Check):
    assert judged(check_bytes, USUAL + rare) == [(121, message)]


def test_thirty_records_are_enough(check_bytes: Check):
    answers = ["spam", "ham"] * 20 + ["spm"]
    assert judged(check_bytes, answers) == [(41, '"spm" is the answer once, "spam" 20 times')]


@pytest.mark.parametrize("readable", [0, 20, 29, 30])
def test_files_with_few_records_that_can_be_read_are_not_read_again(
    readable: int, check_bytes: Check, monkeypatch: pytest.MonkeyPatch
):
    again: list[int] = []
    rows = Records.__iter__
    monkeypatch.setattr(Records, "__iter__", lambda self: again.append(1) or rows(self))
    lines = [line_of(chat(f"Review {number}?", "ham")) for number in range(readable)]
    broken = [str(chat(f"Review {number}?", "spam")).encode() + b"\n" for number in range(60)]
    check_bytes(b"".join(lines + broken), select=("rare-label", "duplicate-record", "single-quoted-json"))
    assert len(again) == (readable > 27)  # a run of lines that cannot be read counts as two at most


@pytest.mark.parametrize(
    "answers",
    [
        USUAL,
        ["positive"] * 120 + ["positve"],  # one label is no classification
        [*USUAL[:10], "positve", *USUAL[-15:]],  # too few records
        USUAL + ["neutral"] * 4,  # rare, but it can be learned
        USUAL + [f"answer {number}" for number in range(4)],  # not only labels
        USUAL + ["It is hard to say, since the review speaks of many things."] * 20,
        [f"Town {number % 60}" for number in range(240)] + ["Twon 1"],  # many labels, and none that is common
        ["1 star", "2 stars", "3 stars"] * 50 + ["4 stars"] * 4,
        ["C", "C++", "C#"] * 40,
        ["-1", "0", "1"] * 40,
        ["cat", "dog"] * 60 + ["car"] * 2,
        [str(number) for number in range(300)],
    ],
)
def test_other_answers_are_not_reported(answers: list[str], check_bytes: Check):
    assert judged(check_bytes, answers) == []


@pytest.mark.parametrize(
    ("record", "pointer"),
    [
        ({"prompt": "?", "completion": "{}"}, "/completion"),
        (
            {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "{}"}]},
            "/messages/1/content",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "?"},
                    {"role": "assistant", "content": [{"type": "text", "text": "{}"}]},
                ]
            },
            "/messages/1/content/0/text",
        ),
        ({"messages": [{"role": "assistant", "content": "{}"}, {"role": "user", "content": "?"}]}, None),
        ({"text": "{}"}, None),
    ],
)
def test_the_answer_is_what_the_record_ends_with(record: dict[str, Any], pointer: str | None, check_bytes: Check):
    spelled = json.dumps(record)
    lines = [spelled.replace("{}", answer).encode() + b"\n" for answer in [*USUAL, "positve"]]
    report = check_bytes(b"".join(lines), select=("rare-label",))
    assert [finding.pointer for finding in report.findings] == ([] if pointer is None else [pointer])


def test_however_it_is_cut_or_comes_the_findings_are_the_same(check_bytes: Check):
    answers = [*USUAL, "positve", "Negative", "neutral"]
    random.Random(2).shuffle(answers)
    records = [chat(f"{number}?", answer) for number, answer in enumerate(answers)]
    data = b'{"broken\n\n' + b"".join(map(line_of, records))
    plan = plan_of(select=("rare-label", "duplicate-record"), max_findings=0)
    whole = facts(check_block(Block("x", 1, 0, data, "chat", 1), plan), data, plan)
    assert len(whole[0]) == 3
    for seed in range(3):
        assert facts(cut_report(data, list(range(7, 120, seed + 2)), random.Random(seed), plan), data, plan) == whole
    alone = check_bytes(data, select=("rare-label",))
    assert found(alone) == [(finding.line + 1, "rare-label") for finding in whole[0]]
    one_by_one = list(check_records(records, Settings(select=("rare-label",))))
    assert [finding.line + 2 for finding in one_by_one] == [finding.line for finding in alone.findings]
    assert len(check_bytes(data, select=("rare-label",), max_findings=1).findings) == 1
    by_rule = check_bytes(data, select=("rare-label",), max_findings=1).to_dict()["summary"]["by_rule"]
    assert by_rule == {"rare-label": 3}


def test_of_a_long_conversation_only_the_answer_is_looked_at(check_bytes: Check, monkeypatch: pytest.MonkeyPatch):
    roles: list[str] = []
    monkeypatch.setattr(record, "role_meaning", lambda value, *_: roles.append(value["role"]) or value["role"])
    turns = chat("Review?", "none")["messages"] * 20
    lines = [line_of({"messages": [*turns, *chat(f"Review {n}?", a)["messages"]]}) for n, a in enumerate(USUAL)]
    check_bytes(b"".join(lines), select=("rare-label",))
    assert roles.count("assistant") <= len(USUAL) + 50
