"""What is known after some blocks of a file: counts, findings, and lines whose meaning their neighbours decide."""

from array import array
from collections import Counter
from collections.abc import Iterable
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from jsonl_lint.engine.fragments import (
    Fragment,
    closing_lines,
    fault_of,
    last_indented,
    stretched,
    stretched_if_cut_off,
)
from jsonl_lint.engine.kindlog import KindLog
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import Nesting
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.recordkeys import RecordKeys
from jsonl_lint.rule import DatasetRule

if TYPE_CHECKING:
    from jsonl_lint.engine.keylog import KeyLog, Occurrence

MAX_PENDING = 5_000
MAX_PENDING_BYTES = 8 << 20
"""Lines and bytes held while a record spread over lines may still end; then each line is reported alone."""

_AT_EASE = Nesting(0, 0, False)


class PartialReport:
    """The report of consecutive blocks of one file. `merge` is associative; the left one stands before the right.

    `lines` and `bytes` count lines and bytes; `records` and `valid_records` count records, of which the valid
    have no error. `counts` is exact for each rule, by severity, and so are `safe_fixes` and `unsafe_fixes`, the
    findings that a fix repairs; `findings` keeps the first ones of each rule. `keys`, `record_keys` and `kinds` are
    what rules about the whole dataset compare. `landmarks` are pairs of a line and the byte where it begins, some of
    many, in order: they save reading a file again from its start. `fault` says why a file that is one array cannot be
    taken apart.

    A record spread over lines can cross blocks. So a part that does not begin where a record surely begins keeps
    its first lines unjudged (`head`) until its left neighbour is there, and each part keeps a record that is still
    open at its end (`tail`). `synchronised` is False while no line has settled where records begin.
    """

    def __init__(self, limit: int = 0, *, synchronised: bool = True) -> None:
        self.limit = limit
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
        """Whether they report the same; `landmarks` are no part of that."""
        return isinstance(other, PartialReport) and all(
            value == getattr(other, name) for name, value in vars(self).items() if name != "landmarks"
        )

    __hash__ = None  # type: ignore[assignment]

    def merge(self, right: "PartialReport") -> "PartialReport":
        """The report of this part and of the one that follows; both stay as they are."""
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
        """Append the report of the part that follows."""
        if right.empty:
            return
        for fragment in right.head:
            self.add_fragment(fragment)
        if right.synchronised:
            self.settle()
            self.append(right)
            for fragment in right.tail:
                self.add_fragment(fragment)

    @property
    def empty(self) -> bool:
        """Whether it reports on no bytes at all."""
        return not (self.bytes or self.head or self.tail)

    def append(self, right: "PartialReport") -> None:
        """Append lines that are judged already: no fragments are looked at."""
        if right.findings:
            lines, offset = self.lines, self.bytes
            self.keep([finding.shifted(lines, offset) for finding in right.findings])
        for key, count in right.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
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
        """Note a record's key for a rule that compares records."""
        if rule.name not in self.keys:
            from jsonl_lint.engine.keylog import KeyLog  # few rules compare records by keys

            self.keys[rule.name] = KeyLog(distinct=rule.distinct)
        self.keys[rule.name].note(key, where)

    def count_line(self, size: int) -> None:
        """One more line, of so many bytes."""
        self.lines += 1
        self.bytes += size
        self.last_line_bytes = size

    def count_fix(self, applicability: Applicability | None, findings: int = 1) -> None:
        """So many more findings that a fix repairs, if there is one."""
        if applicability is Applicability.SAFE:
            self.safe_fixes += findings
        elif applicability is Applicability.UNSAFE:
            self.unsafe_fixes += findings

    def keep(self, findings: Iterable[RawFinding]) -> None:
        """Store findings in their order, each rule's first `limit` (0: all)."""
        stored, limit = self.stored, self.limit
        for finding in findings:
            rule = finding.rule
            count = stored.get(rule, 0)
            if count < limit or not limit:
                stored[rule] = count + 1
                self.findings.append(finding)

    def add_fragment(self, fragment: "Fragment") -> None:
        """A line that may belong to a record spread over several lines follows."""
        if fragment.follows_whole(self.tail if self.synchronised else self.head):
            self.settle()
        if not self.synchronised:
            self.head.append(fragment)
            if len(self.head) % MAX_PENDING == 0 and not any(each.judged.opens for each in self.head[-MAX_PENDING:]):
                self.settle()  # whatever was open before them has been given up by now
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
        too_much = len(self.tail) > MAX_PENDING or self.tail_bytes > MAX_PENDING_BYTES
        if self.open_at_end.change + effect.lowest < 0 or too_much:
            self.settle()
        elif depth == 0 and not effect.in_string:
            group, self.tail, self.tail_bytes = self.tail, [], 0
            self.append(self.joined(group))
        else:
            self.open_at_end = Nesting(depth, 0, effect.in_string)

    def settle(self) -> None:
        """A line follows that surely begins a record, or the file ends: judge what is still open."""
        if not self.synchronised:
            self.synchronised = True
            return
        may_go_on = len(self.tail) > MAX_PENDING or self.tail_bytes > MAX_PENDING_BYTES  # its end was not waited for
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
                self.append(self.joined(pending[index : end + 1]))
            elif rest > index and not (may_go_on and rest == len(pending) - 1):
                self.append(self.cut_off(pending[index : rest + 1]))
                end = rest
            else:
                self.append(pending[index].judged.alone)
                end = index
            index = end + 1

    def joined(self, group: list[Fragment]) -> "PartialReport":
        """One record spread over the lines of the group: a single finding names the range, if it is to be kept."""
        report = PartialReport(self.limit)
        compared = bool(group[0].judged.alone.record_keys)
        for fragment in group:
            line = fragment.line
            note_line_end(report, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
            report.count_line(len(line))
        if compared:
            report.record_keys.pad(len(group))
        report.records = 1
        cut_string = any([fragment.nesting(in_string=False).in_string for fragment in group[:-1]])
        fault = fault_of(group)
        finding = group[0].judged.broken_string if cut_string and not fault else group[0].judged.pretty
        if finding is None:
            report.valid_records = 1
            return report
        if fault:
            finding = finding._replace(message=f"{finding.message}, and joined they are no JSON: {fault}", fix=())
        report.counts[finding.rule, finding.severity] = 1
        if finding.fix:
            report.count_fix(finding.fix.applicability)
        if not self.limit or self.stored.get(finding.rule, 0) < self.limit:
            report.keep([stretched(finding, [fragment.line for fragment in group])])
        return report

    def cut_off(self, group: list[Fragment]) -> "PartialReport":
        """A record whose end is missing: what is said of its first line names the range of what is left of it."""
        report = PartialReport(self.limit)
        report.append(group[0].judged.alone)
        lines = [fragment.line for fragment in group]
        report.findings = [stretched_if_cut_off(finding, lines) for finding in report.findings]
        for line in lines[1:]:
            note_line_end(report, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
            report.count_line(len(line))
        if report.record_keys:
            report.record_keys.pad(len(group) - 1)
        return report

    def finished(self) -> "PartialReport":
        """The report of a whole file: nothing can stand before or follow that would change what is still open."""
        whole = PartialReport(self.limit)
        taken = Counter(self.stored) - Counter([finding.rule for finding in self.findings])
        whole.stored = dict(taken)
        whole.absorb(self)
        whole.settle()
        return whole

    def take_findings(self) -> list[RawFinding]:
        """The findings so far, which are then forgotten; what counts towards `limit` is not."""
        taken, self.findings = self.findings, []
        return taken


class Judged(NamedTuple):
    """A line that may be part of a record spread over several lines, looked at by itself.

    `alone` is its report if no such record takes it in. `opens` says that its end leaves brackets or a string open,
    so that such a record may start here: then `pretty` is its finding, or `broken_string` where a raw line break
    inside a string is what spreads it. Their fixes have an edit if edits are wanted.
    """

    opens: bool
    alone: PartialReport
    pretty: RawFinding | None = None
    broken_string: RawFinding | None = None


def saturated_rules(report: PartialReport) -> set[str]:
    """The rules of which the report keeps no more findings."""
    limit = report.limit
    if not limit or max(report.stored.values(), default=0) < limit:
        return set()
    return {rule for rule, stored in report.stored.items() if stored >= limit}


def note_line_end(report: PartialReport, *, crlf: bool, ended: bool = True) -> None:
    """Remember the first line with each kind of end; the line is the report's next."""
    if not ended:
        return
    if crlf:
        if report.first_crlf is None:
            report.first_crlf = (report.lines, report.bytes)
    elif report.first_lf is None:
        report.first_lf = (report.lines, report.bytes)
