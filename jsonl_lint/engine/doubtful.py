"""Lines that are not known to be clean: judge them, hold them while they may be part of a record, or measure them."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any, Protocol

from jsonl_lint.engine.fragments import RECORD_START, Fragment, Judged
from jsonl_lint.engine.judged import JudgedLines, note_line_end
from jsonl_lint.engine.judging.judge import BROKEN, Judge
from jsonl_lint.engine.judging.sketches import BLANK_LINE, line_end, problem_sketch, without_boms
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.spread import whole_record
from jsonl_lint.files.source import MOST_BRACKETS_AND_COMMAS, brackets_and_commas
from jsonl_lint.jsonspan import Problem
from jsonl_lint.model import Edit
from jsonl_lint.records.formats import formats_of

LONGEST_FRAGMENT = 1 << 20
"""Longer lines are never treated as part of a pretty-printed record."""

UNREAD = object()
"""Stands for the value of a line that has not been parsed yet."""


class LineSource(Protocol):
    """The remaining lines of a stream."""

    def batch(self) -> bytes:
        """Return the next lines, b"" at the end. Only the last, if longer than `PIECE_BYTES`, may be incomplete."""

    def complete(self, piece: bytes, /) -> tuple[bytes, int]:
        """Return the whole line that begins with `piece`, and its length in bytes; b"" for a line over the limit."""


class DoubtfulLines:
    """Adds such lines and their findings to the report."""

    def __init__(self, judge: Judge, report: PartialReport) -> None:
        self.judge = judge
        self.report = report
        self.last_blank: tuple[bytes, RawFinding | None] = (b"", None)
        """The last blank line, and its finding."""

    def add(self, line: bytes, record: Any, marked: int) -> None:
        """Judge the line, or hold it if it may be part of a record spread over lines; `marked` is as in `Judge`."""
        report = self.report
        begins = without_boms(line)
        is_whole = begins[:1] == b"{" and line.rstrip().endswith(b"}")
        if record is UNREAD and not line.isspace():
            record = self.judge.read(line) if is_whole or begins[:1] != b"{" else BROKEN
        too_long = len(line) > LONGEST_FRAGMENT
        if (
            too_long
            or (record is BROKEN and is_whole)
            or RECORD_START.match(begins)
            or (begins[:1] == b"{" and self.has_a_format(record))
        ):
            report.settle()
        nothing_open = report.synchronised and not report.tail
        may_open = record is BROKEN and not is_whole and begins[:1] in (b"{", b"[")
        if too_long or (nothing_open and not may_open):
            self.judge.add_line(report, line, record, None, marked)
        else:
            self.hold(line, record, marked)

    def has_a_format(self, record: Any) -> bool:
        """Whether it is a record of a format that the target knows; such a record is never part of another."""
        return isinstance(record, dict) and bool(formats_of(record.keys(), self.judge.plan.target.formats))

    def hold(self, line: bytes, record: Any, marked: int) -> None:
        """Hold a line that may be part of a record spread over lines; `marked` is as in `Judge`."""
        self.report.add_fragment(Fragment(line, partial(self.alone, line, record, marked)))

    def add_pretty(self, record: bytes, *, clean: bool) -> None:
        """Add a pretty-printed record that is JSON, while none is open; what is in it may be known to be `clean`."""
        report = self.report
        judge = None if clean else report.spread_judge
        report.append_record(whole_record(record, self.spread[0], report, judge, compares=self.judge.plan.compares))

    def long(self, line: bytes, reader: LineSource | None, marked: int) -> None:
        """Handle a line of which only the beginning has been read, or that may be over the limit."""
        size = len(line)
        if reader is not None and not line.endswith(b"\n"):
            line, size = reader.complete(line)
        limit = self.judge.plan.settings.max_line_bytes
        brackets = brackets_and_commas(line)
        if not line or size - len(line_end(line)) > limit:
            self.oversized(size, f"{size:,} bytes", limit)
        elif brackets > MOST_BRACKETS_AND_COMMAS:
            self.oversized(size, f"{brackets:,} brackets and commas", MOST_BRACKETS_AND_COMMAS)
        else:
            self.add(line, UNREAD, marked)

    def oversized(self, size: int, much: str, limit: int) -> None:
        """Report a line that was measured and not parsed."""
        plan = self.judge.plan
        detail = f"the line has {much} and was not parsed; the limit is {limit:,}"
        self.report.settle()
        sketch = problem_sketch(plan, Problem("record-too-large", 0, 1, detail))
        self.judge.emit(self.report, "", [sketch])
        if plan.compares:
            self.report.record_keys.pad(1)
        self.report.count_line(size)
        self.report.records += 1
        self.report.valid_records += "record-too-large" not in plan.rules

    def blank(self, line: bytes, lines: int = 1) -> None:
        """Report a blank line, or several equal ones, while no record is open: there may be millions of them."""
        judge, report = self.judge, self.report
        if report.first_crlf is None or report.first_lf is None:
            note_line_end(report, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
        if "blank-line" in judge.selected:
            report.add_counts({("blank-line", judge.plan.severities["blank-line"]): lines})
            report.count_fix(judge.applicability(BLANK_LINE), lines)
            if "blank-line" not in judge.saturated:
                found = self.blank_finding(line)
                places = enumerate(range(report.bytes, report.bytes + lines * len(line), len(line)), report.lines)
                report.keep(found.shifted(number, offset) for number, offset in places)
        if judge.plan.compares:
            report.record_keys.pad(lines)
        report.count_line(len(line), lines)

    def blank_finding(self, line: bytes) -> RawFinding:
        """Return the finding for a blank line as if it came first; it is made once for equal lines in a row."""
        blank, found = self.last_blank
        if found is None or blank != line:
            judge = self.judge
            judge.line, judge.line_hash = line, ""
            (found,) = judge.findings(JudgedLines(), "", [BLANK_LINE], None, None)
            judge.line, judge.line_hash = b"", ""
            self.last_blank = line, found
        return found

    def alone(self, line: bytes, record: Any, marked: int) -> Judged:
        """Judge a line by itself, and add the findings in case a record spread over lines starts there."""
        judge = self.judge
        alone = JudgedLines(judge.limit)
        if record is UNREAD and not line.isspace():
            record = judge.read(line)
        judge.add_line(alone, line, record, None, marked)
        if not judge.left_open:
            return Judged(False, alone)
        return Judged(True, alone, *self.spread)

    @cached_property
    def spread(self) -> tuple[RawFinding | None, RawFinding | None]:
        """The findings for a record spread over lines: for a pretty-printed one, and for a broken string."""
        return self.spread_finding("pretty-printed-json"), self.spread_finding("unescaped-control-character")

    def spread_finding(self, rule: str) -> RawFinding | None:
        """Make the finding for a record spread over lines; `{range}` stands for its lines, which are not known yet.

        Its edits are not known yet either; an edit that changes nothing stands for them.
        """
        judge = self.judge
        found = judge.finding(JudgedLines(), "", problem_sketch(judge.plan, Problem(rule, 0, 1, "{range}")), (0, 1, 0))
        if found.fix and found.fix.applicability in judge.plan.edited:
            found = found._replace(fix=found.fix._replace(edits=(Edit(0, 0, ""),)))
        return found if rule in judge.plan.rules else None
