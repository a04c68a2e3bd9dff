"""Fix one file, whatever kind of file it is, and return the `FixResult`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from itertools import chain
from typing import BinaryIO

from jsonl_lint.arrays import ONE_CONVERSATION, BrokenArrayError, Gap, in_batches, is_message, items_of, on_one_line
from jsonl_lint.baseline import entry_of
from jsonl_lint.engine import PartialReport, detect_format, facts_at_end, file_findings
from jsonl_lint.engine.dataset.compare import OVERLAP
from jsonl_lint.engine.wholefile import SNIFFED_RECORDS
from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.head import HEAD_BYTES, LFS_POINTER, Head, read_head
from jsonl_lint.files.pieces import as_stream, pieces_of
from jsonl_lint.files.source import LineReader, Origin, Progress
from jsonl_lint.fixer.items import as_line, without
from jsonl_lint.fixer.keys import KeyBook
from jsonl_lint.fixer.lines import LineFixer
from jsonl_lint.fixer.mend import Refusal, may_fix
from jsonl_lint.fixer.patch import Change, Patch
from jsonl_lint.fixer.records import ENDS, RecordFixer
from jsonl_lint.fixer.rehearsal import first_lines, kind_of, read_the_same, rehearse
from jsonl_lint.fixer.repeats import REPEATED, drops_repeats
from jsonl_lint.fixer.sinks import BOM, Output, Sink, Unit
from jsonl_lint.fixer.tally import Tally
from jsonl_lint.fixer.views import line_fed, mark_of, transcoded
from jsonl_lint.plans.plan import Plan
from jsonl_lint.results import FixResult
from jsonl_lint.rule import ComparisonRule, FileFacts, KindRule
from jsonl_lint.suppress import Acceptance

Parts = Callable[[Plan, Origin, int], Iterable[PartialReport]]
"""Judges the lines of a plain file in ranges and yields the reports in order.

