"""Fix one file, whatever kind of file it is, and return the `FixResult`."""

from __future__ import annotations

from codecs import BOM_UTF8
from itertools import chain
from typing import BinaryIO, NamedTuple

from jsonl_lint.engine import PartialReport, facts_at_end, file_findings
from jsonl_lint.engine.dataset.compare import OVERLAP
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.head import LFS_POINTER, Head, read_head
from jsonl_lint.files.pieces import as_stream, pieces_of
from jsonl_lint.files.source import LineReader
from jsonl_lint.fixer.job import Fixed, Job
from jsonl_lint.fixer.lineends import ENDS
from jsonl_lint.fixer.lines import LineFixer
from jsonl_lint.fixer.patch import Change, Patch
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.rehearsal import Settled
from jsonl_lint.fixer.repeats import REPEATED
from jsonl_lint.fixer.sinks import Part
from jsonl_lint.fixer.views import bom_of, line_fed, transcoded
from jsonl_lint.project.baseline import entry_of
from jsonl_lint.results import FixResult
from jsonl_lint.rule import ComparisonRule, FileFacts, KindRule


def fix_opened(job: Job, handle: BinaryIO) -> FixResult:
    """Read the file, write the repaired one, and return what was done.

    Raises:
        UnreadableInputError: the file cannot be read as records, and no permitted fix changes that.
    """
    head = read_head(handle, job.shown)
    if head.lfs:
        raise UnreadableInputError(job.shown, LFS_POINTER)
    handle, head, views = _as_lines(job, handle, head)
    job.sink.begin(views)
    settled = job.settle(head) if head.layout != "array" else None
    permission = settled.permission if settled else job.permission
    keeps_bom = head.bom_bytes > 0 and not permission.permits_in_file("utf8-bom")
    if head.bom_bytes:
        _pass_on_bom(job, keep=keeps_bom)
    if ENDS in permission.plan.rules and not permission.permits_in_file(ENDS):
        job.written.ends = set()
    if settled is None:
        from jsonl_lint.fixer.array import fix_array  # few files are arrays

        fixed = fix_array(job, handle, head)
    else:
        fixed = _fix_lines(job, handle, head, settled, viewed=bool(views))
    job.sink.end()
    job.tally.prove(job.written.lines)
    if not keeps_bom and job.written.begins_with_bom_alone:
        job.tally.deleted += 1  # what came before it was rejected, so it is read as a blank line with the file's mark
    return _result(job, fixed, "utf-8-sig" if keeps_bom else "utf-8", viewed=bool(views))


class _View(NamedTuple):
    """A file as lines of UTF-8, and the views through which it is read."""

    handle: BinaryIO
    head: Head
    names: list[str]


def _as_lines(job: Job, handle: BinaryIO, head: Head) -> _View:
    """Return the file as lines of UTF-8, converted if necessary, and its head after that."""
    views: list[str] = []
    if head.encoding.startswith(("utf-16", "utf-32")):
        _require_fix(job, "utf16-file", head)
        bom = bom_of(head.encoding, head.data)
        views.append(f"{head.encoding}+mark" if bom else head.encoding)
        pieces = chain([head.data], pieces_of(handle))
        handle = as_stream(transcoded(pieces, head.encoding, bom, job.shown))
        head = read_head(handle, job.shown)
    if head.layout == "cr":
        _require_fix(job, "cr-line-endings", head)
        views.append("cr")
        handle = as_stream(line_fed(chain([head.data], pieces_of(handle))))
        head = read_head(handle, job.shown)
    return _View(handle, head, views)


def _require_fix(job: Job, rule: str, head: Head) -> None:
    """Make sure that this rule may be fixed, without which nothing else can be done, and count its fix."""
    if not job.permission.permits_in_file(rule):
        reason = f"not checked: the file is {head.other_kind}, and the rule {rule} is off or its fix is not wanted"
        raise UnreadableInputError(job.shown, reason)
    job.tally.fixed[rule] += 1


def _pass_on_bom(job: Job, *, keep: bool) -> None:
    """Keep or delete the byte order mark at the beginning of the file."""
    change = Change(0, len(BOM_UTF8), b"", ("utf8-bom",))
    if not keep:
        job.tally.fixed["utf8-bom"] += 1
    job.sink.change(Part(1, 0, Patch(BOM_UTF8, () if keep else (change,))))


def _fix_lines(job: Job, handle: BinaryIO, head: Head, settled: Settled, *, viewed: bool) -> Fixed:
    """Fix all lines. Others judge them in ranges if these can read the same lines, and permit the same fixes."""
    reader = LineReader(handle, head, settled.permission.plan.settings.max_line_bytes)
    records = job.record_fixer(settled, head.bom_bytes)
    divided = reader.rewindable and not viewed and settled.permission is job.permission
    reports = None
    if divided and job.range_reports:
        reports = job.range_reports(records.mender.judge.plan, settled.origin, head.bom_bytes)
    LineFixer(records, job.shown, job.on_progress).run(reader, reports)
    return Fixed("lines", settled, records.writer.keys)


def _result(job: Job, fixed: Fixed, encoding: str, *, viewed: bool) -> FixResult:
    """Return the result; findings about the file as a whole are those of the output."""
    tally, written, permission = job.tally, job.written, fixed.settled.permission
    plan, file_format = permission.plan, fixed.settled.origin.file_format
    tally.remaining.update(fixed.keys.findings())
    tally.more_unsafe += fixed.keys.more_unsafe()
    limits = plan.target.limits_in(file_format)
    facts = FileFacts(job.output, written.bytes, encoding, fixed.layout, limits, format=file_format)
    about_file = list(file_findings(facts, plan, before_lines=True))
    after = PartialReport(0)
    after.lines, after.bytes, after.records = written.lines, written.bytes, tally.written
    if {b"\n", b"\r\n"} <= (written.ends or set()):
        after.first_lf = after.first_crlf = (0, 0)  # that there are both is all that counts
    about_file += file_findings(facts_at_end(facts, after, file_format), plan, before_lines=False)
    for finding in about_file:
        tally.remaining[finding.rule, finding.severity] += permission.acceptance.reason(entry_of(finding)) is None
    result = tally.result(job.shown, changed=written.changed or viewed)
    return result._replace(uncounted=_uncounted(job, fixed, permission))


def _uncounted(job: Job, fixed: Fixed, permission: Permission) -> tuple[str, ...]:
    """Return the selected rules that would have to read the result to count their findings.

    Some have nothing to say about a single record.
    """
    plan, written = permission.plan, job.tally.written
    if not written or fixed.layout == "array":  # the items of an array are not compared
        return ()
    comparing = set(plan.rules.of_kind(KindRule))
    if plan.settings.against:  # even a single record may be in another file
        comparing |= plan.rules.keys() & {OVERLAP}
    if written > 1:
        counted = set() if job.tally.unsure_of_repeats else {REPEATED}
        comparing |= plan.rules.of_kind(ComparisonRule).keys() - counted - {OVERLAP}
        comparing |= {rule.name for rule in plan.by_kind.rereading.about_so_many(written)}
        comparing |= fixed.keys.unsure()
    return tuple(sorted(comparing))
