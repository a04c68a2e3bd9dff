"""`check`: report every defect; change nothing."""

from __future__ import annotations

import re
from typing import Any

import click

from jsonl_lint.cli.checking import run_check
from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.context import OrderedOutputs, arguments_of
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
    switch_option,
)
from jsonl_lint.config import DEFAULT_MAX_FINDINGS
from jsonl_lint.report import REPORTERS
from jsonl_lint.wording import clip


def _share(ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", value)
    part, parts = map(int, match.groups()) if match else (0, 0)
    if not 1 <= part <= parts:
        raise click.UsageError(f"--part {clip(value, 40)!r}: write it like 2/8, the second of eight parts", ctx)
    return part, parts


@click.command(cls=OrderedOutputs, short_help="Report every defect; change nothing.")
@click.argument("paths", nargs=-1, metavar="PATH...", type=FILE_PATH)
@meant_for_options
@length_options("The maximum length of a record in tokens, instead of the model's own limit.")
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    type=FILE_PATH,
    help="Report records that are also in this file, such as validation data. May be repeated.",
)
@rule_options
@fail_on_option("a finding")
@click.option(
    "--output-format",
    multiple=True,
    type=click.Choice(list(REPORTERS)),
    help="The report's format. May be repeated; only one report can go to standard output. Default: `text`.",
)
@click.option(
    "--output-file",
    multiple=True,
    metavar="FILE",
    type=FILE_PATH,
    help="Write the report of the preceding --output-format to this file instead of to standard output.",
)
@click.option(
    "--max-findings",
    type=click.IntRange(min=0),
    default=DEFAULT_MAX_FINDINGS,
    show_default=True,
    metavar="N",
    help="Show at most N findings per rule and file, or all with 0. Counts stay exact.",
)
@max_line_bytes_option("Report longer lines without parsing them.")
@engine_options
@click.option(
    "--resume",
    metavar="FOLDER",
    type=FILE_PATH,
    help="Save the results of finished ranges of files in this folder, and reuse those saved by an earlier run.",
)
@click.option(
    "--part",
    metavar="I/N",
    callback=_share,
    help="Check the I-th of N parts of the data and write a part file for `merge`. Exits with 0 or 2.",
)
@switch_option(
    "near-duplicates", "Report records that are nearly the same as earlier ones; needs the extra `near-duplicates`."
)
@switch_option("decode-images", "Decode each image completely; needs the extra `images`.")
@baseline_option("are neither counted nor shown")
@config_options
@click.option("--statistics", is_flag=True, help="Show counts by rule instead of findings.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="When to colour the output.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--show-settings", is_flag=True, help="Print the effective settings as JSON, and exit.")
@click.option("-q", "--quiet", is_flag=True, help="Print no summary and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Print each file's format and number of records.")
@debug_option
@click.pass_context
def check(ctx: click.Context, /, **_options: Any) -> int:
    """Report every defect in files, folders and globs; `-` is standard input.

    A folder means its .jsonl and .ndjson files; a file that is named twice is checked once. Neither a folder nor `**`
    leads through links to other folders. Files may be compressed (.gz, .zst, .bz2, .xz), and URLs like
    s3://bucket/data.jsonl are streamed; lines and offsets are those of the decompressed data. Many small files are
    checked several at a time, each by one process. The exit code is 0 if no finding is at or above --fail-on, 1 if one
    is, and 2 if an input cannot be read or the command line is wrong.
    """
    return run_check(arguments_of(ctx))
