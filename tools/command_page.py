"""The page about the command line; everything in it comes from the commands."""

from __future__ import annotations

from collections.abc import Iterator

import click

from jsonl_lint.cli.arguments import VERBS
from jsonl_lint.cli.commands import cli
from tools.markdown import cell

_EXIT_CODES = """
## Exit codes

| code | means |
|---|---|
| 0 | nothing at or above `--fail-on`; also when the reader of a pipe has gone |
| 1 | findings at or above `--fail-on`; for `fix`, ones that remain, with `--diff` a diff; for `convert`, refusals |
| 2 | wrong use or configuration, an unreadable input, or an internal error; the other inputs are still checked |
| 130, 143, 129 | interrupted by Ctrl-C, by SIGTERM, by the end of the terminal |

The report goes to standard output, everything else to standard error, where a terminal shows a progress bar if the work
takes more than a second. `NO_COLOR` and `FORCE_COLOR` are respected.
"""


def page() -> str:
    """Every verb with its arguments and options."""
    intro = "`jsonl-lint PATH...` means `jsonl-lint check PATH...`; `python -m jsonl_lint` is the same command.\n"
    verbs = [verb_section(name, verb) for name, verb in verbs_of(cli)]
    return f"# Command line\n\n{intro}\n" + "\n".join(verbs) + _EXIT_CODES


def verbs_of(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every verb by its name; those of a group by both names, as in `batch resume`."""
    for name in VERBS if group is cli else group.commands:
        verb = group.get_command(click.Context(group), name)
        if isinstance(verb, click.Group):
            yield from verbs_of(verb, f"{prefix}{name} ")
        elif verb is not None:
            yield prefix + name, verb


def verb_section(name: str, verb: click.Command) -> str:
    """One verb: its usage, help and options."""
    arguments = [param for param in verb.params if isinstance(param, click.Argument)]
    usage = " ".join(["jsonl-lint", name, "[OPTIONS]", *(_argument(param) for param in arguments)])
    rows = [_option_row(param) for param in verb.params if isinstance(param, click.Option)]
    table = "\n".join(["| option | means |", "|---|---|", *rows, "| `-h`, `--help` | Show the help and stop. |"])
    return f"## {name}\n\n`{usage}`\n\n{_paragraphs(verb.help or '')}\n\n{table}\n"


def _argument(param: click.Argument) -> str:
    word = param.metavar or (param.name or "").upper()
    return word if param.required or param.nargs == -1 else f"[{word}]"


def _option_row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" {option.metavar or ''}".rstrip()
    words = [option.help or ""]
    if isinstance(option.type, click.Choice):
        words.append("One of " + ", ".join(f"`{choice}`" for choice in option.type.choices) + ".")
    if option.show_default:
        words.append(f"Default: `{option.default}`.")
    return f"| {names}{value} | {cell(' '.join(word for word in words if word))} |"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
