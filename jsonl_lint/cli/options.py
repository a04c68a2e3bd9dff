"""The options that several verbs have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from jsonl_lint.cli.arguments import comma_separated
from jsonl_lint.cli.completion import FILE_PATH, offer_models, offer_rules, offer_targets, offer_tokenizers
from jsonl_lint.config import ENGINES, FAIL_ON, FORMATS, METHODS
from jsonl_lint.files.source import DEFAULT_MAX_LINE_BYTES

Decorator = Callable[[Any], Any]


def all_of(*options: Decorator) -> Decorator:
    """Several options as one decorator, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def names_option(
    *names: str,
    help: str,
    metavar: str = "RULES",
    offer: Callable[..., list[str]] = offer_rules,
) -> Decorator:
    """Return an option that takes names, with commas between them or one after the other."""
    return click.option(*names, multiple=True, metavar=metavar, callback=_split, shell_complete=offer, help=help)


def _split(_ctx: click.Context, _param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    return comma_separated(values)


def target_option(help: str) -> Decorator:
    """Whose rules hold."""
    return click.option(
        "--target", default="together", show_default=True, metavar="NAME", shell_complete=offer_targets, help=help
    )


def method_option(help: str) -> Decorator:
    """Return the option for what the data is for."""
    return click.option("--method", type=click.Choice(METHODS), default="sft", show_default=True, help=help)


def switch_option(name: str, help: str) -> Decorator:
    """Return a switch that configuration files have as well, so there is an option that turns it off."""
    return click.option(f"--{name}/--no-{name}", default=False, help=help)


text_or_json_option = click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)

debug_option = click.option("--debug", is_flag=True, help="Show a traceback for an internal error.")

meant_for_options = all_of(
    target_option("The provider or trainer whose rules apply, or the path of your own target file (.json)."),
    method_option("The training method: its data holds answers, pairs of answers, or prompts only."),
    click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default="auto",
        show_default=True,
        metavar="NAME",
        help="The format that every record should have; each is among the schemas that `jsonl-lint schema` lists.",
    ),
    click.option("--schema", metavar="FILE", type=FILE_PATH, help="Also check records against your own JSON Schema."),
)

rule_options = all_of(
    names_option("--select", help="Run only these rules: names, codes, code prefixes or ALL."),
    names_option("--ignore", help="Turn these rules off."),
    names_option("--extend-select", help="Run these rules in addition to the selected ones."),
)


def fail_on_option(finding: str) -> Decorator:
    """Return the option for the severity that makes the exit code 1; `finding` is what has it."""
    return click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        default="error",
        show_default=True,
        help=f"Exit with 1 if {finding} has this severity or a higher one.",
    )


def max_line_bytes_option(consequence: str) -> Decorator:
    """Return the option for the longest line that is parsed, and for what happens to longer ones."""
    return click.option(
        "--max-line-bytes",
        type=click.IntRange(min=1),
        default=DEFAULT_MAX_LINE_BYTES,
        show_default=True,
        metavar="N",
        help=consequence,
    )


def baseline_option(consequence: str) -> Decorator:
    """Return the option for the file of accepted findings, and for what happens to them."""
    help_text = f"A file of accepted findings, which {consequence}."
    return click.option("--baseline", metavar="FILE", type=FILE_PATH, help=help_text)


def jobs_option(worthwhile: int) -> Decorator:
    """Return the option for the number of processes; `worthwhile` megabytes make a file worth several."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help=f"Worker processes; 0, the default, uses all cores for files over {worthwhile} MB.",
    )


engine_options = all_of(
    jobs_option(64),
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="local",
        show_default=True,
        help="Check large files in local processes or on a Ray cluster (extra `ray`): the one at RAY_ADDRESS, or else "
        "one that is started on this machine.",
    ),
)

which_config_options = all_of(
    click.option(
        "--config",
        metavar="FILE",
        type=FILE_PATH,
        help="Use this configuration for all files, instead of the closest one to each.",
    ),
    click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
)

config_options = all_of(
    which_config_options,
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Also skip these files and folders where a folder or glob finds them.",
    ),
    switch_option("force-exclude", "Skip excluded files even if they are named."),
)


def length_options(limit: str, *, several_limits: bool = False) -> Decorator:
    """`--model`, `--max-tokens`, `--tokenizer` and `--models`. `limit` is the help text of `--max-tokens`."""
    return all_of(
        click.option(
            "--model",
            metavar="ID",
            shell_complete=offer_models,
            help="The model that the data is for; records are measured against its limits.",
        ),
        click.option("--max-tokens", type=click.IntRange(min=1), multiple=several_limits, metavar="N", help=limit),
        click.option(
            "--tokenizer",
            metavar="NAME",
            shell_complete=offer_tokenizers,
            help="Count tokens with this vocabulary or tokenizer.json instead of the model's own.",
        ),
        click.option(
            "--models",
            metavar="FILE",
            type=FILE_PATH,
            help="Your own model registry, whose entries override the built-in ones.",
        ),
    )
