"""Run a check as the arguments ask for: from options to events, and from these to reports and the exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from jsonl_lint.cli.arguments import FORMAT, VERBS, Arguments
from jsonl_lint.cli.reports import Output, opened_output, outputs_of, protect_inputs, reporters_for
from jsonl_lint.cli.terminal import EXIT_CLEAN, EXIT_ERROR, EXIT_FINDINGS, ProgressBar, complain, output_is_on_screen
from jsonl_lint.config import HOW_FAST, Settings
from jsonl_lint.errors import WrongUseError
from jsonl_lint.files.inputs import STDIN, display_path, same_file
from jsonl_lint.model import Event, FileResult, InputError
from jsonl_lint.project import GIVEN, Project
from jsonl_lint.project.scope import Scope
from jsonl_lint.report import Reporter
from jsonl_lint.wording import plural


def project_for(options: dict[str, Any], given: Collection[str]) -> Project:
    """Return the project of a run. The options that were `given` override configuration files.

    Options about speed are not in configuration files, so for these the command's defaults apply.

    Raises:
        UserError: a value, or the file of `--config`, is wrong.
    """
    if options["isolated"] and options["config"] is not None:
        raise WrongUseError("--isolated and --config exclude each other")
    named = {name.rstrip("_"): value for name, value in options.items() if name in given or name in HOW_FAST}
    settings = {name: value for name, value in named.items() if name in GIVEN}
    return Project(settings, config=options["config"], isolated=options["isolated"])


def run_check(arguments: Arguments) -> int:
    """Check and report as the arguments ask for; return the exit code.

    Raises:
        UserError: something that was asked for is wrong.
    """
    paths, options = arguments.paths, arguments.options
    project = project_for(options, arguments.given)
    scope = project.scope_of_input(paths[0] if paths else STDIN)
    if options["show_settings"]:
        return _show_settings(scope)
    if not paths:
        raise WrongUseError("name a file, a folder, a glob or - to check")
    outputs = outputs_of(arguments.reports)
    protect_inputs(paths, outputs, project)
    protect_inputs(scope.named_files(), outputs)
    if options["part"]:
        return _write_part(arguments, project, outputs)
    from jsonl_lint.api import check_events
    from jsonl_lint.checks.file import Extras

    progress = ProgressBar(paths, project.passes_over, enabled=not options["quiet"])
    with progress, reporters_for(outputs, options) as reporters:
        extras = Extras(
            fixes=any(reporter.shows_fixes for reporter in reporters),
            context=any(reporter.shows_context for reporter in reporters),
            census=any(reporter.shows_census for reporter in reporters),
        )
        events = check_events(paths, project, progress.advance, extras=extras, keep_going=not options["debug"])
        alone = dict[str, bool]()
        if options["against"]:
            events = _noting_others(events, options["against"], alone)
        code = report_events(events, scope.settings, options, reporters, progress)
    for name in filter(alone.get, alone):
        complain(f"--against {display_path(name)}: not compared, because there is no other input")
    return code


def _show_settings(scope: Scope) -> int:
    """Print the settings, if a check could be run with them."""
    from click import echo

    from jsonl_lint.plans.planning import compile_plan

    compile_plan(scope.settings)
    echo(json.dumps(scope.to_dict(), indent=2))
    return EXIT_CLEAN


def _noting_others(events: Iterator[Event], against: Iterable[str], alone: dict[str, bool]) -> Iterator[Event]:
    """Yield the events; note in `alone` which files of --against are the only input: nothing is compared with these."""
    for event in events:
        if isinstance(event, (FileResult, InputError)):
            for name in against:
                alone[name] = alone.get(name, True) and same_file(name, event.path)
        yield event


def _write_part(arguments: Arguments, project: Project, outputs: list[Output]) -> int:
    """Write a part file; return the exit code, which is 2 if an input cannot be read, and otherwise 0."""
    from jsonl_lint.parts import Share, check_part

    if len(outputs) != 1 or any(name == FORMAT for name, _ in arguments.reports) or arguments.options["statistics"]:
        raise WrongUseError("--part writes a part file: --output-format and --statistics are options of `merge`")
    if arguments.options["engine"] != "local" or arguments.options["resume"] is not None:
        raise WrongUseError("--part takes neither --engine nor --resume: start the part again instead")
    unreadable = False
    with opened_output(outputs[0].path, alone=True) as write:
        for entry in check_part(arguments.paths, project, Share(*arguments.options["part"])):
            write(json.dumps(entry) + "\n")
            if entry.get("error"):
                unreadable = True
                complain(f"{entry['path']}: {entry['error']}")
    return EXIT_ERROR if unreadable else EXIT_CLEAN


def report_events(
    events: Iterator[Event],
    settings: Settings,
    options: dict[str, Any],
    reporters: list[Reporter],
    progress: ProgressBar,
) -> int:
    """Report events as they come; return the exit code. `settings` are those of the first input."""
    from jsonl_lint.api import notice_of, run_entry

    notice = notice_of(settings)
    if notice and not options["quiet"]:
        complain(f"note: {notice}")
    failed = unreadable = False
    told: set[str] = set()
    first = list(islice(events, 1))  # before anything is written: a wrong setting raises an error here
    for reporter in reporters:
        reporter.begin(run_entry(settings))
    findings_appear = output_is_on_screen() and not options["statistics"]
    for event in chain(first, events):
        if findings_appear or isinstance(event, FileResult | InputError):
            progress.clear()
        if isinstance(event, FileResult):
            failed = failed or bool(event.failing())
            _talk_about(event, told, verbose=options["verbose"])
        elif isinstance(event, InputError):
            unreadable = True
            complain(f"{event.path}: {event.reason}{_verb_meant(event.path)}")
        for reporter in reporters:
            reporter.emit(event)
    progress.finish()
    for reporter in reporters:
        reporter.end()
    if unreadable:
        return EXIT_ERROR
    return EXIT_FINDINGS if failed and not options["exit_zero"] else EXIT_CLEAN


def _talk_about(file: FileResult, told: set[str], *, verbose: bool) -> None:
    """Say what the reports do not. What is `told` once for many files is not said again."""
    if verbose:
        packed = f", {file.compression}-compressed: offsets are those of what it holds" if file.compression else ""
        complain(f"{file.path}: {plural(file.records, 'record')}, format {file.format or 'unknown'}{packed}")
    if file.stale:
        complain(f"{file.path}: stale baseline entries: {file.stale:,} (`jsonl-lint baseline prune`)")
    for note in file.notes:
        if note not in told:
            told.add(note)
            complain(note)


def _verb_meant(path: str) -> str:
    """Return a hint if an argument that names no file may be a misspelt verb."""
    if os.path.lexists(path):
        return ""
    if path in ("help", "version"):
        return f" (and no command; did you mean --{path}?)"
    if path in VERBS:
        return f" (the command comes first: jsonl-lint {path} …)"
    from difflib import get_close_matches

    close = get_close_matches(path, VERBS, 1, 0.7)
    return f" (and no command; did you mean {close[0]}?)" if close else ""
