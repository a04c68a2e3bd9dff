"""Any bytes give findings or one clear error: no traceback, no endless loop, nothing lost, nothing made up.

By default each part is shown a few inputs; with `pytest -m slow` as many as `MANY` and docs/benchmarks.md say. The
environment variable JSONL_LINT_FUZZ_SEED gives others than the usual ones.
"""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from jsonl_lint import Settings, UnreadableInputError, UserError, check_file, fix_file, jsonspan, undo_file
from jsonl_lint.api import check_record
from jsonl_lint.files.source import range_of_lines
from jsonl_lint.jsonspan import Document, JsonSyntaxError
from tests.fuzz import inputs
from tests.test_source import lines_of

SEED = int(os.environ.get("JSONL_LINT_FUZZ_SEED", "7"))
FEW = 300
MANY = {"reader": 200_000, "parser": 200_000, "check": 30_000, "fix": 10_000}

Target = Callable[[bytes, random.Random, Path], None]


def reader(data: bytes, dice: random.Random, folder: Path) -> None:
    """Lines are cut at line feeds only, whatever the limit, the ranges, and whether the stream can be rewound."""
    lines = list(io.BytesIO(data))
    path = folder / "data.jsonl"
    path.write_bytes(data)
    places = sorted({0, len(data), *(dice.randrange(len(data) + 1) for _ in range(dice.randrange(5)))})
    found = []
    with path.open("rb") as file:
        for start, end in pairwise(places):
            part = b"".join(iter(range_of_lines(file, start, end, 0, 64 << 20).batch, b""))
            found += list(io.BytesIO(part))
    assert found == lines
    limit = dice.choice([1, 10, 1_000, 64 << 20])
    try:
        read = lines_of(data, limit, rewindable=dice.random() < 0.5)
    except UnreadableInputError:  # binary
        return
    lines = list(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")))
    assert [size for _, size in read] == [len(line) for line in lines]
    assert all(line in (b"", whole) for (line, _), whole in zip(read, lines, strict=True))


def parser(data: bytes, dice: random.Random, folder: Path) -> None:
    """The exact parser ends, its problems lie in the text, and it knows JSON as the fast one does."""
    for line in io.BytesIO(data):
        text = jsonspan.decode(line)
        assert jsonspan.encode(text) == line
        document, position = parsed(text)
        if document is None:
            assert 0 <= position <= len(text)
            assert not is_json(line)
            continue
        assert all(0 <= problem.start <= problem.end <= len(text) for problem in document.problems)
        if not document.problems and line.isascii():
            assert is_json(line)


def parsed(text: str) -> tuple[Document | None, int]:
    """The document, or where it breaks off."""
    try:
        return jsonspan.parse(text), 0
    except JsonSyntaxError as error:
        return None, error.position


def is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except ValueError:
        return False
    return True


def check(data: bytes, dice: random.Random, folder: Path) -> None:
    """Every finding lies in the file and names a place that is there; the report fits its schema, in every format."""
    path = folder / "data.jsonl"
    path.write_bytes(data)
    method = dice.choice(["sft", "sft", "dpo", "rl"])
    target = dice.choice(["together", "together", "openai", "anthropic", "mistral", "vertex", "generic"])
    settings = Settings(method=method, target=target, max_findings=0, extend_select=dice.choice([(), ("ALL",)]))
    try:
        report = check_file(path, settings)
    except UnreadableInputError:
        return
    lines = data.count(b"\n") + 1
    for finding in report.findings:
        assert 1 <= finding.line <= finding.end_line <= lines
        assert finding.byte_offset is None or 0 <= finding.byte_offset <= len(data)
        assert finding.message.isprintable()
    (file,) = report.files
    assert file.valid_records <= file.records
    assert sum(file.counts.values()) == len(report.findings)
    json.dumps(report.to_dict())  # the tests hold every report to the schema
    check_record(data[:2_000], settings)


def fix(data: bytes, dice: random.Random, folder: Path) -> None:
    """Fixing again changes nothing, what was counted adds up, and undoing gives every byte back."""
    source, fixed, again, log = (folder / name for name in ("data.jsonl", "fixed.jsonl", "again.jsonl", "changes"))
    source.write_bytes(data)
    settings = Settings(unsafe_fixes=dice.random() < 0.5, method=dice.choice(["sft", "dpo"]), max_findings=0)
    try:
        result = fix_file(source, fixed, settings, changes=log)
    except UserError:
        return
    assert source.read_bytes() == data
    assert result.records + result.added == result.written + result.rejected + result.deleted
    written = fixed.read_bytes()
    assert written == data or result.changed
    undo_file(log, fixed, again)
    assert again.read_bytes() == data
    second = fix_file(fixed, again, settings)
    assert (again.read_bytes(), second.changed) == (written, False)


TARGETS: dict[str, Target] = {"reader": reader, "parser": parser, "check": check, "fix": fix}


def fuzz(name: str, count: int, seed: int, folder: Path) -> None:
    dice = random.Random(seed)
    for number, data in enumerate(inputs(count, seed)):
        try:
            TARGETS[name](data, dice, folder)
        except Exception as error:
            raise AssertionError(f"seed {seed}, input {number}: {data!r}") from error


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_inputs(name: str, tmp_path: Path):
    fuzz(name, FEW, SEED, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_hostile_inputs(name: str, tmp_path: Path):
    fuzz(name, MANY[name], SEED + 1, tmp_path)
