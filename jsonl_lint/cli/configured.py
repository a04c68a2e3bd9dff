"""What every verb that reads data takes: where the configuration is, and what it passes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from jsonl_lint.config import HOW_FAST
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


NO_KEYS = HOW_FAST
"""Options that say how fast, not what: no file sets them, so the default of the command holds."""


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of `project_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def project_of(ctx: click.Context, **given: Any) -> Project:
    """The project of this run. What the command line or `given` says wins over configuration files; defaults do not.

    Raises:
        UserError: a value, or the file of `--config`, is wrong.
    """
    if ctx.params["isolated"] and ctx.params["config"] is not None:
        raise click.UsageError("--isolated and --config exclude each other", ctx)
    said = {
        name.rstrip("_"): value
        for name, value in ctx.params.items()
        if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT or name in NO_KEYS
    }
    return Project({**said, **given}, config=ctx.params["config"], isolated=ctx.params["isolated"])
