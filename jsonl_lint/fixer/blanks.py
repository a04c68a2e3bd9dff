"""Delete runs of blank lines. A file may have millions of them, so they are not repaired one by one as records are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from jsonl_lint.engine import RawFinding
from jsonl_lint.fixer.choice import drops, fix_of
from jsonl_lint.fixer.lineends import LineEnds
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.writer import RecordWriter

BLANK = "blank-line"


def deleted_blanks(
    lines: Sequence[bytes], findings: Mapping[int, list[RawFinding]], permission: Permission, ends: LineEnds
) -> Collection[int]:
    """Return the indexes of lines that are deleted because they are blank. `findings` are those of the lines."""
    return {index for index, found in findings.items() if _is_deleted(lines[index], found, permission, ends)}


def _is_deleted(line: bytes, found: list[RawFinding], permission: Permission, ends: LineEnds) -> bool:
    """Whether nothing else is known of a blank line, and its fix deletes all of it."""
    if len(found) > 1 or found[0].rule != BLANK or not line.isspace() or not line.endswith(b"\n"):
        return False
    if not permission.permits(found[0]) or ends.is_wrong(line):
        return False
    edits = fix_of(found[0]).edits
    return len(edits) == 1 and drops(found[0]) and edits[0].byte_end - edits[0].byte_start == len(line)


def delete_run(lines: Sequence[bytes], start: int, blanks: Collection[int], writer: RecordWriter) -> int:
    """Delete the blank lines from the index `start` on, which is the next record's; return where they end.

    After a record that is cut off, it depends on what follows whether the last of them is deleted, so it is left.
    """
    end = start
    while end in blanks:
        end += 1
    if writer.cut_off.open:
        end = max(end - 1, start)
    writer.delete(lines[start:end], BLANK)
    writer.tally.extra_lines -= end - start
    return end
