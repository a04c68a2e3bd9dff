"""Parts of a check, written and merged: the report of one process, byte for byte; and no trust in the files."""

from __future__ import annotations

import copy
import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonl_lint import PartialReport, Settings, UserError, check_block, ranges
from jsonl_lint.api import check_events
from jsonl_lint.cli import run
from jsonl_lint.engine.fragments import Judged
from jsonl_lint.engine.keylog import KeyLog
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.spread import SpreadJudge
from jsonl_lint.engine.wire import decode, encode
from jsonl_lint.model import Context, Edit, Fix
from jsonl_lint.parts import Merged, Share, check_part
from jsonl_lint.parts.file import PartFile
from tests.conftest import GOOD, NO_MESSAGES, ROOT, line_of, plan_of
from tests.reporting import FORMATS, report_of
from tests.test_engine import block, cut, files, merge_as_tree, numbers
from tests.test_ranges import mixed_lines

BATCH = {"method": "POST", "url": "/v1/chat/completions"}


def request(custom_id: str) -> bytes:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    return line_of({"custom_id": custom_id, **BATCH, "body": body})


@pytest.fixture
def data(tmp_path: Path) -> list[str]:
    """Inputs of all kinds: plain, small, empty, compressed, a byte order mark, an array, UTF-16, and ones to refuse."""
    big = mixed_lines(400)
    kinds = {
        "a.jsonl": big,
        "b.jsonl": b"\xef\xbb\xbf" + GOOD + b'{\n"messages": [\n]\n}\n',
        "c.jsonl": b"",
        "d.jsonl.gz": gzip.compress(big, mtime=0),
        "e.jsonl": b"[\n" + GOOD.rstrip() + b",\n" + GOOD + b"]\n",
        "f.jsonl": GOOD.decode().encode("utf-16"),
        "g.jsonl": b"PK\x03\x04",
        "h.jsonl.gz": gzip.compress(big, mtime=0)[:-9],
        "i.jsonl": b"version https://git-lfs.github.com/spec/v1\n",
        "j.jsonl": b"".join(request(str(number % 40)) for number in range(100)),
        "k.txt": GOOD.replace(b"\n", b"\r\n") * 30 + GOOD,
    }
    for name, content in kinds.items():
        (tmp_path / name).write_bytes(content)
    names = [*kinds, "missing.jsonl", "no*.jsonl"]
    return [str(tmp_path / name) for name in names]


def part_file(path: Path, paths: list[str], part: int, parts: int, **options: Any) -> Path:
    entries = check_part(paths, Settings(**options), Share(part, parts))
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def merged(paths: list[Path]) -> list[Any]:
    with ExitStack() as stack:
        return list(Merged([str(path) for path in paths], stack).events())


@pytest.mark.parametrize("limit", [0, 3])
@pytest.mark.parametrize("parts", [1, 2, 3, 7, 60])
def test_parts_make_the_report_of_one_process(
    data: list[str], parts: int, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 900)
    whole = list(check_events(data, Settings(max_findings=limit)))
    made = [
        part_file(tmp_path / f"{part}.part", data, part, parts, max_findings=limit, jobs=1)
        for part in range(1, parts + 1)
    ]
    random.Random(parts).shuffle(made)
    assert merged(made) == whole


@pytest.mark.parametrize("options", [{"format": "text"}, {"select": ("JL0",)}, {"method": "rl", "ignore": ("JL106",)}])
def test_settings_travel_with_the_parts(data: list[str], options: dict[str, Any], tmp_path: Path):
    made = [part_file(tmp_path / f"{part}.part", data, part, 2, jobs=1, **options) for part in (1, 2)]
    assert merged(made) == list(check_events(data, Settings(**options)))


