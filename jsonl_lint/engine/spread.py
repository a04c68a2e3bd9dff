"""Records that are not one line: judge what is inside, and place their findings on the lines where they are."""

from collections.abc import Sequence
from functools import cached_property, partial
from io import BytesIO
from typing import AnyStr, Generic, NamedTuple

from jsonl_lint.config import Settings
from jsonl_lint.engine.fragments import Fragment, fault_of, hash_of, is_joinable, stretched, stretched_if_cut_off
from jsonl_lint.engine.judged import JudgedLines, note_line_end, saturated_rules
from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.files.source import Block
from jsonl_lint.jsonspan import decode
from jsonl_lint.model import Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.plans.prefilter import ALL
from jsonl_lint.wording import line_below, with_columns

_STRIDE = 1 << 12


def joined(group: Sequence[Fragment], before: JudgedLines, inside: "SpreadJudge | None") -> JudgedLines:
    """Return the report of one record spread over the lines of the group, with one finding that names the range.

    `before` is the report of all lines before it. If the lines are JSON together, `inside` judges what is in them.
    """
    first = group[0].judged
    cut_string = any([fragment.nesting(in_string=False).in_string for fragment in group[:-1]])
    fault = fault_of(group)
    finding = first.broken_string if cut_string and not fault else first.pretty
    if finding is not None and fault:
        finding = finding._replace(message=f"{finding.message}, and joined they are no JSON: {fault}", fix=())
    elif finding is not None and not is_joinable(group):
        finding = finding._replace(fix=())
    text = _text_of(group) if not fault else b""
    lines, compares = [fragment.line for fragment in group], bool(first.alone.record_keys)
    return _report(lines, finding, before, text, inside, compares=compares)


def whole(
    record: bytes, finding: RawFinding | None, before: JudgedLines, inside: "SpreadJudge | None", *, compares: bool
) -> JudgedLines:
    """Return the report of a record that is certainly JSON, whose line breaks are between values.

    `finding` is that of a pretty-printed record; `inside` judges what is in it, unless that is known to be clean;
    `compares`: records are compared, once they are lines.
    """
    return _report(list(BytesIO(record)), finding, before, record, inside, compares=compares)


def _report(
    lines: list[bytes],
    finding: RawFinding | None,
    before: JudgedLines,
    text: bytes,
    inside: "SpreadJudge | None",
    *,
    compares: bool,
) -> JudgedLines:
    """Return the report of a record spread over these lines; `inside` judges it as `text`, unless that is empty."""
    report = JudgedLines(before.limit)
    _count_lines(report, lines)
    if compares:
        report.record_keys.pad(len(lines))
    report.records = 1
    if finding is None:
        report.valid_records = 1
        return report
    report.counts[finding.rule, finding.severity] = 1
    if finding.fix:
        report.count_fix(finding.fix.applicability)
    if not before.limit or before.stored.get(finding.rule, 0) < before.limit:
        report.keep([stretched(finding, lines)])
    if inside is not None and text:
        found = inside.report(text, lines, before)
        report.add_counts(found.counts)
        report.keep(found.findings)
    report.valid_records = not any(severity is Severity.ERROR for _, severity in report.counts)
    return report


def cut_off(group: Sequence[Fragment], limit: int) -> JudgedLines:
    """Return the report of a record whose end is missing: the finding of its first line names all its lines."""
    report = JudgedLines(limit)
    report.append(group[0].judged.alone)
    lines = [fragment.line for fragment in group]
    report.findings = [stretched_if_cut_off(finding, lines) for finding in report.findings]
    _count_lines(report, lines[1:])
    if report.record_keys:
        report.record_keys.pad(len(group) - 1)
    return report


def _count_lines(report: JudgedLines, lines: Sequence[bytes]) -> None:
    if not any([line.endswith(b"\r\n") for line in lines]):
        report.count_lines(lines)
        return
    for line in lines:
        note_line_end(report, crlf=line.endswith(b"\r\n"), ended=line.endswith(b"\n"))
        report.count_line(len(line))


class Start(NamedTuple):
    """Where a record begins: the lines before it, the code points and bytes of its line before it, and its offset."""

    lines: int = 0
    characters: int = 0
    line_bytes: int = 0
    offset: int = 0

    def after(self, data: bytes) -> "Start":
        """Return where a record begins that stands after these bytes, if one stood before them here."""
        line_start = data.rfind(b"\n") + 1
        lines, characters, line_bytes = self[:3] if not line_start else (self.lines + data.count(b"\n"), 0, 0)
        characters += len(decode(data[line_start:]))
        return Start(lines, characters, line_bytes + len(data) - line_start, self.offset + len(data))


