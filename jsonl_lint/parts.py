"""Parts: the check of one share of the data, written to a file, and the report of all shares.

For schedulers that start processes and nothing else: each process checks its part of every file, one more merges.
A part file is JSON lines: what it is, then for each input what was found, then its end. It is data from elsewhere, so
it is believed only as far as it has this shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from hashlib import blake2b
from typing import Any, BinaryIO, NamedTuple

from jsonl_lint import __version__
from jsonl_lint.config import FORMATS, HOW_FAST, NOT_IN_REPORTS, Settings
from jsonl_lint.engine import PartialReport, RawFinding, saturated_rules
from jsonl_lint.engine.wire import checked, decode, encode
from jsonl_lint.engines import run, tasks_of
from jsonl_lint.engines.local import automatic_jobs
from jsonl_lint.errors import UnreadableInputError, UserError, reason_of
from jsonl_lint.filecheck import FileHead, file_events, find, judge_head
from jsonl_lint.inputs import STDIN, display_path, expand_paths, open_file, reading_failed
from jsonl_lint.model import Event, InputError, Severity
from jsonl_lint.plan import Plan
from jsonl_lint.planning import compile_plan
from jsonl_lint.project import Project, by_project, job_of
from jsonl_lint.rereading import data_of, lines_of
from jsonl_lint.rule import FileFacts
from jsonl_lint.source import Head, LineReader

FORMAT, VERSION = "jsonl-lint part", 1

_HEAD = {"size": (int, type(None)), "encoding": (str,), "layout": (str,), "lfs": (bool,), "format": (str, type(None))}
_ABOUT = {
    "format_line": (int,),
    "base": (int,),
    "head_bytes": (int,),
    "compression": (str, type(None)),
}
_DIGEST = {"digest": (str,)}
"""Of what was read to know a file's head: parts of one file have the same."""


_JSON_TYPES: dict[str, type] = {
    "str": str,
    "int": int,
    "bool": bool,
    "None": type(None),
    "tuple[str, ...]": list,
}
_GIVEN: dict[str, set[type]] = {
    **{field.name: {_JSON_TYPES[kind] for kind in str(field.type).split(" | ")} for field in fields(Settings)},
    "exclude": {list},
    "force_exclude": {bool},
    "baseline": {str, type(None)},
}
"""What a project may be given, and what JSON makes of it."""
for _name in HOW_FAST:
    del _GIVEN[_name]


class Share(NamedTuple):
    """One of how many parts, from 1."""

    part: int
    parts: int


def check_part(paths: Iterable[str], settings: Settings | Project, share: Share) -> Iterator[dict[str, Any]]:
    """The entries of a part file. It names the configuration files, and `merge` reads them again.

    A plain local file is divided among all parts. What cannot be divided (compressed files, URLs) is checked by one
    of them, each by another.

    Raises:
        UserError: a setting is wrong, or standard input is to be divided.
    """
    paths = list(paths)
    if STDIN in paths:
        raise UserError("standard input cannot be checked in parts")
    project = settings if isinstance(settings, Project) else Project(settings.to_dict(), isolated=True)
    first = display_path(paths[0]) if paths else STDIN
    compile_plan(project.ready_for(first))
    given = {name: value for name, value in project.given.items() if name in _GIVEN}
    about = {"given": given, "config": project.config_path, "isolated": project.isolated, "first": first}
    yield {"format": FORMAT, "version": VERSION, "tool": __version__, **share._asdict(), **about}
    count = 0
    for entry in _entries(paths, project, share):
        count += 1
        yield entry
    yield {"end": count}


def _entries(paths: list[str], project: Project, share: Share) -> Iterator[dict[str, Any]]:
    errors: list[UnreadableInputError] = []
    plans: dict[Settings, Plan] = {}
    number = 0
    for path, named in expand_paths(paths, errors.append):
        yield from _drained(errors)
        entry = _blank(path, named=named)
        try:
            job = job_of(project, path, named)
            if job is None:
                continue
            plan = plans.get(job.settings) or plans.setdefault(job.settings, compile_plan(job.settings))
        except UserError as error:
            yield {**entry, "error": str(error)}
            continue
        number += 1
        yield _entry(path, entry, plan, share, owner=number % share.parts + 1)
    yield from _drained(errors)


def _drained(errors: list[UnreadableInputError]) -> Iterator[dict[str, Any]]:
    while errors:
        error = errors.pop(0)
        yield {**_blank(error.path, named=False), "listed": False, "error": error.reason}


def _blank(path: str, *, named: bool) -> dict[str, Any]:
    """An entry that says nothing yet. What was not `listed` could not even be found."""
    known = {"path": display_path(path), "named": named, "listed": True}
    return {**known, "settings": None, "head": None, "report": None, "error": None}


