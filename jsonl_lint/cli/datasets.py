"""The options of every verb that looks for findings: what the data is meant for, and which rules hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from jsonl_lint.cli.asked import rules_in
from jsonl_lint.cli.completion import offer_rules, offer_targets
from jsonl_lint.config import ENGINES, FORMATS, METHODS
from jsonl_lint.files.source import DEFAULT_MAX_LINE_BYTES

Decorator = Callable[[Any], Any]


def _selectors(_ctx: click.Context, _param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    return rules_in(values)


def selector_option(*names: str, help: str) -> Decorator:  # noqa: A002
    """An option that names rules."""
    return click.option(
        *names, multiple=True, metavar="RULES", callback=_selectors, shell_complete=offer_rules, help=help
    )


def all_of(*options: Decorator) -> Decorator:
    """Several options as one decorator, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


meant_for_options = all_of(
    click.option(
        "--target",
        default="together",
        show_default=True,
        metavar="NAME",
        shell_complete=offer_targets,
        help="Whose rules to check; or your own target file, which ends in .json.",
    ),
    click.option(
        "--method",
        type=click.Choice(METHODS),
        default="sft",
        show_default=True,
        help="What the data is for: answers, pairs of them, or prompts alone.",
    ),
    click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default="auto",
        show_default=True,
        metavar="NAME",
        help="The format that every record should have; `jsonl-lint schema` lists them.",
    ),
    click.option("--schema", metavar="FILE", type=click.Path(), help="Check your own JSON Schema as well."),
)

rule_options = all_of(
    selector_option("--select", help="Only these rules: names, codes, code prefixes or ALL."),
    selector_option("--ignore", help="Not these rules."),
    selector_option("--extend-select", help="These rules as well."),
)


def fail_on_option(what: str) -> Decorator:
    """What makes the exit code 1; `what` has the severity."""
    return click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "info"]),
        default="error",
        show_default=True,
        help=f"The least severity{what} that makes the exit code 1.",
    )


def max_line_bytes_option(consequence: str) -> Decorator:
    """The longest line that is looked into, and what happens to longer ones."""
    return click.option(
        "--max-line-bytes",
        type=click.IntRange(min=1),
        default=DEFAULT_MAX_LINE_BYTES,
        show_default=True,
        metavar="N",
        help=consequence,
    )


def baseline_option(consequence: str) -> Decorator:
    """The file of accepted findings, and what happens to them."""
    return click.option("--baseline", metavar="FILE", type=click.Path(), help=f"Accepted findings: they {consequence}.")


engine_options = all_of(
    click.option(
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Processes for one file; 0, the default, takes all cores for files over 64 MB.",
    ),
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="local",
        show_default=True,
        help="Who checks large files: processes of this machine, or a Ray cluster (extra `ray`): the one at "
        "RAY_ADDRESS, or one that is started here.",
    ),
)