class SpreadRecord:
    """Places findings in the bytes of one record, in which there may be line breaks."""

    def __init__(self, record: bytes) -> None:
        self.is_spread = b"\n" in record
        self.in_bytes, self.in_text = _LineStarts(record, b"\n"), _LineStarts(decode(record), "\n")

    def placed(self, finding: RawFinding, start: Start) -> RawFinding:
        """Return a finding with its place where the record starts there. Nothing in such a record can be fixed yet."""
        lines, line_start = self.in_text.before(finding.column - 1)
        end_lines, end_start = self.in_text.before(finding.end_column - 1)
        context = finding.context
        if context is not None:
            shift = (0 if lines else start.line_bytes) - self.in_bytes.before(context.byte_start)[1]
            end = context.byte_end if lines == end_lines else None
            context = context._replace(
                byte_start=context.byte_start + shift, byte_end=None if end is None else end + shift
            )

        def shown(column: int) -> str:
            breaks, begin = self.in_text.before(column - 1)
            there = column - begin + (0 if breaks else start.characters)
            return f"{there} (line {line_below(breaks - lines)})" if self.is_spread else str(there)

        return finding._replace(
            message=with_columns(finding.message, shown),
            help=with_columns(finding.help, shown),
            line=start.lines + lines,
            end_line=start.lines + end_lines,
            column=finding.column - line_start + (0 if lines else start.characters),
            end_column=finding.end_column - end_start + (0 if end_lines else start.characters),
            byte_offset=start.offset + finding.byte_offset,
            context=context,
            fix=(),
        )


class _LineStarts(Generic[AnyStr]):
    """Finds the line of a position in a record. Many look-ups take linear time."""

    def __init__(self, text: AnyStr, newline: AnyStr) -> None:
        self.text: AnyStr = text
        self.newline: AnyStr = newline
        self.known = [(0, 0)]
        """What `before` returns for every `_STRIDE`th position, as far as it was needed."""

    def before(self, position: int) -> tuple[int, int]:
        """Return the number of line breaks before this position, and the position where its line begins."""
        stride = position // _STRIDE
        while len(self.known) <= stride:
            self.known.append(self._from(len(self.known) - 1, len(self.known) * _STRIDE))
        return self._from(stride, position)

    def _from(self, stride: int, position: int) -> tuple[int, int]:
        begin, (lines, start) = stride * _STRIDE, self.known[stride]
        breaks = self.text.count(self.newline, begin, position)
        return lines + breaks, self.text.rfind(self.newline, begin, position) + 1 if breaks else start


class SpreadJudge:
    """Judges records that are spread over lines of one file, once it is known which lines these are.

    That may be in another process than the one that read them, so it can be pickled, as a plan cannot.
    """

    def __init__(
        self, where: Block, settings: Settings, *, show_context: bool = True, plan: Plan | None = None
    ) -> None:
        self.where = where
        self.settings = settings
        self.show_context = show_context
        self.plan = plan

    @classmethod
    def of(cls, plan: Plan, where: Block) -> "SpreadJudge":
        """Return the one for a file whose lines are checked by this plan."""
        return cls(where._replace(data=b""), plan.settings, show_context=plan.show_context, plan=plan)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(SpreadJudge, self.where, self.settings, show_context=self.show_context), ()

    @cached_property
    def judge(self) -> Judge:
        """Judges a record as if it were on one line."""
        plan = self.plan or plan_of(self.settings)
        return Judge(self.where, plan.alone._replace(show_context=self.show_context), ())

    def report(self, text: bytes, lines: Sequence[bytes], before: JudgedLines) -> JudgedLines:
        """Return the report on the record that is spread over these lines; `before` is that of all lines before it.

        `text` is the record as it is judged, with the same places.
        """
        judge = self.judge
        judge.marked, judge.saturated = ALL, saturated_rules(before)
        report = JudgedLines(before.limit)
        judge.add_line(report, text, judge.read(text))
        if not report.findings:
            return report
        record = SpreadRecord(b"".join(lines))
        own_hash = hash_of(lines) if any(finding.record_hash for finding in report.findings) else ""
        found = [record.placed(finding, Start()) for finding in report.findings]
        report.findings = [finding._replace(record_hash=own_hash) for finding in found]
        return report


def _text_of(group: Sequence[Fragment]) -> bytes:
    """Return the record, with spaces for line breaks inside strings: the finding that it is spread speaks of these."""
    parts, in_string = [], False
    for fragment in group:
        line = fragment.line
        in_string = fragment.nesting(in_string=in_string).in_string
        parts.append(line.rstrip(b"\r\n").ljust(len(line)) if in_string else line)
    return b"".join(parts)
