"""`check`: report every defect; change nothing."""

from __future__ import annotations

from typing import Any

import click

from jsonl_lint.cli.checking import run_check
from jsonl_lint.cli.context import OrderedOutputs, asked_of
from jsonl_lint.cli.options import (
    baseline_option,
    config_options,
    debug_option,
    engine_options,
    fail_on_option,
    length_options,
    max_line_bytes_option,
    meant_for_options,
    rule_options,
)
from jsonl_lint.config import DEFAULT_MAX_FINDINGS
from jsonl_lint.report import REPORTERS


def _share(ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    part, _, parts = value.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise click.UsageError(f"--part {value}: write it like 2/8, the second of eight parts", ctx)
    return int(part), int(parts)


@click.command(cls=OrderedOutputs, short_help="Report every defect; change nothing.")
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path())
@meant_for_options
@length_options("The longest record in tokens, instead of the model's own limit.")
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="Validation data: report records that are also there. Several times for several files.",
)
@rule_options
@fail_on_option("")
@click.option(
    "--output-format",
    multiple=True,
    type=click.Choice(list(REPORTERS)),
    help="How to report; several times for several reports, of which one may go to standard output. Default: `text`.",
)
@click.option(
    "--output-file",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="Write the report of the --output-format before it there instead of to standard output.",
)
@click.option(
    "--max-findings",
    type=click.IntRange(min=0),
    default=DEFAULT_MAX_FINDINGS,
    show_default=True,
    metavar="N",
    help="Show at most N findings per rule and file, 0 for all. The counts stay exact.",
)
@max_line_bytes_option("Report longer lines without looking into them.")
@engine_options
@click.option(
    "--resume",
    metavar="FOLDER",
    type=click.Path(),
    help="Keep there what was found in finished ranges of files, and begin with what is kept there already.",
)
@click.option(
    "--part",
    metavar="I/N",
    callback=_share,
    help="Check the I-th of N parts of the data and write what `merge` makes a report of. Exits with 0 or 2.",
)
@click.option(
    "--near-duplicates",
    is_flag=True,
    help="Find records that are nearly the same as earlier ones; needs the extra `near-duplicates`.",
)
@click.option("--decode-images", is_flag=True, help="Decode each image as a whole; needs the extra `images`.")
@baseline_option("do not count, and are not shown")
@config_options
@click.option("--statistics", is_flag=True, help="Show counts by rule instead of findings.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colours."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--show-settings", is_flag=True, help="Print the settings in force as JSON, and stop.")
@click.option("-q", "--quiet", is_flag=True, help="No summary and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Say each file's format and number of records.")
@debug_option
@click.pass_context
def check(ctx: click.Context, /, **_options: Any) -> int:
    """Report every defect in files, folders and globs; `-` is standard input.

    A folder means its .jsonl and .ndjson files. Files may be compressed (.gz, .zst, .bz2, .xz), and URLs like
    s3://bucket/data.jsonl are read as they come; lines and offsets are those of the decompressed data. The exit
    code is 0 if nothing is at or above --fail-on, 1 if something is, and 2 if an input cannot be read or the command
    is wrong.
    """
    return run_check(asked_of(ctx))
