"""The library calls that check. The command line consists of such calls and nothing else.

Every call takes a `Settings`; without one, the defaults of the command line apply. No call reads a configuration file,
unless it is given a `Project`, which has the settings of each file. A wrong setting raises `UserError`. An input that
cannot be read is an `InputError` in the report, or raises `UnreadableInputError` if a single file was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from os import PathLike, fsdecode
from os.path import isdir
from typing import TYPE_CHECKING, Any

from jsonl_lint.checks.file import USUAL_EXTRAS, Extras
from jsonl_lint.checks.gathered import Gathered
from jsonl_lint.checks.records import check_each, without_place
from jsonl_lint.checks.several import file_checker, plan_with
from jsonl_lint.config import Settings, given_settings, with_all_findings
from jsonl_lint.engine import finding_of
from jsonl_lint.errors import UnreadableInputError, UserError, internal
from jsonl_lint.files.inputs import STDIN, display_path, expand_paths, short_path
from jsonl_lint.files.source import Progress
from jsonl_lint.model import Event, FileResult, Finding, InputError
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.project import Project, by_project, project_from, settings_if_none_accepted
from jsonl_lint.records.tojson import as_line, plain_or_wrong
from jsonl_lint.target import load_target
from jsonl_lint.version import __version__
from jsonl_lint.wording import printable

if TYPE_CHECKING:
    from jsonl_lint.results import Report
    from jsonl_lint.tokens.measure import TokenCount


def check_record(record: Mapping[str, Any] | bytes | str, settings: Settings | None = None) -> list[Finding]:
    """Return the findings for one record: a dict, or one line of JSON as bytes or text.

    The record is treated as the first line of a file of its own format. Findings for a dict have no columns and no
    byte offset. Rules about whole files do not apply.

    Raises:
        UserError: a setting is wrong.
    """
    return next(check_each([record], settings))


def check_records(
    records: Iterable[Mapping[str, Any] | bytes | str], settings: Settings | None = None
) -> Iterator[Finding]:
    """Yield the findings for each record in turn, lazily. `line` counts the records from 1; `path` is `-`.

    The format of the first record with a known format is that of all. `max_findings` does not apply, and neither do
    rules about whole files, such as `too-few-records`, because there may be more records than these.
    The findings of rules about the whole dataset come last, without columns and offsets: until then the records are
    kept on disk, and eight bytes of each in memory. If no such rule is selected, nothing is kept.

    Raises:
        UserError: a setting is wrong, or a file of `against` cannot be read.
    """
    plan = plan_of(with_all_findings(settings))
    if not (plan.reads_again or plan.tracks_kinds or plan.by_kind.dataset):
        for found in check_each(records, settings):
            yield from found
        return
    with Gathered(plan) as gathered:
        for found in check_each(records, settings, gathered):
            yield from found
        for raw in gathered.findings():
            yield without_place(finding_of(raw, STDIN, 0, 0, plan))


def check_file(path: str | PathLike[str], settings: Settings | Project | None = None) -> Report:
    """Return the report for one file.

    Raises:
        UnreadableInputError: the file cannot be read, or holds no text.
        UserError: a setting is wrong.
    """
    if isdir(path):
        raise UnreadableInputError(fsdecode(path), "is a folder; check_paths takes folders")
    report = check_paths([path], settings)
    for error in report.input_errors:
        raise UnreadableInputError(error.path, error.reason)
    return report


def check_paths(paths: Iterable[str | PathLike[str]], settings: Settings | Project | None = None) -> Report:
    """Return the report for files, folders and globs, in their order; `-` is standard input.

    Inputs that cannot be read are in `Report.input_errors`; everything else is checked nevertheless. If a `Project` has
    different settings for different files, `Report.run` describes those of the first path.

    Raises:
        UserError: a setting is wrong.
    """
    from jsonl_lint.results import Report  # the command has reporters instead

    settings = settings if isinstance(settings, Project) else given_settings(settings)
    names = [fsdecode(path) for path in ([paths] if isinstance(paths, (str, bytes, PathLike)) else paths)]
    findings: list[Finding] = []
    files: list[FileResult] = []
    errors: list[InputError] = []
    for event in check_events(names, settings):
        if isinstance(event, Finding):
            findings.append(event)
        elif isinstance(event, FileResult):
            files.append(event)
        elif isinstance(event, InputError):
            errors.append(event)
    if isinstance(settings, Project):
        settings = settings.scope_of_input(names[0] if names else STDIN).settings
    return Report(run_entry(settings), tuple(files), tuple(findings), tuple(errors))


def run_entry(settings: Settings) -> dict[str, Any]:
    """Return the first entries of a report: its version, the tool and how it was run.

    `max_tokens` and `tokenizer` are the effective values, whether given or the model's own.
    """
    gauge = plan_of(settings).ruler().limits.trained if _measures(settings) else None
    return {
        "version": 1,
        "tool": {"name": "jsonl-lint", "version": __version__},
        "run": {
            "target": short_path(settings.target),
            "model": settings.model,
            "method": settings.method,
            "max_tokens": gauge.limit if gauge else None,
            "tokenizer": gauge.tokenizer if gauge else settings.tokenizer,
            "notice": notice_of(settings),
        },
    }


def notice_of(settings: Settings) -> str | None:
    """Return what to know of a run before anything else: a service that closes, a model without a known limit."""
    notices = [load_target(settings.target).notice]
    if _measures(settings):
        notices.append(plan_of(settings).ruler().limits.notice)
    return "; ".join(notice for notice in notices if notice) or None


def _measures(settings: Settings) -> bool:
    return bool(settings.model or settings.max_tokens or settings.tokenizer)


def count_tokens(
    record: Mapping[str, Any] | bytes | str, model: str | None = None, settings: Settings | None = None
) -> TokenCount:
    """Return how many tokens a record has for a model, and how they were counted.

    `model` overrides `settings.model`; `settings.tokenizer` and `settings.models` work as on the command line. For an
    unknown model, the vocabulary of its family is used. Without a model, a batch request is counted for the one that it
    names, and the count of any other record is approximate.

    Raises:
        UserError: a setting is wrong, or the record is not a JSON object.
    """
    settings = replace(given_settings(settings), model=model or (settings.model if settings else None))
    plan = plan_of(settings)
    try:
        line = as_line(record, plain_or_wrong)
        value = json.loads(line) if isinstance(record, Mapping) else plan.parse(line)
    except Exception as error:  # the record's own methods may raise anything
        raise UserError(f"the record is not JSON: {printable(str(error)[:200])}") from None
    if not isinstance(value, dict):
        raise UserError("the record is not a JSON object")
    return plan.ruler().count(value, plan.own_format(value, None))


def check_events(
    paths: Iterable[str],
    settings: Settings | Project,
    on_progress: Progress | None = None,
    *,
    extras: Extras = USUAL_EXTRAS,
    keep_going: bool = False,
) -> Iterator[Event]:
    """Yield findings as they are made, each file's result after its findings, and input errors where they occur.

    Memory is bounded by a block of the file and `max_findings`. `on_progress` is called with the number of bytes read.
    With `keep_going`, an error that nobody expected, such as one that a rule of another package raises, is an input
    error of its file, and does not keep other files from being checked.

    Raises:
        UserError: a setting is wrong, or the configuration of the first path.
    """
    plan_for = cache(partial(plan_with, extras))
    project = project_from(settings)
    paths = list(paths)
    speed = project.ready_for(paths[0]) if paths else Settings()
    if paths:  # what was given is wrong for all files: say so before any is checked
        plan_for(speed)
    everything = list(expand_paths(paths, project.passes_over))
    settings_of = partial(settings_if_none_accepted, project)
    with file_checker(everything, speed, settings_of, plan_for, extras, on_progress) as check:
        check_in_project = by_project(project, check)
        for found in everything:
            try:
                if isinstance(found, UnreadableInputError):
                    raise found
                yield from check_in_project(found)
            except UnreadableInputError as error:
                yield InputError(display_path(error.path), error.reason)
            except (UserError, OSError):
                raise
            except Exception as error:
                if not keep_going:
                    raise
                yield InputError(display_path(str(found)), internal(error))
