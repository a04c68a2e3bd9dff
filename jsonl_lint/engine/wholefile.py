"""A file as a whole: its format, its line ending, the facts about it, and the findings that no single line has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from jsonl_lint.engine.dataset.lineset import LineSet
from jsonl_lint.engine.dataset.logfindings import key_findings, kind_findings
from jsonl_lint.engine.dataset.rereadable import RereadableFile
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.rawfinding import RawFinding, finding_of, unmade_fix
from jsonl_lint.files.head import Head
from jsonl_lint.files.source import MOST_BRACKETS_AND_COMMAS, brackets_and_commas
from jsonl_lint.model import Finding, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.repeats.recordkeys import recurring
from jsonl_lint.rule import FileFacts, FileSketch, Rule
from jsonl_lint.target import BATCH_FORMATS

SNIFFED_RECORDS = 1000
"""The number of first lines from which the format of a file is detected."""


def detect_format(head: Head, plan: Plan) -> tuple[str | None, int]:
    """Return the format of most records in the file's first bytes, and the first line that has it.

    In a tie, the one that comes first wins; (None, 0) if no record has a known format.
    """
    if plan.settings.format != "auto":
        return plan.settings.format, 0
    votes: dict[str, tuple[int, int]] = {}
    data = head.data[head.bom_bytes :]
    for number, line in enumerate(data.split(b"\n", SNIFFED_RECORDS)[:SNIFFED_RECORDS], start=1):
        if line.lstrip()[:1] != b"{" or len(line) > MOST_BRACKETS_AND_COMMAS < brackets_and_commas(line):
            continue
        try:
            record = plan.parse(line)
        except ValueError:
            continue
        format = plan.own_format(record, None)
        if format is not None:
            count, first = votes.get(format, (0, number))
            votes[format] = (count + 1, first)
    if not votes:
        return None, 0
    name = max(votes, key=lambda name: (votes[name][0], -votes[name][1]))
    return name, votes[name][1]


def first_line_end(head: Head) -> str:
    """Return the line ending of the file's first line."""
    return "\r\n" if head.data[: head.data.find(b"\n") + 1].endswith(b"\r\n") else "\n"


def file_findings(facts: FileFacts, plan: Plan, *, before_lines: bool) -> Iterator[RawFinding]:
    """Yield the findings of the rules about files and about the run's model, with absolute places."""
    for rule in plan.by_kind.file.about_file(facts.traits, before_lines=before_lines):
        for sketch in rule.check(facts):
            yield _raw(rule, sketch, plan)
    if before_lines and plan.settings.model is not None and plan.by_kind.model:
        use = plan.ruler().use(plan.settings.model, "serverless" if facts.format in BATCH_FORMATS else "fine-tuning")
        for about_model in plan.by_kind.model:
            for sketch in about_model.of_model(use):
                yield _raw(about_model, sketch, plan)


class FileFindings:
    """Makes the findings about a file as a whole, and counts them in a separate report."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.report = JudgedLines()

    def findings(self, facts: FileFacts, base: int, *, before_lines: bool) -> Iterator[Finding]:
        """Yield the findings that can be made before the lines are read, or those that are made at the end."""
        for raw in file_findings(facts, self.plan, before_lines=before_lines):
            self.report.add_counts({(raw.rule, raw.severity): 1})
            self.report.count_fix(raw.fix.applicability if raw.fix else None)
            yield finding_of(raw, facts.path, 0, base, self.plan)

    def counts_with(self, report: JudgedLines) -> dict[tuple[str, Severity], int]:
        """Return the counts of these findings together with those of the lines."""
        both = JudgedLines()
        both.add_counts(self.report.counts)
        both.add_counts(report.counts)
        return both.counts


def _raw(rule: Rule, sketch: FileSketch, plan: Plan) -> RawFinding:
    return RawFinding(
        line=sketch.line - 1,
        column=sketch.column,
        end_column=sketch.end_column,
        code=rule.code,
        pointer="",
        end_line=max(sketch.end_line, sketch.line) - 1,
        byte_offset=sketch.byte_offset,
        rule=rule.name,
        severity=sketch.severity or plan.severities[rule.name],
        message=sketch.message,
        help=sketch.help or rule.help,
        fix=unmade_fix(rule.help, plan.applicability(rule.name, rule.fix) if sketch.fixable else None),
    )


def dataset_findings(report: JudgedLines, plan: Plan, file: RereadableFile | None = None) -> Iterator[RawFinding]:
    """Yield the findings of the rules that compare records, with absolute places, and update the report's counts.

    A record whose first error is among them no longer counts as valid. Without `file`, whole records are not compared.
    """
    spoiled = LineSet()
    if plan.tracks_kinds and (file is None or file.format not in BATCH_FORMATS):  # no loader gives these one type
        yield from kind_findings(report, plan, spoiled)
    if plan.compares and file is not None:
        shared = recurring(*[other.keys for other in file.others], report.record_keys)
        for first in islice(shared, 1):
            from jsonl_lint.engine.dataset.compare import comparison_findings

            yield from comparison_findings(report, plan, file, chain((first,), shared), spoiled)
    readable = min(report.records, len(report.record_keys)) if plan.compares else report.records  # at most
    rereading = [] if file is None else list(plan.by_kind.rereading.about_so_many(readable))
    if file is not None and rereading:
        from jsonl_lint.engine.dataset.reread import rereading_findings

        yield from rereading_findings(report, plan, rereading, file.format, file.lines, spoiled)
    yield from key_findings(report, plan, spoiled)
    report.valid_records -= len(spoiled)


def facts_at_end(before: FileFacts, report: JudgedLines, format: str | None) -> FileFacts:
    """Return what is known of a file after its last line."""
    lf, crlf = report.first_lf, report.first_crlf
    return before._replace(
        format=format,
        bytes=report.bytes,
        records=report.records,
        fault=report.fault,
        last_line=max(report.lines, 1),
        last_line_offset=report.bytes - report.last_line_bytes,
        first_lf=lf[0] + 1 if lf else 0,
        first_lf_offset=lf[1] if lf else 0,
        first_crlf=crlf[0] + 1 if crlf else 0,
        first_crlf_offset=crlf[1] if crlf else 0,
    )
