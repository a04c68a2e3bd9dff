"""`fix`: write the repaired data, or show what would be changed."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import click

from jsonl_lint.cli.completion import FILE_PATH
from jsonl_lint.cli.context import project_of
from jsonl_lint.cli.options import (
    baseline_option,
    config_options,
    debug_option,
    engine_options,
    fail_on_option,
    length_options,
    max_line_bytes_option,
    meant_for_options,
    names_option,
    rule_options,
    switch_option,
)
from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, ProgressBar, complain, output_is_on_screen
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.inputs import (
    STANDARD_OUTPUT,
    STDIN,
    expand_paths,
    identity,
    is_standard_output,
    same_file,
    source_identity,
)
from jsonl_lint.files.replacement import named_errors
from jsonl_lint.model import Severity, counts_by_rule
from jsonl_lint.project import Project
from jsonl_lint.results import FixResult
from jsonl_lint.wording import plural, printable

MOST_REFUSED_SHOWN = 5


@click.command(short_help="Repair what can be repaired.")
@click.argument("paths", nargs=-1, metavar="PATH...", type=FILE_PATH)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=FILE_PATH,
    help="Write the result to this file or folder, or to standard output (-).",
)
@click.option("--in-place", is_flag=True, help="Replace each file with the result.")
@click.option("--diff", is_flag=True, help="Write nothing; print the changes as a diff.")
@switch_option("unsafe-fixes", "Also apply fixes that drop, merge or guess something.")
@click.option(
    "--rejects", metavar="FILE", type=FILE_PATH, help="Move records that still have errors to this file, unchanged."
)
@click.option(
    "--changes", metavar="FILE", type=FILE_PATH, help="Log every change to this file, so that --undo can reverse it."
)
@click.option("--undo", metavar="CHANGES", type=FILE_PATH, help="Restore the original file from this log of changes.")
@meant_for_options
@length_options("The maximum length of a record in tokens, instead of the model's own limit.")
@rule_options
@names_option("--extend-safe-fixes", help="Treat the fixes of these rules as safe.")
@names_option("--extend-unsafe-fixes", help="Treat the fixes of these rules as unsafe.")
@names_option("--unfixable", help="Never fix these rules.")
@fail_on_option("a remaining finding")
@max_line_bytes_option("Copy longer lines without parsing them.")
@engine_options
@baseline_option("are neither fixed nor counted")
@config_options
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if findings remain.")
@click.option("-q", "--quiet", is_flag=True, help="Print no summary and no progress.")
@debug_option
@click.pass_context
def fix(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Repair files, folders and globs; `-` is standard input.

    Safe fixes preserve the meaning of a record; --unsafe-fixes goes further. Bytes that no fix touches stay as they
    are, and no input is overwritten without --in-place. The exit code is 0 if no finding at or above --fail-on
    remains, 1 if one does (with --diff: if there is a diff), and 2 if an input cannot be read or the command line is
    wrong.

    `fix --undo CHANGES FIXED -o RESTORED` restores the original; with --in-place it replaces the fixed file.
    """
    if options["undo"] is not None:
        return _undo(ctx, paths, options)
    ways = [options["output"] is not None, options["in_place"], options["diff"]]
    if not paths or sum(ways) != 1:
        raise click.UsageError("name the files, and one of -o OUT, --in-place and --diff", ctx)
    project = project_of(ctx)
    errors: list[UserError] = []
    files = _files(paths, project, errors)
    _check_outputs(files, options)
    if not files and not errors and not options["quiet"]:
        complain("nothing to fix: every file is excluded")
    failed = _fix_each(files, project, options, errors)
    for said in dict.fromkeys(map(str, errors)):  # one log serves all files
        complain(said)
    if errors:
        return EXIT_ERROR
    return EXIT_FINDINGS if failed and not options["exit_zero"] else EXIT_CLEAN


def _fix_each(files: list[str], project: Project, options: dict[str, Any], errors: list[UserError]) -> bool:
    """Fix the files and say what was done; return whether one of them makes the exit code 1.

    A file that cannot be read, or not be replaced, is added to the errors, and does not keep others from being fixed.
    """
    failed = False
    to_stderr = _takes_standard_output(options)
    uncounted: set[str] = set()
    untouched = 0
    data_on_screen = to_stderr and output_is_on_screen()  # a bar would get mixed up with it
    with ProgressBar(files, enabled=not options["quiet"] and not data_on_screen) as progress:
        for path in files:
            try:
                result, fails = _fix(path, project, options, progress)
            except UserError as error:
                if not (options["in_place"] or isinstance(error, UnreadableInputError)):
                    raise
                errors.append(error)
                continue
            progress.clear()
            uncounted.update(result.uncounted)
            if len(files) > 1 and options["output"] is None and not result.changed and not result.counts:
                untouched += 1
            elif not options["quiet"]:
                click.echo(_summary(result, options), err=to_stderr)
            failed = failed or fails
    if untouched and not options["quiet"]:
        click.echo(f"{plural(untouched, 'file')} with nothing to fix", err=to_stderr)
    if uncounted and not options["quiet"]:
        indent = "  " if len(files) == 1 else ""
        rules = ", ".join(sorted(uncounted))
        click.echo(f"{indent}not counted here: {rules}; check the result to see them", err=to_stderr)
    return failed


