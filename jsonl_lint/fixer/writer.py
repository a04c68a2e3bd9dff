"""Write records in their order, and count them. What has been written decides what becomes of those that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jsonl_lint.engine import RawFinding
from jsonl_lint.fixer.chunks import SpooledLine
from jsonl_lint.fixer.cutoff import CutOff, refusals
from jsonl_lint.fixer.judge import Judge
from jsonl_lint.fixer.keys import Key, WrittenKeys, with_new_keys
from jsonl_lint.fixer.lineends import LineEnds
from jsonl_lint.fixer.mend import Mended
from jsonl_lint.fixer.patch import Change, Patch, lines_of
from jsonl_lint.fixer.permission import NOWHERE, Permission, Places
from jsonl_lint.fixer.repeats import REPEATED, Repeats
from jsonl_lint.fixer.sinks import Part, Sink
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.jsonspan import decode
from jsonl_lint.model import Severity


class Original(NamedTuple):
    """The part of the file that became one record by mending: all of its lines, or a piece of one.

    `patch` has what was changed before: line breaks and endings. The part begins at byte `at` of the line. `record` are
    its bytes if it also contains separators from other records. A baseline accepts findings at the places `accepted`.
    `keys` are those by which it is compared as it was, if they are known. `extra_lines` is the number of lines beyond
    the first, of a record that stays spread.
    """

    patch: Patch
    at: int = 0
    record: bytes | None = None
    accepted: Places = NOWHERE
    keys: list[Key] | None = None
    extra_lines: int = 0

    def known_keys(self, mended: Mended) -> list[Key] | None:
        """Return the keys of the record as it has been mended, if they are those that are known."""
        return None if mended.fixed or self.record is not None or self.at else self.keys


class RecordWriter:
    """Passes the records of a file to a sink, and counts the results in a tally.

    `line` (from 0) and `offset` are where the next record begins.
    """

    def __init__(self, judge: Judge, permission: Permission, sink: Sink, tally: Tally, offset: int) -> None:
        self.judge = judge
        self.permission = permission
        self.sink = sink
        self.tally = tally
        self.line = 0
        self.offset = offset
        self.ends = LineEnds(permission)
        self.keys = WrittenKeys(permission)
        self.repeats = Repeats(permission, tally) if REPEATED in permission.plan.rules else None
        self.cut_off = CutOff(permission.plan)

    def keep(self, lines: list[bytes]) -> None:
        """Write lines without a finding as they are, except for repeated records, which are dropped."""
        start = 0
        for index in self.repeats.to_drop(lines) if self.repeats else ():
            self._keep_all(lines[start:index])
            start = index
            if self.cut_off.open:
                self._keep_repeat()
            else:
                start += 1
                self.tally.deleted += 1
                self.delete(lines[index:start], REPEATED)
        self._keep_all(lines[start:] if start else lines)

    def _keep_all(self, lines: list[bytes]) -> None:
        if lines:
            self.sink.keep(lines)
            self.cut_off.note(lines)
            self.advance(len(lines), sum(map(len, lines)))

    def delete(self, lines: Sequence[bytes], rule: str) -> None:
        """Delete each of these lines, as the fix of the rule."""
        patches: dict[bytes, Patch] = {}
        for line in lines:
            patch = patches.get(line)
            if patch is None:
                patch = patches[line] = Patch(line, (Change(0, len(line), b"", (rule,)),))
            self.sink.change(Part(self.line + 1, self.offset, patch, line))
            self.advance(1, len(line))
        if lines:
            self.tally.fixed[rule] += len(lines)

    def copy(self, line: SpooledLine, found: list[RawFinding]) -> None:
        """Write a line over the limit as it is, piece by piece."""
        rejected = self.permission.rejecting and any(finding.severity is Severity.ERROR for finding in found)
        if rejected:
            self.tally.rejected += 1
        else:
            self._count_remaining(found)
        self.sink.copy(self.line + 1, self.offset, line.pieces(), rejected=rejected)
        line.held.close()
        self.advance(1, line.size)

    def advance(self, lines: int, size: int) -> None:
        """Move on: the next record begins this many lines and bytes later."""
        self.line += lines
        self.offset += size

    def write(self, original: Original, mended: Mended) -> None:
        """Write what a part of the file has become, except for what is rejected or repeated, and count it."""
        permission = self.permission.in_record(original.accepted)
        blank = decode(original.patch.original).isspace()
        if not blank:
            mended = self.cut_off.without_deletion(original.patch, mended, self.judge)
        mended, keys = with_new_keys(mended, original.known_keys(mended), self.judge, self.keys)
        rejected = permission.rejecting and not blank and (_fails(mended, permission) or self._repeats_wrongly(keys))
        self.tally.refuse(self.line + 1, mended.refused)
        if self.ends.crlf and not original.patch.original.endswith(b"\n"):  # it shows no end that its copies could have
            mended = mended._replace(patch=mended.patch.with_crlf())
        if not rejected and not original.extra_lines:
            mended = self._without_repeats(mended)
        keys = [] if rejected or not mended.patch.text else keys
        self.keys.lose(original.keys or (), keys)
        if rejected:
            self.tally.rejected += 1
            self.tally.extra_lines -= original.extra_lines
        else:
            self.keys.add(keys)
            self._count_fixed(mended)
            self._count_remaining(_remaining(mended, permission))
            self._count_lines(mended.patch.text, blank=blank, spread=original.extra_lines > 0)
            self.cut_off.note_record(mended)
        record = original.record or original.patch.original
        self.sink.change(Part(self.line + 1, self.offset + original.at, mended.patch, record, rejected))

    def _without_repeats(self, mended: Mended) -> Mended:
        """Return what has been mended, without the records that have been written before."""
        distinct = self.repeats.drop_from(mended) if self.repeats else mended
        if not self.cut_off.open or distinct.patch.text:
            return distinct
        if distinct is not mended:
            self._keep_repeat()
        return mended

    def _keep_repeat(self) -> None:
        """Count a repeated record that stays, because it stands after one that is cut off."""
        self.tally.remaining[REPEATED, self.permission.plan.severities[REPEATED]] += 1
        self.tally.refuse(self.line + 1, refusals([REPEATED]))

    def _repeats_wrongly(self, keys: list[Key]) -> bool:
        """Whether one of a record's keys is repeated, and that is an error."""
        again = [key for key in keys if self.keys.repeats(key) and not key.accepted]
        return any(self.permission.plan.severities[key.rule.name] is Severity.ERROR for key in again)

    def _count_remaining(self, findings: list[RawFinding]) -> None:
        self.tally.remain(findings, unsafe_allowed=self.permission.plan.settings.unsafe_fixes)

    def _count_fixed(self, mended: Mended) -> None:
        for rule, count in mended.fixed.items():
            self.tally.fixed[rule] += count

    def _count_lines(self, text: bytes, *, blank: bool, spread: bool) -> None:
        """Count the records and the other lines that a record has become."""
        tally = self.tally
        holds_text = [bool(line.strip()) for line in lines_of(text)]
        if blank:
            tally.extra_lines -= not holds_text
        elif not spread:
            tally.deleted += not any(holds_text)
            tally.added += max(sum(holds_text) - 1, 0)
            tally.extra_lines += len(holds_text) - sum(holds_text)


def _fails(mended: Mended, permission: Permission) -> bool:
    """Whether an error remains that was not accepted in the original record."""
    return any(finding.severity is Severity.ERROR and not permission.accepts(finding) for finding in mended.findings)


def _remaining(mended: Mended, permission: Permission) -> list[RawFinding]:
    """Return the findings that count. For a baseline, a changed record is a new one, so it accepts none of them."""
    permission = permission.in_record(NOWHERE) if mended.patch.changes else permission
    return [finding for finding in mended.findings if not permission.accepts(finding)]
