"""How a file will begin once it is fixed: its first lines are repaired twice, the first time only to see that."""

from __future__ import annotations

import re
from io import BytesIO

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.source import HEAD_BYTES, Block, Head, LineReader, read_head
from jsonl_lint.fixer.keys import KeyBook
from jsonl_lint.fixer.lines import LineFixer
from jsonl_lint.fixer.mend import Refusal
from jsonl_lint.fixer.records import RecordFixer
from jsonl_lint.fixer.sinks import BOM, Output, Unit
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.plans.plan import Plan
from jsonl_lint.suppress import Acceptance

_OTHERWISE = re.compile(rb"\x00|\r[^\n]|\n[ \t\r]*[^\s{]")
"""What could make a file of lines look like something else, if it came first: all but records."""


DECISIVE_LINES = 9
"""So many lines, the first and those that `source` looks at behind a bracket, decide what a file is taken for."""


class Beginning(Output):
    """What the first lines become, and the rules that changed what stands before the first byte that is written.

    So do those that dropped a record among the lines that decide what the file is.
    """

    def __init__(self) -> None:
        self.data = BytesIO()
        super().__init__(self.data)
        self.rules: set[str] = set()

    def change(self, unit: Unit) -> None:
        """Written, and noted."""
        if not self.bytes or (self.lines < DECISIVE_LINES and not unit.output()):
            self.rules.update(rule for change in unit.patch.changes for rule in change.rules)
        super().change(unit)


def first_lines(head: Head) -> bytes:
    """The whole lines among the bytes that were read ahead, without a byte order mark."""
    cut = len(head.data) >= HEAD_BYTES and b"\n" in head.data
    return head.data[head.mark_bytes : head.data.rfind(b"\n") + 1 if cut else None]


def rehearse(plan: Plan, where: Block, data: bytes, acceptance: Acceptance, *, rejecting: bool) -> Beginning:
    """What becomes of these lines."""
    found = Beginning()
    acceptance = acceptance.copy()
    book = KeyBook(plan, acceptance)
    records = RecordFixer(plan, where, acceptance, found, Tally(), book, rejecting=rejecting)
    LineFixer(where, records).run(LineReader(BytesIO(), Head(data), plan.settings.max_line_bytes))
    return found


def read_the_same(
    plan: Plan, where: Block, data: bytes, acceptance: Acceptance, tally: Tally, *, mark: str, rejecting: bool
) -> Plan:
    """The plan without the fixes that take away the beginning of a file so that the rest would look like another kind.

    After a record that is dropped a list may come, and the file would be read as one array; or NUL bytes, and it
    would be read as UTF-16. `mark` says what becomes of the byte order mark before the lines: `kept`, `gone`, or ``.
    """
    while _OTHERWISE.search(data):
        found = rehearse(plan, where, data, acceptance, rejecting=rejecting)
        rules = found.rules | ({"utf8-bom"} if mark == "gone" else set())
        kind = kind_of(BOM * (mark == "kept") + found.data.getvalue()[:HEAD_BYTES])
        fixable = {rule for rule in rules if plan.reclassified.get(rule, rule) is not None}
        if not kind or not fixable:
            break
        tally.refuse(1, [Refusal(rule, f"what follows would be read as {kind}") for rule in sorted(fixable)])
        plan = plan._replace(reclassified={**plan.reclassified, **dict.fromkeys(fixable)})
        mark = mark and "kept"
    return plan


def kind_of(data: bytes) -> str:
    """What a file that begins so is taken for; nothing for lines of UTF-8."""
    try:
        head = read_head(BytesIO(data), "")
    except UnreadableInputError:
        return "binary data"
    if head.lfs:
        return "a Git LFS pointer"
    if not head.is_utf8:
        return head.encoding.upper()
    return {"lines": "", "array": "one array", "cr": "lines that end in carriage returns"}[head.layout]
