"""Lines that are quickly seen to be clean, as most are: passed over and counted together. This is the hot path."""

from __future__ import annotations

from typing import Any

from jsonl_lint.engine.judged import note_line_end
from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.engine.judging.notes import has_new_kinds
from jsonl_lint.engine.judging.plain import PlainChats
from jsonl_lint.engine.kindlog import PLAIN_CHAT
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.verdicts import Verdict
from jsonl_lint.records.likeness import record_key, text_key
from jsonl_lint.records.structure import signature


class PassedLines(PlainChats):
    """Passes over clean lines. They still have to be counted in the report; the keys of their records are there."""

    def __init__(self, plan: Plan, file_format: str | None, report: PartialReport) -> None:
        self.clean_chats = plan.memory.clean_chats.setdefault(file_format, set())
        super().__init__(plan, self.clean_chats)
        self.file_format = file_format
        self.report = report
        self.lines = self.bytes = self.last_bytes = 0
        self.follow_report()

    def follow_report(self) -> None:
        """Know no roles until a plain conversation has been judged in full, so that the report has noted its kinds."""
        unnoted = self.plan.tracks_kinds and self.report.kinds.new(PLAIN_CHAT)
        self.known_roles = set() if unnoted else self.clean_chats

    def verdict_unless_clean(self, line: bytes, record: dict[str, Any], marked: int, judge: Judge) -> Verdict | None:
        """Return the verdict on a record, or None once it is passed over: it is quickly certain that it is clean."""
        key = None
        if self.is_plain(line, record, marked):
            if self.plan.compares:
                key = _plain_key(record["messages"])
        else:
            verdict = self.verdict(line, record)
            if not self.is_clean(line, record, verdict, marked, judge):
                return verdict
            if self.plan.compares:
                key = record_key(record)
        self.add(len(line), key)
        return None

    def verdict(self, line: bytes, record: dict[str, Any]) -> Verdict:
        """Return the verdict on the record's structure. If its line ends with tools, they are remembered."""
        if "tools" in record:
            self.plan.common_tails.learn(line, record)
        return self.plan.verdict(signature(record), record, self.file_format)

    def is_clean(self, line: bytes, record: dict[str, Any], verdict: Verdict, marked: int, judge: Judge) -> bool:
        """Whether it is quickly certain that the record has no finding and adds nothing to the logs."""
        return judge.is_clean(line, record, verdict, marked) and (
            not self.plan.tracks_kinds or not has_new_kinds(self.report.kinds, record, verdict)
        )

    def add(self, size: int, record_key: int | None) -> None:
        """Add a line of this many bytes; `record_key` is that of its record, if records are compared."""
        self.lines += 1
        self.bytes += size
        self.last_bytes = size
        if record_key is not None:
            self.report.record_keys.keys.append(record_key)

    def settle(self, *, crlf: bool) -> None:
        """Count the lines, before anything else is added to the report; `crlf` says how they end."""
        if not self.lines:
            return
        report = self.report
        note_line_end(report, crlf=crlf)
        report.lines += self.lines
        report.bytes += self.bytes
        report.records += self.lines
        report.valid_records += self.lines
        report.last_line_bytes = self.last_bytes
        self.lines = self.bytes = 0


def _plain_key(messages: list[dict[str, str]]) -> int:
    """Return the key of a conversation of plain messages, as `likeness.record_key` does for any record."""
    return text_key("\n".join([message["content"] for message in messages[:-1] or messages]))
