"""Repair the records of a file one by one: join or split their lines if necessary, and mend what they hold."""

from __future__ import annotations

from typing import NamedTuple

from jsonl_lint.engine import RawFinding
from jsonl_lint.engine.judging.sketches import without_boms
from jsonl_lint.files.held import LongLine
from jsonl_lint.files.source import Origin
from jsonl_lint.fixer.choice import fix_of
from jsonl_lint.fixer.chunks import SpooledLine
from jsonl_lint.fixer.cutoff import refusals
from jsonl_lint.fixer.judge import Judge
from jsonl_lint.fixer.keys import Key
from jsonl_lint.fixer.lineends import ENDS
from jsonl_lint.fixer.mend import Mended, Mender, Refusal
from jsonl_lint.fixer.patch import Change, Patch
from jsonl_lint.fixer.permission import Permission, Places
from jsonl_lint.fixer.sinks import Sink
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.fixer.writer import Original, RecordWriter
from jsonl_lint.jsonspan import ByteOffsets, decode, gaps
from jsonl_lint.repair.joining import joining_edits

SEVERAL = "several-values-on-one-line"


class FirstTry(NamedTuple):
    """What is tried first with a record: a line with the fixes of its findings, or lines that are joined.

    `findings` have places in the line; None for joined lines, which have not been judged.
    """

    findings: list[RawFinding] | None
    patch: Patch | None


class JudgedRecord(NamedTuple):
    """A record as it was read, and what the check says of it.

    `lines` are those over which it is spread, or one; the first has this number (from 0) and begins at byte `offset`.
    `findings` are those that are not accepted, `accepted` the places of the others. If `spread`, the finding that it is
    spread, is one of these, it is None, and the record stays as it is. `keys` are those by which it is compared, and
    `following` is the next line, if that has been read.
    """

    lines: list[bytes]
    number: int
    offset: int
    findings: list[RawFinding]
    accepted: Places
    spread: RawFinding | None
    keys: list[Key]
    following: bytes | None
    first_try: FirstTry | None = None


