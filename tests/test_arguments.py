"""The arguments that are read without click, which has to read them in the same way."""

from __future__ import annotations

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonl_lint.cli import run
from jsonl_lint.cli.arguments import VERBS, parse_without_click
from jsonl_lint.cli.check import check
from jsonl_lint.cli.context import arguments_of

NAMES = [name for param in check.params if isinstance(param, click.Option) for name in (*param.opts, "--help", "-h")]
VALUES = ["a.jsonl", "-", "", "json", "text", "openai", "error", "JL2, JL3,", "3", "1/2", "a=b", "--", "-qv", "fix"]
WORDS = st.sampled_from([*NAMES, *VALUES]) | st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(VALUES))


def by_click(words: list[str]) -> object:
    with check.make_context("check", words) as ctx:
        return arguments_of(ctx)


@given(st.lists(WORDS, min_size=1, max_size=6))
@example(["a.jsonl", "--output-file", "x", "--output-format", "json", "--output-format=text", "b.jsonl"])
@example(["--select", "JL2, JL3", "--select=JL4", "--ignore", ",", "--exclude", "x", "--exclude", "y", "-"])
@example(["-q", "--quiet", "--format=chat", "--target", "", "a=b"])
@example(["--fail-on", "nothing", "a.jsonl"])
@example(["a.jsonl", "--schema"])
def test_click_reads_the_same(words: list[str]):
    arguments = parse_without_click(["check", *words])
    if arguments is not None:
        assert arguments == by_click([*words])
    if words[0] not in VERBS:
        assert parse_without_click(words) == arguments


@pytest.mark.parametrize(
    "words",
    [
        ["a.jsonl", "b.jsonl"],
        ["check", "--force-exclude", "a.jsonl"],
        ["--target", "openai", "-q", "a.jsonl", "--output-format=json", "--select", "JL2"],
        ["check", "-"],
    ],
)
def test_what_is_plain_is_read_without_click(words: list[str]):
    assert parse_without_click(words) is not None


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["check"],
        ["fix", "a.jsonl"],
        ["--help"],
        ["a.jsonl", "-h"],
        ["a.jsonl", "--part", "1/2"],
        ["a.jsonl", "--max-findings", "3"],
        ["a.jsonl", "--method", "other"],
        ["a.jsonl", "--quiet=1"],
        ["a.jsonl", "--target", "--quiet"],
        ["--", "-q"],
    ],
)
def test_everything_else_is_left_to_click(words: list[str]):
    assert parse_without_click(words) is None


def test_a_shell_that_completes_is_answered_by_click(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("_JSONL_LINT_COMPLETE", "bash_complete")
    assert parse_without_click(["a.jsonl"]) is None


@pytest.mark.parametrize("asked", ["tcsh_source", "bash", "bash_src"])
def test_what_no_shell_asks_for_is_an_error(
    asked: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """In a start-up file of the shell, it would go unnoticed."""
    monkeypatch.setenv("_JSONL_LINT_COMPLETE", asked)
    assert run([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert asked in said.err
    assert "bash_source, zsh_source and fish_source" in said.err