def _entry(path: str, entry: dict[str, Any], plan: Plan, share: Share, owner: int) -> dict[str, Any]:
    """What this part says of one input; only its owner says anything of one that cannot be divided."""
    entry["settings"] = _from_settings(plan.settings)
    report = PartialReport(plan.settings.max_findings)
    findings: list[RawFinding] = []
    try:
        handle, size = open_file(path)
        if entry["path"].endswith(".parquet") and size is not None:
            handle.close()
            raise UnreadableInputError(path, "Parquet files cannot be checked in parts")
        try:
            about, head = judge_head(handle, size, entry["path"], plan)
            reader = LineReader(handle, head, plan.settings.max_line_bytes)
            divided = reader.rewindable and size is not None and about.readable and head.layout == "lines"
            if divided:
                entry["head"] = _from_head(about, head)
                report = _check_ranges(path, size or 0, about, plan, share)
            elif owner == share.part:
                entry["head"] = _from_head(about, head)
                findings.extend(find(reader, about, plan, report))
        except OSError as error:
            raise reading_failed(entry["path"], error) from None
        finally:
            handle.close()
    except UnreadableInputError as error:
        entry["error"] = error.reason
    report.findings[:0] = findings
    entry["report"] = encode(report) if entry["head"] else None
    return entry


