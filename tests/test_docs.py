"""The documentation is true: its commands and code run, its output is real, its links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jsonl_lint import Severity, check_records
from jsonl_lint.cli.arguments import VERBS
from tests.conftest import ROOT
from tools import generate

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RULE_PAGES = sorted((ROOT / "docs").glob("*/*.md"))
SETUP = "python3 -m venv "
"""How the README's two setup commands begin: test_packaging runs the first, `.ci/run` the second."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_RAY = re.compile(r"^import ray$|--engine ray", re.MULTILINE)
_MY_SCHEMA = {"properties": {"messages": {"maxItems": 50}}}


class Block(NamedTuple):
    page: Path
    language: str
    text: str
    output: str | None
    """The text block that follows it directly, if there is one."""

    def __str__(self) -> str:
        return f"{self.page.name}: {self.text.splitlines()[0]}"


def blocks_of(page: Path, *languages: str) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(text))
    for match, following in zip(found, [*found, None][1:], strict=True):
        is_output = following and following[1] == "text" and not text[match.end() : following.start()].strip()
        if match[1] in languages:
            yield Block(page, match[1], match[2], following[2] if following and is_output else None)


def blocks(*languages: str) -> list[Any]:
    """Those that need Ray are marked."""
    found = [block for page in PAGES for block in blocks_of(page, *languages)]
    return [pytest.param(block, marks=pytest.mark.cluster) if _RAY.search(block.text) else block for block in found]


def commands_in(block: Block) -> Iterator[tuple[str, str | None]]:
    """Each command of the block and, for a `console` block, what it prints."""
    if block.language == "sh":
        yield from ((line, None) for line in block.text.splitlines() if not line.startswith(SETUP))
    else:
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip("\n")


