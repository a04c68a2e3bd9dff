"""What the check says of a record as it would be with some fixes."""

from __future__ import annotations

from typing import NamedTuple

from jsonl_lint.engine import Clearance, LineChecker, RawFinding
from jsonl_lint.engine.keylog import KeyLog
from jsonl_lint.files.source import Origin
from jsonl_lint.fixer.patch import lines_of
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.model import EVERY_FIX
from jsonl_lint.plans.plan import Plan
from jsonl_lint.rule import SyntaxRule

NO_RECORD = frozenset({"double-encoded-record", "pretty-printed-json", "json-array-file"})
"""Rules, apart from the `SyntaxRule`s, whose findings say that a line is not a record."""


class Judged(NamedTuple):
    """The findings in a record, or in the records that it has become, and the keys of each of their lines, by rule.

    The places of findings count from the beginning of the first record.
    """

    findings: list[RawFinding]
    keys: list[dict[str, KeyLog]]


class Judge:
    """Judges records of one file by themselves. Only findings with a permitted fix come with its edits."""

    def __init__(self, permission: Permission, origin: Origin) -> None:
        self.plan = _judging(permission)
        self.origin = origin
        self.checker = LineChecker(origin, self.plan)
        self.clearance = Clearance(self.plan, origin.file_format)
        self.clean: set[bytes] = set()
        """Records that are certainly clean."""
        self.last = b""
        self.last_judged = Judged([], [])
        self.about_no_record = NO_RECORD.union(self.plan.rules_by_name.of_kind(SyntaxRule))
        """Rules whose findings say that a line is not a record."""

    def expect(self, records: list[bytes]) -> None:
        """Find out which of the records that will be judged next are clean. Together that takes less time."""
        self.clean = {records[index] for index in self.clearance.cleared(records)}

    def judge(self, data: bytes) -> Judged:
        """Judge a record, or the records that it has become. The last result is cached."""
        if data in self.clean:
            return Judged([], [{}])
        if self.last != data:
            self.last_judged = self._judge(data)
            self.last = data
        return self.last_judged

    def _judge(self, data: bytes) -> Judged:
        judged = Judged([], [])
        offset = 0
        for number, line in enumerate(lines_of(data)):
            report = self.checker.report_on(line)
            if report is not None:
                judged.findings.extend([finding.shifted(number, offset) for finding in report.findings])
            judged.keys.append(report.keys if report is not None else {})
            offset += len(line)
        return judged


def _judging(permission: Permission) -> Plan:
    """Return the plan by which records are judged that are to be repaired."""
    edited = frozenset(each for each in EVERY_FIX if permission.allows(each))
    return permission.plan._replace(edited=edited, show_context=False, compares=False, tracks_kinds=False)
