"""The report of lines that are all judged: their counts, their findings, and what rules about the dataset compare."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from jsonl_lint.engine.kindlog import KindLog
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.model import Applicability, Severity
from jsonl_lint.repeats.recordkeys import RecordKeys
from jsonl_lint.rule import DatasetRule

if TYPE_CHECKING:
    from jsonl_lint.engine.keylog import KeyLog, Occurrence


class JudgedLines:
    """The report of consecutive lines of one file, all of which are judged.

    - `lines`, `bytes`, `records` are counts, and so is `valid_records`: records without an error.
    - `counts` is the exact number of findings by rule and severity; `safe_fixes` and `unsafe_fixes` are those with a
      fix. `findings` keeps the first `limit` findings of each rule, and `stored` counts them.
    - `keys`, `record_keys` and `kinds` are what rules about the whole dataset compare.
    - `landmarks` are a sample of lines with the bytes where they begin, in order and flattened. They save reading a
      file again from its start.
    - `fault` says why a file that is one array cannot be split into items.
    """

    unreported: ClassVar = frozenset({"landmarks"})
    """Attributes that are not part of what is reported."""

    def __init__(self, limit: int = 0) -> None:
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

    def __eq__(self, other: object) -> bool:
        """Whether both report the same, apart from what is `unreported`."""
        return type(other) is type(self) and all(
            value == getattr(other, name) for name, value in vars(self).items() if name not in self.unreported
        )

    __hash__ = None  # type: ignore[assignment]

    def append(self, right: "JudgedLines") -> None:
        """Add the report of the next lines."""
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
        self.first_lf = self.first_lf or self.beyond(right.first_lf)
        self.first_crlf = self.first_crlf or self.beyond(right.first_crlf)
        if right.bytes:
            self.last_line_bytes = right.last_line_bytes
        self.safe_fixes += right.safe_fixes
        self.unsafe_fixes += right.unsafe_fixes
        self.lines += right.lines
        self.bytes += right.bytes
        self.records += right.records
        self.valid_records += right.valid_records

    def beyond(self, place: tuple[int, int] | None) -> tuple[int, int] | None:
        """Return a place in the report of the next lines as one in this report."""
        return place and (place[0] + self.lines, place[1] + self.bytes)

    def note(self, rule: DatasetRule, key: str, where: "Occurrence") -> None:
        """Note a record's key for a rule that compares records by it."""
        self.log_of(rule).note(key, where)

    def log_of(self, rule: DatasetRule) -> "KeyLog":
        """Return the log of keys for a rule that compares records by them, a new one if there is none."""
        if rule.name not in self.keys:
            from jsonl_lint.engine.keylog import KeyLog  # few rules compare records by keys

            self.keys[rule.name] = KeyLog(distinct=rule.distinct)
        return self.keys[rule.name]

    def count_line(self, size: int, lines: int = 1) -> None:
        """Count one more line of this many bytes, or several such lines."""
        self.lines += lines
        self.bytes += size * lines
        self.last_line_bytes = size

    def count_lines(self, lines: Sequence[bytes]) -> None:
        """Count more lines."""
        if any([line.endswith(b"\r\n") for line in lines]):
            for line in lines:
                note_line_end(self, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
                self.count_line(len(line))
            return
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

    def take_findings(self) -> list[RawFinding]:
        """Return the findings so far and drop them; they still count towards `limit`."""
        taken, self.findings = self.findings, []
        return taken


def saturated_rules(report: JudgedLines) -> set[str]:
    """Return the rules of which the report keeps no more findings."""
    limit = report.limit
    if not limit or max(report.stored.values(), default=0) < limit:
        return set()
    return {rule for rule, stored in report.stored.items() if stored >= limit}


def note_line_end(report: JudgedLines, *, crlf: bool, ended: bool = True) -> None:
    """Note the line ending of the report's next line, if it is the first of its kind."""
    if not ended:
        return
    if crlf:
        if report.first_crlf is None:
            report.first_crlf = (report.lines, report.bytes)
    elif report.first_lf is None:
        report.first_lf = (report.lines, report.bytes)