The arguments are the plan, what has to be known of the file, and the byte at which the first line begins."""


class FileFixer:
    """Fixes one file.

    `shown` is its path in messages; `output` is the path of the result, which rules about files see. `sink` takes all
    parts of the file, and passes them to `written` as well. `parts` judges a plain file's lines in other processes; it
    is not used if some fixes turn out not to be permitted in this file.
    """

    def __init__(
        self,
        plan: Plan,
        shown: str,
        output: str,
        sink: Sink,
        written: Output,
        *,
        rejecting: bool,
        on_progress: Progress | None,
        acceptance: Acceptance,
        parts: Parts | None,
    ) -> None:
        self.plan = plan
        self.parts = parts
        self.acceptance = acceptance
        self.shown = shown
        self.output = output
        self.sink = sink
        self.written = written
        self.tally = Tally()
        self.book = KeyBook(plan, self.acceptance)
        self.rejecting = rejecting
        self.on_progress = on_progress
        self.views: list[str] = []
        self.format: str | None = None

    def fix(self, handle: BinaryIO) -> FixResult:
        """Read the file, write the repaired one, and return what was done.

        Raises:
            UnreadableInputError: the file cannot be read as records, and no permitted fix changes that.
        """
        head = read_head(handle, self.shown)
        if head.lfs:
            raise UnreadableInputError(self.shown, LFS_POINTER)
        handle, head = self.as_lines(handle, head)
        self.sink.begin(self.views)
        base = head.bom_bytes
        marked = base > 0
        layout, plan = head.layout, self.plan
        origin = self.settle_plan(head, marked=marked) if layout != "array" else None
        keeps_mark = marked and not self.may_fix("utf8-bom")
        if marked:
            self.pass_on_bom(keep=keeps_mark)
        if ENDS in self.plan.rules and not self.may_fix(ENDS):
            self.written.ends = set()
        if origin is None:
            layout = self.fix_array(handle, head)
        else:
            reader = LineReader(handle, head, self.plan.settings.max_line_bytes)
            fixer = LineFixer(origin, self.record_fixer(origin, base), self.shown, self.on_progress)
            parts = self.parts if reader.rewindable and not self.views and self.plan is plan else None
            fixer.run(reader, parts(fixer.plan, origin, base) if parts else None)
        self.sink.end()
        self.tally.prove(self.written.lines)
        return self.result(layout, "utf-8-sig" if keeps_mark else "utf-8")

    def may_fix(self, rule: str) -> bool:
        """Whether the rule is selected, its fix permitted, and its finding not accepted."""
        return may_fix(self.plan, rule, self.acceptance)

    def as_lines(self, handle: BinaryIO, head: Head) -> tuple[BinaryIO, Head]:
        """Return the file as lines of UTF-8, converted if necessary, and its head after that."""
        if head.encoding.startswith(("utf-16", "utf-32")):
            self.require_fix("utf16-file", head)
            mark = mark_of(head.encoding, head.data)
            self.views.append(head.encoding + "+mark" * bool(mark))
            pieces = chain([head.data], pieces_of(handle))
            handle = as_stream(transcoded(pieces, head.encoding, mark, self.shown))
            head = read_head(handle, self.shown)
        if head.layout == "cr":
            self.require_fix("cr-line-endings", head)
            self.views.append("cr")
            handle = as_stream(line_fed(chain([head.data], pieces_of(handle))))
            head = read_head(handle, self.shown)
        return handle, head

    def require_fix(self, rule: str, head: Head) -> None:
        """Make sure that this rule may be fixed, without which nothing else can be done, and count its fix."""
        if not self.may_fix(rule):
            reason = f"not checked: the file is {head.other_kind}, and the rule {rule} is off or its fix is not wanted"
            raise UnreadableInputError(self.shown, reason)
        self.tally.fixed[rule] += 1

    def pass_on_bom(self, *, keep: bool) -> None:
        """Keep or delete the byte order mark at the beginning of the file."""
        change = Change(0, len(BOM), b"", ("utf8-bom",))
        if not keep:
            self.tally.fixed["utf8-bom"] += 1
        self.sink.change(Unit(1, 0, Patch(BOM, () if keep else (change,))))

    def record_fixer(self, origin: Origin, offset: int) -> RecordFixer:
        """Return what fixes the records from byte `offset` on."""
        return RecordFixer(
            self.plan,
            origin,
            self.acceptance,
            self.sink,
            self.tally,
            self.book,
            rejecting=self.rejecting,
            offset=offset,
        )

    def settle_plan(self, head: Head, *, marked: bool) -> Origin:
        """Decide, before any line is fixed, which fixes must not be made; return what is known of the file."""
        plan, origin = self.plan, self.format_after_fixes(head)
        mark = "" if not marked else "gone" if self.may_fix("utf8-bom") else "kept"
        self.plan = read_the_same(
            self.plan, origin, first_lines(head), self.acceptance, self.tally, mark=mark, rejecting=self.rejecting
        )
        self.book = KeyBook(self.plan, self.acceptance)
        return origin if self.plan is plan else self.format_after_fixes(head)

    def format_after_fixes(self, head: Head) -> Origin:
        """Detect the format from the first records as they will be after fixing: repaired, without dropped ones."""
        lines = head.data.split(b"\n", SNIFFED_RECORDS)[:SNIFFED_RECORDS]
        drops = drops_repeats(self.plan)
        settings = self.plan.settings
        deletes = settings.unsafe_fixes or settings.extend_safe_fixes
        goes = self.rejecting or deletes or (drops and self.acceptance)
        if goes or not all(map(self.is_object_or_blank, lines)):
            repaired = rehearse(self.plan, Origin(), first_lines(head), self.acceptance, rejecting=self.rejecting)
            head = Head(repaired.data.getvalue())
        elif drops:
            head = Head(b"\n".join(dict.fromkeys(lines)), head.encoding)
        self.format, line = detect_format(head, self.plan)
        return Origin(self.format, line)

    def is_object_or_blank(self, line: bytes) -> bool:
        """Whether the line is an object or blank."""
        try:
            return isinstance(self.plan.parse(line), dict)
        except ValueError:
            return not line.strip()

    def fix_array(self, handle: BinaryIO, head: Head) -> str:
        """Split a file that is one array into lines, after reading it once to see that it is complete.

        Returns the layout of the result.
        """
        if "json-array-file" not in self.plan.rules:
            reason = "not checked: the file is one JSON array, and the rule json-array-file is off"
            raise UnreadableInputError(self.shown, reason)
        with tempfile.TemporaryFile() as held:
            skip = head.bom_bytes
            for piece in chain([head.data[skip:]], pieces_of(handle)):
                held.write(piece)
            held.seek(0)
            beginning = self.first_items(held) if self.may_fix("json-array-file") else None
            held.seek(0)
            if beginning is None:
                self.sink.copy(1, skip, pieces_of(held), rejected=False)
                self.count_in_items(held)
                self.tally.extra_lines = self.written.lines - self.tally.records
                return "array"
            self.tally.fixed["json-array-file"] += 1
            self.fix_items(held, beginning, skip)
        return "lines"

    def count_in_items(self, held: BinaryIO) -> None:
        """Count the items of an array that stays one, and the findings in them, as a check of it does."""
        from jsonl_lint.checks.array import array_findings  # few files are arrays

        held.seek(0)
        reader = LineReader(held, read_head(held, self.shown), self.plan.settings.max_line_bytes)
        found = array_findings(reader, self.plan, report := PartialReport(0), None)
        left = (finding for finding in found if self.acceptance.reason(entry_of(finding)) is None)
        self.tally.remain(left, unsafe_allowed=self.plan.settings.unsafe_fixes)
        self.tally.records = report.records

    def first_items(self, held: BinaryIO) -> Head | None:
        """Return the first items as lines, None if the array cannot be split."""
        lines: list[bytes] = []
        size = count = 0
        try:
            for part in items_of(pieces_of(held), self.plan.settings.max_line_bytes):
                if not isinstance(part, Gap):
                    count += 1
                    if size < HEAD_BYTES:
                        lines.append(on_one_line(part))
                        size += len(part)
        except BrokenArrayError as error:
            self.tally.refuse(1, [Refusal("json-array-file", str(error))])
            return None
        if not count:
            self.tally.refuse(1, [Refusal("json-array-file", "the array is empty")])
            return None
        if is_message(lines[0]):
            self.tally.refuse(1, [Refusal("json-array-file", ONE_CONVERSATION)])
            return None
        kind = kind_of(b"\n".join(lines))
        if kind:
            self.tally.refuse(1, [Refusal("json-array-file", f"what is in it would be read as {kind}")])
            return None
        return Head(b"\n".join(lines))

    def fix_items(self, held: BinaryIO, beginning: Head, offset: int) -> None:
        """Write each item as a line; deleting what is before it is part of its change."""
        fixer = self.record_fixer(self.settle_plan(beginning, marked=False), offset)
        gap = b""
        for parts in in_batches(items_of(pieces_of(held), self.plan.settings.max_line_bytes)):
            lines: list[tuple[Patch, bytes]] = []
            for part in parts:
                if isinstance(part, Gap):
                    gap += part
                else:
                    lines.append((as_line(part, gap), part))
                    gap = b""
            fixer.mender.foresee([patch.text for patch, _ in lines])
            for patch, item in lines:
                self.tally.records += 1
                fixer.hand_on(patch, fixer.mender.mend(patch), record=item + b"\n")
                fixer.advance(patch.original.count(b"\n"), len(patch.original))
            if self.on_progress:
                self.on_progress(sum(map(len, parts)))
        self.sink.change(Unit(fixer.line + 1, fixer.offset, without(gap)))

    def result(self, layout: str, encoding: str) -> FixResult:
        """Return the result; findings about the file as a whole are those of the output."""
        tally = self.tally
        tally.remaining.update(self.book.findings())
        tally.more_unsafe += self.book.more_unsafe()
        limits = self.plan.target.limits_in(self.format)
        facts = FileFacts(self.output, self.written.bytes, encoding, layout, limits, format=self.format)
        about_file = list(file_findings(facts, self.plan, before_lines=True))
        after = PartialReport(0)
        after.lines, after.bytes, after.records = self.written.lines, self.written.bytes, tally.written
        if {b"\n", b"\r\n"} <= (self.written.ends or set()):
            after.first_lf = after.first_crlf = (0, 0)  # that there are both is all that counts
        about_file += file_findings(facts_at_end(facts, after, self.format), self.plan, before_lines=False)
        for finding in about_file:
            tally.remaining[finding.rule, finding.severity] += self.acceptance.reason(entry_of(finding)) is None
        changed = self.written.changed or bool(self.views)
        return tally.result(self.shown, changed=changed)._replace(uncounted=self.uncounted(layout))

    def uncounted(self, layout: str) -> tuple[str, ...]:
        """Return the selected rules that would have to read the result to count their findings.

        Some have nothing to say about a single record.
        """
        written = 0 if layout == "array" else self.tally.written  # the items of an array are not compared
        kinds = (KindRule,) * (written > 0) + (ComparisonRule,) * (written > 1)
        comparing = {name for kind in kinds for name in self.plan.rules.of_kind(kind)} - {OVERLAP}
        if written > 1:
            comparing |= {rule.name for rule in self.plan.by_kind.rereading.about_so_many(written)}
        if self.plan.settings.against and written:  # even a single record may be in another file
            comparing |= self.plan.rules.keys() & {OVERLAP}
        done = set() if self.tally.unsure_of_repeats else {REPEATED}
        return tuple(sorted((comparing - done) | (self.book.unsure() if written > 1 else set())))
