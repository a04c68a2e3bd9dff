"""`check`: report every defect; change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from jsonl_lint.cli.configured import config_options, project_of
from jsonl_lint.cli.datasets import (
    baseline_option,
    engine_options,
    fail_on_option,
    max_line_bytes_option,
    meant_for_options,
    rule_options,
)
from jsonl_lint.cli.lengths import length_options
from jsonl_lint.cli.outputs import FORMAT, OrderedOutputs, Output, keep_inputs, outputs_of, place, reporters_for
from jsonl_lint.cli.terminal import (
    EXIT_CLEAN,
    EXIT_ERROR,
    EXIT_FINDINGS,
    Progress,
    complain,
    total_size,
)
from jsonl_lint.config import DEFAULT_MAX_FINDINGS, Settings
from jsonl_lint.model import Event, FileResult, InputError, Severity
from jsonl_lint.project import Project
from jsonl_lint.report import REPORTERS, Reporter
from jsonl_lint.source import STDIN
from jsonl_lint.target import load_target


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
@click.option("--debug", is_flag=True, help="Show a traceback for an internal error.")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Report every defect in files, folders and globs; `-` is standard input.

    A folder means its .jsonl and .ndjson files. Files may be compressed (.gz, .zst, .bz2, .xz), and URLs like
    s3://bucket/data.jsonl are read as they come; lines and offsets are those of the decompressed data. The exit
    code is 0 if nothing is at or above --fail-on, 1 if something is, and 2 if an input cannot be read or the command
    is wrong.
    """
    project = project_of(ctx)
    scope = project.scope_of_input(paths[0] if paths else STDIN)
    if options["show_settings"]:
        from jsonl_lint.plan import compile_plan

        compile_plan(scope.settings)
        click.echo(json.dumps(scope.to_dict(), indent=2))
        return EXIT_CLEAN
    if not paths:
        raise click.UsageError("name a file, a folder, a glob or - to check", ctx)
    outputs = outputs_of(ctx)
    keep_inputs(paths, outputs)
    if options["part"]:
        return _write_part(ctx, paths, project, options, outputs)
    from jsonl_lint.api import check_events

    with reporters_for(outputs, {**options, "fail_on": scope.fail_on}) as reporters:
        census = any(reporter.wants_census for reporter in reporters)
        progress = Progress(total_size(paths), enabled=not options["quiet"])
        shown = {
            "show_fixes": any(reporter.shows_fixes for reporter in reporters),
            "show_context": any(reporter.shows_context for reporter in reporters),
        }
        events = check_events(paths, project, progress.advance, census=census, **shown)
        return report_events(events, scope.settings, project, options, reporters, progress)


def _write_part(
    ctx: click.Context, paths: tuple[str, ...], project: Project, options: dict[str, Any], outputs: list[Output]
) -> int:
    """Write a part file. It says what it found; only inputs that cannot be read make the exit code 2."""
    from jsonl_lint.parts import Share, check_part

    if len(outputs) != 1 or any(name == FORMAT for name, _ in ctx.meta[FORMAT]):
        raise click.UsageError("--part writes a part file, and no --output-format; `merge` makes reports of them", ctx)
    if options["engine"] != "local" or options["resume"] is not None:
        raise click.UsageError("--part takes neither --engine nor --resume: start the part again instead", ctx)
    unreadable = False
    with place(outputs[0].path, "never", alone=True) as (write, _):
        for entry in check_part(paths, project, Share(*options["part"])):
            write(json.dumps(entry) + "\n")
            if entry.get("error"):
                unreadable = True
                complain(f"{entry['path']}: {entry['error']}")
    return EXIT_ERROR if unreadable else EXIT_CLEAN


def report_events(
    events: Iterable[Event],
    settings: Settings,
    project: Project,
    options: dict[str, Any],
    reporters: list[Reporter],
    progress: Progress,
) -> int:
    """Report what happens as it comes; the exit code. `settings` are those of the first input."""
    failed = unreadable = False
    for event in _reported(events, settings, options, reporters, progress):
        if isinstance(event, InputError):
            unreadable = True
            complain(f"{event.path}: {event.reason}")
        elif isinstance(event, FileResult):
            least = Severity(project.scope(event.path).fail_on).rank
            failed = failed or any(severity.rank >= least for _, severity in event.counts)
    if unreadable:
        return EXIT_ERROR
    return EXIT_FINDINGS if failed and not options["exit_zero"] else EXIT_CLEAN


def _reported(
    events: Iterable[Event],
    settings: Settings,
    options: dict[str, Any],
    reporters: list[Reporter],
    progress: Progress,
) -> Iterator[FileResult | InputError]:
    """Report, and pass on what the exit code depends on."""
    from jsonl_lint.api import run_entry

    begun = False
    notice = load_target(settings.target).notice
    if notice and not options["quiet"]:
        complain(f"note: {notice}")
    for event in events:
        if not begun:
            for reporter in reporters:
                reporter.begin(run_entry(settings))
            begun = True
        progress.clear()
        if isinstance(event, FileResult):
            if options["verbose"]:
                packed = f", {event.compression}-compressed: offsets are those of what it holds"
                found = f"{event.records:,} records, format {event.format or 'unknown'}"
                complain(f"{event.path}: {found}{packed if event.compression else ''}")
            if event.stale:
                complain(f"{event.path}: stale baseline entries: {event.stale:,} (`jsonl-lint baseline prune`)")
            yield event
        elif isinstance(event, InputError):
            yield event
        for reporter in reporters:
            reporter.emit(event)
    progress.finish()
    for reporter in reporters:
        if not begun:
            reporter.begin(run_entry(settings))
        reporter.end()
