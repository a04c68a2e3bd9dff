"""The rule `near-duplicate-record`: exact figures, the same findings however a file is cut, read, kept or spilled."""

from __future__ import annotations

import gzip
import io
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jsonl_lint import Block, Settings, UserError, check_block, check_file, check_paths, check_records, compile_plan
from jsonl_lint.repeats import recordkeys, recurrences
from jsonl_lint.rules.dataset import _nearness as nearness
from tests.conftest import Check, chat, found, line_of, plan_of
from tests.test_dataset import cut_report, facts

NEAR = Settings(select=("near-duplicate-record",), max_findings=0)
WORDS = [f"{first}{second}" for first in "abcdefghij" for second in ("an", "el", "in", "or", "ut")]


def text(dice: random.Random, size: int) -> str:
    return " ".join(dice.choices(WORDS, k=size))


def changed(dice: random.Random, whole: str, places: int) -> str:
    words = whole.split()
    for _ in range(places):
        words[dice.randrange(len(words))] = "other"
    return " ".join(words)


def answers(count: int, seed: int = 1) -> list[str]:
    """Texts, half of which are earlier ones with some words changed."""
    dice = random.Random(seed)
    made = [text(dice, 60)]
    while len(made) < count:
        if dice.random() < 0.5:
            made.append(changed(dice, dice.choice(made), dice.randrange(1, 9)))
        else:
            made.append(text(dice, 60))
    return made


Pairs = set[tuple[str, str]]


def jaccard(one: Pairs, other: Pairs) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def test_what_is_found_is_exact_and_nearly_all_is_found(check_bytes: Check):
    made = answers(300)
    pairs = [set(pairwise(each.split())) for each in made]
    report = check_bytes(b"".join(line_of({"text": each}) for each in made), select=NEAR.select)
    told = {finding.line - 1: finding.message for finding in report.findings}
    for index, message in told.items():
        percent, earlier = int(message.split(" ")[0]), int(message.split("line ")[1].split(" ")[0]) - 1
        assert earlier < index
        assert percent == int(jaccard(pairs[earlier], pairs[index]) * 100) >= 80
    kept = [index for index in range(300) if index not in told]
    missed = [
        index for index in kept if any(jaccard(pairs[index], pairs[each]) >= 0.8 for each in kept if each < index)
    ]
    assert len(told) > 50
    assert len(missed) <= 2


@pytest.mark.parametrize("sign", [",", " - ", "“", "”", "’", " — ", "…", "«", "、", "！", "\u200b"])
def test_punctuation_is_no_part_of_a_word(sign: str, check_bytes: Check):
    signed = " ".join(f"{word}{sign}" for word in WORDS[:30])
    report = check_bytes(line_of({"text": " ".join(WORDS[:30])}) + line_of({"text": signed}), select=NEAR.select)
    assert [finding.message[:5] for finding in report.findings] == ["100 %"]


def test_of_several_that_are_alike_the_first_stands_for_all(check_bytes: Check):
    words = WORDS[:40]
    made = [words, ["x", *words[2:]], ["x", "y", "z", "u", *words[6:]], ["x", *words[3:]]]
    report = check_bytes(b"".join(line_of({"text": " ".join(each)}) for each in made), select=NEAR.select)
    told = [(finding.line, finding.message.split(" those of ")[1]) for finding in report.findings]
    assert told == [(2, "line 1 again"), (4, "line 1 again")]


LINES = [
    *(line_of(chat("Tell me.", answer)) for answer in answers(25)),
    b'{"broken\n',
    b"\n",
    b'{\n"text": "x"\n}\n',
    line_of(chat("Hi", "Hello")),
    line_of({"text": [["not", "only"], {"texts": 1}]}),
    line_of({"messages": [{"role": "user", "content": 5}]}),
]