def copy_the_checkout(folder: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("jsonl_lint", "schemas", "fixtures", "docs", "tools", "tests", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)


def add_data(folder: Path) -> None:
    """The files that examples speak of and nobody ships."""
    (folder / "data").mkdir()
    good = (ROOT / "fixtures" / "sample.jsonl").read_text().splitlines()[0]
    prompt = {"messages": [{"role": "user", "content": "Why is the sky blue?"}]}
    (folder / "data" / "train.jsonl").write_text(good + "\n")
    (folder / "data" / "valid.jsonl").write_text(good.replace("sky", "sea") + "\n")
    (folder / "data" / "prompts.jsonl").write_text(json.dumps(prompt) + "\n")
    with (folder / "data" / "large.jsonl").open("w") as large:
        large.writelines(json.dumps(sum_of(number)) + "\n" for number in range(50_000))
    (folder / "accepted.json").write_text('{"version": 1, "files": {}}')  # for pages that another one has made it for
    (folder / "my.schema.json").write_text(json.dumps(_MY_SCHEMA))
    (folder / "my-target.json").write_text(json.dumps({"extends": "together", "name": "house"}))
    for path, text in _FILE.findall((ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")):
        (folder / path).write_text(text, encoding="utf-8")
    add_batch(folder / "batch")
    add_other_formats(folder / "other")


def sum_of(number: int) -> dict[str, Any]:
    """A record like no other."""
    question = {"role": "user", "content": f"What is {number} and 1?"}
    return {"messages": [question, {"role": "assistant", "content": f"It is {number + 1}."}]}


def add_other_formats(folder: Path) -> None:
    """Records for other tools; the second of Alpaca has a key too many."""
    folder.mkdir()
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}]
    alpaca = {"instruction": "Name the capital.", "input": "France", "output": "Paris."}
    (folder / "sharegpt.jsonl").write_text(json.dumps({"conversations": turns}) + "\n")
    (folder / "alpaca.jsonl").write_text(f"{json.dumps(alpaca)}\n{json.dumps({**alpaca, 'id': 7})}\n")


def add_batch(folder: Path) -> None:
    """Four requests: one is answered, one failed over itself, one has expired, one has no answer."""
    folder.mkdir()
    requests = [{"custom_id": name, "body": {"model": "m", "messages": []}} for name in "abcd"]
    answer = {"custom_id": "a", "response": {"status_code": 200, "body": {"choices": []}}, "error": None}
    errors = [
        {"custom_id": "b", "response": {"status_code": 400, "body": {"error": {"message": "no messages"}}}},
        {"custom_id": "c", "error": {"code": "batch_expired", "message": "the window is over"}},
    ]
    for name, records in (("input", requests), ("output", [answer]), ("errors", errors)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


def add_commands(folder: Path) -> str:
    """A folder for PATH, in which `jsonl-lint` and `python` are this interpreter's."""
    folder.mkdir()
    for name, module in (("jsonl-lint", "-m jsonl_lint "), ("python", "")):
        (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


class Shell:
    """Runs commands in a copy of the checkout, with the files that the page tells the reader to write."""

    def __init__(self, folder: Path) -> None:
        path = add_commands(folder / "bin")
        self.folder = folder / "checkout"
        copy_the_checkout(self.folder)
        add_data(self.folder)
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": str(self.folder), "NO_COLOR": "1"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, encoding="utf-8", timeout=600
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Shell:
    """The checkout after the reader has followed docs/adding-a-rule.md."""
    shell = Shell(tmp_path_factory.mktemp("docs"))
    for path, text in _FILE.findall((ROOT / "docs" / "adding-a-rule.md").read_text(encoding="utf-8")):
        file = shell.folder / path
        assert not file.exists(), f"{path} exists already: the page needs another example"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return shell


@pytest.mark.parametrize("block", blocks("sh", "console"), ids=str)
def test_commands_run_and_print_what_the_page_says(block, shell):
    for command, output in commands_in(block):
        result = shell.run("bash", "-c", command)
        assert result.returncode in (0, 1), f"{command}\n{result.stderr}{result.stdout}"
        assert result.stderr == "", command
        if output is not None:
            assert result.stdout.rstrip("\n") == output, command


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_runs_and_prints_what_the_page_says(block, shell):
    script = shell.folder / "recipe.py"
    script.write_text(block.text, encoding="utf-8")
    result = shell.run(sys.executable, str(script))
    assert result.returncode == 0, result.stderr
    if block.output is not None:
        assert result.stdout == block.output


def test_the_page_about_rules_adds_one(shell):
    files = [path for path, _ in _FILE.findall((ROOT / "docs" / "adding-a-rule.md").read_text(encoding="utf-8"))]
    assert [Path(path).suffix for path in files] == [".py", ".jsonl", ".jsonl"]
    assert shell.run(sys.executable, "-m", "tools.generate", "write").returncode == 0
    assert shell.run(sys.executable, "-m", "tools.generate", "check").returncode == 0
    name = Path(files[1]).parent.name
    assert (shell.folder / "docs" / "rules" / f"{name}.md").is_file()
    for path, finds in ((files[1], True), (files[2], False)):
        result = shell.run(sys.executable, "-m", "jsonl_lint", path, "--output-format", "jsonl")
        lines = {json.loads(line)["line"] for line in result.stdout.splitlines() if json.loads(line)["rule"] == name}
        records = len((shell.folder / path).read_text().splitlines())
        assert lines == (set(range(1, records + 1)) if finds else set())


def test_the_records_that_are_shown_as_good_are_good():
    shown = list(blocks_of(ROOT / "docs" / "formats.md", "jsonl"))
    assert shown
    for block in shown:
        findings = check_records(block.text.splitlines())
        assert [finding for finding in findings if finding.severity is not Severity.INFO] == []


def test_the_second_setup_command_is_the_one_that_ci_runs():
    setup = [line for block in blocks_of(PAGES[0], "sh") for line in block.text.splitlines() if line.startswith(SETUP)]
    assert len(setup) == 2
    assert setup[1] in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("page", PAGES + RULE_PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        if "://" in path:
            continue
        target = page.parent / path if path else page
        assert target.is_file(), link
        if heading:
            assert heading in headings_of(target), link


def headings_of(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_linked_from_the_readme():
    linked = set(_LINK.findall(PAGES[0].read_text(encoding="utf-8")))
    assert {f"docs/{page.name}" for page in PAGES[1:]} <= {link.partition("#")[0] for link in linked}


def test_pages_do_not_promise_verbs_that_do_not_exist():
    known = {*VERBS, "PATH..."}
    for page in PAGES:
        for word in re.findall(r"`jsonl-lint ([a-z]+|PATH\.\.\.)", page.read_text(encoding="utf-8")):
            assert word in known, f"{page.name}: jsonl-lint {word}"
    assert generate.REPAIR in (ROOT / "docs" / "adding-a-rule.md").read_text(encoding="utf-8")
