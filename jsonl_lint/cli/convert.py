"""`convert`: from one record format to another."""

from __future__ import annotations

import click

from jsonl_lint.cli.completion import FILE_PATH, after_comma
from jsonl_lint.cli.options import debug_option, names_option
from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_FINDINGS, ProgressBar, complain
from jsonl_lint.wording import plural

FORMATS = ("alpaca", "bedrock", "chat", "chosen-rejected", "gemini", "instruction", "preference", "sharegpt")
ALSO_CALLED = ("messages",)
LOSSES = (
    *("extra-keys", "message-keys", "weights", "reasoning", "system", "tools", "tool-call-ids", "rejected-answer"),
    "ALL",
)
"""Copies of the library's own, which is slow to import for a help text; a test keeps them equal."""

_SHOWN_REFUSALS = 20


def _offer_losses(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return after_comma(incomplete, LOSSES)


@click.command(short_help="Convert a dataset to another format.")
@click.argument("path", metavar="PATH", type=FILE_PATH)
@click.option("--to", "to", type=click.Choice((*FORMATS, *ALSO_CALLED)), required=True, help="The format to write.")
@click.option(
    "-o", "--output", required=True, metavar="OUT", type=FILE_PATH, help="Where to write the records; - is stdout."
)
@names_option("--lossy", metavar="NAMES", offer=_offer_losses, help=f"What may be lost: {', '.join(LOSSES)}.")
@click.option(
    "--rejects", metavar="FILE", type=FILE_PATH, help="Where to write the records that cannot be converted, unchanged."
)
@click.option("-q", "--quiet", is_flag=True, help="Print no counts, no reasons and no progress.")
@debug_option
def convert(
    path: str, to: str, output: str, lossy: tuple[str, ...], rejects: str | None, quiet: bool, debug: bool
) -> int:
    """Convert the records of a file to another format; the format of each record is detected from its keys.

    Nothing is lost that --lossy does not name: a record that would lose more is refused, and so is one that the new
    format cannot express. Refused records go to --rejects; without it, a single one prevents anything from being
    written. The exit code is 1 if a record was refused.
    """
    from jsonl_lint.convert import convert_file

    with ProgressBar([path], enabled=not quiet) as progress:
        done = convert_file(path, output, to, lossy, rejects, on_progress=progress.advance)
    if not quiet:
        for refusal in done.refusals[:_SHOWN_REFUSALS]:
            complain(f"{path}:{refusal.line}: {refusal.reason}")
        if done.refused > _SHOWN_REFUSALS:
            complain(f"{path}: and {plural(done.refused - _SHOWN_REFUSALS, 'more record')}")
        lost = "".join(f", {name} lost in {count:,}" for name, count in sorted(done.lost.items()))
        if done.ok or rejects:
            complain(f"{plural(done.records, 'record')}: {done.converted:,} converted{lost}, {done.refused:,} refused")
        else:
            complain(f"{plural(done.records, 'record')}: {done.refused:,} refused, nothing written (see --rejects)")
    return EXIT_CLEAN if done.ok else EXIT_FINDINGS
