"""Word what is wrong with a command line that click cannot make sense of."""

from __future__ import annotations

from difflib import get_close_matches

import click

_HABITS = {
    ("check", "--fix"): "`jsonl-lint fix` repairs",
    ("check", "-o"): "a report goes to --output-file",
    ("check", "--output"): "a report goes to --output-file",
    ("check", "--max-errors"): "did you mean --max-findings?",
    ("check", "--report"): "did you mean --output-format?",
    ("check", "--rule"): "did you mean --select?",
    ("check", "--rules"): "did you mean --select?",
    ("check", "-V"): "did you mean --version?",
    ("fix", "--fix"): "`fix` needs -o OUT, --in-place or --diff",
    ("fix", "--check"): "did you mean --diff?",
    ("fix", "--dry-run"): "did you mean --diff?",
}
"""What other linters call it, by verb and option, and what it is here."""


def message_of(error: click.ClickException) -> str:
    """Return click's message on one line; of an option that does not exist, with the one that may be meant."""
    if isinstance(error, click.NoSuchOption):
        hint = _hint(error)
        return f"{error.message.removesuffix('.')}; {hint}" if hint else error.message
    return " ".join(error.format_message().split())  # click lists choices on lines of their own


def _hint(error: click.NoSuchOption) -> str:
    """Return a hint, or "". Dashes make options look alike that are not, such as `--fix` and `--config`."""
    verb = error.ctx.command if error.ctx else None
    if verb and (verb.name, error.option_name) in _HABITS:
        return _HABITS[verb.name or "", error.option_name]
    names = (name for each in (verb.params if verb else ()) for name in (*each.opts, *each.secondary_opts))
    known = {name[2:]: name for name in names if name.startswith("--")}
    if error.option_name == "--json" and "output-format" in known:
        return "did you mean --output-format json?"
    given = error.option_name.lstrip("-")
    close = get_close_matches(given, known, 1, 0.7) or [name for name in known if name in given.split("-")]
    return f"did you mean {known[close[0]]}?" if close else ""
