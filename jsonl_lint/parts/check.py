"""Check one part of the data, and yield the entries of a part file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from jsonl_lint.checks.against import require_others
from jsonl_lint.checks.file import FileHead, judge_head, line_findings
from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport, RawFinding, saturated_rules
from jsonl_lint.engine.wire import encode
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.files.inputs import STDIN, display_path, expand_paths, open_file, reading
from jsonl_lint.files.source import LineReader
from jsonl_lint.parts.file import Share, head_entry, settings_entry, start_entry
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.project import Project, file_check_of, project_from
from jsonl_lint.ranges import jobs_for, run, tasks_of


def check_part(paths: Iterable[str], settings: Settings | Project, share: Share) -> Iterator[dict[str, Any]]:
    """Yield the entries of a part file. It names the configuration files, which `merge` reads again.

    A plain local file is divided among all parts. Files that cannot be divided (compressed ones, URLs) are distributed
    over the parts.

    Raises:
        UserError: a setting is wrong, or standard input is to be divided.
    """
    paths = list(paths)
    if STDIN in paths:
        raise UserError("standard input cannot be checked in parts")
    project = project_from(settings)
    first = display_path(paths[0]) if paths else STDIN
    _plan_for(project.ready_for(first))
    yield start_entry(project, first, share)
    count = 0
    for entry in _entries(paths, project, share):
        count += 1
        yield entry
    yield {"end": count}


def _entries(paths: list[str], project: Project, share: Share) -> Iterator[dict[str, Any]]:
    plan_for = cache(_plan_for)
    number = 0
    for path in expand_paths(paths, project.passes_over):
        if isinstance(path, UnreadableInputError):
            yield {**_blank(path.path), "listed": False, "error": path.reason}
            continue
        entry = _blank(path)
        try:
            plan = plan_for(file_check_of(project, path).settings)
        except UserError as error:
            yield {**entry, "error": str(error)}
            continue
        number += 1
        yield _entry(path, entry, plan, share, owner=number % share.parts + 1)


def _plan_for(settings: Settings) -> Plan:
    return require_others(compile_plan(settings))


def _blank(path: str) -> dict[str, Any]:
    """Return the entry of an input about which nothing is known. One that is not `listed` could not even be found."""
    known = {"path": display_path(path), "listed": True}
    return {**known, "settings": None, "head": None, "report": None, "error": None}


def _entry(path: str, entry: dict[str, Any], plan: Plan, share: Share, owner: int) -> dict[str, Any]:
    """Complete the entry of an input. If the input cannot be divided, only the part that owns it checks it."""
    entry["settings"] = settings_entry(plan.settings)
    report = PartialReport(plan.settings.max_findings)
    findings: list[RawFinding] = []
    try:
        handle, size = open_file(path)
        with handle, reading(entry["path"]):
            if entry["path"].lower().endswith(".parquet") and size is not None:
                raise UnreadableInputError(path, "Parquet files cannot be checked in parts")
            about, head = judge_head(handle, size, entry["path"], plan)
            reader = LineReader(handle, head, plan.settings.max_line_bytes)
            divided = reader.rewindable and about.facts.of_lines
            if size is not None and divided:
                entry["head"] = head_entry(about, head)
                report = _check_ranges(path, size, about, plan, share)
            elif owner == share.part:
                entry["head"] = head_entry(about, head)
                findings.extend(line_findings(reader, about, plan, report))
    except UnreadableInputError as error:
        entry["error"] = error.reason
    report.findings[:0] = findings
    entry["report"] = encode(report) if entry["head"] else None
    return entry


def _check_ranges(path: str, size: int, about: FileHead, plan: Plan, share: Share) -> PartialReport:
    """Check this part's ranges of a file."""
    tasks = tasks_of(path, size, about.base, about.origin, *share)
    jobs = jobs_for(plan.settings, size // share.parts)
    report = PartialReport.of(plan, about.origin, synchronised=share.part == 1)
    for part in run(tasks, plan, jobs, lambda: saturated_rules(report)):
        report.absorb(part)
    return report
