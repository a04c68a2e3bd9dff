"""A file that is one array is split and checked in the same way with the C code and without it."""

from __future__ import annotations

import random
from ctypes import PyDLL
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonl_lint import Settings, arrays, check_file, fix_file, native
from jsonl_lint.arrays import BrokenArrayError, in_batches, items_of
from jsonl_lint.engine import Clearance, block, skimming
from jsonl_lint.engine.skimming import clearance
from jsonl_lint.native import cuts
from jsonl_lint.native.cuts import CutFinder
from jsonl_lint.plans.planning import compile_plan
from tests.compiled import COMPILED
from tests.conftest import GOOD
from tests.test_skim import lines_of_many_kinds

PIECES = st.lists(st.lists(st.sampled_from([*'[]{},"\\', "[1,", '"a', "é" * 9]), max_size=12).map("".join), max_size=5)


@COMPILED
@given(PIECES, st.integers(1, 3))
def test_both_find_the_same_ends_of_items(library: PyDLL, pieces: list[str], most: int):
    compiled, plain = CutFinder(library), arrays._Scanner()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "_MOST_CUTS", most)
        for piece in ["[", *pieces]:
            found = [list(scanner.cuts(piece.encode())) for scanner in (compiled, plain)]
            assert found[0] == found[1]
            assert (compiled.closed, compiled.broken) == (plain.closed, plain.broken)


def is_item(text: bytes) -> bool:
    """Whether the text is one item of an array, which may be broken inside."""
    try:
        return bool(text) and list(items_of([b"[", text, b"]"], 1 << 20))[1] == text
    except BrokenArrayError:
        return False


def array_of(lines: bytes, dice: random.Random) -> bytes:
    """The lines that may be items, as an array."""
    items = filter(is_item, [line.strip() for line in lines.split(b"\n")])
    text = b"[" + dice.choice([b",", b",\n", b" ,\r\n  "]).join([GOOD.strip(), *items]) + b"]\n"
    return text.replace(b', "', b',\n    "') if dice.random() < 0.5 else text


@COMPILED
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("settings", [Settings(max_findings=0), Settings(max_findings=2), Settings(target="openai")])
def test_the_report_and_the_lines_are_the_same_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, settings: Settings
):
    dice = random.Random(seed)
    path, outputs = tmp_path / "data.jsonl", (tmp_path / "with.jsonl", tmp_path / "without.jsonl")
    path.write_bytes(array_of(lines_of_many_kinds(dice, 900), dice))
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    report, result = check_file(path, settings), fix_file(path, outputs[0], settings)
    assert report.files[0].valid_records > 100
    assert report.findings
    monkeypatch.setattr(native, "load", lambda: None)
    monkeypatch.setattr(arrays, "load", lambda: None)
    assert check_file(path, settings).to_dict() == report.to_dict()
    assert fix_file(path, outputs[1], settings) == result
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


@COMPILED
def test_clean_items_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"[" + b",\n".join([GOOD.strip().replace(b", ", b",\n")] * 5000) + b"]")
    judged = []
    report_on = block.LineChecker.report_on
    monkeypatch.setattr(block.LineChecker, "report_on", lambda *record: judged.append(record) or report_on(*record))
    assert check_file(path, Settings(ignore="JL80")).summary["records"] == 5000
    fix_file(path, tmp_path / "fixed.jsonl", Settings(ignore="JL80"))
    assert len(judged) < 5000


@pytest.mark.parametrize("text", [b'{"text": "a\nb"}', b'{"text": "a\r\nb"}'])
def test_a_line_break_inside_a_string_is_none_between_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"[" + b",\n".join([b'{"text": "a b"}'] * 50 + [text] * 3) + b"]")
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 3)
    assert check_file(path).summary["by_rule"]["unescaped-control-character"] == 3


def test_progress_is_told_while_items_become_lines(tmp_path: Path):
    path, told = tmp_path / "data.jsonl", list[int]()
    path.write_bytes(b"[" + b",\n".join([GOOD.strip()] * 5000) + b"]\n")
    fix_file(path, tmp_path / "fixed.jsonl", on_progress=told.append)
    assert (len(told) > 1, sum(told)) == (True, path.stat().st_size)


def test_not_too_many_short_items_are_held_together():
    parts = list(items_of([b"[" + b",".join([b"{}"] * 50_000) + b"]"], 1 << 20))
    held = list(in_batches(iter(parts)))
    assert [part for batch in held for part in batch] == parts
    assert max(map(len, held)) < 10_000


def test_long_records_are_not_copied_to_tell_whether_they_are_clean(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clearance, "length_limit", lambda _: 1000)
    clearing = Clearance(compile_plan(), None)
    copied: list[bytes] = []
    monkeypatch.setattr(clearance, "is_worth_compiling", lambda *_: True)
    monkeypatch.setattr(clearing, "skim", object())
    monkeypatch.setattr(clearing, "_cleared", lambda lines, _: copied.extend(lines) or ())
    clearing.cleared([b"x" * 5000, b"short"])
    assert copied == [b"\n", b"short\n"]
