"""The report of a part of a file: counts, findings, and lines whose meaning depends on the neighbouring parts."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from jsonl_lint.engine.fragments import Fragment, closing_lines, fault_of, last_indented, next_start
from jsonl_lint.engine.kindlog import KindLog
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import Nesting
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.recordkeys import RecordKeys
from jsonl_lint.rule import DatasetRule

if TYPE_CHECKING:
    from jsonl_lint.engine.keylog import KeyLog, Occurrence
    from jsonl_lint.engine.spread import SpreadJudge

MAX_PENDING = 5_000
MAX_PENDING_BYTES = 8 << 20
"""Lines and bytes held while a record spread over lines is open; beyond that, each line is reported by itself."""

_AT_EASE = Nesting(0, 0, False)


def may_be_held(lines: int, size: int) -> bool:
    """Whether so many lines of an open record, and so many bytes, are held until it ends."""
    return lines <= MAX_PENDING and size <= MAX_PENDING_BYTES


class PartialReport:
    """The report of consecutive blocks of one file. `left.merge(right)` is associative.

    - `lines`, `bytes`, `records` are counts, and so is `valid_records`: records without an error.
    - `counts` is the exact number of findings by rule and severity; `safe_fixes` and `unsafe_fixes` are those with a
      fix. `findings` keeps the first `limit` findings of each rule, and `stored` counts them.
    - `keys`, `record_keys` and `kinds` are what rules about the whole dataset compare.
    - `landmarks` are a sample of lines with the bytes where they begin, in order and flattened. They save reading a
      file again from its start.
    - `fault` says why a file that is one array cannot be split into items.

    A record spread over lines can cross blocks. So a part that may begin inside a record keeps its first lines unjudged
    (`head`) until it is merged with the part before it, and each part keeps a record that is still open at its end
    (`tail`). `synchronised` is False until it is known where records begin. `inside` judges such a record once all its
    lines are known; without it, only that it is spread is reported.
    """

    def __init__(self, limit: int = 0, *, synchronised: bool = True, inside: "SpreadJudge | None" = None) -> None:
        self.limit = limit
        self.inside = inside
        self.lines = 0
        self.bytes = 0
        self.records = 0
        self.valid_records = 0
        self.last_line_bytes = 0
        self.counts: dict[tuple[str, Severity], int] = {}
        self.safe_fixes = 0
        self.unsafe_fixes = 0
        self.findings: list[RawFinding] = []
        self.stored: dict[str, int] = {}
        self.keys: dict[str, KeyLog] = {}
        self.record_keys = RecordKeys()
        self.kinds = KindLog()
        self.landmarks: array[int] = array("Q")
        self.fault = ""
        self.first_lf: tuple[int, int] | None = None
        self.first_crlf: tuple[int, int] | None = None
        self.synchronised = synchronised
        self.head: list[Fragment] = []
        self.tail: list[Fragment] = []
        self.tail_bytes = 0
        self.open_at_end = _AT_EASE

    def __eq__(self, other: object) -> bool:
        """Whether both report the same; `landmarks` and what judges do not matter."""
        return isinstance(other, PartialReport) and all(
            value == getattr(other, name) for name, value in vars(self).items() if name not in ("landmarks", "inside")
        )

    __hash__ = None  # type: ignore[assignment]

    def merge(self, right: "PartialReport") -> "PartialReport":
        """Return the report of this part and the next one; neither is changed."""
        merged = copy(self)
        merged.counts = dict(self.counts)
        merged.findings = list(self.findings)
        merged.stored = dict(self.stored)
        merged.keys = {rule: log.copy() for rule, log in self.keys.items()}
        merged.record_keys = self.record_keys.copy()
        merged.landmarks = self.landmarks[:]
        merged.kinds = self.kinds.copy()
        merged.head = list(self.head)
        merged.tail = list(self.tail)
        merged.absorb(right)
        return merged

    def absorb(self, right: "PartialReport") -> None:
        """Add the report of the next part to this one."""
        if right.empty:
            return
        self.inside = self.inside or right.inside
        for fragment in right.head:
            self.add_fragment(fragment)
        if right.synchronised:
            self.settle()
            self.append(right)
            for fragment in right.tail:
                self.add_fragment(fragment)

    @property
    def empty(self) -> bool:
        """Whether it is the report of no bytes at all."""
        return not (self.bytes or self.head or self.tail)

    def append(self, right: "PartialReport") -> None:
        """Add the report of lines that are all judged: its fragments are ignored."""
        if right.findings:
            lines, offset = self.lines, self.bytes
            self.keep([finding.shifted(lines, offset) for finding in right.findings])
        self.add_counts(right.counts)
        for rule, log in right.keys.items():
            if rule not in self.keys:
                self.keys[rule] = type(log)(distinct=log.distinct)
            self.keys[rule].append(log, self.lines, self.bytes)
        self.fault = self.fault or right.fault
        self.record_keys.append(right.record_keys)
        self.kinds.append(right.kinds, self.lines, self.bytes)
        for line, offset in zip(right.landmarks[::2], right.landmarks[1::2], strict=True):
            self.landmarks.extend((line + self.lines, offset + self.bytes))
        if self.first_lf is None and right.first_lf is not None:
            self.first_lf = (right.first_lf[0] + self.lines, right.first_lf[1] + self.bytes)
        if self.first_crlf is None and right.first_crlf is not None:
            self.first_crlf = (right.first_crlf[0] + self.lines, right.first_crlf[1] + self.bytes)
        if right.bytes:
            self.last_line_bytes = right.last_line_bytes
        self.safe_fixes += right.safe_fixes
        self.unsafe_fixes += right.unsafe_fixes
        self.lines += right.lines
        self.bytes += right.bytes
        self.records += right.records
        self.valid_records += right.valid_records

    def note(self, rule: DatasetRule, key: str, where: "Occurrence") -> None:
        """Note a record's key for a rule that compares records by it."""
        if rule.name not in self.keys:
            from jsonl_lint.engine.keylog import KeyLog  # few rules compare records by keys

            self.keys[rule.name] = KeyLog(distinct=rule.distinct)
        self.keys[rule.name].note(key, where)

    def count_line(self, size: int) -> None:
        """Count one more line of this many bytes."""
        self.lines += 1
        self.bytes += size
        self.last_line_bytes = size

    def count_lines(self, lines: Sequence[bytes]) -> None:
        """Count more lines. Those that end, end with LF."""
        for line in lines[:1]:
            note_line_end(self, crlf=False, ended=line.endswith(b"\n"))
        for line in lines[-1:]:
            self.last_line_bytes = len(line)
        self.lines += len(lines)
        self.bytes += sum(map(len, lines))

    def add_counts(self, counts: Mapping[tuple[str, Severity], int]) -> None:
        """Add numbers of findings by rule and severity."""
        for key, count in counts.items():
            self.counts[key] = self.counts.get(key, 0) + count

    def count_fix(self, applicability: Applicability | None, findings: int = 1) -> None:
        """Count this many findings as fixable, if they have a fix."""
        if applicability is Applicability.SAFE:
            self.safe_fixes += findings
        elif applicability is Applicability.UNSAFE:
            self.unsafe_fixes += findings

    def keep(self, findings: Iterable[RawFinding]) -> None:
        """Store findings in order, the first `limit` of each rule (0: all)."""
        stored, limit = self.stored, self.limit
        for finding in findings:
            rule = finding.rule
            count = stored.get(rule, 0)
            if count < limit or not limit:
                stored[rule] = count + 1
                self.findings.append(finding)

    def add_fragment(self, fragment: "Fragment") -> None:
        """Add the next line, which may belong to a record spread over several lines."""
        if fragment.follows_whole(self.tail if self.synchronised else self.head):
            self.settle()
        if not self.synchronised:
            self.head.append(fragment)
            if len(self.head) % MAX_PENDING == 0 and not any(each.judged.opens for each in self.head[-MAX_PENDING:]):
                self.settle()  # the part before has given up on any open record by now
            return
        if not self.tail and not fragment.judged.opens:
            self.append(fragment.judged.alone)
            return
        self.tail.append(fragment)
        self.tail_bytes += len(fragment.line)
        if len(self.tail) == 1:
            return
        if len(self.tail) == 2:
            self.open_at_end = self.tail[0].nesting(in_string=False)
        effect = fragment.nesting(in_string=self.open_at_end.in_string)
        depth = self.open_at_end.change + effect.change
        too_much = not may_be_held(len(self.tail), self.tail_bytes)
        below = self.open_at_end.change + effect.lowest < 0
        if too_much:
            self.settle()
        elif below or (depth == 0 and not effect.in_string):
            self.close(whole=not below)
        else:
            self.open_at_end = Nesting(depth, 0, effect.in_string)

    def close(self, *, whole: bool) -> None:
        """Judge what is open, since as many brackets have been closed as opened (`whole`), or more."""
        again = next_start(self.tail)
        if whole and not (again and fault_of(self.tail)):
            group, self.tail, self.tail_bytes = self.tail, [], 0
            self.append_spread(group, whole=True)
            return
        rest = self.tail[again:] if again else []
        del self.tail[len(self.tail) - len(rest) :]
        self.settle()
        for fragment in rest:  # each is added again only once: no later start is among them
            self.add_fragment(fragment)

    def settle(self) -> None:
        """Judge what is still open: the next line certainly begins a record, or the file ends."""
        if not self.synchronised:
            self.synchronised = True
            return
        may_go_on = not may_be_held(len(self.tail), self.tail_bytes)  # its end was not waited for
        pending, self.tail, self.tail_bytes = self.tail, [], 0
        if not pending:
            return
        ends = closing_lines(pending) if len(pending) > 1 else [0]
        index = 0
        while index < len(pending):
            opens = pending[index].judged.opens
            end = ends[index] if opens else 0
            rest = last_indented(pending, index) if opens and not end else index
            if end > index:
                self.append_spread(pending[index : end + 1], whole=True)
            elif rest > index and not (may_go_on and rest == len(pending) - 1):
                self.append_spread(pending[index : rest + 1], whole=False)
                end = rest
            else:
                self.append(pending[index].judged.alone)
                end = index
            index = end + 1

    def append_spread(self, group: list[Fragment], *, whole: bool) -> None:
        """Add the report of one record that is spread over the lines of the group, or of what is left of it."""
        from jsonl_lint.engine.spread import cut_off, joined  # few records are spread over lines

        self.append_record(joined(group, self) if whole else cut_off(group, self.limit))

    def append_record(self, spread: "PartialReport") -> None:
        """Add the report of one record that is spread over lines."""
        self.append(spread)

    def finished(self) -> "PartialReport":
        """Return the final report of a whole file: nothing comes before or after it, so everything open is judged."""
        whole = PartialReport(self.limit)
        taken = Counter(self.stored) - Counter([finding.rule for finding in self.findings])
        whole.stored = dict(taken)
        whole.absorb(self)
        whole.settle()
        return whole

    def take_findings(self) -> list[RawFinding]:
        """Return the findings so far and drop them; they still count towards `limit`."""
        taken, self.findings = self.findings, []
        return taken


class Judged(NamedTuple):
    """The result of judging a fragment by itself.

    `alone` is its report if it turns out not to be part of a record spread over lines. `opens` says that its end leaves
    brackets or a string open, so that such a record may start here. The finding of that record is `pretty`, or
    `broken_string` if it is a raw line break inside a string that splits it. Their fixes have an edit if edits are
    wanted.
    """

    opens: bool
    alone: PartialReport
    pretty: RawFinding | None = None
    broken_string: RawFinding | None = None


def saturated_rules(report: PartialReport) -> set[str]:
    """Return the rules of which the report keeps no more findings."""
    limit = report.limit
    if not limit or max(report.stored.values(), default=0) < limit:
        return set()
    return {rule for rule, stored in report.stored.items() if stored >= limit}


def note_line_end(report: PartialReport, *, crlf: bool, ended: bool = True) -> None:
    """Note the line ending of the report's next line, if it is the first of its kind."""
    if not ended:
        return
    if crlf:
        if report.first_crlf is None:
            report.first_crlf = (report.lines, report.bytes)
    elif report.first_lf is None:
        report.first_lf = (report.lines, report.bytes)
