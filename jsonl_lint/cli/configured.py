"""The project of a run: what the options say, over what configuration files say."""

from __future__ import annotations

import click
from click.core import ParameterSource

from jsonl_lint.cli.checking import project_for
from jsonl_lint.errors import WrongUseError
from jsonl_lint.project import Project


def said_in(ctx: click.Context) -> frozenset[str]:
    """The names of the options that the command line gives."""
    return frozenset(name for name in ctx.params if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT)


def project_of(ctx: click.Context) -> Project:
    """The project of this run. What the command line says wins over configuration files; defaults do not.

    Raises:
        UserError: a value, or the file of `--config`, is wrong.
    """
    try:
        return project_for(ctx.params, said_in(ctx))
    except WrongUseError as error:
        raise click.UsageError(str(error), ctx) from None