def test_a_project_with_a_baseline_is_checked_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".jsonl-lint.toml").write_text(
        'fail-on = "warning"\nexclude = ["tmp"]\n'
        '[[overrides]]\nfiles = ["b.jsonl"]\nignore = ["empty-messages"]\nreason = "x"\n'
    )
    (tmp_path / "tmp").mkdir()
    for name in ("a.jsonl", "b.jsonl", "tmp/c.jsonl"):
        (tmp_path / name).write_bytes(mixed_lines(60))
    assert run(["baseline", "write", "."]) == 0
    for name in ("a.jsonl", "b.jsonl"):
        with (tmp_path / name).open("ab") as file:
            file.write(b"\n" + GOOD + line_of({"messages": []}) + b"\n")
    capfdbinary.readouterr()
    options = ["--baseline", "jsonl-lint-baseline.json"]
    code = run(["check", ".", *options, "--output-format", "json"])
    expected = capfdbinary.readouterr()
    for part in (1, 2, 3):
        assert run(["check", ".", *options, "--part", f"{part}/3", "--output-file", f"{part}.part"]) == 0
    assert run(["merge", "1.part", "2.part", "3.part", "--output-format", "json"]) == code == 1
    assert capfdbinary.readouterr() == expected
    assert json.loads(expected.out)["summary"]["suppressed"] > 0
    assert run(["merge", "1.part", "2.part", "3.part", "--fail-on", "error", "-q"]) == 1
    (tmp_path / ".jsonl-lint.toml").write_text("max-findings = 7\n")
    assert run(["merge", "1.part", "2.part", "3.part"]) == 2
    assert b"its configuration has changed" in capfdbinary.readouterr().err


@pytest.mark.parametrize("output", [name for name in FORMATS if name != "html"])
def test_every_report_and_exit_code_is_the_same(
    data: list[str], output: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: Any
):
    monkeypatch.chdir(tmp_path)
    names = [os.path.basename(path) for path in data]
    code = run(["check", *names, "--output-format", output])
    expected = capfdbinary.readouterr()
    for part in (1, 2, 3):
        assert run(["check", *names, "--part", f"{part}/3", "--output-file", f"{part}.part"]) == 2
    capfdbinary.readouterr()
    assert run(["merge", "3.part", "1.part", "2.part", "--output-format", output]) == code == 2
    assert capfdbinary.readouterr() == expected


def test_exit_codes_depend_on_the_merged_findings(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD * 5 + line_of({"messages": []}))
    parts = [str(tmp_path / f"{part}.part") for part in (1, 2)]
    for part, name in enumerate(parts, start=1):
        assert run(["check", str(path), "--part", f"{part}/2", "--output-file", name]) == 0
    assert run(["merge", *parts]) == 1
    assert run(["merge", *parts, "--exit-zero"]) == 0
    assert run(["merge", *parts, "--output-format", "html", "--output-file", str(tmp_path / "out.html")]) == 1
    assert run(["merge", parts[0], "--output-file", parts[0]]) == 2
    assert capfdbinary.readouterr().err.count(b"\n") == 1


