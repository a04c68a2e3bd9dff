"""`stats`: what a dataset is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.context import project_of
from jsonl_lint.cli.options import (
    config_options,
    debug_option,
    jobs_option,
    length_options,
    method_option,
    target_option,
)
from jsonl_lint.cli.reports import Output, opened_output, protect_inputs
from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_ERROR, ProgressBar, complain
from jsonl_lint.files.inputs import is_standard_output
from jsonl_lint.version import __version__
from jsonl_lint.wording import plural, printable

if TYPE_CHECKING:
    from jsonl_lint.model import InputError
    from jsonl_lint.project import Project
    from jsonl_lint.stats import Statistics

_BAR = 40
"""Characters of the longest bar of a histogram."""

_SHOWN_NAMES = 10
"""Names of formats, roles and tools in the text output."""

_SHOWN_REASONS = 3
"""Reasons for how tokens were counted in the text output."""


@click.command(short_help="Count records, turns, tokens, roles, tools and duplicates.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=FILE_PATH)
@target_option("The provider or trainer whose rules decide which records are valid.")
@method_option("The training method.")
@length_options("Also compare the records with this limit, in tokens. May be repeated.", several_limits=True)
@config_options
@jobs_option(16)
@click.option("--no-tokens", is_flag=True, help="Do not count tokens, which takes most of the time.")
@click.option("--output-format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option(
    "--output-file",
    metavar="FILE",
    type=FILE_PATH,
    help="Write to this file instead of to standard output.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
@debug_option
@click.pass_context
def stats(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Count what the records of files, folders and globs are made of; `-` is standard input.

    Every file is read once; many small files are counted several at a time, each by one process. The exit code is 2 if
    an input cannot be read; the others are still counted.
    """
    write_page = _page_writer() if options["output_format"] == "html" else None
    project = project_of(ctx, but=("max_tokens",))
    file = None if is_standard_output(options["output_file"]) else options["output_file"]
    protect_inputs(paths, [Output(options["output_format"], file)], project)
    with (
        ProgressBar(paths, project.passes_over, enabled=not options["quiet"]) as progress,
        opened_output(file, alone=True) as write,
    ):
        found = _Found.none()
        files = _counted(found, paths, project, options, progress)
        if write_page is not None:
            write(write_page(files, lambda: {**_title(), **_rest(found)}))
        else:
            for part in _as_json(files, found) if options["output_format"] == "json" else _as_text(files, found):
                progress.clear()
                write(part)
    return EXIT_ERROR if found.errors else EXIT_CLEAN


def _page_writer() -> Any:
    """Return what makes the HTML page; a missing extra shows before anything is counted."""
    from jsonl_lint.report.html_report import environment
    from jsonl_lint.report.stats_page import page_of

    environment()
    return page_of


class _Found(NamedTuple):
    """What is kept of all files: their sum, and those that could not be read."""

    total: Statistics
    errors: list[InputError]

    @classmethod
    def none(cls) -> _Found:
        from jsonl_lint.stats import Statistics

        return cls(Statistics(None), [])


def _counted(
    into: _Found, paths: tuple[str, ...], project: Project, options: dict[str, Any], progress: ProgressBar
) -> Iterator[dict[str, Any]]:
    """Yield each file as plain values, and add it to the sum. What cannot be read is told at once."""
    from jsonl_lint.model import InputError
    from jsonl_lint.stats import stats_of

    for found in stats_of(
        paths,
        project,
        on_progress=progress.advance,
        tokens=not options["no_tokens"],
        limits=options["max_tokens"],
    ):
        if isinstance(found, InputError):
            progress.clear()
            complain(f"{found.path}: {found.reason}")
            into.errors.append(found)
        else:
            into.total.absorb(found)
            yield found.to_dict()
    progress.finish()
    for note in into.total.tokens.about["notes"] if into.total.tokens else ():
        complain(f"note: {note}")


def _title() -> dict[str, Any]:
    """Return what stands before the files."""
    return {"version": 1, "tool": {"name": "jsonl-lint", "version": __version__}}


def _rest(found: _Found) -> dict[str, Any]:
    """Return what stands after the files, once they are counted."""
    unread = [{"path": error.path, "reason": error.reason} for error in found.errors]
    return {"total": found.total.to_dict(), "input_errors": unread}


