"""Fixing a file of lines: checked by the thousand, and only those with a finding are looked into one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jsonl_lint.baseline import entry_of
from jsonl_lint.engine import LineChecker, PartialReport, RawFinding
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.source import Block, LineReader
from jsonl_lint.fixer.chunks import Chunk, LongLine
from jsonl_lint.fixer.keys import Key, KeyBook, told_apart
from jsonl_lint.fixer.mend import Mended, Mender, Refusal, lines_of, may_fix
from jsonl_lint.fixer.patch import Change, Patch
from jsonl_lint.fixer.repeats import RULE, Repeats
from jsonl_lint.fixer.sinks import Sink, Unit
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.jsonspan import decode, gaps
from jsonl_lint.model import Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.splice import joining_edits
from jsonl_lint.suppress import Acceptance

CHANGED = "it has changed while it was read"

Progress = Callable[[int], None]


class LineFixer:
    """Takes a file's lines from a reader and hands them, repaired, to a sink.

    `first_line` and `offset` are where the reader begins. With `rejecting`, records that still have errors are
    handed over as rejected.
    """

    def __init__(
        self,
        plan: Plan,
        where: Block,
        sink: Sink,
        tally: Tally,
        *,
        rejecting: bool,
        offset: int = 0,
        on_progress: Progress | None = None,
        book: KeyBook | None = None,
        acceptance: Acceptance | None = None,
    ) -> None:
        self.plan = plan._replace(show_fixes=False, show_context=False, compares=False, tracks_kinds=False)
        self.acceptance = acceptance or Acceptance()
        self.book = book or KeyBook(plan)
        self.keys: list[Key] | None = None
        self.repeats = Repeats(plan, self.acceptance, tally) if RULE in plan.rules else None
        self.where = where
        self.mender = Mender(plan, where, self.acceptance)
        self.sink = sink
        self.tally = tally
        self.rejecting = rejecting
        self.line = 0
        self.offset = offset
        self.on_progress = on_progress
        self.pending: list[bytes] = []
        self.end: bytes | None = None
        self.crlf = False
        self.mends_ends = may_fix(plan, "mixed-line-endings", self.acceptance)
        self.unsafe_allowed = plan.settings.unsafe_fixes

    def run(self, reader: LineReader, parts: Iterable[PartialReport] | None = None) -> PartialReport:
        """Go through the file; the report is that of the file as it was.

        `parts` are the reports of the file's ranges in order, if others judge its lines.

        Raises:
            UnreadableInputError: the file has changed meanwhile.
        """
        report = PartialReport(0)
        if parts is None:
            checker = LineChecker(self.where, self.plan, report)
            while chunk := self.hold(reader):
                checker.check(chunk)
                self.decide(report)
        for part in parts or ():
            report.absorb(part)
            self.decide_held(reader, report)
        report.settle()
        self.decide_held(reader, report)
        if self.pending or self.hold(reader):
            raise UnreadableInputError(self.where.path, CHANGED)
        self.tally.records += report.records
        self.tally.extra_lines += report.lines - report.records
        return report

    def hold(self, reader: LineReader) -> Chunk | None:
        """The next lines, which wait to be decided; None at the end."""
        chunk = Chunk(reader)
        self.pending += chunk.held
        if self.on_progress and chunk.held:
            self.on_progress(sum(map(len, chunk.held)))
        return chunk if chunk.held else None

    def decide_held(self, reader: LineReader, report: PartialReport) -> None:
        """Hand on the lines that have been judged, once they are held."""
        while self.line + len(self.pending) < report.lines:
            if self.hold(reader) is None:
                raise UnreadableInputError(self.where.path, CHANGED)
        self.decide(report)

    def decide(self, report: PartialReport) -> None:
        """Hand on the lines that have been judged."""
        count = report.lines - self.line
        lines, self.pending = self.pending[:count], self.pending[count:]
        by_line: dict[int, list[RawFinding]] = {}
        spared: dict[int, set[tuple[str, str]]] = {}
        spread: dict[int, int] = {}
        for finding in report.take_findings():
            index = finding.line - self.line
            if self.acceptance and self.acceptance.reason(entry_of(finding)) is not None:
                spared.setdefault(index, set()).add((finding.rule, finding.pointer))
                if finding.end_line > finding.line:
                    spread[index] = finding.end_line - finding.line + 1
            else:
                by_line.setdefault(index, []).append(finding)
        if self.mends_ends:
            self.find_wrong_ends(report, lines, by_line)
        for index, line in enumerate(lines):
            if isinstance(line, LongLine):  # only its beginning is held, whatever is found of it
                by_line.setdefault(index, [])
        lf, crlf = report.first_lf, report.first_crlf
        self.crlf = crlf is not None and (lf is None or crlf < lf)
        keys = self.book.noted(report, self.line)
        done = 0
        for index in sorted({*by_line, *keys, *spread}):
            found, noted = by_line.get(index), keys.get(index, [])
            if index < done:
                continue
            if found is None and index not in spread and not any(map(self.book.repeats, noted)):
                self.book.add(noted)
                continue
            self.keep(lines[done:index])
            self.keys = noted
            self.mender.spared = frozenset(spared.get(index, ()))
            done = index + self.unit(lines, index, found or [], spread.get(index, 0))
        self.keep(lines[done:])

    def find_wrong_ends(self, report: PartialReport, lines: list[bytes], by_line: dict[int, list[RawFinding]]) -> None:
        """Mark the lines that do not end as the first one does, once there is such a line at all."""
        lf, crlf = report.first_lf, report.first_crlf
        if lf is None or crlf is None:
            return
        self.end = b"\n" if lf < crlf else b"\r\n"
        for index, line in enumerate(lines):
            if line.endswith(b"\n") and line.endswith(b"\r\n") is not (self.end == b"\r\n"):
                by_line.setdefault(index, [])

    def keep(self, lines: list[bytes]) -> None:
        """Lines without a finding; those that are there already are dropped."""
        repeats = self.repeats
        start = 0
        for index in [index for index, line in enumerate(lines) if repeats.drops(line)] if repeats else ():
            self.pass_on(lines[start:index])
            line = lines[index]
            start = index + 1
            self.tally.fixed[RULE] += 1
            self.tally.deleted += 1
            patch = Patch(line, (Change(0, len(line), b"", (RULE,)),))
            self.sink.change(Unit(self.line + 1, self.offset, patch, line))
            self.line += 1
            self.offset += len(line)
        self.pass_on(lines[start:] if start else lines)

    def pass_on(self, lines: list[bytes]) -> None:
        """Lines that stay as they are."""
        if lines:
            self.sink.keep(lines)
            self.line += len(lines)
            self.offset += sum(map(len, lines))

    def unit(self, lines: list[bytes], index: int, found: list[RawFinding], accepted: int) -> int:
        """Repair the record that begins here, and say how many lines it has.

        It is accepted that it is spread over so many lines, or 0: then it stays, and its lines are no records.
        """
        line = lines[index]
        if isinstance(line, LongLine):
            self.long_line(line, found)
            return 1
        spread = next((finding for finding in found if finding.end_line > finding.line), None)
        count = spread.end_line - spread.line + 1 if spread else accepted or 1
        unit = lines[index : index + count]
        if spread:
            self.join(unit, spread, found)
        elif accepted:
            self.stay(unit, found)
        else:
            self.mend(unit, found)
        self.line += count
        self.offset += sum(map(len, unit))
        return count

    def mend(self, lines: list[bytes], found: list[RawFinding]) -> None:
        """A record that is one line."""
        patch = self.with_ends(lines, self.wrong_ends(lines))
        if any(finding.rule == "several-values-on-one-line" and self.mender.permits(finding) for finding in found):
            self.split(patch)
        elif any(map(self.mender.permits, found)):
            self.decided(patch, self.mender.mend(patch))
        else:
            self.decided(patch, Mended(patch, found, {}, ()))

    def wrong_ends(self, lines: list[bytes]) -> list[Change]:
        """What gives each of the lines the line end that the file's first line has."""
        changes: list[Change] = []
        start = 0
        for line in lines:
            end = start + len(line)
            if self.end is not None and line.endswith(b"\n") and line.endswith(b"\r\n") is not (self.end == b"\r\n"):
                bare = line[:-1].rstrip(b"\r")  # without all of them: what is left must not look like CRLF again
                changes.append(Change(start + len(bare), end, self.end, ("mixed-line-endings",)))
            start = end
        return changes

    def with_ends(self, lines: list[bytes], changes: list[Change]) -> Patch:
        """The lines with these changes of their ends, which are counted."""
        if changes:
            self.tally.fixed["mixed-line-endings"] += len(changes)
        return Patch(b"".join(lines), tuple(changes))

    def join(self, lines: list[bytes], spread: RawFinding, found: list[RawFinding]) -> None:
        """A record that is spread over lines, if it can be read once it is on one."""
        ends = self.wrong_ends(lines)
        if self.mender.permits(spread):
            edits = [Change(start, end, text.encode(), (spread.rule,)) for start, end, text in joining_edits(lines)]
            whole = b"".join(lines)
            last = [change for change in ends if change.end == len(whole)]
            mended = self.mender.mend(Patch(whole, tuple(last)).changed(edits))
            if len(mended.patch.text().rstrip(b"\r\n")) > self.plan.settings.max_line_bytes:
                self.tally.refuse(self.line + 1, [Refusal(spread.rule, "one line of it would be over the limit")])
            elif not any(finding.rule in self.mender.hiding for finding in mended.findings):
                mended.fixed[spread.rule] = mended.fixed.get(spread.rule, 0) + 1
                self.tally.extra_lines -= len(lines) - 1
                self.decided(self.with_ends(lines, last), mended)
                return
        self.stay(lines, found)

    def stay(self, lines: list[bytes], found: list[RawFinding]) -> None:
        """A record that stays spread over lines; only their ends may change."""
        patch = self.with_ends(lines, self.wrong_ends(lines))
        self.decided(patch, Mended(patch, found, {}, ()), extra=len(lines) - 1)

    def split(self, patch: Patch) -> None:
        """Several records on a line: each becomes a part of its own, with the text between it and the next one."""
        line = patch.original
        text = decode(line.rstrip(b"\r\n"))
        start = 0
        rule = "several-values-on-one-line"
        places = [tuple(len(text[:place].encode("utf-8", "surrogateescape")) for place in gap) for gap in gaps(text)]
        ended = line.endswith(b"\n")
        end = self.end or (b"\r\n" if (line.endswith(b"\r\n") if ended else self.crlf) else b"\n")
        self.tally.fixed[rule] += 1
        for gap_start, gap_end in places:
            part = Patch(line[start:gap_end], (Change(gap_start - start, gap_end - start, end, (rule,)),))
            self.tally.added += 1
            self.decided(part, self.mender.mend(part), at=start, record=line[start:gap_start] + end)
            start = gap_end
        last = tuple(change._replace(start=change.start - start, end=change.end - start) for change in patch.changes)
        rest = Patch(line[start:], last)
        self.decided(rest, self.mender.mend(rest), at=start)

    def decided(self, was: Patch, mended: Mended, *, at: int = 0, record: bytes | None = None, extra: int = 0) -> None:
        """Hand a record on, and book what became of it. `extra` is the number of its lines beyond the first."""
        original = was.original
        blank = decode(original).isspace()
        known = not mended.fixed and record is None and not at
        mended, keys = told_apart(mended, self.keys if known else None, self.mender, self.book)
        again = [key for key in keys if self.book.repeats(key) and not key.accepted]
        failed = self.mender.failed(mended) or any(
            self.plan.severities[key.rule.name] is Severity.ERROR for key in again
        )
        rejected = failed and self.rejecting and not blank
        self.book.lose(self.keys or (), [] if rejected else keys)
        tally = self.tally
        tally.refuse(self.line + 1, mended.refused)
        patch = mended.patch
        if self.crlf and not original.endswith(b"\n"):  # the last line shows no end that its copies could have
            patch = patch.with_crlf()
        if self.repeats and not rejected and not extra:
            mended = self.repeats.without(mended._replace(patch=patch))
            patch = mended.patch
        if rejected:
            tally.rejected += 1
            tally.extra_lines -= extra
        else:
            self.book.add(keys)
            tally.fixed.update(mended.fixed)
            tally.remain(self.mender.remaining(mended), unsafe_allowed=self.unsafe_allowed)
            full = [bool(line.strip()) for line in lines_of(patch.text())]
            if blank:
                tally.extra_lines -= not full
            elif not extra:
                tally.deleted += not any(full)
                tally.added += max(sum(full) - 1, 0)
                tally.extra_lines += len(full) - sum(full)
        whole = original if record is None else record
        self.sink.change(Unit(self.line + 1, self.offset + at, patch, whole, rejected))

    def long_line(self, line: LongLine, found: list[RawFinding]) -> None:
        """A line over the limit goes through, piece by piece."""
        failed = any(finding.severity is Severity.ERROR for finding in found)
        rejected = failed and self.rejecting
        if rejected:
            self.tally.rejected += 1
        else:
            self.tally.remain(found, unsafe_allowed=self.unsafe_allowed)
        self.sink.copy(self.line + 1, self.offset, line.pieces(), rejected=rejected)
        line.held.close()
        self.line += 1
        self.offset += line.size