@pytest.mark.parametrize("name", ["a.jsonl", ".jsonl-lint.toml", "schema.json"])
def test_a_merged_report_does_not_take_the_place_of_what_was_checked(
    name: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    content = {"a.jsonl": GOOD, ".jsonl-lint.toml": b'schema = "schema.json"', "schema.json": b"{}"}
    for path, data in content.items():
        Path(path).write_bytes(data)
    assert run(["check", "a.jsonl", "--part", "1/1", "--output-file", "1.part"]) == 0
    assert run(["merge", "1.part", "--output-format", "json", "--output-file", name]) == 2
    assert b"the report would overwrite an input" in capfdbinary.readouterr().err
    assert {path: Path(path).read_bytes() for path in content} == content


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b", "1/2/3", "-1/2", "1/0", "", "1/" + "9" * 5_000])
def test_a_part_that_there_is_not_is_wrong_use(part: str, capfdbinary: pytest.CaptureFixture[bytes]):
    assert run(["check", "fixtures/sample.jsonl", "--part", part]) == 2
    assert b"write it like 2/8" in capfdbinary.readouterr().err


def test_an_empty_name_is_shown(capfdbinary: pytest.CaptureFixture[bytes]):
    assert run(["merge", ""]) == run(["check", "fixtures/sample.jsonl", "--part", ""]) == 2
    lines = capfdbinary.readouterr().err.splitlines()
    assert lines[0] == b"jsonl-lint: '': no such file or directory"
    assert lines[1].startswith(b"jsonl-lint: --part '': write it like 2/8")


def test_what_a_part_cannot_be(capfdbinary: pytest.CaptureFixture[bytes]):
    assert run(["check", "-", "--part", "1/2"]) == 2
    assert b"standard input cannot be checked in parts" in capfdbinary.readouterr().err
    for report in (["--output-format", "json"], ["--statistics"]):
        assert run(["check", "fixtures/sample.jsonl", "--part", "1/2", *report]) == 2
        assert b"options of `merge`" in capfdbinary.readouterr().err


# --- what travels ----------------------------------------------------------------------------------------------------


@given(data=files, places=numbers, choices=numbers)
@settings(max_examples=150)
def test_reports_of_blocks_travel_as_json(data: bytes, places: list[int], choices: list[int]):
    plan = plan_of(max_findings=2)
    parts = [check_block(block(piece, first=index == 0), plan) for index, piece in enumerate(cut(data, places))]
    back = [decode(json.loads(json.dumps(encode(part))), plan) for part in parts]
    assert back == parts
    for part in back:
        part.spread_judge = SpreadJudge.of(plan, block(b"", first=True).origin)
    assert merge_as_tree(back, choices).finished() == merge_as_tree(parts, choices).finished()


def test_keys_of_records_travel_as_json():
    plan = plan_of()
    report = check_block(block(request("1") * 3 + request("2"), first=True)._replace(file_format="batch"), plan)
    back = decode(json.loads(json.dumps(encode(report))), plan)
    assert report.keys
    for rule, log in report.keys.items():
        assert vars(back.keys[rule]) == vars(log)
        assert list(back.keys[rule].found()) == list(log.found())


def test_all_that_a_report_holds_travels():
    """A field that is added later would be lost silently. What judges is made anew by who merges."""
    assert set(encode(PartialReport())) == set(vars(PartialReport())) - {"spread_judge"}
    assert len(RawFinding._fields) == 14
    assert (len(Context._fields), len(Fix._fields), len(Edit._fields)) == (6, 3, 3)
    assert set(Judged._fields) == {"opens", "alone", "pretty", "broken_string"}
    assert set(vars(KeyLog(distinct=True))) == {
        *("digests", "lines", "offsets", "columns", "end_columns", "pointer_of"),
        *("distinct", "failed", "pointers", "shown", "known"),
    }


# --- what is not to be believed --------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(mixed_lines(30) + request("1") * 2)
    return [part_file(tmp_path / f"{part}.part", [str(path)], part, 2, jobs=1) for part in (1, 2)]


def test_parts_that_do_not_belong_together(two: list[Path], tmp_path: Path):
    other = tmp_path / "b.jsonl"
    other.write_bytes(GOOD)
    strange = part_file(tmp_path / "3.part", [str(tmp_path / "a.jsonl"), str(other)], 2, 2, jobs=1)
    another = part_file(tmp_path / "5.part", [str(other)], 2, 2, jobs=1)
    ignoring = part_file(tmp_path / "4.part", [str(tmp_path / "a.jsonl")], 2, 2, jobs=1, ignore=("JL106",))
    for parts, words in (
        ([two[0]], "part 2 of 2 is missing"),
        ([two[0], two[0], two[1]], "part 1 of 2 is there twice"),
        ([two[0], ignoring], "not a part of the same check"),
        ([two[0], another], "not a part of the same check"),
        ([two[0], strange], "not about the same files"),
        ([two[0], tmp_path / "none.part"], "no such file"),
        ([two[0], other], "line 1 is not what `check --part` writes"),
    ):
        with pytest.raises(UserError, match=words):
            merged(parts)


def test_a_file_that_changed_between_the_parts(two: list[Path], tmp_path: Path):
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(GOOD)
    part_file(two[1], [str(tmp_path / "a.jsonl")], 2, 2, jobs=1)
    assert [event.reason for event in merged(two)] == ["it has changed between the parts"]


def test_a_report_is_held_only_while_it_is_needed(two: list[Path]):
    with ExitStack() as stack:
        part = PartFile(str(two[0]), stack)
        entry = part.next()
        assert "report" not in entry
        assert part.report(entry, plan_of()).lines == part.report(entry, plan_of()).lines > 0
        assert "end" in part.next()


def test_parts_may_come_through_pipes(two: list[Path]):
    whole = report_of("json", merged(two))
    pipes = [path.with_suffix(".pipe") for path in two]
    for path, pipe in zip(two, pipes, strict=True):
        os.mkfifo(pipe)
        Thread(target=pipe.write_bytes, args=(path.read_bytes(),), daemon=True).start()
    assert report_of("json", merged(pipes)) == whole
    command = [sys.executable, "-m", "jsonl_lint", "merge", str(two[0]), "-", "--output-format", "json"]
    done = subprocess.run(command, input=two[1].read_bytes(), capture_output=True)
    assert done.stdout.decode() == whole


def test_a_part_that_is_cut_off(two: list[Path]):
    whole = two[1].read_bytes()
    for size in [0, 1, len(whole) // 2, len(whole) - 12, *[len(part) + 1 for part in whole.split(b"\n")[:1]]]:
        two[1].write_bytes(whole[:size])
        with pytest.raises(UserError, match=r"2\.part: line \d is not what"):
            merged(two)


def test_a_part_that_goes_on_after_its_end(two: list[Path]):
    two[1].write_bytes(two[1].read_bytes() * 2)
    with pytest.raises(UserError, match=r"2\.part: line 3 is not what .*: it goes on after its end"):
        merged(two)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a document."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def test_no_value_of_another_type_ends_in_a_traceback(two: list[Path]):
    lines = [json.loads(line) for line in two[1].read_text().splitlines()]
    dice = random.Random(7)
    spots = [spot for spot in places(lines) if spot]
    refused = 0
    for spot in dice.sample(spots, min(len(spots), 500)):
        changed = copy.deepcopy(lines)
        holder = changed
        for step in spot[:-1]:
            holder = holder[step]
        holder[spot[-1]] = dice.choice([None, -1, 2**70, 1.5, "x", "\u202e", [], {}, [[]], True])
        two[1].write_text("".join(json.dumps(line) + "\n" for line in changed))
        try:
            merged(two)
        except UserError:
            refused += 1
    assert refused > 200


@pytest.mark.parametrize("report", ["full", "github", "markdown"])
def test_texts_of_a_part_do_not_reach_the_terminal_raw(report: str, tmp_path: Path):
    """Messages, pointers and help are escaped; an excerpt, whose place would move, is refused."""
    data = tmp_path / "data.jsonl"
    data.write_bytes(GOOD + NO_MESSAGES)
    path = part_file(tmp_path / "1.part", [str(data)], 1, 1)
    begin, entry, end = map(json.loads, path.read_text().splitlines())
    finding = entry["report"]["findings"][0]
    for index in (4, 9, 10):
        finding[index] += "\x1b[31m\u202e"
    path.write_text("".join(json.dumps(line) + "\n" for line in (begin, entry, end)))
    assert "\x1b" not in report_of(report, merged([path]))
    finding[11][0] += "\x1b[31m"
    path.write_text("".join(json.dumps(line) + "\n" for line in (begin, entry, end)))
    with pytest.raises(UserError, match="an excerpt with characters"):
        merged([path])


@given(noise=st.binary(max_size=300))
@settings(max_examples=50)
def test_bytes_that_are_no_part(noise: bytes, tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.getbasetemp() / "noise.part"
    path.write_bytes(noise)
    with pytest.raises(UserError):
        merged([path])


def test_a_part_nested_too_deep(two: list[Path]):
    start = two[1].read_text().splitlines()[0]
    two[1].write_text(start + "\n" + "[" * 200_000 + "\n")
    with pytest.raises(UserError, match="line 2"):
        merged(two)


# --- Slurm -----------------------------------------------------------------------------------------------------------


def test_the_slurm_script_of_the_documentation(tmp_path: Path):
    """Run as the scheduler would: once for each number of its array, with the variables that Slurm sets."""
    page = (ROOT / "docs" / "pipelines.md").read_text()
    script = page.partition("```bash\n#!/bin/bash\n")[2].partition("```")[0]
    assert "#SBATCH --array=1-8" in script
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "jsonl-lint"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m jsonl_lint "$@"\n')
    command.chmod(0o755)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").write_bytes(mixed_lines(500))
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def shell(text: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["bash", "-c", text], cwd=tmp_path, env={**environment, **variables}, capture_output=True, check=False
        )

    for number in range(1, 9):
        done = shell(script, SLURM_ARRAY_TASK_ID=str(number), SLURM_ARRAY_TASK_COUNT="8")
        assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")
    whole = shell("jsonl-lint check data/ --output-format json")
    (line,) = [line for line in page.splitlines() if line.startswith("jsonl-lint merge parts/")]
    result = shell(line)
    assert result.returncode == whole.returncode == 1
    assert (tmp_path / "report.json").read_bytes() == whole.stdout
