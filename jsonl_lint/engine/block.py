"""Check the lines of a block, or the next lines of a stream: decide for each line which path it takes."""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from collections.abc import Collection
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from jsonl_lint.engine.doubtful import UNREAD, DoubtfulLines, LineSource
from jsonl_lint.engine.judging.judge import BROKEN, Judge
from jsonl_lint.engine.judging.notes import knows_kinds
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.passed import PassedLines
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.engine.skimming import is_worth_compiling, length_limit, skim_of
from jsonl_lint.engine.spread import SpreadJudge
from jsonl_lint.files.source import BATCH_BYTES, BATCH_LINES, Block, Origin, end_of_lines
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import ALL, Mark

if TYPE_CHECKING:
    from jsonl_lint.engine.pretty import PrettySearch
    from jsonl_lint.engine.skimming.runs import Run
    from jsonl_lint.engine.skimming.skim import Skim

_LF_ENDING, _CRLF_ENDING = b"}\n", b"}\r\n"
_MAY_BEGIN = (b"{", BOM_UTF8[:1])
"""How a line begins that may end an open record. Any other line can only be a part of it."""

_BLANKS = re.compile(rb"\n+|(?:\r\n)+")
_FIRST_OF_SEVERAL = (b"{\n", b"{\r\n", b"\n", b"\r\n")
"""The first lines of pretty-printed records, and blank lines."""

LANDMARK_BYTES = 1 << 16
"""Landmarks inside a batch are at least so far apart: 16 bytes of memory each, so 25 MB for a file of 100 GB."""


def check_block(block: Block, plan: Plan, saturated: Collection[str] = ()) -> PartialReport:
    """Check whole lines. Findings of the rules in `saturated` are counted, but not made.

    The result depends on nothing but the arguments. Merged in order, the reports of a file's blocks make up the report
    of the file, however it was cut into blocks.
    """
    report = PartialReport.of(plan, block.origin, synchronised=block.synchronised)
    checker = LineChecker(block.origin, plan, report)
    checker.saturate(saturated)
    start = 0
    while data := block.data[start : start + BATCH_BYTES]:
        end = block.data.find(b"\n", start + len(data) - 1) + 1 or len(block.data)
        checker.check_lines(block.data[start:end])
        start = end
    return report


