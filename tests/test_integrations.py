"""Hooks, CI jobs and shells, as users run them: real git and pre-commit, the steps of the manifests, real shells."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.shell_completion import ShellComplete

from jsonl_lint.cli import run as command
from jsonl_lint.cli.commands import cli
from tests.conftest import GOOD, NO_MESSAGES, ROOT
from tests.test_packaging import files_of_the_checkout, run

PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
HERE = "URL-OF-THIS-REPOSITORY"


def yaml_after(heading: str) -> Any:
    """The first YAML block of the page under this heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2]
    block = re.search(r"^```yaml\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert block
    return yaml.safe_load(block[1])


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a git repository with one commit, whatever the state of the real one."""
    folder = tmp_path_factory.mktemp("hooks") / "jsonl-lint"
    for name in files_of_the_checkout():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    run("git", "init", "--quiet", ".", cwd=folder)
    run("git", "add", "--all", ".", cwd=folder)
    run("git", "commit", "--quiet", "--no-verify", "-m", "all", cwd=folder)
    run("git", "tag", "v0.1.0", cwd=folder)
    return folder


# --- pre-commit ------------------------------------------------------------------------------------------------------


class Project:
    """A throw-away repository whose commits are checked by the hooks of this one."""

    def __init__(self, folder: Path, cache: Path, config: Any) -> None:
        self.folder, self.cache = folder, cache
        run("git", "init", "--quiet", ".", cwd=folder)
        (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
        self.pre_commit("install")

    def pre_commit(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return run(
            sys.executable, "-m", "pre_commit", *args, cwd=self.folder, check=check, PRE_COMMIT_HOME=str(self.cache)
        )

    def commit(self, **files: bytes) -> subprocess.CompletedProcess[str]:
        """Write the files, add everything and commit."""
        for name, data in files.items():
            (self.folder / f"{name}.jsonl").write_bytes(data)
        run("git", "add", "--all", ".", cwd=self.folder)
        return run(
            "git", "commit", "-m", "data", cwd=self.folder, check=False, PRE_COMMIT_HOME=str(self.cache), PATH=self.path
        )

    @property
    def path(self) -> str:
        return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit installs the hooks: once for all tests of this module."""
    return tmp_path_factory.mktemp("pre-commit")


def config_with(repository: Path, *hooks: str) -> Any:
    config = yaml_after("pre-commit")
    (entry,) = config["repos"]
    assert entry["repo"] == HERE
    assert [hook["id"] for hook in entry["hooks"]] == ["jsonl-lint"]
    return {"repos": [{**entry, "repo": str(repository), "hooks": [{"id": hook} for hook in hooks]}]}


def test_the_hook_manifest_is_valid():
    run(sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT)
    assert set(HOOKS) == {"jsonl-lint", "jsonl-lint-fix"}
    for hook in HOOKS.values():
        pattern = re.compile(hook["files"])
        assert [name for name in ("a.jsonl", "b/c.ndjson", "D.JSONL") if not pattern.search(name)] == []
        assert [name for name in ("a.json", "jsonl", "a.jsonl.gz") if pattern.search(name)] == []


@pytest.mark.parametrize("name", ["--help.jsonl", "-q.jsonl", "--output-file=x.jsonl", "-- a [1]*.jsonl"])
def test_a_file_name_is_never_an_option_of_a_hook(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(NO_MESSAGES)
    for hook in HOOKS.values():
        _, *words = shlex.split(hook["entry"])
        assert command([*words, *hook["args"], name]) == 1
    assert [file.name for file in tmp_path.iterdir()] == [name]
    for words in re.findall(r"`args: \[(.*)\]`", PAGE):
        assert words.endswith("--")


@pytest.mark.registry
def test_a_bad_commit_is_blocked_and_a_good_one_is_not(repository: Path, cache: Path, tmp_path: Path):
    project = Project(tmp_path, cache, config_with(repository, "jsonl-lint"))
    blocked = project.commit(bad=NO_MESSAGES, good=GOOD)
    assert blocked.returncode == 1
    assert "bad.jsonl:1:14: JL203 empty-messages" in blocked.stdout + blocked.stderr
    passed = project.commit(bad=GOOD)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert run("git", "log", "--oneline", cwd=tmp_path).stdout.count("\n") == 1


@pytest.mark.registry
def test_the_hook_follows_the_configuration(repository: Path, cache: Path, tmp_path: Path):
    project = Project(tmp_path, cache, config_with(repository, "jsonl-lint"))
    (tmp_path / "pyproject.toml").write_text('[tool.jsonl-lint]\nexclude = ["old.jsonl"]\n')
    assert project.commit(old=NO_MESSAGES).returncode == 0
    assert project.commit(new=NO_MESSAGES).returncode == 1


@pytest.mark.registry
def test_the_fix_hook_repairs_and_stops_the_commit_once(repository: Path, cache: Path, tmp_path: Path):
    project = Project(tmp_path, cache, config_with(repository, "jsonl-lint-fix", "jsonl-lint"))
    broken = GOOD.replace(b"}]}", b"},]}")
    assert broken != GOOD
    stopped = project.commit(data=broken)
    assert stopped.returncode == 1
    assert "files were modified by this hook" in stopped.stdout + stopped.stderr
    assert (tmp_path / "data.jsonl").read_bytes() == GOOD
    passed = project.commit()
    assert passed.returncode == 0, passed.stdout + passed.stderr


# --- CI --------------------------------------------------------------------------------------------------------------

_EXPRESSION = re.compile(r"\$\{\{ *inputs\.([\w-]+) *\}\}")


def test_the_steps_of_the_action_put_no_input_into_a_script():
    """An input is somebody's text; in a script it would be run."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


class Runner:
    """Runs the steps of the action as a runner does: bash, inputs, and variables that one step leaves to the next."""

    def __init__(self, repository: Path, temp: Path) -> None:
        self.action = yaml.safe_load((repository / "action.yml").read_text())
        self.temp = temp
        self.variables = {"GITHUB_ACTION_PATH": str(repository), "RUNNER_TEMP": str(temp), "GITHUB_ENV": f"{temp}/env"}
        Path(self.variables["GITHUB_ENV"]).touch()

    def step(self, index: int, cwd: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
        step = self.action["runs"]["steps"][index]
        values = {name: str(spec["default"]) for name, spec in self.action["inputs"].items()} | inputs
        own = {name: _EXPRESSION.sub(lambda m: values[m[1]], text) for name, text in step.get("env", {}).items()}
        left = dict(line.split("=", 1) for line in Path(self.variables["GITHUB_ENV"]).read_text().splitlines())
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        command = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
        return run(*command, cwd=cwd, check=False, **self.variables, **left, **own)


@pytest.fixture(scope="module")
def runner(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner on which the action has installed itself."""
    temp = tmp_path_factory.mktemp("runner")
    runner = Runner(repository, temp)
    done = runner.step(0, temp)
    assert done.returncode == 0, done.stderr
    return runner


@pytest.mark.registry
def test_the_action_annotates_and_fails(runner: Runner, tmp_path: Path):
    (tmp_path / "good data.jsonl").write_bytes(GOOD)
    assert runner.step(1, tmp_path).returncode == 0
    (tmp_path / "bad.jsonl").write_bytes(NO_MESSAGES)
    done = runner.step(1, tmp_path)
    assert done.returncode == 1
    assert re.search(r"^::error .*file=bad\.jsonl,line=1", done.stdout, re.MULTILINE)
    assert runner.step(1, tmp_path, paths="good data.jsonl\n").returncode == 0
    assert runner.step(1, tmp_path, paths="missing.jsonl").returncode == 2


@pytest.mark.registry
def test_the_inputs_of_the_action_are_words_not_code(runner: Runner, tmp_path: Path):
    (tmp_path / "$(touch hit) 'x\".jsonl").write_bytes(NO_MESSAGES)
    more = {"paths": "$(touch hit) 'x\".jsonl\n\n", "args": "--ignore=JL203\n--fail-on\nwarning\n"}
    assert runner.step(1, tmp_path, **more).returncode == 0
    assert runner.step(1, tmp_path, **{**more, "args": "", "output-format": "text"}).returncode == 1
    assert runner.step(1, tmp_path, paths="--help").returncode == 2
    assert not (tmp_path / "hit").exists()


@pytest.mark.registry
def test_the_gitlab_job_runs_as_it_is_documented(repository: Path, tmp_path: Path):
    job = yaml_after("GitLab")["jsonl-lint"]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.jsonl").write_bytes(NO_MESSAGES)
    script = "\n".join(job["script"]).replace(HERE, f"file://{repository}")
    done = run("bash", "-e", "-c", script, cwd=tmp_path, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [issue["location"]["path"] for issue in report] == ["data/a.jsonl"]
    assert job["artifacts"]["when"] == "always"


def test_the_documented_workflow_uses_inputs_that_exist():
    (job,) = yaml_after("GitHub")["jobs"].values()
    given = job["steps"][-1]["with"]
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert set(given) <= set(action["inputs"])


# --- completion ------------------------------------------------------------------------------------------------------

ASK = {
    "bash": "COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n{function} jsonl-lint\n"
    'printf "%s\\n" "${{COMPREPLY[@]}}"\n',
    "zsh": "words=({words}); CURRENT=$#words\n"
    "_describe() {{ local -a found=(${{(P)3}}); print -l -- ${{found%%:*}} }}\n"
    "compadd() {{ local -a found=(${{(P)5}}); print -l -- $found }}\n"
    "_path_files() {{ print -l -- ${{words[CURRENT]}}*(N) }}\n{function}\n",
    "fish": "complete --do-complete='{line}'\n",
}


def shells(*names: str) -> list[Any]:
    """One that is not installed is skipped, and said to be."""
    reasons = {name: pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed") for name in names}
    return [pytest.param(name, marks=missing) for name, missing in reasons.items()]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which `jsonl-lint` is this one."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "jsonl-lint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jsonl_lint "$@"\n')
    (folder / "jsonl-lint").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def completed(shell: str, line: str, programs: str, folder: Path) -> list[str]:
    """What this shell offers at the end of the line, after the line of the documentation has been run in it."""
    setup = re.search(rf"^```{shell}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert setup
    words = " ".join(f"'{word}'" for word in line.split(" "))
    script = ASK[shell].format(words=words, line=line, function="_jsonl_lint_completion")
    before = {"zsh": "autoload -U compinit; compinit -u -D\n"}.get(shell, "")
    bare = {"bash": ["--noprofile", "--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    more = {"PATH": programs, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    done = run(shell, *bare, "-c", before + setup[1] + script, cwd=folder, **more)
    return [word.partition("\t")[0] for word in done.stdout.splitlines() if word]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "train.jsonl").touch()
    return tmp_path


@pytest.mark.parametrize("shell", shells(*ASK))
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("jsonl-lint bas", ["baseline"]),
        ("jsonl-lint baseline pr", ["prune"]),
        ("jsonl-lint --stat", ["--statistics"]),
        ("jsonl-lint train.jsonl --output-f", ["--output-file", "--output-format"]),
        ("jsonl-lint check --method s", ["sft"]),
        ("jsonl-lint check --target toge", ["together"]),
        ("jsonl-lint check --select missing-ro", ["missing-role"]),
        ("jsonl-lint rule trailing", ["trailing-comma"]),
        ("jsonl-lint config fail", ["fail-on"]),
        ("jsonl-lint schema conf", ["config"]),
        ("jsonl-lint targets toge", ["together"]),
        ("jsonl-lint explain --target toge", ["together"]),
        ("jsonl-lint stats --tokenizer deepseek_v3.", ["deepseek_v3.1"]),
        ("jsonl-lint check --model gpt-4o-mini-2", ["gpt-4o-mini-2024-07-18"]),
        ("jsonl-lint models gpt-4o-mini-2", ["gpt-4o-mini-2024-07-18"]),
        ("jsonl-lint convert --lossy mess", ["message-keys"]),
    ],
)
def test_the_tab_key(shell: str, line: str, expected: list[str], programs: str, folder: Path):
    assert sorted(completed(shell, line, programs, folder)) == expected


@pytest.mark.parametrize("shell", shells("bash", "zsh"))
def test_the_tab_key_after_a_comma(shell: str, programs: str, folder: Path):
    """In fish click loses what stands after a comma."""
    line = "jsonl-lint check --select JL101,missing-ro"
    assert completed(shell, line, programs, folder) == ["JL101,missing-role"]


def test_the_tab_key_after_an_equals_sign_in_bash(programs: str, folder: Path):
    """To Bash the sign is a word of its own."""
    assert completed("bash", "jsonl-lint check --select = missing-ro", programs, folder) == ["missing-role"]
    assert completed("bash", "jsonl-lint --target = openai --method =", programs, folder) == ["sft", "dpo", "rl"]


@pytest.mark.parametrize("line", ["jsonl-lint tra", "jsonl-lint check tra", "jsonl-lint check --schema tra"])
@pytest.mark.parametrize("shell", shells("zsh", "fish"))
def test_files_are_offered(shell: str, line: str, programs: str, folder: Path):
    assert "train.jsonl" in completed(shell, line, programs, folder)


def test_bash_is_told_to_offer_files(programs: str, folder: Path):
    for words in ("jsonl-lint tra", "jsonl-lint check tra"):
        answer = {"_JSONL_LINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        done = run("jsonl-lint", cwd=folder, **answer, PATH=programs, PYTHONPATH=str(ROOT))
        assert done.stdout.startswith("file,")


def offered(line: str) -> set[str]:
    """The kinds of what any shell is told to offer after the last space of the line."""
    *words, incomplete = line.split(" ")
    found = ShellComplete(cli, {}, "jsonl-lint", "").get_completions(words, incomplete)
    return {item.type for item in found}


def test_files_are_offered_wherever_one_is_taken():
    stands_for_file = {
        "PATH...",
        "[PATH...]",
        "PATH",
        "FILE",
        "FOLDER",
        "OUT",
        "CHANGES",
        "INPUT",
        "RESULTS...",
        "REST",
    }

    def commands(group: click.Group, *words: str) -> Iterator[tuple[str, click.Command]]:
        for name in group.list_commands(click.Context(group)):
            found = group.get_command(click.Context(group), name)
            assert found is not None
            if isinstance(found, click.Group):
                yield from commands(found, *words, name)
            else:
                yield " ".join([*words, name]), found

    for verb, taking in commands(cli):
        for param in taking.params:
            if param.metavar in stands_for_file:
                asked = f"{param.opts[-1]} " if isinstance(param, click.Option) else ""
                before = "a " if param.metavar == "RESULTS..." else ""
                assert offered(f"{verb} {before}{asked}tra") == {"file"}, (verb, param.name)
    for line in ("explain tra", "check --target tra", "check --tokenizer tra", "targets tra", "models import tra"):
        assert offered(line) == {"file"}
    assert offered("stats --target op") == {"plain", "file"}


def test_completing_a_verb_imports_no_rules(programs: str, folder: Path):
    """The user waits for it at every press of the key."""
    answer = {"_JSONL_LINT_COMPLETE": "zsh_complete", "COMP_WORDS": "jsonl-lint che", "COMP_CWORD": "1"}
    done = run(sys.executable, "-X", "importtime", "-m", "jsonl_lint", cwd=folder, **answer, PYTHONPATH=str(ROOT))
    assert "check" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "jsonl_lint.cli.reports" in imported
    assert not {name for name in imported if name.startswith(("jsonl_lint.rules", "jsonl_lint.engine", "tomllib"))}


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_vim_finds_the_places(programs: str, folder: Path):
    (folder / "it's bad.jsonl").write_bytes(NO_MESSAGES + b"\n")
    setup = re.search(r"^```vim\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert setup
    shown = "map(getqflist(), 'bufname(v:val.bufnr) .. v:val.lnum .. v:val.text')"
    script = f"{setup[1]}edit it's\\ bad.jsonl\nsilent make!\ncall writefile({shown}, 'found')\nqall!\n"
    (folder / "script.vim").write_text(script)
    run("vim", "-u", "NONE", "-N", "-es", "-S", "script.vim", cwd=folder, PATH=programs, PYTHONPATH=str(ROOT))
    found = (folder / "found").read_text().splitlines()
    assert found == [
        "it's bad.jsonl1JL203 empty-messages /messages `messages` is empty",
        "it's bad.jsonl2JL007 blank-line the line is blank",
    ]


def test_the_hooks_run_verbs_with_options_that_exist():
    for hook in HOOKS.values():
        program, verb, *options = hook["entry"].split()
        assert program == "jsonl-lint"
        verb_of_hook = cli.get_command(click.Context(cli), verb)
        assert verb_of_hook is not None
        assert set(options) <= {name for parameter in verb_of_hook.params for name in parameter.opts}
