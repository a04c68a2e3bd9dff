"""Check a file that is one JSON array: each item as a record, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from jsonl_lint.arrays import (
    ONE_CONVERSATION,
    BrokenArrayError,
    Gap,
    Item,
    in_batches,
    is_message,
    items_of,
    on_one_line,
)
from jsonl_lint.engine import Clearance, LineChecker, PartialReport, RawFinding, detect_format, saturated_rules
from jsonl_lint.engine.placing import SpreadRecord, Start
from jsonl_lint.files.head import HEAD_BYTES, Head
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.plans.plan import Plan


def array_findings(
    reader: LineReader, plan: Plan, report: PartialReport, on_progress: Progress | None
) -> Iterator[RawFinding]:
    """Yield the findings of the items, in order, and fill the report.

    A broken array is checked up to where it breaks off; items that are messages of one conversation are not checked.
    The items are not lines yet, so they are not compared, and nothing in them can be fixed.
    """
    pieces = _counted(reader, report, on_progress)
    parts = _parts(pieces, plan, report)
    beginning = list(_beginning(parts))
    head = Head(b"\n".join([on_one_line(part) for part in beginning if type(part) is Item]))
    items = _Items(plan, report, detect_format(head, plan)[0])
    for batch in in_batches(chain(beginning, parts)):
        yield from items.findings(batch)
    report.fault = report.fault or items.fault
    report.records = 1 if items.fault else items.count or 1
    for _ in pieces:
        pass


def _parts(pieces: Iterable[bytes], plan: Plan, report: PartialReport) -> Iterator[Item | Gap]:
    """Yield the items and what is between them, up to where the array is broken, and note why it is."""
    try:
        yield from items_of(pieces, plan.settings.max_line_bytes)
    except BrokenArrayError as error:
        report.fault = str(error)


def _beginning(parts: Iterator[Item | Gap]) -> Iterator[Item | Gap]:
    """Yield as many of the parts as a file's format is detected from."""
    size = 0
    for part in parts:
        yield part
        size += len(part)
        if size >= HEAD_BYTES:
            break


def _counted(reader: LineReader, report: PartialReport, on_progress: Progress | None) -> Iterator[bytes]:
    """Yield the bytes of the file, and count its lines."""
    report.lines = 1
    piece = b"\n"
    for piece in iter(reader.batch, b""):
        report.lines += piece.count(b"\n")
        report.bytes += len(piece)
        yield piece
        if on_progress:
            on_progress(len(piece))
    report.lines -= piece.endswith(b"\n")


class _Items:
    """Judges items, and counts their findings in the report of the file."""

    def __init__(self, plan: Plan, report: PartialReport, file_format: str | None) -> None:
        self.checker = LineChecker(Origin(file_format=file_format), plan.alone)
        self.clearance = Clearance(plan.alone, file_format)
        self.report = report
        self.start = Start()
        """Where the next item begins."""
        self.count = 0
        self.fault = "the array is empty"
        """Why the items are not checked. The first one decides."""

    def findings(self, parts: Sequence[Item | Gap]) -> Iterator[RawFinding]:
        """Yield the findings of the next items; `parts` also has what is between them."""
        items = [part for part in parts if type(part) is Item]
        if items and not self.count:
            self.fault = ONE_CONVERSATION if is_message(items[0]) else ""
        self.count += len(items)
        if self.fault:
            return
        clean = self.clearance.cleared(items)
        index, passed = 0, list[bytes]()
        for part in parts:
            if type(part) is Item:
                own = self.checker.report_on(part) if index not in clean else None
                index += 1
                if own is None:
                    self.report.valid_records += 1
                else:
                    self.start, passed = self.start.after(b"".join(passed)), []
                    yield from self.placed(part, own)
            passed.append(part)
        self.start = self.start.after(b"".join(passed))

    def placed(self, item: bytes, own: PartialReport) -> Iterator[RawFinding]:
        """Count the findings of the next item, and yield them with their places in the file."""
        self.report.valid_records += own.valid_records
        self.report.add_counts(own.counts)
        record = SpreadRecord(item)
        self.report.keep([record.placed(finding, self.start) for finding in own.findings])
        self.checker.saturate(saturated_rules(self.report))
        yield from self.report.take_findings()
