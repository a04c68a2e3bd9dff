"""`batch`: what to do with a batch's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.options import debug_option
from jsonl_lint.cli.terminal import EXIT_CLEAN, ProgressBar, complain
from jsonl_lint.files.inputs import is_standard_output
from jsonl_lint.wording import plural

if TYPE_CHECKING:
    from jsonl_lint.batch import Resumed


@click.group(no_args_is_help=False, short_help="Work with the files of a batch.")
def batch() -> None:
    """Work with the files of a batch."""


@batch.command(short_help="Write the requests that still have to be sent.")
@click.argument("source", metavar="INPUT", type=FILE_PATH)
@click.argument("results", nargs=-1, required=True, metavar="RESULTS...", type=FILE_PATH)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="REST",
    type=FILE_PATH,
    help="Where to write the requests to send; - is stdout.",
)
@click.option(
    "--failed",
    metavar="FILE",
    type=FILE_PATH,
    help="Where to write the requests that would fail again, each with the reason.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the counts: `text` on standard error, or `json` on standard output.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no counts and no progress.")
@debug_option
def resume(
    source: str, results: tuple[str, ...], output: str, failed: str | None, output_format: str, quiet: bool, debug: bool
) -> int:
    """Write the requests that still have to be sent after a batch failed or stopped half-way.

    INPUT is the file that was sent, RESULTS are its output and error files. REST gets, in order and unchanged, the
    requests that were never answered and those that failed for a temporary reason or because of the account.
    Requests that are wrong themselves would fail again; they are counted, and written to --failed. Files that do not
    belong together are refused.
    """
    from jsonl_lint.batch import resume_batch

    if any(map(is_standard_output, (output, failed))) and output_format == "json":
        raise click.UsageError("standard output cannot hold both the requests and the counts")
    with ProgressBar([source, *results], enabled=not quiet) as progress:
        done = resume_batch(source, results, output, failed, on_progress=progress.advance)
    if output_format == "json":
        click.echo(json.dumps({**done._asdict(), "rest": done.rest}, indent=2))
    elif not quiet:
        for sentence in _sentences(done, output, failed):
            complain(sentence)
    return EXIT_CLEAN


def _sentences(done: Resumed, output: str, failed: str | None) -> list[str]:
    parts = [f"{plural(done.requests, 'request')}: {done.answered:,} answered, {done.rest:,} to send"]
    if done.rest:
        reasons = [f"{done.unsent:,} never answered"] if done.unsent else []
        reasons += [f"{count:,} {category}" for category, count in sorted(done.again.items())]
        parts[0] += f" ({', '.join(reasons)})"
    own = sum(done.failed.values())
    if own:
        where = f"written to {failed}" if failed else "--failed FILE keeps them, with the reason"
        parts.append(f"{plural(own, 'request')} would fail again as sent: {where}")
    if {"auth", "billing"} & set(done.again):
        parts.append("some failed over the key or the account: fix that before you send the rest")
    return parts
