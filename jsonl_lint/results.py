"""What whole runs of the library give: the report of a check, and what fixing did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from jsonl_lint.model import FileResult, Finding, InputError, Severity, file_entry, summarise


class RefusedFix(NamedTuple):
    """A fix that was tried and not kept, because it would not have made the record better. `line` counts from 1."""

    line: int
    rule: str
    reason: str


class FixResult(NamedTuple):
    """What fixing did to one file, or to one record (`fix_record`).

    Records in (`records`) and made by splitting (`added`) are those out (`written`), `rejected` and `deleted`. `fixed`
    counts the fixes of each rule, `counts` the findings that remain, `more_unsafe` those of them that
    `unsafe_fixes` would repair. `refused` keeps the first fixes that were tried and not kept. `changed` says whether
    a byte differs; `outcome` holds the records that `fix_record` was asked for, as they came: dict, bytes or text.
    `uncounted` names the selected rules of which `counts` knows nothing, because they compare records: a check of the
    result finds what they find.
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
        """Whether no error remains in what is written."""
        return not any(severity is Severity.ERROR for _, severity in self.counts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the records."""
        by_rule: dict[str, int] = {}
        for (rule, _), count in self.counts.items():
            by_rule[rule] = by_rule.get(rule, 0) + count
        return {
            "path": self.path,
            "records": self.records,
            "written": self.written,
            "added": self.added,
            "rejected": self.rejected,
            "deleted": self.deleted,
            "changed": self.changed,
            "fixed": dict(sorted(self.fixed.items())),
            "remaining": dict(sorted(by_rule.items())),
            "uncounted": list(self.uncounted),
            "more_unsafe": self.more_unsafe,
            "refused": [refusal._asdict() for refusal in self.refused],
            "refused_count": self.refused_count,
        }


@dataclass(frozen=True)
class Report:
    """The findings of one run, in the order of the input, and the exact counts behind them. Iterates its findings."""

    run: dict[str, Any]
    files: tuple[FileResult, ...]
    findings: tuple[Finding, ...]
    input_errors: tuple[InputError, ...] = ()
    fail_on: Severity = Severity.ERROR

    @property
    def ok(self) -> bool:
        """Whether every input could be read, and nothing was found at or above `fail_on`."""
        failing = [severity for severity in Severity if severity.rank >= self.fail_on.rank]
        return not self.input_errors and not any(map(self.count, failing))

    @property
    def summary(self) -> dict[str, Any]:
        """The exact counts over all files, as `to_dict` has them."""
        return summarise(self.files)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings of this severity there are, kept or not."""
        return sum(count for file in self.files for (_, found), count in file.counts.items() if found is severity)

    def to_dict(self) -> dict[str, Any]:
        """The report as `schemas/report.schema.json` describes it."""
        return {
            **self.run,
            "files": [file_entry(file) for file in self.files],
            "summary": self.summary,
            "input_errors": [{"path": error.path, "reason": error.reason} for error in self.input_errors],
            "findings": [finding.to_dict() for finding in self.findings],
        }