class RecordFixer:
    """Repairs records, and passes them to the writer. The bytes of their findings count from `start`."""

    def __init__(self, permission: Permission, origin: Origin, sink: Sink, tally: Tally, offset: int = 0) -> None:
        judge = Judge(permission, origin)
        self.mender = Mender(judge, permission)
        self.writer = RecordWriter(judge, permission, sink, tally, offset)
        self.start = offset

    def first_try(self, record: JudgedRecord) -> FirstTry | None:
        """Return what is tried first with a record in which nothing is accepted.

        None if nothing is, or if that is not only a matter of edits that come with its findings.
        """
        permission, line = self.mender.permission, record.lines[0]
        if record.spread and permission.permits(record.spread):
            return FirstTry(None, self._joined(record, record.spread))
        if record.spread or isinstance(line, SpooledLine) or self.writer.ends.is_wrong(line):
            return None
        fixable = [finding for finding in record.findings if permission.permits(finding)]
        if not fixable or not all([fix_of(each).edits and each.rule != SEVERAL for each in fixable]):
            return None
        placed = [finding.shifted(-record.number, self.start - record.offset) for finding in record.findings]
        return FirstTry(placed, self.mender.first_try(line, placed))

    def fix(self, record: JudgedRecord) -> None:
        """Repair a record, and write it."""
        first = record.lines[0]
        if isinstance(first, SpooledLine):
            self.writer.copy(first, record.findings)
            return
        if record.spread:
            self._fix_spread(record, record.spread)
        elif len(record.lines) > 1:
            self._leave_spread(record)
        else:
            self._fix_line(record)
        self.writer.advance(len(record.lines), sum(map(len, record.lines)))

    def _fix_line(self, record: JudgedRecord) -> None:
        """Fix a line, which is a record or several of them."""
        mender = self.mender.in_record(record.accepted)
        original = self._original(record, self.writer.ends.changes(record.lines))
        if self._holds_apart(record):
            refused = refusals([finding.rule for finding in record.findings if mender.permission.permits(finding)])
            mended = Mended(original.patch, record.findings, {}, refused)
        elif record.first_try is not None:
            mended = mender.mend(original.patch, *record.first_try)
        elif not any(map(mender.permission.permits, record.findings)):
            mended = Mended(original.patch, record.findings, {})
        elif any(each.rule == SEVERAL and mender.permission.permits(each) for each in record.findings):
            self._fix_several(original, mender)
            return
        else:
            mended = mender.mend(original.patch)
        self.writer.write(original, mended)

    def _holds_apart(self, record: JudgedRecord) -> bool:
        """Whether a blank line keeps the next one from being read as a part of a record that is cut off."""
        following = record.following
        if not self.writer.cut_off.open or not record.lines[0].isspace() or following is None:
            return False
        if following.isspace() or _begins_object(following):
            return False
        if self.mender.permission.acceptance or isinstance(following, LongLine):  # then it may stay as it is
            return True
        return not _begins_object(self.mender.mend(Patch(following)).patch.text)

    def _original(self, record: JudgedRecord, end_changes: list[Change]) -> Original:
        """Return the lines with these changes of their endings, and count the finding: it is one per file."""
        if end_changes:
            self.writer.tally.fixed[ENDS] = 1
        patch = Patch(b"".join(record.lines), tuple(end_changes))
        return Original(patch, accepted=record.accepted, keys=record.keys)

    def _fix_several(self, original: Original, mender: Mender) -> None:
        """Split a line with several records: each becomes a part with the text between it and the next one."""
        line, writer = original.patch.original, self.writer
        text = decode(line.rstrip(b"\r\n"))
        offsets = ByteOffsets(text)
        places = [(offsets.at(start), offsets.at(end)) for start, end in gaps(text)]
        new_end = writer.ends.of_part(line)
        writer.tally.fixed[SEVERAL] += 1
        start = 0
        for gap_start, gap_end in places:
            part = Patch(line[start:gap_end], (Change(gap_start - start, gap_end - start, new_end, (SEVERAL,)),))
            writer.tally.added += 1
            record = line[start:gap_start] + new_end
            writer.write(original._replace(patch=part, at=start, record=record), mender.mend(part))
            start = gap_end
        changes = original.patch.changes  # of its ending
        rest = [change._replace(start=change.start - start, end=change.end - start) for change in changes]
        part = Patch(line[start:], tuple(rest))
        writer.write(original._replace(patch=part, at=start), mender.mend(part))

    def _fix_spread(self, record: JudgedRecord, spread: RawFinding) -> None:
        """Join a record that is spread over lines, if it can be read after that."""
        mender, writer = self.mender.in_record(record.accepted), self.writer
        if not mender.permission.permits(spread):
            self._leave_spread(record)
            return
        joined = record.first_try and record.first_try.patch
        joined = joined or self._joined(record, spread)
        mended = mender.mend(joined)
        if len(mended.patch.text.rstrip(b"\r\n")) > mender.judge.plan.settings.max_line_bytes:
            writer.tally.refuse(writer.line + 1, [Refusal(spread.rule, "one line of it would be over the limit")])
            self._leave_spread(record)
        elif any(finding.rule in mender.judge.about_no_record for finding in mended.findings):
            self._leave_spread(record)
        else:
            mended = writer.cut_off.without_deletion(joined, mended, mender.judge)
            fixed = {**mended.fixed, spread.rule: mended.fixed.get(spread.rule, 0) + 1}
            writer.tally.extra_lines -= len(record.lines) - 1
            original = self._original(record, writer.ends.last_change(record.lines))
            writer.write(original, mended._replace(fixed=fixed))

    def _joined(self, record: JudgedRecord, spread: RawFinding) -> Patch:
        """Return the record's lines as one: with the edits of the finding, if it comes with them."""
        edits, shift = fix_of(spread).edits, self.start - record.offset
        if not edits:
            edits, shift = joining_edits(record.lines), 0
        changes = [Change(start + shift, end + shift, text.encode(), (spread.rule,)) for start, end, text in edits]
        ends = self.writer.ends.last_change(record.lines)
        return Patch(b"".join(record.lines), tuple(ends)).changed(changes)

    def _leave_spread(self, record: JudgedRecord) -> None:
        """Write a record that stays spread over lines; only their endings may change."""
        original = self._original(record, self.writer.ends.changes(record.lines))
        mended = Mended(original.patch, record.findings, {})
        self.writer.write(original._replace(extra_lines=len(record.lines) - 1), mended)


def _begins_object(line: bytes) -> bool:
    return without_boms(line).startswith(b"{")
