"""Keep records that a caller passes in, for the rules about the whole dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy

from jsonl_lint.checks.against import rereadable
from jsonl_lint.checks.rereading import lines_of, on_disk
from jsonl_lint.engine import PartialReport, RawFinding, dataset_findings
from jsonl_lint.files.head import Head
from jsonl_lint.files.inputs import STDIN
from jsonl_lint.files.source import LineReader
from jsonl_lint.plans.plan import Plan


class Gathered:
    """Records passed in one by one, kept on disk, with what rules about the whole dataset need to know."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.format: str | None = None
        self.report = PartialReport()
        self.held = on_disk()

    def __enter__(self) -> Gathered:
        return self

    def __exit__(self, *_: object) -> None:
        self.held.close()

    def add(self, report: PartialReport, record: bytes, format: str | None) -> None:
        """Add a record that has been judged."""
        counted = copy(report)
        counted.findings = []  # they have been yielded already
        self.report.append(counted)
        self.keep(record, format)

    def keep(self, record: bytes, format: str | None) -> None:
        """Add a record that has been counted in the report."""
        self.format = format
        if self.plan.reads_again:
            self.held.write(record.replace(b"\n", b" ").rstrip() + b"\n")

    def pass_over(self) -> None:
        """Add a value that is not a record."""
        self.report.lines += 1
        if self.plan.compares:
            self.report.record_keys.pad(1)
        if self.plan.reads_again:
            self.held.write(b"\n")

    def findings(self) -> Iterator[RawFinding]:
        """Yield the findings of the rules about the whole dataset."""
        return dataset_findings(self.report, self.plan, rereadable(STDIN, self.format, self.lines, self.plan))

    def lines(self, chosen: Iterable[int] | None = None, landmarks: Sequence[int] = ()) -> Iterator[tuple[bytes, int]]:
        """Yield the records again, as they were kept here. `landmarks` do not apply to this copy."""
        self.held.seek(0)
        reader = LineReader(self.held, Head(b""), self.plan.settings.max_line_bytes)  # type: ignore[arg-type]
        yield from lines_of(reader, chosen)