def _as_json(files: Iterator[dict[str, Any]], found: _Found) -> Iterator[str]:
    """Yield the report as one JSON object, file by file."""
    before = opening = json.dumps({**_title(), "files": []}, indent=2).removesuffix("]\n}")
    for file in files:
        yield before + "\n    " + json.dumps(file, indent=2).replace("\n", "\n    ")
        before = ","
    yield (f"{opening}]" if before is opening else "\n  ]") + "," + json.dumps(_rest(found), indent=2)[1:] + "\n"


def _as_text(files: Iterator[dict[str, Any]], found: _Found) -> Iterator[str]:
    """Yield the report for people, file by file; of several, their sum comes last."""
    count = 0
    for count, file in enumerate(files, start=1):
        yield "\n" * (count > 1) + _page(file)
    if count > 1:
        yield "\n" + _page(found.total.to_dict())


def _page(found: dict[str, Any]) -> str:
    """Return the figures of one file, or of all of them, for people."""
    tools, duplicates = found["tools"], found["duplicates"]
    rows = [
        ("records", f"{found['records']:,}, {found['valid_records']:,} valid, {found['bytes']:,} bytes"),
        ("formats", _names(found["formats"])),
        *((name, _line(part)) for name, part in found["distributions"].items() if part["count"]),
        *(_token_rows(found["tokens"]) if found["tokens"] and found["tokens"]["records"] else ()),
        ("roles", _names({role: part["messages"] for role, part in found["roles"].items()})),
        ("tools", f"in {plural(tools['records'], 'record')}: {_names(tools['defined'])}" if tools["records"] else ""),
        ("calls", _names(tools["called"])),
        ("duplicates", f"{duplicates['exact']:,}"),
    ]
    path = printable(found["path"] or "all files")
    lines = [path, *(f"  {name:<11}{value}" for name, value in rows if value)]
    for name in ("turns", "tokens"):
        bars = found["distributions"].get(name, {}).get("histogram")
        lines += [f"  {name}:", *_bars(bars)] if bars else []
    return "\n".join(lines) + "\n"


def _token_rows(tokens: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield how long the records are altogether and beside each limit, and what the figures rest on."""
    counted = [f"{entry['how']} {entry['records']:,} ({entry['why']})" for entry in tokens["counted"]]
    more = len(counted) - _SHOWN_REASONS
    yield "  counted", ", ".join([*counted[:_SHOWN_REASONS], *([f"and {more:,} more"] if more > 0 else [])])
    if tokens["not_counted"]:
        yield "", f"{plural(tokens['not_counted'], 'record')} of no known format not counted"
    images = tokens["images_not_counted"]
    if images["images"]:
        yield "", f"{plural(images['images'], 'image')} in {plural(images['records'], 'record')} not counted"
    about = "about " if any(entry["how"] != "exact" for entry in tokens["counted"]) else ""
    yield "  epoch", f"{about}{tokens['per_epoch']:,} tokens"
    for limit in tokens["limits"]:
        over = f"{limit['over']:,} over, {100 * limit['share_over']:.4g} %"
        cut = f"; cut there, an epoch has {about}{limit['per_epoch']:,}" if limit["over"] else ""
        packed = f"packed into at least {plural(limit['packed_sequences_at_least'], 'sequence')}"
        yield "  limit", f"{limit['limit']:,} ({limit['source']}): {over}{cut}; {packed}"
    cost = tokens["cost"]
    if cost:
        price = f"${cost['per_million_tokens']:g} a million tokens ({cost['source']})"
        yield "  cost", f"{about}${cost['per_epoch']:,.2f} an epoch, at {price}"


def _line(part: dict[str, Any]) -> str:
    keys = ("min", "mean", "p50", "p90", "p95", "p99", "max")
    return "  ".join(f"{key} {part[key]:,}" for key in keys)


def _names(counts: dict[str, int]) -> str:
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:_SHOWN_NAMES]]
    more = len(counts) - len(shown)
    return ", ".join([*shown, f"and {more:,} more"] if more else shown)


def _bars(histogram: list[dict[str, int]]) -> list[str]:
    most = max((bar["count"] for bar in histogram), default=0)
    names = [f"{bar['from']:,}" + (f"-{bar['to']:,}" if bar["to"] > bar["from"] else "") for bar in histogram]
    width = max(map(len, names), default=0)
    return [
        f"    {name:>{width}}  {'#' * -(-bar['count'] * _BAR // most):<{_BAR}}  {bar['count']:,}"
        for name, bar in zip(names, histogram, strict=True)
    ]