class LineChecker:
    """Goes through lines: counts those that are known, holds those that may be part of a record, judges the rest.

    `report` is that of all these lines as one block; it says whether they begin where a record begins.
    """

    def __init__(self, origin: Origin, plan: Plan, report: PartialReport | None = None) -> None:
        self.plan = plan
        self.origin = origin
        self.reader: LineSource | None = None
        self.left = b""
        """Lines of the last batch that have not been checked."""
        self.keeps_many = not 0 < plan.settings.max_findings <= BATCH_LINES
        """Whether so many findings may be kept that those of a whole batch of short lines would take much memory."""
        self.report = report or PartialReport(plan.settings.max_findings)
        self.report.spread_judge = self.report.spread_judge or SpreadJudge.of(plan, origin)
        self.longest = length_limit(plan)
        self.passed = PassedLines(plan, origin.file_format, self.report)
        self.saturated: Collection[str] = ()
        self.judge = Judge(origin, plan, ())
        self.doubtful = DoubtfulLines(self.judge, self.report)
        self.next_landmark = sys.maxsize
        """The byte from which on the end of a run is worth a landmark."""
        self.may_be_open: bool
        """Whether a record spread over lines may be open, so that the next line may be part of it."""
        self.ending: bytes
        """How lines with records end: `}` and the first line's ending. Until that is known, it matches no line."""
        self.follow_report()

    @cached_property
    def skim(self) -> Skim | None:
        """What skims over lines without a parser, if the C code is available."""
        return skim_of(self.plan, self.origin.file_format)

    @cached_property
    def pretty(self) -> PrettySearch:
        """What finds records that are pretty-printed."""
        from jsonl_lint.engine.pretty import PrettySearch  # few files have them

        return PrettySearch(self.plan, self.origin.file_format)

    def saturate(self, rules: Collection[str]) -> None:
        """From now on, count the findings of these rules, but make no more of them. Lines that are held keep theirs."""
        if rules != self.saturated:
            self.saturated = rules
            self.judge = Judge(self.origin, self.plan, rules)
            self.doubtful = DoubtfulLines(self.judge, self.report)

    def check_next(self, lines: LineSource, saturated: Collection[str] = ()) -> bool:
        """Check the next lines of a stream; return whether there were any.

        Findings of the rules in `saturated` are counted, but not made.
        """
        data = self.left or lines.batch()
        if data:
            end = end_of_lines(data, BATCH_LINES) if self.keeps_many else len(data)
            self.left = data[end:]
            self.reader = lines
            self.saturate(saturated)
            self.check_lines(data[:end])
        return bool(data)

    def known_runs(self, data: bytes, marks: list[Mark]) -> list[Run]:
        """Find the runs of known records. There are none before it is known how lines end."""
        report = self.report
        if not (report.first_lf or report.first_crlf) or self.skim is None:
            return []
        return self.skim.runs(data, marks, report, self.saturated, crlf=not report.first_lf)

    def count_run(self, run: Run, data: bytes) -> None:
        """Count the lines of a run and their findings, and add the keys of their records."""
        report = self.report
        if report.bytes >= self.next_landmark:
            self.note_landmark()
        if self.plan.compares and run.group.broken:
            report.record_keys.pad(run.lines)
        elif self.plan.compares:
            report.record_keys.keys.frombytes(run.keys)
        group = run.group
        found = self.known_findings(run, data) if group.known else None
        if found:
            report.keep(found)
        if found or group.is_counted:
            run.count_in(report)
            return
        if group.keyed is not None:
            from jsonl_lint.engine.skimming.ids import count_keyed  # few files hold requests

            count_keyed(run, group.keyed, data, self.judge, report)
            return
        for line in BytesIO(data[run.start : run.end]):
            self.judge.add_known(report, line, group.made, broken=group.broken)

    def known_findings(self, run: Run, data: bytes) -> list[RawFinding] | None:
        """Return the findings of a run, None if its lines have to be looked at for more than their places."""
        places = self.plan.memory.places
        if places is None:
            return None
        from jsonl_lint.engine.skimming.known import findings_in  # slow to import, and small files do without

        lines = BytesIO(data[run.start : run.end])
        return findings_in(lines, run.group.known, places, self.report.lines, self.report.bytes)

    def check_lines(self, data: bytes) -> None:
        """Check all lines in order, skimming over runs of known records. Only the last line may be incomplete."""
        report = self.report
        first = data.find(b"\n") + 1 if not (report.first_lf or report.first_crlf) else 0
        if 0 < first < len(data):  # how it ends has to be known before runs are
            self.check_lines(data[:first])
            data = data[first:]
        report.record_keys.spill()
        self.note_landmark()
        scan = self.plan.scan
        worth = is_worth_compiling(self.plan, report.lines, report.bytes)
        found, hides = scan.marks_in(data, compiling=worth) if scan is not None else ([], None)
        runs = self.known_runs(data, found)[::-1] if worth else []
        if hides is not None and not runs:
            found, hides = sorted(found + hides(data)), None
        marks = [(sys.maxsize, 0), *reversed(found)]
        at = 0
        mark, rules = marks.pop()
        stop = runs[-1].start if runs else -1
        self.follow_report()
        lines = BytesIO(data)
        for line in lines:
            if at == stop or line in _FIRST_OF_SEVERAL:
                end = self.taken_together(line, at, data, runs.pop() if at == stop else None)
                while runs and runs[-1].start < end:
                    runs.pop()
                stop = runs[-1].start if runs else -1
                if end:
                    at = lines.seek(end)
                    while mark <= at:
                        mark, rules = marks.pop()
                    continue
            at += len(line)
            marked = ALL if hides is not None and hides(line) else 0
            while mark <= at:
                marked |= rules
                mark, rules = marks.pop()
            self.next_line(line, marked)
        self.count_passed()

    def taken_together(self, line: bytes, start: int, data: bytes, run: Run | None) -> int:
        """Take the run, pretty-printed record or blank lines that begin here; return their end, 0 if none are taken."""
        if run is not None and self.may_be_open and run.group.settles and line[:1] in _MAY_BEGIN:
            self.report.settle()
            self.follow_report()
        if self.may_be_open:
            return 0
        self.count_passed()
        if run is not None:
            self.count_run(run, data)
            return run.end
        blanks = _BLANKS.match(data, start)
        if blanks:
            self.doubtful.blank(line, (blanks.end() - start) // len(line))
            self.follow_report()
            return blanks.end()
        record = self.pretty.record_at(start, data)
        if record is None:
            return 0
        self.doubtful.add_pretty(data[start : record.end], clean=record.clean)
        self.follow_report()
        return record.end

    def count_passed(self) -> None:
        """Count the clean lines so far, before anything else is added to the report."""
        self.passed.settle(crlf=self.ending == _CRLF_ENDING)

    def note_landmark(self) -> None:
        """Note where the next line begins, if lines are read again."""
        if self.plan.reads_again:
            self.report.landmarks.extend((self.report.lines, self.report.bytes))
            self.next_landmark = self.report.bytes + LANDMARK_BYTES

    def follow_report(self) -> None:
        """Update what depends on the report: how the next line is treated."""
        report = self.report
        self.may_be_open = bool(report.tail) or not report.synchronised
        self.ending = _LF_ENDING if report.first_lf else _CRLF_ENDING if report.first_crlf else b"\x00"
        self.passed.follow_report()

    def next_line(self, line: bytes, marked: int) -> None:
        """Check the next line, or its beginning if it is long. Most lines are clean and go no further than this.

        `marked` is the set of text rules for which it has marks.
        """
        record: Any = UNREAD
        short = len(line) < self.longest
        if short and self.report.tail and line[:1] not in _MAY_BEGIN:
            self.doubtful.hold(line, UNREAD, marked)
            if not self.report.tail:
                self.follow_report()
            return
        if short and line.endswith(self.ending):
            record = self.read(line)
        elif short and not self.may_be_open and line.isspace():
            self.count_passed()
            self.doubtful.blank(line)
            return
        verdict = None
        if type(record) is dict and not self.may_be_open:
            verdict = self.passed.verdict_unless_clean(line, record, marked, self.judge)
            if verdict is None:
                return
        self.count_passed()
        if not short:
            self.doubtful.long(line, self.reader, marked)
        elif verdict is not None:
            self.judge.add_line(self.report, line, record, verdict, marked)
        else:
            self.doubtful.add(line, record, marked)
        self.follow_report()

    def report_on(self, line: bytes) -> PartialReport | None:
        """Return the report on a single record. A record that is quickly seen to be clean is counted, and gets None."""
        record = self.read(line)
        verdict, marked, scan = None, ALL, self.plan.scan
        self.plan.memory.records_seen += 1
        if type(record) is dict:
            worth = is_worth_compiling(self.plan, self.plan.memory.records_seen)
            marked = scan.marked_in(line, compiling=worth) if scan is not None else 0
            verdict = self.passed.verdict_unless_clean(line, record, marked, self.judge)
            if verdict is None:
                return None
        report = PartialReport(self.plan.settings.max_findings, synchronised=self.report.synchronised)
        if verdict is not None and knows_kinds(self.report.kinds, record, verdict):
            report.kinds.remember({id(verdict): verdict})  # the places of its values need not be noted once more
        self.judge.add_line(report, line, record, verdict, marked)
        return report

    def read(self, line: bytes) -> Any:
        """Parse a line with the fast parser, reusing a known tail if it has one; `BROKEN` if the parser rejects it."""
        common = self.plan.common_tails
        try:
            return (common.record(line) if line.endswith(common.tails) else None) or self.plan.parse(line)
        except ValueError:
            return BROKEN
