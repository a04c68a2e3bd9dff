"""Repair records one by one, join or split them if necessary, pass them to the sinks, and count them."""

from __future__ import annotations

from typing import NamedTuple

from jsonl_lint.engine import RawFinding
from jsonl_lint.engine.fragments import is_spread
from jsonl_lint.files.source import Origin
from jsonl_lint.fixer.choice import fix_of
from jsonl_lint.fixer.chunks import SpooledLine
from jsonl_lint.fixer.cutoff import CutOff, refusals
from jsonl_lint.fixer.keys import Key, KeyBook, told_apart
from jsonl_lint.fixer.mend import Mended, Mender, Refusal, may_fix
from jsonl_lint.fixer.patch import Change, Patch, lines_of
from jsonl_lint.fixer.repeats import REPEATED, Repeats
from jsonl_lint.fixer.sinks import Sink, Unit
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.jsonspan import ByteOffsets, decode, gaps
from jsonl_lint.model import Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.repair.joining import joining_edits
from jsonl_lint.suppress import Acceptance

ENDS = "mixed-line-endings"
SEVERAL = "several-values-on-one-line"


class Attempt(NamedTuple):
    """What is tried first with a record: a line with the fixes of its findings, or lines that are joined.

    `findings` have places in the line; None for joined lines, which have not been judged.
    """

    findings: list[RawFinding] | None
    patch: Patch | None


class Known(NamedTuple):
    """What is known of a record before it is fixed.

    `findings` are those that are not accepted, `accepted` the rules and pointers of the others. The record may stay
    `spread` over that many lines if that is accepted, otherwise 0. `keys` are those by which it is compared.
    """

    findings: list[RawFinding]
    accepted: frozenset[tuple[str, str]]
    spread: int
    keys: list[Key]
    attempt: Attempt | None


