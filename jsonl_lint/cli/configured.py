"""What every verb that reads data takes: where the configuration is, and what it passes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from jsonl_lint.cli.checking import project_for
from jsonl_lint.errors import WrongUseError
from jsonl_lint.project import Project

_OPTIONS = (
    click.option(
        "--config",
        metavar="FILE",
        type=click.Path(),
        help="The configuration for all files, instead of the closest one of each.",
    ),
    click.option("--isolated", is_flag=True, help="Read no configuration files."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Pass over these files and folders as well, where a folder or glob finds them.",
    ),
    click.option("--force-exclude", is_flag=True, help="Pass over excluded files even if they are named."),
)


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of `project_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def said_in(ctx: click.Context) -> frozenset[str]:
    """The names of the options that the command line gives."""
    return frozenset(name for name in ctx.params if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT)


def project_of(ctx: click.Context, **given: Any) -> Project:
    """The project of this run. What the command line or `given` says wins over configuration files; defaults do not.

    Raises:
        UserError: a value, or the file of `--config`, is wrong.
    """
    try:
        return project_for(ctx.params, said_in(ctx), **given)
    except WrongUseError as error:
        raise click.UsageError(str(error), ctx) from None
