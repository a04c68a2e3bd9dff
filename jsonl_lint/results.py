"""The results of whole runs: `Report` for a check, `FixResult` for a fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from jsonl_lint.errors import UserError
from jsonl_lint.model import FileResult, Finding, InputError, Severity, counts_by_rule, file_entry, summarise
from jsonl_lint.wording import plural


class RefusedFix(NamedTuple):
    """A fix that was tried and not kept, because it would not have improved the record. `line` counts from 1."""

    line: int
    rule: str
    reason: str


class FixResult(NamedTuple):
    """The result of fixing one file, or one record (`fix_record`).

    `records` that were read plus those `added` by splitting equal those `written`, `rejected` and `deleted`. `fixed`
    counts the fixes of each rule; `counts`, the remaining findings; `more_unsafe`, those of them that `unsafe_fixes`
    would repair. `refused` lists the first fixes that were tried and not kept. `changed` says whether any byte differs.
    `outcome` holds what `fix_record` made of the record, in the type in which it was passed: dict, bytes or text.
    `uncounted` names the selected rules that `counts` leaves out, because they compare records; a check of the result
    reports their findings.
    """

    path: str
    records: int
    written: int
    added: int
    rejected: int
    deleted: int
    changed: bool
    fixed: dict[str, int]
    counts: dict[tuple[str, Severity], int]
    more_unsafe: int = 0
    refused: tuple[RefusedFix, ...] = ()
    refused_count: int = 0
    outcome: tuple[Any, ...] = ()
    uncounted: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no error remains in the output."""
        return not any(severity is Severity.ERROR for _, severity in self.counts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, without the records."""
        return {
            "path": self.path,
            "records": self.records,
            "written": self.written,
            "added": self.added,
            "rejected": self.rejected,
            "deleted": self.deleted,
            "changed": self.changed,
            "fixed": dict(sorted(self.fixed.items())),
            "remaining": dict(sorted(counts_by_rule(self.counts).items())),
            "uncounted": list(self.uncounted),
            "more_unsafe": self.more_unsafe,
            "refused": [refusal._asdict() for refusal in self.refused],
            "refused_count": self.refused_count,
        }


@dataclass(frozen=True, repr=False)
class Report:
    """The findings of one run, in the order of the input, with exact counts. Iterating yields the findings."""

    run: dict[str, Any]
    files: tuple[FileResult, ...]
    findings: tuple[Finding, ...]
    input_errors: tuple[InputError, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every input could be read, and no finding of a file is at or above its `fail_on`."""
        return not self.input_errors and not any(file.failing() for file in self.files)

    @property
    def summary(self) -> dict[str, Any]:
        """The exact counts over all files, as in `to_dict`."""
        return summarise(self.files)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __repr__(self) -> str:
        """Return the counts alone: a notebook shows the value of its last line, and there may be many findings."""
        total = self.summary
        counts = [plural(total[f"{name}s"], name) for name in ("record", "error", "warning", "info")]
        unread = f"; {plural(len(self.input_errors), 'input')} not read" if self.input_errors else ""
        return f"<Report: {', '.join(counts)} in {plural(len(self.files), 'file')}{unread}>"

    def count(self, severity: Severity | str) -> int:
        """Return how many findings of this severity there are, including those beyond `max_findings`.

        Raises:
            UserError: there is no such severity.
        """
        if severity not in list(Severity):
            raise UserError(f"severity is {severity!r}; it can be {', '.join(Severity)}")
        return sum(count for file in self.files for (_, found), count in file.counts.items() if found == severity)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as `schemas/report.schema.json` describes it."""
        return {
            **self.run,
            "files": [file_entry(file) for file in self.files],
            "summary": self.summary,
            "input_errors": [{"path": error.path, "reason": error.reason} for error in self.input_errors],
            "findings": [finding.to_dict() for finding in self.findings],
        }
