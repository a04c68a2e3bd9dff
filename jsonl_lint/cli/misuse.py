"""Word what is wrong with a command line that click cannot make sense of."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import click

from jsonl_lint.errors import suggestion

_HABITS = {
    ("check", "--fix"): "`jsonl-lint fix` repairs",
    ("check", "-o"): "a report goes to --output-file",
    ("check", "--output"): "a report goes to --output-file",
    ("check", "--max-errors"): "did you mean --max-findings?",
    ("check", "--report"): "did you mean --output-format?",
    ("check", "--rule"): "did you mean --select?",
    ("check", "--rules"): "did you mean --select?",
    ("check", "-V"): "did you mean --version?",
    ("stats", "-o"): "the figures go to --output-file",
    ("fix", "--fix"): "`fix` needs -o OUT, --in-place or --diff",
    ("fix", "--check"): "did you mean --diff?",
    ("fix", "--dry-run"): "did you mean --diff?",
}
"""What other linters call it, by verb and option, and what it is here."""


def message_of(error: click.ClickException) -> str:
    """Return click's message on one line, with the option or the value that may be meant."""
    if isinstance(error, click.NoSuchOption):
        hint = _hint(error)
        return f"{error.message.removesuffix('.')}; {hint}" if hint else error.message
    said = error.format_message()
    if isinstance(error, click.BadParameter) and error.param is not None:
        said = said.replace(error.message, _about_value(error.message, error.param.type))
    return " ".join(said.split())  # click lists choices on lines of their own


def _about_value(message: str, kind: click.ParamType[Any]) -> str:
    """Return what is wrong with a value; click lists all that there are, and calls a whole number an integer range."""
    given, refused, _ = message.partition(" is not one of ")
    if refused and isinstance(kind, click.Choice):
        return given + suggestion(given.strip("'\""), kind.choices)
    message = re.sub(r" is not in the range x>=(\d+)\.$", r"; it must be at least \1", message)
    return message.replace("a valid integer range", "a whole number").replace("a valid integer", "a whole number")


def _hint(error: click.NoSuchOption) -> str:
    """Return a hint, or "". Dashes make options look alike that are not, such as `--fix` and `--config`."""
    verb = error.ctx.command if error.ctx else None
    if verb and (verb.name, error.option_name) in _HABITS:
        return _HABITS[verb.name or "", error.option_name]
    params = verb.get_params(error.ctx) if verb and error.ctx else ()
    names = (name for each in params for name in (*each.opts, *each.secondary_opts))
    known = {name[2:]: name for name in names if name.startswith("--")}
    if error.option_name == "--json" and "output-format" in known:
        return "did you mean --output-format json?"
    given = error.option_name.lstrip("-")
    close = get_close_matches(given, known, 1, 0.7) or [name for name in known if name in given.split("-")]
    return f"did you mean {known[close[0]]}?" if close else ""
