"""Judge one line: find out what is wrong with it, and add the findings to a report."""

from codecs import BOM_UTF8
from collections.abc import Collection
from functools import cached_property, partial
from typing import Any, NamedTuple

from jsonl_lint import jsonspan
from jsonl_lint.engine.judged import JudgedLines, note_line_end, saturated_rules
from jsonl_lint.engine.judging.findings import FindingMaker
from jsonl_lint.engine.judging.lastrecord import LastRecord
from jsonl_lint.engine.judging.look import Look, fits_by_bytes, rules_left
from jsonl_lint.engine.judging.notes import note_keys, note_kinds
from jsonl_lint.engine.judging.plain import PlainChats
from jsonl_lint.engine.judging.sketches import (
    BLANK_LINE,
    BOM,
    BOM_INSIDE,
    comment_hides_end,
    ends_inside_character,
    invalid_utf8_sketch,
    not_an_object_sketches,
    oversize_sketches,
    problem_sketch,
    seems_to_hold_a_record,
    syntax_error_sketch,
    user_schema_sketches,
)
from jsonl_lint.engine.judging.texts import excuses, found_by, readable
from jsonl_lint.files.source import Origin
from jsonl_lint.jsonspan import Document, JsonSyntaxError
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.prefilter import ALL
from jsonl_lint.plans.verdicts import Sketches, Verdict
from jsonl_lint.records.likeness import NO_KEY, record_key
from jsonl_lint.records.requestids import TAKEN_ID
from jsonl_lint.records.structure import signature
from jsonl_lint.rule import Sketch

BROKEN = object()
"""Stands for the value of a line that the fast parser rejects."""

_SPELLED_AS_VALID = ("trailing-comma", "non-finite-number", "comment-in-json", "duplicate-key", "imprecise-number")
"""Problems that do not affect how the texts of a line are spelled."""

HOLDING = ("single-quoted-json", "several-values-on-one-line")
"""Rules about lines that are no JSON, but hold records which can be read."""


class Reading(NamedTuple):
    """What only the exact parser could read: the line without its ending, its document, and sketches of its syntax."""

    text: str | bytes
    document: Document | None
    found: Collection[Sketch]