@pytest.mark.parametrize("seed", range(4))
def test_however_it_is_cut_or_kept_the_findings_are_the_same(seed: int, monkeypatch: pytest.MonkeyPatch):
    dice = random.Random(seed)
    data = b"".join(dice.choices(LINES, k=60))
    plan = plan_of(select=("near-duplicate-record", "duplicate-record"), max_findings=2)
    expected = facts(check_block(Block("x", 1, 0, data, "chat", 1), plan), data, plan)
    assert expected[1]["near-duplicate-record", plan.severities["near-duplicate-record"]] >= 3
    monkeypatch.setattr(recordkeys, "SPILL_KEYS", 20)
    monkeypatch.setattr(recurrences, "MOST_HELD", 16)
    monkeypatch.setattr(nearness, "_BATCH_PAIRS", dice.choice([1, 100]))
    places = [dice.randrange(99) for _ in range(8)]
    assert facts(cut_report(data, places, dice, plan), data, plan) == expected


def test_file_compressed_file_stream_and_records_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    records = [chat("Tell me.", answer) for answer in answers(40)]
    data = b"".join(map(line_of, records))
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(data)
    packed.write_bytes(gzip.compress(data))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    told = [(finding.line, finding.message) for finding in check_file(plain, NEAR).findings]
    assert told
    for findings in (
        check_file(packed, NEAR).findings,
        check_paths(["-"], NEAR).findings,
        check_records(records, NEAR),
    ):
        assert [(finding.line, finding.message) for finding in findings] == told


def test_records_that_are_the_same_are_left_to_the_other_rules(check_bytes: Check):
    whole = answers(1)[0]
    texts = [whole, whole, whole.upper(), whole.replace(" ", "  "), whole + " more", whole + " MORE", whole + ", more"]
    report = check_bytes(b"".join(line_of({"text": each}) for each in texts), select=NEAR.select)
    assert found(report) == [(5, "near-duplicate-record"), (7, "near-duplicate-record")]


def test_a_template_is_no_likeness(check_bytes: Check):
    dice = random.Random(4)
    template, questions = text(dice, 300), [text(dice, 12) for _ in range(120)]
    lines = [line_of(chat(f"{template} {question}", "Yes")) for question in [*questions, questions[7] + " now"]]
    assert found(check_bytes(b"".join(lines), select=NEAR.select)) == [(121, "near-duplicate-record")]


def test_records_with_the_same_template_are_bounded_work(monkeypatch: pytest.MonkeyPatch, check_bytes: Check):
    monkeypatch.setattr(nearness, "HEAD", 0)
    compared: list[int] = []
    find = nearness.Nearest.find

    def counting(self: nearness.Nearest, record: Any, line: int, groups: Any) -> Any:
        compared.append(len({index for group in groups for index in self.together.get(group, ())}))
        return find(self, record, line, groups)

    monkeypatch.setattr(nearness.Nearest, "find", counting)
    dice = random.Random(5)
    template = text(dice, 60)
    lines = [line_of(chat(f"{template} {text(dice, 30)}", "Yes")) for _ in range(150)]
    check_bytes(b"".join(lines), select=NEAR.select)
    assert len(compared) == 150
    assert nearness.MOST_TOGETHER < max(compared) <= nearness.MOST_TOGETHER * nearness.BANDS


def test_only_its_own_name_or_code_or_the_option_selects_it():
    for settings, expected in (
        (Settings(), False),
        (Settings(select=("ALL",)), False),
        (Settings(select=("JL8",)), False),
        (Settings(select=("JL803",)), True),
        (Settings(extend_select=("near-duplicate-record",)), True),
        (Settings(select=("JL2",), near_duplicates=True), True),
        (Settings(near_duplicates=True, ignore=("near-duplicate-record",)), False),
    ):
        assert ("near-duplicate-record" in compile_plan(settings).rules) is expected


def test_without_the_package_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"rensa is needed: pip install 'jsonl-lint\[near-duplicates\]'"):
        compile_plan(NEAR)


def test_the_package_is_imported_only_on_request(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes(LINES[0] * 2)
    script = "import sys; from jsonl_lint import check_file; check_file(sys.argv[1]); print('rensa' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.jsonl")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
