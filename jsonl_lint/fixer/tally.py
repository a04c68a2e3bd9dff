"""What was done to a file, and the proof that no record was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from jsonl_lint.engine import RawFinding
from jsonl_lint.fixer.mend import Refusal
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.results import RefusedFix

MOST_REFUSED = 100
"""Fixes that were tried and not kept are counted; of so many the place is kept as well."""


@dataclass(slots=True)
class Tally:
    """Counts of one file.

    `extra_lines` are those beyond one for each record: blank ones, and parts of a record spread over lines.
    `records` and `extra_lines` are counted as the file is read, the others as its parts are decided.
    `unsure_of_repeats`: lines came again that may be parts of records, so they neither went nor count.
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
        """Records in the output: those that came in, and were not lost on the way."""
        return self.records + self.added - self.rejected - self.deleted

    def remain(self, findings: Iterable[RawFinding], *, unsafe_allowed: bool) -> None:
        """These findings are still there in the output."""
        for finding in findings:
            self.remaining[finding.rule, finding.severity] += 1
            if finding.fix and not unsafe_allowed:
                self.more_unsafe += finding.fix.applicability is Applicability.UNSAFE

    def refuse(self, line: int, refusals: Iterable[Refusal]) -> None:
        """These fixes of the record that begins at `line` (from 1) were not kept."""
        for refusal in refusals:
            self.refused_count += 1
            if len(self.refused) < MOST_REFUSED:
                self.refused.append(RefusedFix(line, refusal.rule, refusal.reason))

    def prove(self, lines_written: int) -> None:
        """Compare the records that should be in the output with the lines that are.

        Raises:
            AssertionError: they are not the same, so the output must not be used.
        """
        expected = self.written + self.extra_lines
        if lines_written != expected:
            raise AssertionError(f"{lines_written:,} lines were written where {expected:,} are due")
