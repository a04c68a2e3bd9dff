"""One block of a file: the hot path, and the way of every line that leaves it."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from jsonl_lint import jsonspan
from jsonl_lint.engine.partial import Fragment, PartialReport, RawFinding
from jsonl_lint.formats import RECORD_STARTS, formats_of
from jsonl_lint.jsonspan import Document, JsonSyntaxError, Problem
from jsonl_lint.model import Pointer, Severity, excerpt, format_pointer, printable
from jsonl_lint.plan import Plan, Verdict, applies, raw_gate
from jsonl_lint.rule import Sketch
from jsonl_lint.source import PIECE_BYTES, Block, LineReader
from jsonl_lint.structure import doubtful_number, signature

LONGEST_FRAGMENT = 1 << 20
"""Longer lines are never taken for a part of a pretty-printed record."""

_UNDECODED = re.compile("[\udc80-\udcff]")
_LF_TAIL, _CRLF_TAIL = b"}\n", b"}\r\n"
_RECORD_START = re.compile(rb'\{[ \t]*"(?:' + b"|".join(key.encode() for key in sorted(RECORD_STARTS)) + rb')"')
_LONG_NUMBER = re.compile(rb"[0-9][0-9.]{17}")
_UNREAD, _BROKEN = object(), object()
_BOM, _BOM_HELP = "\ufeff", "Delete the three bytes EF BB BF; they come from files that were joined."


CHUNK_LINES = 1000
"""Lines of a stream that are checked before their findings are handed on."""


def check_block(block: Block, plan: Plan, saturated: Collection[str] = ()) -> PartialReport:
    """Check whole lines. Findings of the rules in `saturated` are counted, but not made.

    The result depends on nothing but the arguments; merged in order, the reports of a file's blocks are the report
    of the file, however it was cut.
    """
    checker = _Checker(block, plan, saturated, None)
    checker.run(io.BytesIO(block.data))
    return checker.report


def check_lines(reader: LineReader, where: Block, plan: Plan, saturated: Collection[str] = ()) -> PartialReport:
    """Check the next lines of a stream; `where` is the block that they make, without its data.

    The report of no lines at all has no bytes: the stream has ended.
    """
    checker = _Checker(where, plan, saturated, reader)
    checker.run(islice(reader.pieces(), CHUNK_LINES))
    return checker.report


def check_line(line: bytes, where: Block, plan: Plan) -> PartialReport:
    """Check bytes that are one record, whatever line breaks they hold."""
    checker = _Checker(where, plan, (), None)
    checker.add_line(checker.report, line, checker.read(line))
    return checker.report


class _Checker:
    def __init__(self, block: Block, plan: Plan, saturated: Collection[str], reader: LineReader | None) -> None:
        self.plan = plan
        self.saturated = saturated
        self.mark_bytes = 0
        """How much longer the line is than its text, in which a space stands for a byte order mark."""
        self.spread: tuple[RawFinding | None, RawFinding | None] | None = None
        self.left_open = False
        """Whether the line judged last ends inside an object, array or string."""
        self.reader = reader
        self.file_format = block.file_format
        self.format_line = block.format_line
        self.limit = plan.settings.max_findings
        self.report = PartialReport(self.limit, synchronised=block.synchronised)
        self.text_gate = raw_gate(plan.text_gate)
        self.clean_chats = plan.clean_chats.setdefault(block.file_format, set())
        limits = plan.target.limits
        self.record_limit = limits.get("max_batch_record_bytes" if block.file_format == "batch" else "max_record_bytes")

    def run(self, lines: Iterable[bytes]) -> None:
        """Each line, in order.

        Inline is only what most lines of most files need: the parser, and the proof that a conversation of plain
        messages has a sequence of roles that is known to be clean. `record` is what the parser made of the line.
        """
        parse, gate, clean_chats, report = self.plan.parse, self.plan.text_gate, self.clean_chats, self.report
        longest = min(PIECE_BYTES, self.plan.settings.max_line_bytes)
        waiting = not report.synchronised or self.record_limit is not None
        tail = b"\x00"  # how a record's line ends: that of the first line, so nothing before it is known
        clean = clean_bytes = length = 0
        record: Any
        for line in lines:
            record = _UNREAD
            length = len(line)
            try:
                if line.endswith(tail) and length < longest:
                    record = _BROKEN
                    record = parse(line)
                    if len(record) == 1:
                        messages = record["messages"]
                        roles = tuple(
                            [
                                message["role"]
                                for message in messages
                                if len(message) == 2 and (text := message["content"]).lstrip() and gate not in text
                            ]
                        )
                        if roles in clean_chats and len(roles) == len(messages) and not waiting:
                            clean += 1
                            clean_bytes += length
                            continue
            except (ValueError, KeyError, TypeError, AttributeError):
                pass
            verdict = None
            if record is _UNREAD and length < longest and not waiting and line.isspace():
                if clean:
                    self.book_clean(clean, clean_bytes, crlf=tail == _CRLF_TAIL)
                    clean = clean_bytes = 0
                self.blank_line(line)
                continue
            if type(record) is dict and not waiting:
                verdict = self.plan.verdict(signature(record), record, self.file_format)
                if self.is_clean(line, record, verdict):
                    clean += 1
                    clean_bytes += length
                    continue
            if clean:
                self.book_clean(clean, clean_bytes, crlf=tail == _CRLF_TAIL)
                clean = clean_bytes = 0
            if length >= longest:
                self.long_line(line)
            elif verdict is not None:
                self.add_line(report, line, record, verdict)
            else:
                self.slow_line(line, record)
            waiting = bool(report.tail) or not report.synchronised or self.record_limit is not None
            if tail == b"\x00":
                tail = _CRLF_TAIL if line.endswith(b"\r\n") else _LF_TAIL
        if clean:
            self.book_clean(clean, clean_bytes, crlf=tail == _CRLF_TAIL)
            report.last_line_bytes = length

    def blank_line(self, line: bytes) -> None:
        """A line of white space, where no record is open: there may be millions."""
        report = self.report
        if report.first_crlf is None or report.first_lf is None:
            _note_line_end(report, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
        if "blank-line" in self.saturated:
            key = ("blank-line", self.plan.severities["blank-line"])
            report.counts[key] = report.counts.get(key, 0) + 1
        else:
            self.emit(report, "", [_BLANK_LINE], None)
        report.lines += 1
        report.bytes += len(line)
        report.last_line_bytes = len(line)

    def is_clean(self, line: bytes, record: dict[str, Any], verdict: Verdict) -> bool:
        """Whether it is plain at once that the record is clean: most records of other shapes are."""
        gate = self.text_gate
        return not (
            verdict.sketches
            or self.plan.user_schema is not None
            or (verdict.numbers_at and _may_have_changed(record, verdict.numbers_at, line))
            or (gate is not None and (gate[0] in line or gate[1] in line))
        )

    def long_line(self, line: bytes) -> None:
        """A line that is cut off, or that may be over the limit."""
        size = len(line)
        if self.reader is not None and not line.endswith(b"\n"):
            line, size = self.reader.complete(line)
        if not line or size - len(_line_end(line)) > self.plan.settings.max_line_bytes:
            self.oversized_line(size)
        else:
            self.slow_line(line, _UNREAD)

    def book_clean(self, lines: int, size: int, *, crlf: bool) -> None:
        """Count clean lines that were passed over."""
        report = self.report
        _note_line_end(report, crlf=crlf)
        report.lines += lines
        report.bytes += size
        report.records += lines
        report.valid_records += lines

    def slow_line(self, line: bytes, record: Any) -> None:
        """A line that is not known to be clean: book it, or hold it while a record may be spread over lines."""
        report = self.report
        blank = line.isspace()
        if record is _UNREAD and not blank:
            record = self.read(line)
        known = isinstance(record, dict) and bool(formats_of(record.keys(), self.plan.target.formats))
        whole = line[:1] == b"{" and line.rstrip().endswith(b"}")
        if known or (record is _BROKEN and whole) or len(line) > LONGEST_FRAGMENT or _RECORD_START.match(line):
            report.settle()
        at_ease = report.synchronised and not report.tail
        if (at_ease and (known or whole or record is not _BROKEN or line[:1] not in (b"{", b"["))) or len(
            line
        ) > LONGEST_FRAGMENT:
            self.add_line(report, line, record)
        else:
            report.add_fragment(self.fragment(line, record))

    def read(self, line: bytes) -> Any:
        """What the fast parser makes of the line: a value, or `_BROKEN`."""
        try:
            return self.plan.parse(line)
        except ValueError:
            return _BROKEN

    def fragment(self, line: bytes, record: Any) -> Fragment:
        """The line, judged alone, and what is said if a record spread over lines starts here."""
        alone = PartialReport(self.limit)
        self.add_line(alone, line, record)
        if not self.left_open:
            return Fragment(line, False, alone, None, None)
        if self.spread is None:
            self.spread = (self.of_spread("pretty-printed-json"), self.of_spread("unescaped-control-character"))
        return Fragment(line, True, alone, *self.spread)

    def of_spread(self, rule: str) -> RawFinding | None:
        """The finding for a record spread over lines; `{range}` stands for the lines, which are not known yet."""
        found = self.raw(PartialReport(), "", self.of_problem(Problem(rule, 0, 1, "{range}")), (0, 1), 0)
        return found if rule in self.plan.rules else None

    def oversized_line(self, size: int) -> None:
        """A line that was measured and passed over."""
        limit = self.plan.settings.max_line_bytes
        detail = f"the line has {size:,} bytes and was not looked into; the limit is {limit:,}"
        self.report.settle()
        self.emit(self.report, "", [self.of_problem(Problem("record-too-large", 0, 1, detail))], None)
        self.report.lines += 1
        self.report.bytes += size
        self.report.last_line_bytes = size
        self.report.records += 1
        self.report.valid_records += "record-too-large" not in self.plan.rules

    def add_line(self, into: PartialReport, line: bytes, record: Any, verdict: Verdict | None = None) -> None:
        """Judge one line and append it to a report."""
        _note_line_end(into, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
        if not line.strip() or (line[:1] >= b"\x80" and jsonspan.decode(line).isspace()):
            self.emit(into, "", [_BLANK_LINE], None)
        else:
            failed = self.judge(into, line, record, verdict)
            into.records += 1
            into.valid_records += not failed
        into.lines += 1
        into.bytes += len(line)
        into.last_line_bytes = len(line)

    def judge(self, into: PartialReport, line: bytes, record: Any, verdict: Verdict | None) -> bool:
        """Emit what is wrong with a line that is not blank; say whether any of it is an error."""
        self.left_open = False
        self.mark_bytes = 0
        sketches = self.of_size(line) if self.record_limit is not None else []
        if isinstance(record, dict):
            return self.judge_record(into, line, record, None, sketches, verdict)
        text = jsonspan.decode(line.rstrip(b"\r\n"))
        if record is not _BROKEN:
            return self.emit(into, text, sketches + self.of_value(record), None)
        readable = text
        if not jsonspan.is_unicode(text):
            sketches += _invalid_bytes(text)
            readable = jsonspan.without_surrogates(text)
        if text.startswith(_BOM):
            sketches.append(Sketch("utf8-bom", (), "the line begins with a byte order mark", _BOM_HELP, False, 0, 1))
            text, readable = text.replace(_BOM, " ", 1), readable.replace(_BOM, " ", 1)
            self.mark_bytes = len(_BOM.encode()) - 1
        try:
            document = jsonspan.parse(readable)._replace(text=text)
        except JsonSyntaxError as error:
            self.left_open = error.kind in ("truncated", "unterminated-string") and text[:1] in ("{", "[")
            sketches += map(self.of_problem, error.problems)
            if error.kind != "no-value" or not error.problems:
                sketches.append(self.of_error(text, error))
            return self.emit(into, text, sketches, None)
        sketches += map(self.of_problem, document.problems)
        value = document.root.value
        if isinstance(value, dict):
            return self.judge_record(into, line, value, document, sketches)
        return self.emit(into, text, sketches + self.of_value(value), document)

    def judge_record(
        self,
        into: PartialReport,
        line: bytes,
        record: dict[str, Any],
        document: Document | None,
        found: Iterable[Sketch] = (),
        verdict: Verdict | None = None,
    ) -> bool:
        """Emit what is wrong with an object; `document` is there if only the exact parser could read it."""
        plan = self.plan
        if verdict is None:
            verdict = plan.verdict(signature(record), record, self.file_format)
        sketches = [*found, *verdict.sketches]
        if verdict.numbers_at and document is None and _may_have_changed(record, verdict.numbers_at, line):
            document = jsonspan.parse(jsonspan.decode(line.rstrip(b"\r\n")))
            sketches += map(self.of_problem, document.problems)
        if self.text_gate is not None and (self.text_gate[0] in line or self.text_gate[1] in line):
            sketches += self.of_texts(record, verdict)
        if plan.user_schema is not None:
            sketches += self.of_user_schema(record)
        if not sketches:
            return False
        return self.emit(into, document.text if document else line, sketches, document, record)

    def of_texts(self, record: dict[str, Any], verdict: Verdict) -> list[Sketch]:
        """What the rules about texts find, asked only if a text holds their trigger."""
        plan = self.plan
        wanted = [rule for rule in plan.text_rules if applies(rule.formats, verdict.format)]
        if not wanted:
            return []
        view = plan.record(record, verdict.format, self.file_format, verdict.format)
        return [sketch for rule in wanted if _any_text_holds(record, rule.trigger) for sketch in rule.check(view)]

    def of_size(self, line: bytes) -> list[Sketch]:
        """A record over the target's own limit, its line end not counted."""
        size, limit = len(line) - len(_line_end(line)), self.record_limit
        if limit is None or size <= limit:
            return []
        detail = f"the record has {size:,} bytes; the target takes at most {limit:,}"
        return [self.of_problem(Problem("record-too-large", 0, 1, detail))]

    def of_value(self, value: Any) -> list[Sketch]:
        """A record that is JSON, but no object."""
        holds_json = isinstance(value, str) and value.lstrip()[:1] == "{"
        if holds_json and self.read(value.encode("utf-8", "surrogatepass")) is not _BROKEN:
            return [self.of_problem(Problem("double-encoded-record", -1, -1, ""))]
        shown = excerpt(value)
        return [
            Sketch(sketch.rule, (), sketch.message.replace("{value}", shown), sketch.help)
            for sketch in self.plan.not_an_object()
        ]

    def of_problem(self, problem: Problem) -> Sketch:
        """A problem of the parser or reader, in its rule's words."""
        rule = self.plan.line_rules[problem.kind]
        return Sketch(rule.name, problem.pointer, rule.explain(problem), rule.help, False, problem.start, problem.end)

    def of_error(self, text: str, error: JsonSyntaxError) -> Sketch:
        """A syntax error, named by the first rule that knows it."""
        found = (rule.recognise(text, error) for rule in self.plan.syntax_rules)
        return next(sketch for sketch in found if sketch is not None)

    def of_user_schema(self, record: dict[str, Any]) -> list[Sketch]:
        """Violations of the schema that the user gave."""
        schema = self.plan.user_schema
        try:
            violations = [] if schema is None or schema.is_valid(record) else schema.violations(record)
        except (ValueError, RecursionError) as error:
            return [Sketch("schema-violation", (), f"the record cannot be checked: {printable(str(error)[:80])}")]
        return [
            sketch
            for violation in violations
            for sketch in self.plan.report(violation._replace(rule="schema-violation"))
        ]

    def emit(
        self,
        into: PartialReport,
        text: str | bytes,
        sketches: list[Sketch],
        document: Document | None,
        record: Any = None,
    ) -> bool:
        """Count findings, and make those that are still to be kept; say whether one is an error.

        `text` is the line without its end, or the raw line, which is decoded only if a finding is made.
        """
        rules, severities, limit = self.plan.rules, self.plan.severities, self.limit
        failed = False
        kept: list[Sketch] = []
        room: dict[str, int] = {}
        for sketch in sketches:
            name = sketch.rule
            if name not in rules:
                continue
            severity = severities[name]
            failed = failed or severity is Severity.ERROR
            key = (name, severity)
            into.counts[key] = into.counts.get(key, 0) + 1
            if name not in self.saturated:
                left = room.get(name, limit - into.stored.get(name, 0))
                if left > 0 or not limit:
                    room[name] = left - 1
                    kept.append(sketch)
        if kept:
            if isinstance(text, bytes):
                text = jsonspan.decode(text.rstrip(b"\r\n"))
            into.keep(sorted(self.made(into, text, kept, document, record)))
        return failed

    def made(
        self, into: PartialReport, text: str, sketches: list[Sketch], document: Document | None, record: Any
    ) -> Iterator[RawFinding]:
        """The findings with their places. Many in one record are placed from one parse, and offsets in one walk."""
        if len(sketches) > MANY and document is None:
            document = _parse_or_none(text)
        nodes = jsonspan.Nodes(document) if document is not None else None
        placed = [(_place(text, sketch, nodes), sketch) for sketch in sketches]
        placed.sort(key=lambda item: item[0])
        last = offset = 0
        ascii_text = text.isascii()
        for (start, end), sketch in placed:
            offset = start if ascii_text else offset + len(jsonspan.encode(text[last:start]))
            last = start
            shift = self.mark_bytes if start else 0
            yield self.raw(into, text, sketch, (start, end), offset + shift, record)

    def raw(
        self, into: PartialReport, text: str, sketch: Sketch, place: tuple[int, int], offset: int, record: Any = None
    ) -> RawFinding:
        """The finding at code points `place` of the line and at byte `offset` of it."""
        start, end = place
        message = sketch.message
        if "{value}" in message:
            value = _value_at(record, sketch.pointer)
            number = type(value) in (int, float) and sketch.start < 0 and not sketch.at_key
            message = message.replace("{value}", text[start : min(end, start + 40)] if number else excerpt(value))
        if "{first}" in message:
            message = message.replace("{first}", f" (see line {self.format_line})" if self.format_line else "")
        return RawFinding(
            into.lines,
            start + 1,
            end + 1,
            self.plan.rules_by_name[sketch.rule].code,
            format_pointer(sketch.pointer),
            into.lines,
            into.bytes + offset,
            sketch.rule,
            self.plan.severities[sketch.rule],
            message,
            sketch.help,
        )


