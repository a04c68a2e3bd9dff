"""Split a file that is one array into lines, after reading it once to see that it is complete."""

from __future__ import annotations

import tempfile
from itertools import chain
from typing import BinaryIO

from jsonl_lint.arrays import ONE_CONVERSATION, BrokenArrayError, Gap, in_batches, is_message, items_of, on_one_line
from jsonl_lint.engine import PartialReport
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.head import HEAD_BYTES, Head, read_head
from jsonl_lint.files.pieces import pieces_of
from jsonl_lint.files.source import LineReader, Origin
from jsonl_lint.fixer.job import Fixed, Job
from jsonl_lint.fixer.keys import WrittenKeys
from jsonl_lint.fixer.mend import Refusal
from jsonl_lint.fixer.patch import Change, Patch, lines_of
from jsonl_lint.fixer.rehearsal import Settled, kind_of
from jsonl_lint.fixer.sinks import Part
from jsonl_lint.fixer.writer import Original
from jsonl_lint.project.baseline import entry_of
from jsonl_lint.repair.joining import joining_edits

ARRAY = "json-array-file"


def fix_array(job: Job, handle: BinaryIO, head: Head) -> Fixed:
    """Fix a file that is one array, of which the head has been read.

    Raises:
        UnreadableInputError: the rule about such files is off.
    """
    if ARRAY not in job.permission.plan.rules:
        reason = f"not checked: the file is one JSON array, and the rule {ARRAY} is off"
        raise UnreadableInputError(job.shown, reason)
    skip = head.bom_bytes
    with tempfile.TemporaryFile() as held:
        for piece in chain([head.data[skip:]], pieces_of(handle)):
            held.write(piece)
        held.seek(0)
        beginning = _first_items(job, held) if job.permission.permits_in_file(ARRAY) else None
        held.seek(0)
        return _leave(job, held, skip) if beginning is None else _split(job, held, beginning, skip)


def _first_items(job: Job, held: BinaryIO) -> Head | None:
    """Return the first items as lines, None if the array cannot be split."""
    lines: list[bytes] = []
    size = count = 0
    reason = ""
    try:
        for part in items_of(pieces_of(held), job.permission.plan.settings.max_line_bytes):
            if not isinstance(part, Gap):
                count += 1
                if size < HEAD_BYTES:
                    lines.append(on_one_line(part))
                    size += len(part)
    except BrokenArrayError as error:
        reason = str(error)
    else:
        reason = _why_not_lines(lines)
    if reason:
        job.tally.refuse(1, [Refusal(ARRAY, reason)])
    return None if reason else Head(b"\n".join(lines))


def _why_not_lines(items: list[bytes]) -> str:
    """Return why items must not become the lines of a file, "" if they may."""
    if not items:
        return "the array is empty"
    if is_message(items[0]):
        return ONE_CONVERSATION
    kind = kind_of(b"\n".join(items))
    return f"what is in it would be read as {kind}" if kind else ""


def _leave(job: Job, held: BinaryIO, offset: int) -> Fixed:
    """Write the array as it is. Count its items, and the findings in them, as a check of it does."""
    from jsonl_lint.checks.array import array_findings  # few files are arrays

    job.sink.copy(1, offset, pieces_of(held), rejected=False)
    held.seek(0)
    tally, plan, acceptance = job.tally, job.permission.plan, job.permission.acceptance
    reader = LineReader(held, read_head(held, job.shown), plan.settings.max_line_bytes)
    found = array_findings(reader, plan, report := PartialReport(0), None)
    left = (finding for finding in found if acceptance.reason(entry_of(finding)) is None)
    tally.remain(left, unsafe_allowed=plan.settings.unsafe_fixes)
    tally.records = report.records
    tally.extra_lines = job.written.lines - tally.records
    return Fixed("array", Settled(job.permission, Origin()), WrittenKeys(job.permission))


def _split(job: Job, held: BinaryIO, beginning: Head, offset: int) -> Fixed:
    """Write each item as a line; deleting what is before it is part of its change."""
    job.tally.fixed[ARRAY] += 1
    settled = job.settle(beginning)
    records = job.record_fixer(settled, offset)
    mender, writer = records.mender, records.writer
    gap = b""
    for parts in in_batches(items_of(pieces_of(held), settled.permission.plan.settings.max_line_bytes)):
        originals: list[Original] = []
        for part in parts:
            if isinstance(part, Gap):
                gap += part
            else:
                originals.append(Original(_as_line(part, gap), record=part + b"\n"))
                gap = b""
        mender.judge.expect([original.patch.text for original in originals])
        for original in originals:
            job.tally.records += 1
            whole = original.patch.original
            writer.write(original, mender.mend(original.patch))
            writer.advance(whole.count(b"\n"), len(whole))
        if job.on_progress:
            job.on_progress(sum(map(len, parts)))
    after = Patch(gap, (Change(0, len(gap), b"", (ARRAY,)),))
    job.sink.change(Part(writer.line + 1, writer.offset, after))
    return Fixed("lines", settled, writer.keys)


def _as_line(item: bytes, gap: bytes) -> Patch:
    """Return an item as a line, with the bytes before it, which are deleted."""
    before, whole = len(gap), gap + item
    edits = [
        Change(before + start, before + end, text.encode(), (ARRAY,))
        for start, end, text in joining_edits(list(lines_of(item)))
    ]
    edges = (Change(0, before, b"", (ARRAY,)), *edits, Change(len(whole), len(whole), b"\n", (ARRAY,)))
    return Patch(whole).changed(edges)
