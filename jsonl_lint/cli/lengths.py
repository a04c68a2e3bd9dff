"""The options about models and lengths that several verbs have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from jsonl_lint.cli.completion import offer_models, offer_tokenizers


def length_options(limit: str, *, several_limits: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--model`, `--max-tokens`, `--tokenizer` and `--models`. `limit` is the help of the second."""
    options = (
        click.option(
            "--model",
            metavar="ID",
            shell_complete=offer_models,
            help="The model that the data is for: is each record short enough?",
        ),
        click.option("--max-tokens", type=int, multiple=several_limits, metavar="N", help=limit),
        click.option(
            "--tokenizer",
            metavar="NAME",
            shell_complete=offer_tokenizers,
            help="Count with this vocabulary or tokenizer.json instead of the model's own.",
        ),
        click.option("--models", metavar="FILE", help="Your own model registry, laid over the one that ships."),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add
