"""Files that a setting names and that are held in memory as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jsonl_lint.cli import run
from jsonl_lint.files import whole
from tests.conftest import GOOD


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        ("--schema", "own.json", "cannot read the schema: file too large"),
        ("--target", "own.json", "cannot read the target: file too large"),
        ("--models", "own.json", "cannot read the models: file too large"),
        ("--baseline", "own.json", "cannot read the baseline: file too large"),
        ("--tokenizer", "own/tokenizer.json", "cannot read the tokenizer: file too large"),
    ],
)
def test_a_file_that_does_not_end_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, option: str, name: str, message: str
):
    monkeypatch.setattr(whole, "LARGEST", 1 << 20)
    monkeypatch.chdir(tmp_path)
    Path("data.jsonl").write_bytes(GOOD)
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_bytes(b" " * ((1 << 20) + 1))
    assert run(["check", "data.jsonl", option, name]) == 2
    assert capsys.readouterr().err == f"jsonl-lint: {name}: {message}\n"


def test_a_file_of_the_largest_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whole, "LARGEST", 4)
    path = tmp_path / "own.json"
    path.write_bytes(b"[10]")
    assert whole.load_json(str(path)) == [10]
