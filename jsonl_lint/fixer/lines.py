"""Fix a file of lines: judge thousands at a time, and handle only those with a finding one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from jsonl_lint.engine import LineChecker, PartialReport, RawFinding
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.errors import CHANGED, UnreadableInputError
from jsonl_lint.files.source import LineReader, Progress
from jsonl_lint.fixer.choice import drops, fix_of
from jsonl_lint.fixer.chunks import Chunk, SpooledLine
from jsonl_lint.fixer.keys import Key
from jsonl_lint.fixer.records import JudgedRecord, RecordFixer
from jsonl_lint.project.baseline import entry_of
from jsonl_lint.project.suppress import Acceptance

BLANK = "blank-line"

_TRIED_TOGETHER = 256


@dataclass(frozen=True)
class _Batch:
    """Lines that have been judged, and what was found, by the index of the line on which the record begins.

    The first line has this number (from 0) and begins at byte `offset`.
    """

    lines: list[bytes]
    number: int
    offset: int
    keys: dict[int, list[Key]]
    findings: dict[int, list[RawFinding]] = field(default_factory=dict)
    """Those that are not accepted."""
    accepted: dict[int, set[tuple[str, str]]] = field(default_factory=dict)
    """The rules and pointers of accepted findings."""
    spread: dict[int, int] = field(default_factory=dict)
    """The number of lines of each record that may stay spread over them."""

    @cached_property
    def starts(self) -> list[int]:
        """The byte at which each line begins."""
        sizes = [line.size if isinstance(line, SpooledLine) else len(line) for line in self.lines]
        return list(accumulate(sizes, initial=self.offset))

    @cached_property
    def unaccepted(self) -> dict[int, list[RawFinding]]:
        """The findings of records without any that are accepted."""
        return {index: found for index, found in self.findings.items() if index not in self.accepted}

    def sort(self, found: Iterable[RawFinding], acceptance: Acceptance) -> None:
        """Sort the findings in these lines by record."""
        begin = end = -1
        for finding in found:
            index, last = finding.line - self.number, finding.end_line - self.number
            if is_spread(finding):
                begin, end = index, last
            elif begin <= index <= end:
                index = begin
            if acceptance and acceptance.reason(entry_of(finding)) is not None:
                self.accepted.setdefault(index, set()).add((finding.rule, finding.pointer))
                if is_spread(finding):
                    self.spread[index] = end - begin + 1
            else:
                self.findings.setdefault(index, []).append(finding)

    def record(self, index: int) -> JudgedRecord:
        """Return the record that begins on the line with this index."""
        found, accepted = self.findings.get(index, []), frozenset(self.accepted.get(index, ()))
        spread = next(filter(is_spread, found), None)
        end = index + (spread.end_line - spread.line + 1 if spread else self.spread.get(index, 1))
        return JudgedRecord(
            self.lines[index:end],
            self.number + index,
            self.starts[index],
            found,
            accepted,
            spread,
            self.keys.get(index, []),
            self.lines[end] if end < len(self.lines) else None,
        )


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

    def run(self, reader: LineReader, reports: Iterable[PartialReport] | None = None) -> None:
        """Fix all lines, and count the records and lines that were read.

        `reports` are those of the file's ranges in order, if its lines are judged elsewhere.

        Raises:
            UnreadableInputError: the file has changed in the meantime.
        """
        report = PartialReport(0)
        if reports is None:
            checker = LineChecker(self.judge.origin, self.judge.plan, report)
            while chunk := self._hold_more(reader):
                checker.check_next(chunk)
                self._fix_judged(report)
        for part in reports or ():
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
        """Fix the lines that have been judged: those that may change one by one; the others are written together."""
        writer = self.writer
        batch = self._next_batch(report)
        lines, keys = batch.lines, batch.keys
        blanks = self._deleted_blanks(batch)
        changing = {*batch.findings, *batch.spread, *self._changing_in_any_case(lines)}
        done = 0
        for index, tried in self._tried(batch, sorted({*changing, *keys}), blanks):
            if index < done:
                continue
            if index in blanks:
                writer.keep(lines[done:index])
                done = self._delete_blanks(lines, index, blanks)
                if done > index:
                    continue
            if index not in changing and not any(map(writer.keys.repeats, keys[index])):
                writer.keys.add(keys[index])
                continue
            writer.keep(lines[done:index])
            record = tried or batch.record(index)
            self.records.fix(record)
            done = index + len(record.lines)
        writer.keep(lines[done:])

    def _next_batch(self, report: PartialReport) -> _Batch:
        """Return the lines that have been judged, and what the report says of them."""
        writer = self.writer
        count = report.lines - writer.line
        lines, self.held = self.held[:count], self.held[count:]
        writer.ends.note(report)
        batch = _Batch(lines, writer.line, writer.offset, writer.keys.logged_in(report, writer.line))
        batch.sort(report.take_findings(), self.permission.acceptance)
        return batch

    def _changing_in_any_case(self, lines: list[bytes]) -> list[int]:
        """Return the indexes of lines that cannot be written together with others, whatever was found in them."""
        long = [index for index, line in enumerate(lines) if isinstance(line, SpooledLine)]
        ends = self.writer.ends
        return long if ends.required is None else [*long, *(at for at, line in enumerate(lines) if ends.is_wrong(line))]

    def _deleted_blanks(self, batch: _Batch) -> Collection[int]:
        """Return the indexes of lines that are deleted because they are blank, and nothing else is known of them.

        A file may have millions of them, so they are not repaired one by one as records are.
        """
        return {index for index, found in batch.unaccepted.items() if self._is_deleted(batch.lines[index], found)}

    def _is_deleted(self, line: bytes, found: list[RawFinding]) -> bool:
        if len(found) > 1 or found[0].rule != BLANK or not line.isspace() or not line.endswith(b"\n"):
            return False
        if not self.permission.permits(found[0]) or self.writer.ends.is_wrong(line):
            return False
        edits = fix_of(found[0]).edits
        return len(edits) == 1 and drops(found[0]) and edits[0].byte_end - edits[0].byte_start == len(line)

    def _delete_blanks(self, lines: list[bytes], start: int, blanks: Collection[int]) -> int:
        """Delete the blank lines from the index `start` on, which is the next record's; return where they end.

        After a record that is cut off, it depends on what follows whether the last of them is deleted, so it is left.
        """
        end = start
        while end in blanks:
            end += 1
        if self.writer.cut_off.open:
            end = max(end - 1, start)
        self.writer.delete(lines[start:end], BLANK)
        self.writer.tally.extra_lines -= end - start
        return end

    def _tried(
        self, batch: _Batch, indexes: list[int], blanks: Collection[int]
    ) -> Iterator[tuple[int, JudgedRecord | None]]:
        """Yield these indexes, each with its record if it is known what is tried first with it.

        Whether many records are clean then is found out together.
        """
        mendable = batch.unaccepted.keys() - blanks
        for first in range(0, len(indexes), _TRIED_TOGETHER):
            together = indexes[first : first + _TRIED_TOGETHER]
            tried: dict[int, JudgedRecord] = {}
            for index in together:
                if index in mendable:
                    record = batch.record(index)
                    tried[index] = record._replace(first_try=self.records.first_try(record))
            tries = [record.first_try.patch for record in tried.values() if record.first_try]
            self.judge.expect([patch.text for patch in tries if patch])
            for index in together:
                yield index, tried.get(index)
