"""Fix the first lines of a file on trial, to see how the file will begin once it is fixed."""

from __future__ import annotations

import re
from io import BytesIO

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.head import HEAD_BYTES, Head, read_head
from jsonl_lint.files.source import LineReader, Origin
from jsonl_lint.fixer.keys import KeyBook
from jsonl_lint.fixer.lines import LineFixer
from jsonl_lint.fixer.mend import Refusal
from jsonl_lint.fixer.records import RecordFixer
from jsonl_lint.fixer.sinks import BOM, Output, Unit
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.plans.plan import Plan
from jsonl_lint.suppress import Acceptance

_OTHERWISE = re.compile(rb"\x00|\r[^\n]|(?:\A|\n)[ \t\r]*[^\s{]")
"""What could make a file of lines look like something else if it came first or alone: anything but records."""

DECISIVE_LINES = 9
"""The number of first lines from which `files.head` decides what kind of file it is."""


class Beginning(Output):
    """The repaired first lines, and the rules whose fixes affect what kind of file it looks like.

    These are rules that changed what comes before the first byte that is written, or that dropped a record among the
    decisive lines.
    """

    def __init__(self) -> None:
        self.data = BytesIO()
        super().__init__(self.data)
        self.rules: set[str] = set()

    def change(self, unit: Unit) -> None:
        """Write the unit, and note its rules if they matter."""
        if not self.bytes or (self.lines < DECISIVE_LINES and not unit.output()):
            self.rules.update(rule for change in unit.patch.changes for rule in change.rules)
        super().change(unit)


def first_lines(head: Head) -> bytes:
    """Return the complete lines among the bytes that were read ahead, without the byte order mark."""
    cut = len(head.data) >= HEAD_BYTES and b"\n" in head.data
    return head.data[head.bom_bytes : head.data.rfind(b"\n") + 1 if cut else None]


def rehearse(plan: Plan, origin: Origin, data: bytes, acceptance: Acceptance, *, rejecting: bool) -> Beginning:
    """Fix these lines on trial."""
    found = Beginning()
    acceptance = acceptance.copy()
    book = KeyBook(plan, acceptance)
    records = RecordFixer(plan, origin, acceptance, found, Tally(), book, rejecting=rejecting)
    LineFixer(origin, records).run(LineReader(BytesIO(), Head(data), plan.settings.max_line_bytes))
    return found


def read_the_same(
    plan: Plan, origin: Origin, data: bytes, acceptance: Acceptance, tally: Tally, *, mark: str, rejecting: bool
) -> Plan:
    """Return the plan without the fixes that would make the file look like another kind of file.

    If a record is dropped before or after a list, the file would be read as one array; with NUL bytes, as UTF-16.
    `mark` says what happens to a byte order mark before the lines: `kept`, `gone`, or "" if there is none.
    """
    while _OTHERWISE.search(data):
        found = rehearse(plan, origin, data, acceptance, rejecting=rejecting)
        unfixable = {rule for rule, applicability in plan.reclassified.items() if applicability is None}
        fixable = (found.rules | ({"utf8-bom"} if mark == "gone" else set())) - unfixable
        kind = kind_of(BOM * (mark == "kept") + found.data.getvalue()[:HEAD_BYTES])
        if not kind or not fixable:
            break
        tally.refuse(1, [Refusal(rule, f"what remains would be read as {kind}") for rule in sorted(fixable)])
        plan = plan._replace(reclassified={**plan.reclassified, **dict.fromkeys(fixable)})
        mark = mark and "kept"
    return plan


def kind_of(data: bytes) -> str:
    """Return what a file that begins like this is taken for; "" for lines of UTF-8."""
    try:
        head = read_head(BytesIO(data), "")
    except UnreadableInputError:
        return "binary data"
    return head.other_kind
