"""Fix the first lines of a file on trial, to see how the file will begin once it is fixed."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from io import BytesIO
from typing import NamedTuple

from jsonl_lint.engine import detect_format
from jsonl_lint.engine.wholefile import SNIFFED_RECORDS
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.head import HEAD_BYTES, Head, read_head
from jsonl_lint.files.source import LineReader, Origin
from jsonl_lint.fixer.lines import LineFixer
from jsonl_lint.fixer.mend import Refusal
from jsonl_lint.fixer.permission import Permission
from jsonl_lint.fixer.records import RecordFixer
from jsonl_lint.fixer.repeats import drops_repeats
from jsonl_lint.fixer.sinks import Output, Part
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.plans.plan import Plan

_OTHERWISE = re.compile(rb"\x00|\r[^\n]|(?:\A|\n)[ \t\r]*[^\s{]")
"""What could make a file of lines look like something else if it came first or alone: anything but records."""

DECISIVE_LINES = 9
"""The number of first lines from which `files.head` decides what kind of file it is."""


class Settled(NamedTuple):
    """What is known before any line is fixed: which fixes may be made, and what the engine has to know of the file."""

    permission: Permission
    origin: Origin


def settle(head: Head, permission: Permission, tally: Tally) -> Settled:
    """Find out what the file will be like after fixing, and forbid the fixes that would make it another kind of file.

    If a record is dropped before or after a list, the file would be read as one array; with NUL bytes, as UTF-16. And a
    byte order mark inside would become the file's own.
    """
    origin = _origin_after_fixes(head, permission)
    lines, restricted = _first_lines(head), permission
    while _OTHERWISE.search(lines):
        found = _rehearse(restricted, origin, lines)
        loses_bom = head.bom_bytes > 0 and restricted.permits_in_file("utf8-bom")
        bom = b"" if loses_bom else BOM_UTF8[: head.bom_bytes]
        reclassified = restricted.plan.reclassified
        unfixable = {rule for rule, applicability in reclassified.items() if applicability is None}
        fixable = (found.rules | ({"utf8-bom"} if loses_bom else set())) - unfixable
        begun = found.data.getvalue()[:HEAD_BYTES]
        gains_bom = not bom and begun.startswith(BOM_UTF8)
        kind = kind_of(bom + begun) or ("text with a byte order mark" if gains_bom else "")
        if not kind or not fixable:
            break
        tally.refuse(1, [Refusal(rule, f"what remains would be read as {kind}") for rule in sorted(fixable)])
        plan = restricted.plan._replace(reclassified={**reclassified, **dict.fromkeys(fixable)})
        restricted = restricted._replace(plan=plan)
    if restricted is not permission:
        origin = _origin_after_fixes(head, restricted)
    return Settled(restricted, origin)


def _origin_after_fixes(head: Head, permission: Permission) -> Origin:
    """Detect the format from the first records as they will be after fixing: repaired, without dropped ones."""
    plan = permission.plan
    lines = head.data.split(b"\n", SNIFFED_RECORDS)[:SNIFFED_RECORDS]
    drops = drops_repeats(permission)
    deletes = plan.settings.unsafe_fixes or plan.settings.extend_safe_fixes
    goes = permission.rejecting or deletes or (drops and permission.acceptance)
    if goes or not all(_is_object_or_blank(line, plan) for line in lines):
        repaired = _rehearse(permission, Origin(), _first_lines(head))
        head = Head(repaired.data.getvalue())
    elif drops:
        head = Head(b"\n".join(dict.fromkeys(lines)), head.encoding)
    return Origin(*detect_format(head, plan))


def _is_object_or_blank(line: bytes, plan: Plan) -> bool:
    try:
        return isinstance(plan.parse(line), dict)
    except ValueError:
        return not line.strip()


def _first_lines(head: Head) -> bytes:
    """Return the complete lines among the bytes that were read ahead, without the byte order mark."""
    cut = len(head.data) >= HEAD_BYTES and b"\n" in head.data
    return head.data[head.bom_bytes : head.data.rfind(b"\n") + 1 if cut else None]


class _Beginning(Output):
    """The repaired first lines, and the rules whose fixes affect what kind of file it looks like.

    These are rules that changed what comes before the first byte that is written, or that dropped a record among the
    decisive lines.
    """

    def __init__(self) -> None:
        self.data = BytesIO()
        super().__init__(self.data)
        self.rules: set[str] = set()

    def change(self, part: Part) -> None:
        """Write the part, and note its rules if they matter."""
        if not self.bytes or (self.lines < DECISIVE_LINES and not part.output()):
            self.rules.update(rule for change in part.patch.changes for rule in change.rules)
        super().change(part)


def _rehearse(permission: Permission, origin: Origin, lines: bytes) -> _Beginning:
    """Fix these lines on trial."""
    found = _Beginning()
    permission = permission._replace(acceptance=permission.acceptance.copy())
    records = RecordFixer(permission, origin, found, Tally())
    LineFixer(records).run(LineReader(BytesIO(), Head(lines), permission.plan.settings.max_line_bytes))
    return found


def kind_of(data: bytes) -> str:
    """Return what a file that begins like this is taken for; "" for lines of UTF-8."""
    try:
        head = read_head(BytesIO(data), "")
    except UnreadableInputError:
        return "binary data"
    return head.other_kind
