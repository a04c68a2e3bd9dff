"""Skimming goes on where a file changes, and rests only where hardly any structure comes twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import Settings
from jsonl_lint.api import check_file
from jsonl_lint.engine import skimming
from jsonl_lint.engine.skimming.runs import Run
from jsonl_lint.engine.skimming.skim import Skim
from jsonl_lint.engine.skimming.worth import Worth
from jsonl_lint.files.source import BATCH_BYTES
from tests.compiled import COMPILED

MESSAGES = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


@COMPILED
def test_a_file_that_changes_is_skimmed_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(skimming, "SMALL_FILE_LINES", 1)
    skimmed: list[int] = []
    runs = Skim.runs

    def counted(self: Skim, *args: Any, **options: Any) -> list[Run]:
        found = runs(self, *args, **options)
        skimmed.append(sum(run.lines for run in found))
        return found

    monkeypatch.setattr(Skim, "runs", counted)
    file = tmp_path / "train.jsonl"
    with file.open("wb") as lines:
        for key in ("source", "origin", "licence", "topic"):  # each part is new in all its lines
            line = json.dumps({"messages": MESSAGES, key: "web"}).encode() + b"\n"
            lines.write(line * (2 * BATCH_BYTES // len(line)))
    check_file(file, Settings(ignore=("duplicate-record",)))
    assert max(skimmed[-3:]) > 1_000


def test_skimming_rests_where_structures_do_not_recur_and_is_tried_again():
    worth = Worth()
    worth.structures, worth.lines = 1_000, 1_500
    rests = 0
    while not worth.is_given():
        rests += 1
    assert rests > 10
    worth.structures, worth.lines = 200, 0
    assert worth.is_given(), "too few to tell"
    worth.structures, worth.lines = 1_000, 5_000
    assert worth.is_given()
