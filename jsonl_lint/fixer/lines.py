"""Fix a file of lines: judge thousands at a time, and handle only those with a finding one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from jsonl_lint.baseline import entry_of
from jsonl_lint.engine import LineChecker, PartialReport, RawFinding
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.source import Block, LineReader, Progress
from jsonl_lint.fixer.chunks import Chunk, SpooledLine
from jsonl_lint.fixer.keys import Key
from jsonl_lint.fixer.records import Known, RecordFixer

CHANGED = "it has changed while it was read"


class _ByLine(NamedTuple):
    """Findings by the index of the line on which their record begins."""

    findings: dict[int, list[RawFinding]]
    """Those that are not accepted."""
    accepted: dict[int, set[tuple[str, str]]]
    """The rules and pointers of accepted findings."""
    spread: dict[int, int]
    """The number of lines of each record that may stay spread over them."""

    def known(self, index: int, keys: list[Key]) -> Known:
        """Return what is known of the record that begins on a line."""
        accepted = frozenset(self.accepted.get(index, ()))
        return Known(self.findings.get(index, []), accepted, self.spread.get(index, 0), keys)


class LineFixer:
    """Reads a file's lines, judges them, and passes them to the `RecordFixer`."""

    def __init__(self, where: Block, records: RecordFixer, on_progress: Progress | None = None) -> None:
        self.where = where
        self.records = records
        self.plan = records.mender.plan
        self.on_progress = on_progress
        self.held: list[bytes] = []
        """Lines that have been read and not judged yet."""

    def run(self, reader: LineReader, parts: Iterable[PartialReport] | None = None) -> None:
        """Fix all lines, and count the records and lines that were read.

        `parts` are the reports of the file's ranges in order, if its lines are judged elsewhere.

        Raises:
            UnreadableInputError: the file has changed in the meantime.
        """
        report = PartialReport(0)
        if parts is None:
            checker = LineChecker(self.where, self.plan, report)
            while chunk := self._hold_more(reader):
                checker.check_next(chunk)
                self._hand_on(report)
        for part in parts or ():
            report.absorb(part)
            self._hold_and_hand_on(reader, report)
        report.settle()
        self._hold_and_hand_on(reader, report)
        if self.held or self._hold_more(reader):
            raise UnreadableInputError(self.where.path, CHANGED)
        self.records.tally.records += report.records
        self.records.tally.extra_lines += report.lines - report.records

    def _hold_more(self, reader: LineReader) -> Chunk | None:
        """Read and hold the next lines; return None at the end."""
        chunk = Chunk(reader)
        self.held += chunk.lines
        if self.on_progress and chunk.lines:
            self.on_progress(sum(map(len, chunk.lines)))
        return chunk if chunk.lines else None

    def _hold_and_hand_on(self, reader: LineReader, report: PartialReport) -> None:
        """Read the lines that have been judged elsewhere, and pass them on."""
        while self.records.line + len(self.held) < report.lines:
            if self._hold_more(reader) is None:
                raise UnreadableInputError(self.where.path, CHANGED)
        self._hand_on(report)

    def _hand_on(self, report: PartialReport) -> None:
        """Pass on the lines that have been judged: those that may change one by one, the others together."""
        records = self.records
        count = report.lines - records.line
        lines, self.held = self.held[:count], self.held[count:]
        by_line = self._findings_by_line(report)
        self._note_line_ends(report)
        one_by_one = {*by_line.findings, *by_line.spread}
        one_by_one.update([index for index, line in enumerate(lines) if isinstance(line, SpooledLine)])
        if records.line_end is not None:
            one_by_one.update([index for index, line in enumerate(lines) if records.ends_wrong(line)])
        keys = records.book.noted(report, records.line)
        done = 0
        for index in sorted({*one_by_one, *keys}):
            if index < done:
                continue
            noted = keys.get(index, [])
            if index not in one_by_one and not any(map(records.book.repeats, noted)):
                records.book.add(noted)
                continue
            records.keep(lines[done:index])
            done = index + records.fix(lines, index, by_line.known(index, noted))
        records.keep(lines[done:])

    def _findings_by_line(self, report: PartialReport) -> _ByLine:
        """Sort the report's findings by record; lines are counted from the first that is held."""
        acceptance = self.records.acceptance
        by_line = _ByLine({}, {}, {})
        begin = end = -1
        for finding in report.take_findings():
            index, last = finding.line - self.records.line, finding.end_line - self.records.line
            if is_spread(finding):
                begin, end = index, last
            elif begin <= index <= end:
                index = begin
            if acceptance and acceptance.reason(entry_of(finding)) is not None:
                by_line.accepted.setdefault(index, set()).add((finding.rule, finding.pointer))
                if is_spread(finding):
                    by_line.spread[index] = end - begin + 1
            else:
                by_line.findings.setdefault(index, []).append(finding)
        return by_line

    def _note_line_ends(self, report: PartialReport) -> None:
        """Note how the first line ends; once a line ends differently, all must end like the first."""
        lf, crlf = report.first_lf, report.first_crlf
        self.records.crlf = crlf is not None and (lf is None or crlf < lf)
        if self.records.mends_ends and lf is not None and crlf is not None:
            self.records.line_end = b"\n" if lf < crlf else b"\r\n"
