"""Merge all part files of a check into the report that a single process would give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

from jsonl_lint.checks.against import require_others, rereadable
from jsonl_lint.checks.file import file_events
from jsonl_lint.checks.rereading import lines_again
from jsonl_lint.config import Settings
from jsonl_lint.engine import PartialReport, RawFinding
from jsonl_lint.errors import UnreadableInputError, UserError
from jsonl_lint.model import Event, InputError
from jsonl_lint.parts.file import PartFile, head_of, settings_entry
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import compile_plan
from jsonl_lint.project import by_project


class Merged:
    """All part files of one check, open on `stack`: its settings, and its events as a single process would yield them.

    Raises:
        UserError: a part file cannot be read, is not one, does not belong to the others or is missing.
    """

    def __init__(self, paths: Iterable[str], stack: ExitStack) -> None:
        found = [PartFile(path, stack) for path in paths]
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
        """Yield the events of the check.

        Raises:
            UserError: a part file is not what `check --part` writes, or the files have changed between the parts.
        """
        plan_for = cache(lambda settings: require_others(compile_plan(settings)))
        entries: list[dict[str, Any]] = []

        def merged(_: str, settings: Settings) -> Iterator[Event]:
            return self._file(entries, plan_for(settings))

        checked_in_project = by_project(self.project, merged)
        while True:
            entries[:] = [part.next() for part in self.parts]
            ends = ["end" in entry for entry in entries]
            if all(ends):
                return
            first = entries[0]
            if any(ends) or any(entry[name] != first[name] for entry in entries for name in ("path", "listed")):
                raise UserError("the parts are not about the same files")
            if not first["listed"]:
                yield InputError(first["path"], str(first["error"]))
                continue
            try:
                yield from checked_in_project(first["path"])
            except UnreadableInputError as error:
                yield InputError(error.path, error.reason)

    def _file(self, entries: list[dict[str, Any]], plan: Plan) -> Iterator[Event]:
        """Yield the events of one file, given its entry of each part."""
        shown = entries[0]["path"]
        if any(entry["settings"] not in (None, settings_entry(plan.settings)) for entry in entries):
            raise UserError(f"{shown}: its configuration has changed since the parts were checked")
        heads = [entry["head"] for entry in entries if entry["head"] is not None]
        reason = next((entry["error"] for entry in entries if entry["error"] is not None), None)
        if not heads:
            raise UnreadableInputError(shown, reason or "no part has checked it")
        if any(head != heads[0] for head in heads):
            raise UnreadableInputError(shown, "it has changed between the parts")
        try:
            about = head_of(heads[0], shown, plan)
        except ValueError as error:
            raise self.parts[0].wrong(str(error)) from None
        report = PartialReport.of(plan, about.origin)

        def found() -> Iterator[RawFinding]:
            for part, entry in zip(self.parts, entries, strict=True):
                if entry["head"] is not None:
                    report.absorb(part.report(entry, plan))
                    yield from report.take_findings()
            if reason is not None:
                raise UnreadableInputError(shown, reason)

        lines = lines_again(shown, plan.settings.max_line_bytes)
        yield from file_events(about, report, found(), plan, rereadable(shown, about.facts.format, lines, plan))
