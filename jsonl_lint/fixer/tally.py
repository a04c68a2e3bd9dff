"""Count what was done to a file or a record, and prove that no record was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from jsonl_lint.engine import RawFinding
from jsonl_lint.fixer.mend import Refusal
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.results import FixResult, RefusedFix

MOST_REFUSED = 100
"""Refused fixes that are listed with their line; further ones are only counted."""


@dataclass(slots=True)
class Tally:
    """The counts of one file.

    `extra_lines` are lines beyond one per record: blank lines, and lines of a record spread over several. `records` and
    `extra_lines` are counted while the file is read, the others while its parts are written. `unsure_of_repeats`: there
    were repeated lines that may be parts of records, so they were neither dropped nor counted.
    """

    records: int = 0
    added: int = 0
    rejected: int = 0
    deleted: int = 0
    extra_lines: int = 0
    fixed: Counter[str] = field(default_factory=Counter)
    remaining: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    more_unsafe: int = 0
    refused: list[RefusedFix] = field(default_factory=list)
    refused_count: int = 0
    unsure_of_repeats: bool = False

    @property
    def written(self) -> int:
        """The number of records in the output."""
        return self.records + self.added - self.rejected - self.deleted

    def remain(self, findings: Iterable[RawFinding], *, unsafe_allowed: bool) -> None:
        """Count findings that remain in the output."""
        for finding in findings:
            self.remaining[finding.rule, finding.severity] += 1
            if finding.fix and not unsafe_allowed:
                self.more_unsafe += finding.fix.applicability is Applicability.UNSAFE

    def refuse(self, line: int, refusals: Iterable[Refusal]) -> None:
        """Count fixes that were not kept, of the record that begins at `line` (from 1)."""
        for refusal in refusals:
            self.refused_count += 1
            if len(self.refused) < MOST_REFUSED:
                self.refused.append(RefusedFix(line, refusal.rule, refusal.reason))

    def result(self, path: str, *, changed: bool) -> FixResult:
        """Return what was done to the file or the record, which `path` names."""
        return FixResult(
            path=path,
            records=self.records,
            written=self.written,
            added=self.added,
            rejected=self.rejected,
            deleted=self.deleted,
            changed=changed,
            fixed=dict(self.fixed),
            counts={key: count for key, count in self.remaining.items() if count},
            more_unsafe=self.more_unsafe,
            refused=tuple(self.refused),
            refused_count=self.refused_count,
        )

    def prove(self, lines_written: int) -> None:
        """Compare the expected number of lines with the number written.

        Raises:
            AssertionError: they differ, so the output must not be used.
        """
        expected = self.written + self.extra_lines
        if lines_written != expected:
            raise AssertionError(f"{lines_written:,} lines were written where {expected:,} are due")
