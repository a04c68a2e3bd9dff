"""`baseline`: accept today's findings, so that only new ones fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jsonl_lint.cli.check import check
from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.context import project_of
from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_ERROR, ProgressBar, complain
from jsonl_lint.files.inputs import STDIN, is_standard_output
from jsonl_lint.project import BASELINE_NAME
from jsonl_lint.wording import plural

if TYPE_CHECKING:
    from jsonl_lint.rebaseline import BaselineChange

_NOT_HERE = (
    *("paths", "fail_on", "output_format", "output_file", "max_findings", "baseline", "statistics", "color"),
    *("exit_zero", "show_settings", "quiet", "verbose", "part"),
)
"""Parameters of `check` that are about its output; all others say what is found, so they are options here too."""

_ABOUT_WHAT = [parameter for parameter in check.params if parameter.name not in _NOT_HERE]
_PATHS = click.Argument(["paths"], nargs=-1, required=True, metavar="PATH...", type=FILE_PATH)
_SOME_PATHS = click.Argument(["paths"], nargs=-1, metavar="[PATH...]", type=FILE_PATH)
_FILE = click.Option(
    ["--baseline"],
    metavar="FILE",
    type=FILE_PATH,
    help=f"The baseline file. Default: the one that the configuration names, or {BASELINE_NAME}.",
)


@click.group(no_args_is_help=False, short_help="Accept today's findings, so that only new ones fail.")
def baseline() -> None:
    """Accept today's findings, so that only new ones fail.

    `check --baseline FILE` then leaves them out. They are recognised by rule, JSON Pointer and the bytes of their
    record, even if lines move.
    """


@click.pass_context
def _write(ctx: click.Context, /, paths: tuple[str, ...], **_: object) -> int:
    """Accept all findings in files, folders and globs.

    The baseline's entries for other files stay as they are.
    """
    from jsonl_lint.rebaseline import write_baseline

    project = project_of(ctx)
    named = project.scope_of_input(paths[0]).baseline
    file = named or BASELINE_NAME
    with ProgressBar(paths, project.passes_over, enabled=True) as progress:
        change = write_baseline(file, paths, project, progress.advance)
    return _finish(file, "", change, "" if named else f"; `check` leaves them out with --baseline {file}")


@click.pass_context
def _prune(ctx: click.Context, /, paths: tuple[str, ...], **_: object) -> int:
    """Remove entries whose finding is gone, for these paths or for all files that the baseline names.

    Nothing new is accepted.
    """
    from jsonl_lint.rebaseline import prune_baseline

    project = project_of(ctx)
    file = project.scope_of_input(paths[0] if paths else STDIN).baseline or BASELINE_NAME
    with ProgressBar(paths, project.passes_over, enabled=True) as progress:
        change = prune_baseline(file, paths, project, progress.advance)
    return _finish(file, f"{plural(change.before - change.findings, 'finding')} removed, ", change)


def _finish(file: str, done: str, change: BaselineChange, then: str = "") -> int:
    """Say what was done, what the baseline accepts now, and how to use it; return the exit code."""
    if change.written:
        said = f"{file}: {done}{plural(change.findings, 'finding')} accepted{then}"
        click.echo(said, err=is_standard_output(file))  # where the baseline itself goes
    elif not change.input_errors:
        complain(f"{file}: not written, because every input is excluded")
    for error in change.input_errors:
        complain(f"{error.path}: {error.reason}")
    return EXIT_ERROR if change.input_errors else EXIT_CLEAN


baseline.add_command(
    click.Command(
        "write",
        callback=_write,
        params=[_PATHS, _FILE, *_ABOUT_WHAT],
        help=_write.__doc__,
        short_help="Accept all findings.",
    )
)
baseline.add_command(
    click.Command(
        "prune",
        callback=_prune,
        params=[_SOME_PATHS, _FILE, *_ABOUT_WHAT],
        help=_prune.__doc__,
        short_help="Remove entries whose finding is gone.",
    )
)
