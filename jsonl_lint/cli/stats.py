"""`stats`: what a dataset is made of."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_ERROR, Progress, complain, total_size, writer_to

if TYPE_CHECKING:
    pass

_BAR = 40
"""Characters of the longest bar of a histogram."""

_SHOWN_NAMES = 10
"""Names of tools in the text output."""


@click.command(short_help="Count records, turns, characters, roles, tools and duplicates.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--target", default="together", show_default=True, metavar="NAME", help="Whose rules make a record valid."
)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("--debug", is_flag=True, help="Show a traceback for an internal error.")
def stats(paths: tuple[str, ...], target: str, output_format: str, quiet: bool, debug: bool) -> int:
    """Count what files, folders and globs are made of; `-` is standard input.

    Every file is read once. The exit code is 2 if an input cannot be read; the others are still counted.
    """
    from jsonl_lint import Settings, __version__
    from jsonl_lint.model import InputError
    from jsonl_lint.stats import Statistics, stats_of

    progress = Progress(total_size(paths), enabled=not quiet)
    files: list[dict[str, Any]] = []
    total = Statistics(None)
    errors: list[InputError] = []
    for found in stats_of(paths, Settings(target=target), on_progress=progress.advance):
        if isinstance(found, InputError):
            progress.clear()
            complain(f"{found.path}: {found.reason}")
            errors.append(found)
        else:
            files.append(found.to_dict())
            total.absorb(found)
    progress.finish()
    write = writer_to(sys.stdout)
    if output_format == "json":
        tool = {"name": "jsonl-lint", "version": __version__}
        unread = [{"path": error.path, "reason": error.reason} for error in errors]
        whole = {"version": 1, "tool": tool, "files": files, "total": total.to_dict(), "input_errors": unread}
        write(json.dumps(whole, indent=2) + "\n")
    else:
        parts = [*files, total.to_dict()] if len(files) > 1 else files
        write("\n".join(_page(part) for part in parts))
    sys.stdout.flush()
    return EXIT_ERROR if errors else EXIT_CLEAN


def _page(found: dict[str, Any]) -> str:
    """One file, or all of them, for people."""
    tools, duplicates = found["tools"], found["duplicates"]
    rows = [
        ("records", f"{found['records']:,}, {found['valid_records']:,} valid, {found['bytes']:,} bytes"),
        ("formats", _names(found["formats"])),
        *((name, _line(part)) for name, part in found["distributions"].items() if part["count"]),
        ("roles", _names({role: part["messages"] for role, part in found["roles"].items()})),
        ("tools", f"in {tools['records']:,} records: {_names(tools['defined'])}" if tools["records"] else ""),
        ("calls", _names(tools["called"])),
        ("duplicates", f"{duplicates['exact']:,}"),
    ]
    lines = [found["path"] or "all files", *(f"  {name:<11}{value}" for name, value in rows if value)]
    for name in ("turns", "tokens"):
        bars = found["distributions"].get(name, {}).get("histogram")
        lines += [f"  {name}:", *_bars(bars)] if bars else []
    return "\n".join(lines) + "\n"


def _line(part: dict[str, Any]) -> str:
    keys = ("min", "mean", "p50", "p90", "p99", "max")
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