def _files(paths: tuple[str, ...], project: Project, errors: list[UserError]) -> list[str]:
    """Return the files to fix. A configuration that is wrong or names a wrong file stops all before one is changed."""
    from jsonl_lint.plans.planning import plan_of

    compiled = cache(plan_of)
    files: list[str] = []
    for found in expand_paths(paths, project.passes_over):
        if isinstance(found, UnreadableInputError):
            errors.append(found)
        else:
            compiled(project.ready_for(found))
            files.append(found)
    return files


def _check_outputs(files: list[str], options: dict[str, Any]) -> None:
    """Several files fit into a folder or stay in their places, but not into one file."""
    output = options["output"]
    if options["in_place"] and STDIN in files:
        raise UserError("standard input cannot be fixed in place; use -o")
    if output is not None:
        if output.endswith(os.sep) and not os.path.isdir(output):
            raise UserError(f"{output}: no such folder")
        if len(files) > 1 and not os.path.isdir(output):
            raise UserError(f"{output}: several files cannot become one; name a folder that exists")
        names = [_destination(path, output) for path in files]
        for name, count in Counter(names).most_common(1):
            if count > 1:
                raise UserError(f"{name}: {count:,} of the files have this name, and each needs its own")
        inputs = {source_identity(path) for path in files} - {None}
        for name in names:
            if identity(name) in inputs:
                raise UserError(f"{name}: would overwrite an input; say --in-place if that is meant")
    if _takes_standard_output(options):
        for path in files:
            if source_identity(path) is not None and source_identity(path) == identity(STANDARD_OUTPUT):
                raise UserError(f"{path}: standard output goes into this input; send it to another file")
    if len(files) > 1 and not options["in_place"] and (options["rejects"] or options["changes"]):
        raise UserError("--rejects and --changes take one file at a time, or --in-place")
    for name in ("rejects", "changes"):
        if options["diff"] and options[name]:
            raise UserError(f"--{name} is written with -o or --in-place, not with --diff")


def _takes_standard_output(options: dict[str, Any]) -> bool:
    """Whether data goes there, so that what is said has to go elsewhere."""
    return options["diff"] or any(is_standard_output(options[name]) for name in ("output", "rejects", "changes"))


def _destination(path: str, output: str) -> str:
    if output == STDIN or not os.path.isdir(output):
        return output
    return os.path.join(output, "stdin.jsonl" if path == STDIN else os.path.basename(path))


def _fix(path: str, project: Project, options: dict[str, Any], progress: ProgressBar) -> tuple[FixResult, bool]:
    """Fix one file; also return whether it makes the exit code 1."""
    from jsonl_lint.fixing import fix_file

    if options["diff"]:
        written: list[bool] = []

        def write(data: bytes) -> None:
            written.append(True)
            with named_errors(STDIN, "cannot write the diff"):
                sys.stdout.buffer.write(data)

        result = fix_file(path, None, project, diff=write, on_progress=progress.advance)
        sys.stdout.buffer.flush()
        return result, bool(written)
    destination = path if options["in_place"] else _destination(path, options["output"])
    logs = {"rejects": options["rejects"], "changes": options["changes"]}
    result = fix_file(path, destination, project, **logs, on_progress=progress.advance)
    least = Severity(project.scope(path).settings.fail_on).rank
    return result, any(found.rank >= least for _, found in result.counts)


def _undo(ctx: click.Context, paths: tuple[str, ...], options: dict[str, Any]) -> int:
    from jsonl_lint.fixing import undo_file

    if len(paths) != 1 or (options["output"] is None) != options["in_place"]:
        raise click.UsageError("--undo takes one file, and -o for the restored one or --in-place", ctx)
    for name in ("diff", "rejects", "changes"):
        if options[name]:
            raise click.UsageError(f"--undo writes nothing but the restored file, so there is no --{name}", ctx)
    restored = paths[0] if options["in_place"] else options["output"]
    if not options["in_place"] and same_file(restored, paths[0]):
        raise UserError(f"{restored}: would overwrite an input; say --in-place if that is meant")
    undo_file(options["undo"], paths[0], restored)
    return EXIT_CLEAN


def _summary(result: FixResult, options: dict[str, Any]) -> str:
    """Return what was done, what remains, and that no record was lost."""
    fixed = sum(result.fixed.values())
    verb = "would be fixed" if options["diff"] else "fixed"
    lines = [f"{printable(result.path)}: {plural(fixed, 'finding')} {verb}{_listed(result.fixed.items())}"]
    remaining = counts_by_rule(result.counts)
    total = sum(remaining.values())
    if total:
        more = f"; --unsafe-fixes would fix {result.more_unsafe:,} more" if result.more_unsafe else ""
        lines.append(f"  {total:,} remain{'s' * (total == 1)}{_listed(remaining.items())}{more}")
    for refusal in result.refused[:MOST_REFUSED_SHOWN]:
        lines.append(f"  line {refusal.line}: {refusal.rule} is not fixed: {refusal.reason}")
    if result.refused_count > MOST_REFUSED_SHOWN:
        lines.append(f"  and {result.refused_count - MOST_REFUSED_SHOWN:,} more that were tried and not kept")
    added = f" and {result.added:,} more by splitting" if result.added else ""
    lines.append(
        f"  {plural(result.records, 'record')} in{added} = {result.written:,} out, "
        f"{result.rejected:,} rejected, {result.deleted:,} deleted"
    )
    return "\n".join(lines)


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    found = [f"{count:,} {rule}" for rule, count in sorted(counts)]
    return f" ({', '.join(found)})" if found else ""