MANY = 8
"""More findings in one record than these are placed from one parse of it."""

_BLANK_LINE = Sketch("blank-line", (), "the line is blank", "Delete the line.", False, 0, 0)


def _line_end(line: bytes) -> bytes:
    return b"\r\n" if line.endswith(b"\r\n") else b"\n" if line.endswith(b"\n") else b""


def _note_line_end(report: PartialReport, *, crlf: bool, ended: bool = True) -> None:
    if not ended:
        return
    if crlf:
        if report.first_crlf is None:
            report.first_crlf = (report.lines, report.bytes)
    elif report.first_lf is None:
        report.first_lf = (report.lines, report.bytes)


def _may_have_changed(record: dict[str, Any], pointers: Iterable[Pointer], line: bytes) -> bool:
    """Whether a number of the record may have lost digits in the parser, so that its spelling has to be looked at."""
    number = doubtful_number([_value_at(record, pointer) for pointer in pointers])
    if number is None:
        return False
    return not _is_small_float(number) or _LONG_NUMBER.search(line) is not None


def _is_small_float(number: int | float) -> bool:
    return type(number) is float and number - number == 0


def _any_text_holds(record: dict[str, Any], trigger: str) -> bool:
    """Whether a string anywhere in the record holds the trigger."""
    waiting: list[Any] = [record]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is str:
            if trigger in item:
                return True
        elif kind is dict:
            waiting.extend(item.values())
        elif kind is list:
            waiting.extend(item)
    return False


