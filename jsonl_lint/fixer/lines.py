"""Fix a file of lines: judge thousands at a time, and handle only those with a finding one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, repeat
from typing import NamedTuple

from jsonl_lint.baseline import entry_of
from jsonl_lint.engine import LineChecker, PartialReport, RawFinding
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.errors import CHANGED, UnreadableInputError
from jsonl_lint.files.source import LineReader, Progress
from jsonl_lint.fixer.blanks import delete_run, deleted_blanks
from jsonl_lint.fixer.chunks import Chunk, SpooledLine
from jsonl_lint.fixer.keys import Key
from jsonl_lint.fixer.records import FirstTry, Record, RecordFixer

_TRIED_TOGETHER = 256


class _Findings(NamedTuple):
    """Findings by the index of the line on which their record begins."""

    remaining: dict[int, list[RawFinding]]
    """Those that are not accepted."""
    accepted: dict[int, set[tuple[str, str]]]
    """The rules and pointers of accepted findings."""
    spread: dict[int, int]
    """The number of lines of each record that may stay spread over them."""

    def alone(self) -> dict[int, list[RawFinding]]:
        """Return the findings of records without any that are accepted."""
        return {index: found for index, found in self.remaining.items() if index not in self.accepted}

    def record(self, lines: list[bytes], index: int, keys: list[Key], first_try: FirstTry | None) -> Record:
        """Return the record that begins on the line with this index."""
        found, accepted = self.remaining.get(index, []), frozenset(self.accepted.get(index, ()))
        spread = next(filter(is_spread, found), None)
        end = index + (spread.end_line - spread.line + 1 if spread else self.spread.get(index, 1))
        following = lines[end] if end < len(lines) else None
        return Record(lines[index:end], found, accepted, spread, keys, following, first_try)


class LineFixer:
    """Reads a file's lines, judges them, and passes them on. `shown` is its path in messages."""

    def __init__(self, records: RecordFixer, shown: str = "", on_progress: Progress | None = None) -> None:
        self.shown = shown
        self.records = records
        self.writer = records.writer
        self.permission = records.mender.permission
        self.judge = records.mender.judge
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
            checker = LineChecker(self.judge.origin, self.judge.plan, report)
            while chunk := self._hold_more(reader):
                checker.check_next(chunk)
                self._fix_judged(report)
        for part in parts or ():
            report.absorb(part)
            self._hold_and_fix_judged(reader, report)
        report.settle()
        self._hold_and_fix_judged(reader, report)
        if self.held or self._hold_more(reader):
            raise UnreadableInputError(self.shown, CHANGED)
        self.writer.tally.records += report.records
        self.writer.tally.extra_lines += report.lines - report.records

    def _hold_more(self, reader: LineReader) -> Chunk | None:
        """Read and hold the next lines; return None at the end."""
        chunk = Chunk(reader)
        self.held += chunk.lines
        if self.on_progress and chunk.lines:
            self.on_progress(sum(map(len, chunk.lines)))
        return chunk if chunk.lines else None

    def _hold_and_fix_judged(self, reader: LineReader, report: PartialReport) -> None:
        """Read the lines that have been judged elsewhere, and fix them."""
        while self.writer.line + len(self.held) < report.lines:
            if self._hold_more(reader) is None:
                raise UnreadableInputError(self.shown, CHANGED)
        self._fix_judged(report)

    def _fix_judged(self, report: PartialReport) -> None:
        """Pass on the lines that have been judged: those that may change one by one, the others together."""
        writer = self.writer
        count = report.lines - writer.line
        lines, self.held = self.held[:count], self.held[count:]
        findings = self._findings_in(report)
        writer.ends.note(report)
        keys = writer.keys.logged_in(report, writer.line)
        changing = {*findings.remaining, *findings.spread, *self._changing_in_any_case(lines)}
        alone = findings.alone()
        blanks = deleted_blanks(lines, alone, self.permission, writer.ends)
        mendable = {index: found for index, found in alone.items() if index not in blanks}
        done = 0
        for index, first_try in self._with_first_tries(lines, sorted({*changing, *keys}), mendable):
            if index < done:
                continue
            if index in blanks:
                writer.keep(lines[done:index])
                done = delete_run(lines, index, blanks, writer)
                if done > index:
                    continue
            own_keys = keys.get(index, [])
            if index not in changing and not any(map(writer.keys.repeats, own_keys)):
                writer.keys.add(own_keys)
                continue
            writer.keep(lines[done:index])
            record = findings.record(lines, index, own_keys, first_try)
            self.records.fix(record)
            done = index + len(record.lines)
        writer.keep(lines[done:])

    def _changing_in_any_case(self, lines: list[bytes]) -> list[int]:
        """Return the indexes of lines that cannot be written together with others, whatever was found in them."""
        long = [index for index, line in enumerate(lines) if isinstance(line, SpooledLine)]
        ends = self.writer.ends
        return long if ends.required is None else [*long, *(at for at, line in enumerate(lines) if ends.is_wrong(line))]

    def _with_first_tries(
        self, lines: list[bytes], indexes: list[int], findings: dict[int, list[RawFinding]]
    ) -> Iterator[tuple[int, FirstTry | None]]:
        """Yield these indexes, each with what is tried first with the record there, if it is one with these findings.

        Whether many records are clean then is found out together.
        """
        if not findings:
            yield from zip(indexes, repeat(None))
            return
        sizes = [line.size if isinstance(line, SpooledLine) else len(line) for line in lines]
        starts, number = [*accumulate(sizes, initial=self.writer.offset)], self.writer.line
        for first in range(0, len(indexes), _TRIED_TOGETHER):
            tries: dict[int, FirstTry] = {}
            for index in indexes[first : first + _TRIED_TOGETHER]:
                found = findings.get(index)
                tried = self.records.first_try(lines, index, found, number + index, starts[index]) if found else None
                if tried is not None:
                    tries[index] = tried
            self.judge.expect([tried.patch.text for tried in tries.values() if tried.patch])
            for index in indexes[first : first + _TRIED_TOGETHER]:
                yield index, tries.get(index)

    def _findings_in(self, report: PartialReport) -> _Findings:
        """Sort the report's findings by record; lines are counted from the first that is held."""
        acceptance = self.permission.acceptance
        sorted_ones = _Findings({}, {}, {})
        begin = end = -1
        for finding in report.take_findings():
            index, last = finding.line - self.writer.line, finding.end_line - self.writer.line
            if is_spread(finding):
                begin, end = index, last
            elif begin <= index <= end:
                index = begin
            if acceptance and acceptance.reason(entry_of(finding)) is not None:
                sorted_ones.accepted.setdefault(index, set()).add((finding.rule, finding.pointer))
                if is_spread(finding):
                    sorted_ones.spread[index] = end - begin + 1
            else:
                sorted_ones.remaining.setdefault(index, []).append(finding)
        return sorted_ones
