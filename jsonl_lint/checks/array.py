"""Check a file that is one JSON array: each item as a record, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import AnyStr, Generic

from jsonl_lint.engine import LineChecker, PartialReport, RawFinding, detect_format, saturated_rules
from jsonl_lint.files.array import (
    ONE_CONVERSATION,
    BrokenArrayError,
    Gap,
    Item,
    is_message,
    items_of,
    on_one_line,
)
from jsonl_lint.files.head import HEAD_BYTES, Head
from jsonl_lint.files.source import Block, LineReader, Progress
from jsonl_lint.jsonspan import decode
from jsonl_lint.plans.plan import Plan

_STRIDE = 1 << 12


def array_findings(
    reader: LineReader, plan: Plan, report: PartialReport, on_progress: Progress | None
) -> Iterator[RawFinding]:
    """Yield the findings of the items, in order, and fill the report.

    An array that is broken is checked up to there; items that are messages of one conversation are not. As long as
    the items are no lines, they are not compared, and nothing in them can be fixed.
    """
    pieces = _counted(reader, report, on_progress)
    parts = _parts(pieces, plan, report)
    beginning = list(_beginning(parts))
    head = Head(b"\n".join([on_one_line(part) for part in beginning if type(part) is Item]))
    items = _Items(plan, report, detect_format(head, plan)[0])
    for part in chain(beginning, parts):
        if type(part) is Item:
            yield from items.findings(part)
        items.place.pass_over(part)
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
    for piece in reader.pieces():
        report.lines += piece.endswith(b"\n")
        report.bytes += len(piece)
        yield piece
        if on_progress:
            on_progress(len(piece))
    report.lines -= piece.endswith(b"\n")


class _Place:
    """Where the next item begins: lines, code points and bytes of its line, and bytes of the file before it."""

    def __init__(self) -> None:
        self.lines = self.characters = self.line_bytes = self.bytes = 0

    def pass_over(self, data: bytes) -> None:
        """Go to the end of these bytes."""
        line_start = data.rfind(b"\n") + 1
        if line_start:
            self.lines += data.count(b"\n")
            self.characters = self.line_bytes = 0
        self.characters += len(decode(data[line_start:]))
        self.line_bytes += len(data) - line_start
        self.bytes += len(data)


class _LineStarts(Generic[AnyStr]):
    """Finds the line of a position in an item. Many look-ups take linear time."""

    def __init__(self, text: AnyStr, newline: AnyStr) -> None:
        self.text: AnyStr = text
        self.newline: AnyStr = newline
        self.known = [(0, 0)]
        """What `before` returns for every `_STRIDE`th position, as far as it was needed."""

    def before(self, position: int) -> tuple[int, int]:
        """Return the number of line breaks before this position, and the position where its line begins."""
        stride = position // _STRIDE
        while len(self.known) <= stride:
            self.known.append(self._from(len(self.known) - 1, len(self.known) * _STRIDE))
        return self._from(stride, position)

    def _from(self, stride: int, position: int) -> tuple[int, int]:
        begin, (lines, start) = stride * _STRIDE, self.known[stride]
        breaks = self.text.count(self.newline, begin, position)
        return lines + breaks, self.text.rfind(self.newline, begin, position) + 1 if breaks else start


class _Items:
    """Judges items, and counts their findings in the report of the file."""

    def __init__(self, plan: Plan, report: PartialReport, file_format: str | None) -> None:
        where = Block("", 1, 0, b"", file_format)
        self.checker = LineChecker(where, plan._replace(compares=False, tracks_kinds=False))
        self.checker.follow_report()
        self.report = report
        self.place = _Place()
        self.count = 0
        self.fault = "the array is empty"
        """Why the items are not checked. The first one decides."""

    def findings(self, item: bytes) -> Iterator[RawFinding]:
        """Yield the findings of the next item."""
        if not self.count:
            self.fault = ONE_CONVERSATION if is_message(item) else ""
        self.count += 1
        if self.fault:
            return
        own = self.checker.report_on(item)
        if own is None:
            self.report.valid_records += 1
            return
        self.report.valid_records += own.valid_records
        for key, count in own.counts.items():
            self.report.counts[key] = self.report.counts.get(key, 0) + count
        in_bytes, in_text = _LineStarts(item, b"\n"), _LineStarts(decode(item), "\n")
        self.report.keep([self.placed(finding, in_bytes, in_text) for finding in own.findings])
        self.checker.judge.saturated = saturated_rules(self.report)
        yield from self.report.take_findings()

    def placed(self, finding: RawFinding, in_bytes: _LineStarts[bytes], in_text: _LineStarts[str]) -> RawFinding:
        """Return a finding in an item with its place in the file, and without a fix."""
        lines, start = in_text.before(finding.column - 1)
        end_lines, end_start = in_text.before(finding.end_column - 1)
        context = finding.context
        if context is not None:
            shift = (0 if lines else self.place.line_bytes) - in_bytes.before(context.byte_start)[1]
            end = context.byte_end if lines == end_lines else None
            context = context._replace(
                byte_start=context.byte_start + shift, byte_end=None if end is None else end + shift
            )
        return finding._replace(
            line=self.place.lines + lines,
            end_line=self.place.lines + end_lines,
            column=finding.column - start + (0 if lines else self.place.characters),
            end_column=finding.end_column - end_start + (0 if end_lines else self.place.characters),
            byte_offset=self.place.bytes + finding.byte_offset,
            context=context,
            fix=(),
        )
