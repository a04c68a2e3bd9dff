"""`merge`: one report of the parts that `check --part` has written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import click

from jsonl_lint.cli.arguments import FORMAT
from jsonl_lint.cli.check import check
from jsonl_lint.cli.checking import report_events
from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.context import OrderedOutputs, given_in
from jsonl_lint.cli.reports import Output, outputs_of, protect_inputs, reporters_for
from jsonl_lint.cli.terminal import ProgressBar
from jsonl_lint.model import Event, FileResult

_SHARED = ("fail_on", "output_format", "output_file", "statistics", "color", "exit_zero", "quiet", "verbose", "debug")
"""The options of `check` that say how to report, not what to check."""


@click.command(
    cls=OrderedOutputs,
    params=[
        click.Argument(["paths"], nargs=-1, required=True, metavar="PART...", type=FILE_PATH),
        *(param for param in check.params if param.name in _SHARED),
    ],
    short_help="Merge the parts that `check --part` wrote into one report.",
)
@click.pass_context
def merge(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Merge the part files that `check --part I/N` wrote, in any order, into one report.

    Report and exit code are those of a check by one process, byte for byte. An html report has no charts, because
    these need the data.
    """
    from jsonl_lint.parts import Merged

    outputs = outputs_of(ctx.meta[FORMAT])
    protect_inputs(paths, outputs)
    with ExitStack() as stack:
        merged = Merged(paths, stack)
        if "fail_on" in given_in(ctx):
            merged.project = merged.project.replaced(fail_on=options["fail_on"])
        scope = merged.project.scope_of_input(merged.first)
        protect_inputs(scope.named_files(), outputs)
        reporters = stack.enter_context(reporters_for(outputs, options))
        progress = ProgressBar((), enabled=False)
        events = _keeping_data(merged.events(), outputs)
        return report_events(events, merged.settings, options, reporters, progress)


def _keeping_data(events: Iterable[Event], outputs: Collection[Output]) -> Iterator[Event]:
    """Yield the events, and keep reports off the data: which data was checked is known only as they come.

    Raises:
        UserError: a report would overwrite the data.
    """
    for event in events:
        if isinstance(event, FileResult):
            protect_inputs([event.path], outputs)
        yield event