def _check_ranges(path: str, size: int, about: FileHead, plan: Plan, share: Share) -> PartialReport:
    tasks = tasks_of(path, size, about.base, about.facts.format, about.format_line, *share)
    jobs = plan.settings.jobs or automatic_jobs(size // share.parts)
    report = PartialReport(plan.settings.max_findings, synchronised=share.part == 1)
    for part in run(tasks, plan, jobs, lambda: saturated_rules(report)):
        report.absorb(part)
    return report


class Merged:
    """The part files of one check, open: its settings, and its events as from one process.

    Raises:
        UserError: a part file cannot be read, is none, does not belong to the others or is missing.
    """

    def __init__(self, paths: Iterable[str], stack: ExitStack) -> None:
        found = [_Part(path, stack) for path in paths]
        first = found[0]
        for part in found:
            if part.about != first.about or part.share.parts != first.share.parts:
                raise UserError(f"{part.path}: not a part of the same check as {first.path}")
        self.parts = sorted(found, key=lambda part: part.share)
        numbers = [part.share.part for part in self.parts]
        for number in range(1, first.share.parts + 1):
            if numbers.count(number) != 1:
                what = "is missing" if number not in numbers else "is there twice"
                raise UserError(f"part {number} of {first.share.parts} {what}")
        self.first = first.first
        self.project = first.project()
        self.settings = self.project.ready_for(self.first)

    def events(self) -> Iterator[Event]:
        """What happens, as `check_events` gives it.

        Raises:
            UserError: a part file is not what `check --part` writes, or the files have changed between the parts.
        """
        plans: dict[Settings, Plan] = {}
        entries: list[dict[str, Any]] = []

        def merged(_: str, settings: Settings) -> Iterator[Event]:
            return self._file(entries, plans.get(settings) or plans.setdefault(settings, compile_plan(settings)))

        checked_in_project = by_project(self.project, merged)
        while True:
            entries[:] = [part.next() for part in self.parts]
            ends = ["end" in entry for entry in entries]
            if all(ends):
                return
            first = entries[0]
            if any(ends) or any(
                entry[name] != first[name] for entry in entries for name in ("path", "named", "listed")
            ):
                raise UserError("the parts are not about the same files")
            if not first["listed"]:
                yield InputError(first["path"], str(first["error"]))
                continue
            try:
                yield from checked_in_project(first["path"], first["named"])
            except UnreadableInputError as error:
                yield InputError(error.path, error.reason)

    def _file(self, entries: list[dict[str, Any]], plan: Plan) -> Iterator[Event]:
        shown = entries[0]["path"]
        if any(entry["settings"] not in (None, _from_settings(plan.settings)) for entry in entries):
            raise UserError(f"{shown}: its configuration has changed since the parts were checked")
        heads = [entry["head"] for entry in entries if entry["head"] is not None]
        reason = next((entry["error"] for entry in entries if entry["error"] is not None), None)
        if not heads:
            raise UnreadableInputError(shown, reason or "no part has looked into it")
        if any(head != heads[0] for head in heads):
            raise UnreadableInputError(shown, "it has changed between the parts")
        report = PartialReport(plan.settings.max_findings)
        try:
            about = _to_head(heads[0], shown, plan)
        except ValueError as error:
            raise self.parts[0].wrong(str(error)) from None

        def found() -> Iterator[RawFinding]:
            for part, entry in zip(self.parts, entries, strict=True):
                if entry["head"] is not None:
                    report.absorb(part.decoded(entry["report"], plan))
                    yield from report.take_findings()
            if reason is not None:
                raise UnreadableInputError(shown, reason)

        lines = lines_of(shown, None, None, plan.settings.max_line_bytes)
        yield from file_events(about, report, found(), plan, data=data_of(shown, about.facts.format, lines, plan))


class _Part:
    """One part file, read entry by entry."""

    def __init__(self, path: str, stack: ExitStack) -> None:
        self.path = path
        self.line = 0
        try:
            self.handle: BinaryIO = stack.enter_context(open(path, "rb"))  # noqa: SIM115
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: {reason_of(error)}") from None
        self.start = self.object()
        version = [self.start.get(name) for name in ("format", "version")]
        if version != [FORMAT, VERSION]:
            raise self.wrong("it does not begin like one")
        if self.start.get("tool") != __version__:
            raise UserError(f"{path}: written by another version of jsonl-lint; this is {__version__}")
        try:
            self.share = Share(checked(self.start.get("part"), int), checked(self.start.get("parts"), int))
            self.about = {name: self.start.get(name) for name in ("given", "config", "isolated", "first")}
            self.first: str = checked(self.about["first"], str)
            checked(self.about["isolated"], bool)
            if self.about["config"] is not None:
                checked(self.about["config"], str)
            _check_given(self.about["given"])
        except ValueError as error:
            raise self.wrong(str(error)) from None
        if not 1 <= self.share.part <= self.share.parts:
            raise self.wrong("a part that there is not")

    def next(self) -> dict[str, Any]:
        """The next entry, whose values have the right types except for its report."""
        entry = self.object()
        kinds: dict[str, set[type]] = {"path": {str}, "named": {bool}, "listed": {bool}, "error": {str, type(None)}}
        kinds |= {"settings": {dict, type(None)}, "head": {dict, type(None)}}
        if set(entry) == {"end"}:
            if entry["end"] != self.line - 2:
                raise self.wrong("it ends too early")
        elif set(entry) != {*kinds, "report"}:
            raise self.wrong("an entry with other keys")
        elif any(type(entry[name]) not in kind for name, kind in kinds.items()):
            raise self.wrong("an entry with values of other types")
        return entry

    def project(self) -> Project:
        """The project of the check, whose configuration files are read again."""
        return Project(self.about["given"], config=self.about["config"], isolated=bool(self.about["isolated"]))

    def object(self) -> dict[str, Any]:
        """The next line's object."""
        self.line += 1
        try:
            line = self.handle.readline()
            value = json.loads(line)
        except (OSError, ValueError, RecursionError):
            raise self.wrong("no JSON; is the file whole?") from None
        if type(value) is not dict:
            raise self.wrong("no object")
        return value

    def decoded(self, value: Any, plan: Plan) -> PartialReport:
        """The report of an entry."""
        try:
            return decode(value, plan)
        except (ValueError, RecursionError) as error:
            raise self.wrong(str(error)) from None

    def wrong(self, reason: str) -> UserError:
        """The error for a file that `check --part` has not written."""
        return UserError(f"{self.path}: line {self.line} is not what `check --part` writes: {reason}")


def _from_head(about: FileHead, head: Head) -> dict[str, Any]:
    facts = {name: getattr(about.facts, name) for name in _HEAD}
    digest = blake2b(head.data, digest_size=16).hexdigest()
    return {**facts, **{name: getattr(about, name) for name in _ABOUT}, "digest": digest}


def _to_head(value: dict[str, Any], shown: str, plan: Plan) -> FileHead:
    kinds = {**_HEAD, **_ABOUT, **_DIGEST}
    if set(value) != set(kinds) or any(type(value[name]) not in kind for name, kind in kinds.items()):
        raise ValueError("what is known of a file has other keys or types")
    if value["format"] is not None and value["format"] not in FORMATS:
        raise ValueError("an unknown format")
    limits = plan.target.limits_in(value["format"])
    facts = FileFacts(shown, limits=limits, **{name: value[name] for name in _HEAD})
    return FileHead(facts, **{name: value[name] for name in _ABOUT})


def _from_settings(settings: Settings) -> dict[str, Any]:
    """The settings that a report depends on, as they come back from JSON."""
    values = {name: value for name, value in settings.to_dict().items() if name not in NOT_IN_REPORTS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _check_given(value: Any) -> None:
    """What was given on the command line, which may name files: a schema, a target, a baseline.

    Raises:
        ValueError: it was not.
    """
    for name, item in checked(value, dict).items():
        kinds = _GIVEN.get(name)
        if kinds is None or type(item) not in kinds:
            raise ValueError("other settings")
        if type(item) is list and not all(type(part) is str for part in item):
            raise ValueError("settings of other types")
        if name == "fail_on":
            Severity(item)
