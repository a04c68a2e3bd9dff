"""Fixing a file of lines: checked by the thousand, and only those with a finding are looked into one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jsonl_lint.baseline import entry_of
from jsonl_lint.engine import LineChecker, PartialReport, RawFinding
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.source import Block, LineReader
from jsonl_lint.fixer.chunks import Chunk, SpooledLine
from jsonl_lint.fixer.records import RecordFixer

CHANGED = "it has changed while it was read"

Progress = Callable[[int], None]


class LineFixer:
    """Takes a file's lines from a reader, judges them, and hands them to what fixes records."""

    def __init__(self, where: Block, records: RecordFixer, on_progress: Progress | None = None) -> None:
        self.where = where
        self.records = records
        self.plan = records.plan._replace(show_fixes=False, show_context=False, compares=False, tracks_kinds=False)
        """What the lines are judged by: of most findings it is enough to know that they are there."""
        self.on_progress = on_progress
        self.held: list[bytes] = []
        """Lines that have been read, and wait until they are judged."""

    def run(self, reader: LineReader, parts: Iterable[PartialReport] | None = None) -> PartialReport:
        """Go through the file; the report is that of the file as it was.

        `parts` are the reports of the file's ranges in order, if others judge its lines.

        Raises:
            UnreadableInputError: the file has changed meanwhile.
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
        return report

    def _hold_more(self, reader: LineReader) -> Chunk | None:
        """The next lines, which are held now; None at the end."""
        chunk = Chunk(reader)
        self.held += chunk.lines
        if self.on_progress and chunk.lines:
            self.on_progress(sum(map(len, chunk.lines)))
        return chunk if chunk.lines else None

    def _hold_and_hand_on(self, reader: LineReader, report: PartialReport) -> None:
        """Read the lines that have been judged elsewhere, and hand them on."""
        while self.records.line + len(self.held) < report.lines:
            if self._hold_more(reader) is None:
                raise UnreadableInputError(self.where.path, CHANGED)
        self._hand_on(report)

    def _hand_on(self, report: PartialReport) -> None:
        """Hand on the lines that have been judged: those to be looked into one by one, the others together."""
        records = self.records
        count = report.lines - records.line
        lines, self.held = self.held[:count], self.held[count:]
        found, spared, spread = self._findings_by_line(report)
        self._note_line_ends(report)
        one_by_one = {*found, *spread, *[index for index, line in enumerate(lines) if isinstance(line, SpooledLine)]}
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
            records.keys = noted
            records.mender.spared = frozenset(spared.get(index, ()))
            done = index + records.fix(lines, index, found.get(index, []), spread.get(index, 0))
        records.keep(lines[done:])

    def _findings_by_line(
        self, report: PartialReport
    ) -> tuple[dict[int, list[RawFinding]], dict[int, set[tuple[str, str]]], dict[int, int]]:
        """The findings by the line, counted from the first that is held; and rule and pointer of accepted ones.

        Last, of how many lines a record is of which it is accepted that it is spread over them.
        """
        acceptance = self.records.acceptance
        found: dict[int, list[RawFinding]] = {}
        spared: dict[int, set[tuple[str, str]]] = {}
        spread: dict[int, int] = {}
        for finding in report.take_findings():
            index = finding.line - self.records.line
            if acceptance and acceptance.reason(entry_of(finding)) is not None:
                spared.setdefault(index, set()).add((finding.rule, finding.pointer))
                if finding.end_line > finding.line:
                    spread[index] = finding.end_line - finding.line + 1
            else:
                found.setdefault(index, []).append(finding)
        return found, spared, spread

    def _note_line_ends(self, report: PartialReport) -> None:
        """How the first line ends: so must the others, once there is one that does not."""
        lf, crlf = report.first_lf, report.first_crlf
        self.records.crlf = crlf is not None and (lf is None or crlf < lf)
        if self.records.mends_ends and lf is not None and crlf is not None:
            self.records.line_end = b"\n" if lf < crlf else b"\r\n"