def _invalid_bytes(text: str) -> list[Sketch]:
    """Bytes that are not UTF-8: in the decoded text each is a lone surrogate."""
    found = [match.start() for match in _UNDECODED.finditer(text)]
    if not found:
        return []
    help_text = "Write the file as UTF-8; re-decode the line from its true encoding."
    more = f", and {len(found) - 1:,} more on this line" if len(found) > 1 else ""
    message = f"byte 0x{ord(text[found[0]]) - 0xDC00:02X} at offset {{offset}} of the file is not UTF-8{more}"
    return [Sketch("invalid-utf8", (), message, help_text, False, found[0], found[0] + 1)]


def _place(text: str, sketch: Sketch, nodes: jsonspan.Nodes | None) -> tuple[int, int]:
    """The sketch's own place, or that of the value or key that its pointer names, or of its closest parent."""
    if sketch.start >= 0:
        return sketch.start, sketch.end
    if nodes is None:
        try:
            place = jsonspan.locate(text, sketch.pointer, key=sketch.at_key)
        except (ValueError, StopIteration, RecursionError):
            document = _parse_or_none(text)
            if document is None:
                return 0, len(text.rstrip())
            nodes = jsonspan.Nodes(document)
        else:
            return place.start, place.end
    return nodes.place(sketch.pointer, key=sketch.at_key)


def _parse_or_none(text: str) -> Document | None:
    try:
        return jsonspan.parse(text)
    except JsonSyntaxError:
        return None


def _value_at(record: Any, pointer: tuple[str | int, ...]) -> Any:
    value = record
    for part in pointer:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return value
    return value