class RecordFixer:
    """Repairs the records of a file, passes them to a sink, and counts the results in a tally.

    `line` (from 0) and `offset` are where the next record begins, and `start` is where the first one did. With
    `rejecting`, records that still have errors are passed on as rejected.
    """

    def __init__(
        self,
        plan: Plan,
        origin: Origin,
        acceptance: Acceptance,
        sink: Sink,
        tally: Tally,
        book: KeyBook,
        *,
        rejecting: bool,
        offset: int = 0,
    ) -> None:
        self.plan = plan
        self.acceptance = acceptance
        self.sink = sink
        self.tally = tally
        self.rejecting = rejecting
        self.line = 0
        self.start = self.offset = offset
        self.mender = Mender(plan, origin, acceptance)
        self.book = book
        self.repeats = Repeats(plan, acceptance, tally) if REPEATED in plan.rules else None
        self.cut_off = CutOff(plan)
        self.keys: list[Key] | None = None
        """The keys of the record at hand before fixing, if they are known."""
        self.mends_ends = may_fix(plan, ENDS, acceptance)
        self.line_end: bytes | None = None
        """How every line has to end, once it is known that their endings differ."""
        self.crlf = False
        """Whether the lines of the file end with CRLF, so that new ones do, too."""

    def ends_wrong(self, line: bytes) -> bool:
        """Whether the line has the wrong ending."""
        if self.line_end is None or not line.endswith(b"\n"):
            return False
        return line.endswith(b"\r\n") is not (self.line_end == b"\r\n")

    def keep(self, lines: list[bytes]) -> None:
        """Pass on lines without a finding, except for duplicates that are dropped."""
        repeats = self.repeats
        start = 0
        for index in repeats.dropped(lines) if repeats else ():
            self._pass_on(lines[start:index])
            start = index
            if self.cut_off.open:
                self._keep_repeat()
                continue
            line, start = lines[index], index + 1
            self.tally.fixed[REPEATED] += 1
            self.tally.deleted += 1
            patch = Patch(line, (Change(0, len(line), b"", (REPEATED,)),))
            self.sink.change(Unit(self.line + 1, self.offset, patch, line))
            self.advance(1, len(line))
        self._pass_on(lines[start:] if start else lines)

    def _pass_on(self, lines: list[bytes]) -> None:
        if lines:
            self.sink.keep(lines)
            self.cut_off.note(lines)
            self.advance(len(lines), sum(map(len, lines)))

    def advance(self, lines: int, size: int) -> None:
        """Move on: the next record begins this many lines and bytes later."""
        self.line += lines
        self.offset += size

    def fix(self, lines: list[bytes], index: int, known: Known) -> int:
        """Repair the record that begins on the line with this index; return how many lines it has."""
        first, found = lines[index], known.findings
        self.keys, self.mender.spared = known.keys, known.accepted
        if isinstance(first, SpooledLine):
            self._fix_long_line(first, found)
            return 1
        spread = next(filter(is_spread, found), None)
        count = spread.end_line - spread.line + 1 if spread else known.spread or 1
        own = lines[index : index + count]
        if spread:
            self._fix_spread(own, spread, found, known.attempt)
        elif known.spread:
            self._leave_spread(own, found)
        else:
            self._fix_line(first, found, known.attempt, stays=self.cut_off.is_held_off(lines, index, self.mender))
        self.advance(len(own), sum(map(len, own)))
        return len(own)

    def _fix_line(self, line: bytes, found: list[RawFinding], attempt: Attempt | None, *, stays: bool) -> None:
        """Fix a line, which is a record or several of them; if it `stays`, it is blank and not deleted."""
        patch = self._with_ends([line], self._end_changes([line]))
        if stays:
            refused = refusals([finding.rule for finding in found if self.mender.permits(finding)])
            self.hand_on(patch, Mended(patch, found, {}, refused))
        elif attempt is not None:
            self.hand_on(patch, self.mender.mend(patch, attempt.findings, attempt.patch))
        elif any(finding.rule == SEVERAL and self.mender.permits(finding) for finding in found):
            self._fix_several(patch)
        elif any(map(self.mender.permits, found)):
            self.hand_on(patch, self.mender.mend(patch))
        else:
            self.hand_on(patch, Mended(patch, found, {}, ()))

    def _end_changes(self, lines: list[bytes]) -> list[Change]:
        """Return the changes that give each line the right ending."""
        changes: list[Change] = []
        start = 0
        for line in lines:
            end = start + len(line)
            if self.line_end is not None and self.ends_wrong(line):
                bare = line[:-1].rstrip(b"\r")  # without all of them: what is left must not look like CRLF again
                changes.append(Change(start + len(bare), end, self.line_end, (ENDS,)))
            start = end
        return changes

    def _with_ends(self, lines: list[bytes], changes: list[Change]) -> Patch:
        """Return the lines with these changes of their endings, and count the finding: it is one per file."""
        if changes:
            self.tally.fixed[ENDS] = 1
        return Patch(b"".join(lines), tuple(changes))

    def _fix_spread(
        self, lines: list[bytes], spread: RawFinding, found: list[RawFinding], attempt: Attempt | None
    ) -> None:
        """Join a record that is spread over lines, if it can be read after that."""
        if self.mender.permits(spread):
            joined = (attempt and attempt.patch) or self.joined(lines, spread, self.offset)
            mended = self.mender.mend(joined)
            if len(mended.patch.text.rstrip(b"\r\n")) > self.plan.settings.max_line_bytes:
                self.tally.refuse(self.line + 1, [Refusal(spread.rule, "one line of it would be over the limit")])
            elif not any(finding.rule in self.mender.no_record for finding in mended.findings):
                mended = self.cut_off.without_deletion(joined, mended, self.mender)
                mended.fixed[spread.rule] = mended.fixed.get(spread.rule, 0) + 1
                self.tally.extra_lines -= len(lines) - 1
                self.hand_on(self._with_ends(lines, self._last_end_changes(lines)), mended)
                return
        self._leave_spread(lines, found)

    def joined(self, lines: list[bytes], spread: RawFinding, offset: int) -> Patch:
        """Return the lines, which begin at this byte, as one: with the edits of the finding, if it comes with them."""
        edits, shift = fix_of(spread).edits, self.start - offset
        if not edits:
            edits, shift = joining_edits(lines), 0
        changes = [Change(start + shift, end + shift, text.encode(), (spread.rule,)) for start, end, text in edits]
        return Patch(b"".join(lines), tuple(self._last_end_changes(lines))).changed(changes)

    def _last_end_changes(self, lines: list[bytes]) -> list[Change]:
        """Return the change that gives the last line the right ending, if it takes one."""
        size = sum(map(len, lines))
        return [change for change in self._end_changes(lines) if change.end == size]

    def _leave_spread(self, lines: list[bytes], found: list[RawFinding]) -> None:
        """Pass on a record that stays spread over lines; only their endings may change."""
        patch = self._with_ends(lines, self._end_changes(lines))
        self.hand_on(patch, Mended(patch, found, {}, ()), extra_lines=len(lines) - 1)

    def _fix_several(self, patch: Patch) -> None:
        """Split a line with several records: each becomes a unit with the text between it and the next one."""
        line = patch.original
        text = decode(line.rstrip(b"\r\n"))
        offsets = ByteOffsets(text)
        places = [(offsets.at(start), offsets.at(end)) for start, end in gaps(text)]
        ended = line.endswith(b"\n")
        new_end = self.line_end or (b"\r\n" if (line.endswith(b"\r\n") if ended else self.crlf) else b"\n")
        self.tally.fixed[SEVERAL] += 1
        start = 0
        for gap_start, gap_end in places:
            part = Patch(line[start:gap_end], (Change(gap_start - start, gap_end - start, new_end, (SEVERAL,)),))
            self.tally.added += 1
            self.hand_on(part, self.mender.mend(part), at=start, record=line[start:gap_start] + new_end)
            start = gap_end
        last = tuple(change._replace(start=change.start - start, end=change.end - start) for change in patch.changes)
        rest = Patch(line[start:], last)
        self.hand_on(rest, self.mender.mend(rest), at=start)

    def hand_on(
        self, was: Patch, mended: Mended, *, at: int = 0, record: bytes | None = None, extra_lines: int = 0
    ) -> None:
        """Pass a record on, and count the result.

        It begins at byte `at` of the current line. `record` are its bytes, if `was` also contains separators from other
        records. `extra_lines` is the number of its lines beyond the first.
        """
        original = was.original
        blank = decode(original).isspace()
        mended = mended if blank else self.cut_off.without_deletion(was, mended, self.mender)
        as_it_was = not mended.fixed and record is None and not at
        mended, keys = told_apart(mended, self.keys if as_it_was else None, self.mender, self.book)
        rejected = self.rejecting and not blank and (self.mender.failed(mended) or self._repeats_wrongly(keys))
        self.tally.refuse(self.line + 1, mended.refused)
        if self.crlf and not original.endswith(b"\n"):  # the last line shows no end that its copies could have
            mended = mended._replace(patch=mended.patch.with_crlf())
        if self.repeats and not rejected and not extra_lines:
            distinct = self.repeats.without(mended)
            if not self.cut_off.open or distinct.patch.text:
                mended = distinct
            elif distinct is not mended:
                self._keep_repeat()
        keys = [] if rejected or not mended.patch.text else keys
        self.book.lose(self.keys or (), keys)
        if rejected:
            self.tally.rejected += 1
            self.tally.extra_lines -= extra_lines
        else:
            self.book.add(keys)
            self._count_written(mended, blank=blank, extra_lines=extra_lines)
            self.cut_off.note_record(mended)
        self.sink.change(Unit(self.line + 1, self.offset + at, mended.patch, record or original, rejected))

    def _keep_repeat(self) -> None:
        """Count a repeated record that stays, because it stands after one that is cut off."""
        self.tally.remaining[REPEATED, self.plan.severities[REPEATED]] += 1
        self.tally.refuse(self.line + 1, refusals([REPEATED]))

    def _repeats_wrongly(self, keys: list[Key]) -> bool:
        """Whether one of a record's keys is repeated, and that is an error."""
        again = [key for key in keys if self.book.repeats(key) and not key.accepted]
        return any(self.plan.severities[key.rule.name] is Severity.ERROR for key in again)

    def _count_written(self, mended: Mended, *, blank: bool, extra_lines: int) -> None:
        tally = self.tally
        for rule, count in mended.fixed.items():
            tally.fixed[rule] += count
        tally.remain(self.mender.remaining(mended), unsafe_allowed=self.plan.settings.unsafe_fixes)
        holds_text = [bool(line.strip()) for line in lines_of(mended.patch.text)]
        if blank:
            tally.extra_lines -= not holds_text
        elif not extra_lines:
            tally.deleted += not any(holds_text)
            tally.added += max(sum(holds_text) - 1, 0)
            tally.extra_lines += len(holds_text) - sum(holds_text)

    def _fix_long_line(self, line: SpooledLine, found: list[RawFinding]) -> None:
        """Copy a line over the limit, piece by piece."""
        failed = any(finding.severity is Severity.ERROR for finding in found)
        rejected = failed and self.rejecting
        if rejected:
            self.tally.rejected += 1
        else:
            self.tally.remain(found, unsafe_allowed=self.plan.settings.unsafe_fixes)
        self.sink.copy(self.line + 1, self.offset, line.pieces(), rejected=rejected)
        line.held.close()
        self.advance(1, line.size)
