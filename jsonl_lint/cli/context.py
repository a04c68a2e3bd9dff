"""Which options a command line gives, and in which order: what click knows beside their values."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click
from click.core import ParameterSource

from jsonl_lint.cli.arguments import FILE, FORMAT, Arguments
from jsonl_lint.cli.checking import project_for
from jsonl_lint.errors import WrongUseError
from jsonl_lint.project import Project


def given_in(ctx: click.Context) -> frozenset[str]:
    """Return the names of the options that the command line gives."""
    return frozenset(name for name in ctx.params if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT)


def project_of(ctx: click.Context, but: Collection[str] = ()) -> Project:
    """Return the project of this run. Options that were given override configuration files; defaults do not.

    Options in `but` mean something else than the setting of this name.

    Raises:
        UserError: a value, or the file of `--config`, is wrong.
    """
    try:
        return project_for(ctx.params, given_in(ctx).difference(but))
    except WrongUseError as error:
        raise click.UsageError(str(error), ctx) from None


class OrderedOutputs(click.Command):
    """A command that remembers the order in which `--output-format` and `--output-file` were given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """click groups the values of an option, so its parser is asked first for the order of all."""
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        left = {name: iter(values.get(name) or ()) for name in (FORMAT, FILE)}
        ctx.meta[FORMAT] = [(param.name, next(left[param.name])) for param in order if param.name in left]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Report wrong use as click does."""
        try:
            return super().invoke(ctx)
        except WrongUseError as error:
            raise click.UsageError(str(error), ctx) from None


def arguments_of(ctx: click.Context) -> Arguments:
    """Return what click has read from the arguments of a check."""
    options = dict(ctx.params)
    paths = options.pop("paths")
    return Arguments(paths, options, given_in(ctx) - {"paths"}, tuple(ctx.meta[FORMAT]))