class Judge(FindingMaker):
    """Judges the lines of one file, one at a time.

    Findings of the rules in `saturated` are counted, but not made. `marked` is the set of text rules for which a line
    has marks; the ends of its texts are always checked. `left_open` says whether the line judged last ends inside an
    object, array or string.
    """

    def __init__(self, origin: Origin, plan: Plan, saturated: Collection[str]) -> None:
        super().__init__(origin, plan, saturated)
        self.last_record = LastRecord(plan)
        self.left_open = False
        self.of_held: Judge | None = None
        """What has judged the record that a line held last."""

    @cached_property
    def record_limit(self) -> int | None:
        """The target's limit on the bytes of a line whose record has no known format."""
        limit: int | None = self.plan.target.limit("max_record_bytes", self.file_format)
        return limit

    def too_large(self) -> list[Sketch]:
        """Return what is wrong with the length of a line whose record has no known format."""
        return oversize_sketches(self.plan, self.line, self.record_limit)

    @cached_property
    def plain_chats(self) -> PlainChats:
        """What knows the conversations that are clean."""
        return PlainChats(self.plan, self.plan.memory.clean_chats.setdefault(self.file_format, set()))

    def judge_of_held(self, before: JudgedLines) -> "Judge":
        """Return what judges a record that a line only holds; `before` is the report of all before it."""
        saturated = saturated_rules(before).union(self.saturated)
        if self.of_held is None or self.of_held.saturated != saturated:
            origin = Origin(file_format=self.file_format, format_line=self.format_line, line_end=self.line_end)
            self.of_held = Judge(origin, self.plan.alone, saturated)
        return self.of_held

    def read(self, line: bytes) -> Any:
        """Parse the line with the fast parser: a value, or `BROKEN`."""
        try:
            return self.plan.parse(line)
        except ValueError:
            return BROKEN

    def is_clean(self, line: bytes, record: dict[str, Any], verdict: Verdict, marked: int) -> bool:
        """Whether it is quickly certain that the record is clean, as most records are."""
        return not (
            verdict.sketches
            or verdict.keys
            or (verdict.max_bytes and len(line) > verdict.max_bytes)
            or (len(line) > verdict.sure_bytes and not self.fits(line, record, verdict))
            or verdict.names_model
            or not verdict.satisfies
            or (verdict.numbers and self.last_record.may_have_changed(record, line))
            or self.last_record.rules_left(record, verdict)
            or self.last_record.text_rules(record, verdict, marked)
        )

    def fits(self, line: bytes, record: dict[str, Any], verdict: Verdict) -> bool:
        """Whether a line that may be too long for the model certainly fits. False if that takes longer to find out."""
        if verdict.tools and fits_by_bytes(self.plan, line, record, verdict):
            return True
        return verdict.format == "chat" and self.plan.ruler().fits(record)

    def add_line(
        self, into: JudgedLines, line: bytes, record: Any, verdict: Verdict | None = None, marked: int = ALL
    ) -> None:
        """Judge one line and add it to a report."""
        self.line, self.line_hash, self.left_open = line, "", False
        note_line_end(into, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
        if not line or line.isspace() or (line[:1] >= b"\x80" and jsonspan.decode(line).isspace()):
            self.emit(into, "", [BLANK_LINE])
        else:
            failed = self.judge(into, line, record, verdict, marked)
            into.records += 1
            into.valid_records += not failed
        if self.plan.compares:
            into.record_keys.add(record_key(record) if type(record) is dict else NO_KEY)
        into.count_line(len(line))
        self.line, self.line_hash = b"", ""

    def add_known(self, into: JudgedLines, line: bytes, sketches: tuple[Sketch, ...], *, broken: bool) -> None:
        """Add a line with a record whose sketches are all known, and whose record key has been taken.

        If the line is `broken`, all sketches have places.
        """
        self.line, self.line_hash, self.bom_bytes = line, "", 0
        text = jsonspan.decode(line.rstrip(b"\r\n")) if broken else line
        self.count_known(into, line, failed=self.emit(into, text, sketches))

    def add_keyed(self, into: JudgedLines, line: bytes, sketches: tuple[Sketch, ...], verdict: Verdict) -> None:
        """Add such a line whose keys for dataset rules are still to be noted; if it is a request, judge its id, too."""
        from orjson import loads  # slow to import, and small files do without

        self.line, self.line_hash, self.bom_bytes = line, "", 0
        record = loads(line)
        view = self.plan.view_as(record, verdict.format, self.file_format)
        if verdict.compared_by_id:
            about_id = [group for group in verdict.rules if group.screen == TAKEN_ID]
            for rule in rules_left(about_id, self.plan.target, record, verdict):
                sketches = (*sketches, *rule.check(view))
        failed = self.emit(into, line, sketches, record=record)
        note_keys(into, line, verdict.text_keys, view, self.plan.memory.places, failed=failed, unique=True)
        self.count_known(into, line, failed=failed)

    def count_known(self, into: JudgedLines, line: bytes, *, failed: bool) -> None:
        """Count the line with its record."""
        into.records += 1
        into.valid_records += not failed
        into.count_line(len(line))
        self.line, self.line_hash = b"", ""

    def judge(self, into: JudgedLines, line: bytes, record: Any, verdict: Verdict | None, marked: int) -> bool:
        """Emit the findings of a line that is not blank; return whether one is an error."""
        self.bom_bytes = 0
        if isinstance(record, dict):
            return self.judge_record(into, line, record, verdict, marked)
        text = jsonspan.decode(line.rstrip(b"\r\n"))
        if record is BROKEN:
            return self.judge_broken(into, line, text, marked)
        readable_inside = seems_to_hold_a_record(record) and jsonspan.is_unicode(record)
        held = self.read(record.encode()) if readable_inside else BROKEN
        sketches = not_an_object_sketches(self.plan, record, broken=False, holds_json=held is not BROKEN)
        twice = any([sketch.rule == "double-encoded-record" for sketch in sketches])
        if twice and readable_inside and "double-encoded-record" in self.plan.rules:
            from jsonl_lint.engine.judging.held import emit_all, in_string  # few lines only hold their record

            return emit_all(self, into, text, sketches, in_string(text, record, held), self.judged_inside)
        return self.emit(into, text, self.too_large() + sketches)

    def judged_inside(self, held: bytes, value: Any, before: JudgedLines, marked: int = ALL) -> JudgedLines | None:
        """Return the report of a record that a line only holds, None if it is quickly seen to be clean.

        `value` is None if it has not been read; `before` is the report of all before it. `marked` is that of the line,
        if this spells the record as it is.
        """
        judge, scan, verdict = self.judge_of_held(before), self.plan.scan, None
        record = judge.read(held) if value is None else value
        if type(record) is dict:
            if marked:
                marked = scan.marked_in(held, compiling=scan.compiled) if scan is not None else 0
            if judge.plain_chats.is_plain(held, record, marked):
                return None
            verdict = self.plan.verdict(signature(record), record, self.file_format)
            if judge.is_clean(held, record, verdict, marked):
                return None
        report = JudgedLines(self.limit)
        judge.add_line(report, held, record, verdict, marked)
        return report

    def judge_broken(self, into: JudgedLines, line: bytes, text: str, marked: int) -> bool:
        """Judge a line that the fast parser rejects: the exact parser reads it, or says what is wrong."""
        sketches: list[Sketch] = []
        legible = text
        first, count = jsonspan.surrogates(text)
        if count:
            sketches.append(invalid_utf8_sketch(text, first, count))
            legible = readable(text)
        boms = len(text) - len(text.lstrip(BOM))
        if boms:
            sketches.append(BOM_INSIDE._replace(end=boms))
            text, legible = " " * boms + text[boms:], " " * boms + legible[boms:]
            self.bom_bytes = boms * (len(BOM_UTF8) - 1)
        try:
            document = jsonspan.parse(legible)
        except JsonSyntaxError as error:
            return self.judge_unreadable(into, text, error, sketches, marked)
        sketches += [problem_sketch(self.plan, problem, text) for problem in document.problems]
        value = document.root.value
        if isinstance(value, dict):
            return self.judge_record(into, line, value, None, marked, Reading(text, document, sketches))
        sketches += not_an_object_sketches(self.plan, value, broken=bool(sketches))
        return self.emit(into, text, self.too_large() + sketches, document)

    def judge_unreadable(
        self, into: JudgedLines, text: str, error: JsonSyntaxError, of_bytes: list[Sketch], marked: int
    ) -> bool:
        """Emit the findings of a line with a syntax error, some of which are known; return whether one is an error."""
        boms = self.bom_bytes // (len(BOM_UTF8) - 1)
        self.left_open = error.kind in ("truncated", "unterminated-string") and text.startswith(("{", "["), boms)
        sketches = of_bytes + [problem_sketch(self.plan, problem, text) for problem in error.problems]
        if error.kind == "no-value" and (error.problems or boms):
            return self.emit(into, text, self.too_large() + sketches)
        wrong = syntax_error_sketch(self.plan, text, error, self.saturated)
        reported = wrong.rule in self.plan.rules
        if reported and (wrong.rule in HOLDING or error.kind == "extra-data"):
            from jsonl_lint.engine.judging.held import emit_all, held_beside

            legible = jsonspan.without_surrogates(text, "?")
            held = held_beside(legible, wrong.rule, error, self.plan, self.file_format)
            if held is not None:
                marks = ALL if wrong.rule == "single-quoted-json" else marked
                return emit_all(self, into, text, [*of_bytes, wrong], held, partial(self.judged_inside, marked=marks))
        if reported and wrong.rule == "truncated-json":
            if ends_inside_character(text):
                sketches = [sketch for sketch in sketches if sketch.rule != "invalid-utf8"]
            if "comment-in-json" in self.plan.rules and comment_hides_end(text, error):
                wrong = sketches.pop()
                wrong = wrong._replace(message=f"{wrong.message}, and it hides the end of the record")
        return self.emit(into, text, [*self.too_large(), *sketches, wrong])

    def judge_record(
        self,
        into: JudgedLines,
        line: bytes,
        record: dict[str, Any],
        verdict: Verdict | None,
        marked: int,
        reading: Reading | None = None,
    ) -> bool:
        """Emit the findings of an object; return whether one is an error. `reading` is that of the exact parser."""
        plan = self.plan
        text, document, found = reading or (line, None, ())
        if verdict is None:
            verdict = plan.verdict(signature(record), record, self.file_format)
        too_large = oversize_sketches(plan, line, verdict.max_bytes)
        sketches = Sketches(plan.most_sketches, (*found, *too_large, *verdict.sketches))
        sketches.more.update(verdict.more)
        look = Look(plan, self.file_format, verdict, verdict.rules)
        undecoded = str(text) if any([sketch.rule == "invalid-utf8" for sketch in found]) else None
        left = self.last_record.rules_left(record, verdict)
        sketches.add(look.sketches(line, record, self.saturated, left=left, undecoded=undecoded))
        if verdict.numbers and document is None and self.last_record.may_have_changed(record, line):
            text = jsonspan.decode(line.rstrip(b"\r\n"))
            document = jsonspan.parse(text)
            sketches.add(problem_sketch(plan, problem, text) for problem in document.problems)
        as_valid = all([sketch.rule in _SPELLED_AS_VALID for sketch in found])
        wanted = self.last_record.text_rules(record, verdict, marked if as_valid else ALL)
        sketches.add(found_by(wanted, plan, record, verdict, self.file_format, excuses(found, text)))
        if not verdict.satisfies:
            sketches.add(user_schema_sketches(plan, record))
        failed = bool(sketches.kept) and self.emit(into, text, sketches.kept, document, record, sketches.more)
        if verdict.keys:
            unique = document is None and "duplicate-key" in plan.rules
            view, places = look.view(record), plan.memory.places
            note_keys(into, line, verdict.keys, view, places, failed=failed, unique=unique)
        if plan.tracks_kinds and document is None:
            note_kinds(plan, into, line, record, verdict, self.file_format, failed=failed)
        return failed
