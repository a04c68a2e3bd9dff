"""Fix a file of lines: judge thousands at a time, and handle only those with a finding one by one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from jsonl_lint.baseline import entry_of
from jsonl_lint.engine import LineChecker, PartialReport, RawFinding
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.errors import CHANGED, UnreadableInputError
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.fixer.blanks import delete_run, deleted_blanks
from jsonl_lint.fixer.choice import fix_of
from jsonl_lint.fixer.chunks import Chunk, SpooledLine
from jsonl_lint.fixer.keys import Key
from jsonl_lint.fixer.records import SEVERAL, Attempt, Known, RecordFixer

_TRIED_TOGETHER = 256
_NO_MORE: tuple[int, Attempt | None] = sys.maxsize, None


def _slices(indexes: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(indexes), size):
        yield indexes[start : start + size]


class _ByLine(NamedTuple):
    """Findings by the index of the line on which their record begins."""

    findings: dict[int, list[RawFinding]]
    """Those that are not accepted."""
    accepted: dict[int, set[tuple[str, str]]]
    """The rules and pointers of accepted findings."""
    spread: dict[int, int]
    """The number of lines of each record that may stay spread over them."""

    def known(self, index: int, keys: list[Key], attempt: Attempt | None) -> Known:
        """Return what is known of the record that begins on a line."""
        accepted = frozenset(self.accepted.get(index, ()))
        return Known(self.findings.get(index, []), accepted, self.spread.get(index, 0), keys, attempt)


class LineFixer:
    """Reads a file's lines, judges them, and passes them to the `RecordFixer`. `shown` is its path in messages."""

    def __init__(
        self, origin: Origin, records: RecordFixer, shown: str = "", on_progress: Progress | None = None
    ) -> None:
        self.origin = origin
        self.shown = shown
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
            checker = LineChecker(self.origin, self.plan, report)
            while chunk := self._hold_more(reader):
                checker.check_next(chunk)
                self._hand_on(report)
        for part in parts or ():
            report.absorb(part)
            self._hold_and_hand_on(reader, report)
        report.settle()
        self._hold_and_hand_on(reader, report)
        if self.held or self._hold_more(reader):
            raise UnreadableInputError(self.shown, CHANGED)
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
                raise UnreadableInputError(self.shown, CHANGED)
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
        records.mender.spared = frozenset()  # in what is tried before it is known which record is next
        sure = {index: found for index, found in by_line.findings.items() if index not in by_line.accepted}
        blanks = deleted_blanks(lines, sure, records)
        attempts = self._attempts(lines, {index: found for index, found in sure.items() if index not in blanks})
        attempted, attempt = next(attempts, _NO_MORE)
        done = 0
        for index in sorted({*one_by_one, *keys}):
            if index < done:
                continue
            if index in blanks:
                records.keep(lines[done:index])
                done = delete_run(lines, index, blanks, records)
                if done > index:
                    continue
            noted = keys.get(index, [])
            if index not in one_by_one and not any(map(records.book.repeats, noted)):
                records.book.add(noted)
                continue
            while attempted < index:
                attempted, attempt = next(attempts, _NO_MORE)
            tried = attempt if attempted == index else None
            records.keep(lines[done:index])
            done = index + records.fix(lines, index, by_line.known(index, noted, tried))
        records.keep(lines[done:])

    def _attempts(self, lines: list[bytes], findings: dict[int, list[RawFinding]]) -> Iterator[tuple[int, Attempt]]:
        """Yield what is tried first with the next lines, by index. Whether they are clean then is found out together.

        `findings` are those of the lines with this index. Left out are lines that are no single record.
        """
        if not findings:
            return
        records, mender = self.records, self.records.mender
        sizes = [line.size if isinstance(line, SpooledLine) else len(line) for line in lines]
        starts, number = [*accumulate(sizes, initial=records.offset)], records.line
        for together in _slices(sorted(findings), _TRIED_TOGETHER):
            mender.spared = frozenset()  # in each of these lines
            found = ((at, self._attempt(lines, at, findings[at], number + at, starts[at])) for at in together)
            tried = [(at, attempt) for at, attempt in found if attempt is not None]
            mender.foresee([attempt.patch.text for _, attempt in tried if attempt.patch])
            yield from tried

    def _attempt(
        self, lines: list[bytes], index: int, found: list[RawFinding], number: int, offset: int
    ) -> Attempt | None:
        """Return what is tried first with the record that begins on the line of this index and number (both from 0).

        None if nothing is, or if that is not only a matter of edits that come with its findings.
        """
        records = self.records
        spread = next(filter(is_spread, found), None)
        if spread and records.mender.permits(spread):
            own = lines[index : index + spread.end_line - spread.line + 1]
            return Attempt(None, records.joined(own, spread, offset))
        line = lines[index]
        fixable = [one for one in found if records.mender.permits(one)]
        simple = not (spread or isinstance(line, SpooledLine) or records.ends_wrong(line))
        if not simple or not fixable or not all([fix_of(one).edits and one.rule != SEVERAL for one in fixable]):
            return None
        placed = [finding.shifted(-number, records.start - offset) for finding in found]
        return Attempt(placed, records.mender.attempt(line, placed))

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
