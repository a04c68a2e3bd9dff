"""What users install works: the wheel, the checkout, and the README's first command; each from its own folder."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from jsonl_lint import __version__
from tests.conftest import ROOT
from tools import build_native

SAMPLE = ROOT / "fixtures" / "sample.jsonl"
SUMMARY = "8 records, 6 errors, 4 warnings"


def clean_environment(**more: str) -> dict[str, str]:
    """Without what a surrounding git, virtual environment or configuration of the user would add."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "PRE_COMMIT", "VIRTUAL_ENV", "PYTHONPATH"))
    }
    who = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1", **more}


def run(*command: str | Path, cwd: Path, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean_environment(**more),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert not check or done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def files_of_the_checkout() -> list[str]:
    """What git tracks, or would after the next `git add`; without git, what `.gitignore` does not name."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        made = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines())]
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return [str(path) for path in paths if not any(matches(path, pattern) for pattern in made)]
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def matches(path: Path, pattern: str) -> bool:
    return any(fnmatch(name, pattern) for name in (path.as_posix(), *path.parts))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The command `jsonl-lint` of a fresh virtual environment that holds the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return programs / "jsonl-lint"


def test_the_wheel_carries_schemas_targets_and_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    schemas = {f"jsonl_lint/schemas/{path.name}" for path in (ROOT / "schemas").iterdir()}
    targets = {f"jsonl_lint/targets/{path.name}" for path in (ROOT / "jsonl_lint" / "targets").glob("*.json")}
    folder = "jsonl_lint/report/templates"
    templates = {f"{folder}/{path.name}" for path in (ROOT / folder).iterdir()}
    patterns = {f"jsonl_lint/explain/data/{path.name}" for path in (ROOT / "jsonl_lint/explain/data").glob("*.json")}
    assert schemas
    assert targets
    assert patterns
    assert len(templates) >= 3
    assert names >= schemas | targets | templates | patterns | {"jsonl_lint/py.typed"}
    strangers = {name for name in names if not name.startswith(("jsonl_lint/", "jsonl_lint-"))}
    assert not strangers


def test_the_source_distribution_carries_the_whole_checkout():
    """So its own tests can be run from it. hatchling adds the two files that it needs."""
    included = set(tables()["tool"]["hatch"]["build"]["targets"]["sdist"]["include"])
    always = {"/.gitignore", "/pyproject.toml", "/PKG-INFO"}
    assert {f"/{name.partition('/')[0]}" for name in files_of_the_checkout()} <= included | always


def test_without_git_the_files_of_the_checkout_are_those_that_gitignore_leaves(monkeypatch):
    tracked = set(files_of_the_checkout())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert set(files_of_the_checkout()) == tracked


def tables() -> dict[str, Any]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def test_the_installed_command_works_from_another_folder(installed, tmp_path):
    assert run(installed, "--version", cwd=tmp_path).stdout == f"jsonl-lint {__version__}\n"
    assert "missing-role" in run(installed, "rule", "--all", cwd=tmp_path).stdout
    assert '"urn:jsonl-lint:schema:chat"' in run(installed, "schema", "chat", cwd=tmp_path).stdout
    result = run(installed, "check", SAMPLE, cwd=tmp_path, check=False)
    assert result.returncode == 1
    assert SUMMARY in result.stdout
    assert result.stderr == ""


RULE = '''
from jsonl_lint.model import Severity
from jsonl_lint.rule import StructureRule


class ShortConversation(StructureRule):
    """A conversation has one message."""

    code, name, severity, help = "XX001", "short-conversation", Severity.WARNING, "Add the answer."

    def check(self, record):
        if len(record.messages) == 1:
            yield self.sketch(("messages",), "one message only")
'''


def test_a_package_that_brings_a_rule_is_installed(installed, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "short_conversation.py").write_text(RULE)
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "short-conversation"\nversion = "1"\n'
        '[project.entry-points."jsonl_lint.rules"]\nshort = "short_conversation"\n'
        '[tool.hatch.build.targets.wheel]\ninclude = ["short_conversation.py"]\n'
    )
    python = installed.parent / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", project, cwd=tmp_path)
    (tmp_path / "data.jsonl").write_text('{"messages": [{"role": "user", "content": "Hello?"}]}\n')
    try:
        assert "A conversation has one message." in run(installed, "rule", "XX001", cwd=tmp_path).stdout
        shown = run(installed, "data.jsonl", "--select", "XX", cwd=tmp_path).stdout
        assert "data.jsonl:1:14: XX001 short-conversation /messages one message only" in shown
    finally:
        run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "short-conversation", cwd=tmp_path)


def test_a_checkout_works_without_being_installed(tmp_path):
    result = run(sys.executable, "-m", "jsonl_lint", SAMPLE, "-q", cwd=tmp_path, check=False, PYTHONPATH=str(ROOT))
    assert result.returncode == 1
    assert result.stdout.count("\n") == 10
    names = run(sys.executable, "-m", "jsonl_lint", "schema", cwd=tmp_path, PYTHONPATH=str(ROOT)).stdout
    assert "chat" in names.split()


def copy_the_checkout(folder: Path) -> Path:
    for name in files_of_the_checkout():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.skipif(sys.platform not in ("darwin", "linux"), reason="nothing is compiled there")
def test_where_there_is_no_compiler_pip_installs_one_for_the_build(tmp_path):
    checkout, programs = copy_the_checkout(tmp_path / "checkout"), tmp_path / "bin"
    programs.mkdir()
    unpacked = ("--no-deps", "--no-compile", "--target", tmp_path / "unpacked")
    run(sys.executable, "-m", "pip", "install", "--quiet", *unpacked, checkout, cwd=tmp_path, PATH=str(programs), CC="")
    script = "from jsonl_lint import native; print(native.LIBRARY, native.load() is not None)"
    loaded = run(sys.executable, "-c", script, cwd=tmp_path / "unpacked").stdout
    assert loaded == f"{tmp_path / 'unpacked' / 'jsonl_lint' / 'native' / 'skim.library'} True\n"


def test_no_compiler_is_asked_for_where_cc_names_one_or_refuses_them(tmp_path, monkeypatch):
    hook = build_native.NativeBuildHook(str(tmp_path), {}, None, None, "", "wheel")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build_native.sysconfig, "get_config_var", lambda _: "gcc -pthread")
    monkeypatch.setattr(sys, "platform", "linux")
    for machine, cc, wanted in [
        ("x86_64", "", [build_native.WHEEL_WITH_COMPILER]),
        ("x86_64", "false", []),
        ("x86_64", "ccache gcc", []),
        ("riscv64", "", []),
    ]:
        monkeypatch.setattr(platform, "machine", lambda machine=machine: machine)
        monkeypatch.setenv("CC", cc)
        assert hook.dependencies() == wanted


def test_the_first_command_of_the_readme(tmp_path):
    """Word for word, in a fresh copy of the checkout; `python3` is the interpreter that runs the tests."""
    checkout, programs = copy_the_checkout(tmp_path / "checkout"), tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python3").chmod(0o755)
    block = re.search(r"^```sh\n(python3 -m venv .+)\n```$", (checkout / "README.md").read_text(), re.MULTILINE)
    assert block
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    result = run("bash", "-c", block[1], cwd=checkout, PATH=path)
    assert SUMMARY in result.stdout


def test_no_file_names_a_registry_or_a_folder_of_some_machine():
    hosts = ["pypi" + ".org", "python" + "hosted"]
    folders = "|".join(("work", "root", "home", "Users"))
    place = re.compile(rf"(?<![\w./~-])/({folders})/\w".encode())
    for name in files_of_the_checkout():
        data = (ROOT / name).read_bytes()
        assert not [host for host in hosts if host.encode() in data], name
        assert not place.search(data), f"{name}: {place.search(data)}"
