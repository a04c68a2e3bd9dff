"""The reports of records that are spread over several lines."""

from collections.abc import Sequence
from functools import cached_property, partial
from io import BytesIO

from jsonl_lint import jsonspan
from jsonl_lint.config import Settings
from jsonl_lint.engine.fragments import Fragment
from jsonl_lint.engine.judged import JudgedLines, saturated_rules
from jsonl_lint.engine.judging.judge import Judge
from jsonl_lint.engine.placing import SpreadRecord, Start
from jsonl_lint.engine.rawfinding import RawFinding, record_hash
from jsonl_lint.files.source import Origin
from jsonl_lint.jsonspan import JsonSyntaxError, Problem, decode, without_surrogates
from jsonl_lint.model import Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.plans.planning import plan_of
from jsonl_lint.wording import around, guarded, printable

_AROUND = 20
"""Characters on either side."""


def joined(group: Sequence[Fragment], before: JudgedLines, judge: "SpreadJudge | None") -> JudgedLines:
    """Return the report of one record spread over the lines of the group, with one finding that names the range.

    `before` is the report of all lines before it. If the lines are JSON together, `judge` judges what is in them.
    """
    first = group[0].judged
    cut_string = any([fragment.nesting(in_string=False).in_string for fragment in group[:-1]])
    fault = fault_of(group)
    finding = first.broken_string if cut_string and not fault else first.pretty
    if finding is not None and fault:
        finding = finding._replace(message=f"{finding.message}, and joined they are no JSON: {fault}", fix=())
    elif finding is not None and not _is_joinable(group):
        finding = finding._replace(fix=())
    text = _as_judged(group) if not fault else b""
    lines, compares = [fragment.line for fragment in group], bool(first.alone.record_keys)
    return _report(lines, finding, before, text, judge, compares=compares)


def whole_record(
    record: bytes, finding: RawFinding | None, before: JudgedLines, judge: "SpreadJudge | None", *, compares: bool
) -> JudgedLines:
    """Return the report of a record that is certainly JSON, whose line breaks are between values.

    `finding` is that of a pretty-printed record; `judge` judges what is in it, unless that is known to be clean;
    `compares`: records are compared, once they are lines.
    """
    return _report(list(BytesIO(record)), finding, before, record, judge, compares=compares)


def cut_off(group: Sequence[Fragment], limit: int) -> JudgedLines:
    """Return the report of a record whose end is missing: the finding of its first line names all its lines."""
    report = JudgedLines(limit)
    report.append(group[0].judged.alone)
    lines = [fragment.line for fragment in group]
    message = "the record is cut off: {range} make no whole one"
    report.findings = [
        _stretched(finding, lines)._replace(message=message) if finding.rule == "truncated-json" else finding
        for finding in report.findings
    ]
    report.count_lines(lines[1:])
    if report.record_keys:
        report.record_keys.pad(len(group) - 1)
    return report


def _report(
    lines: list[bytes],
    finding: RawFinding | None,
    before: JudgedLines,
    text: bytes,
    judge: "SpreadJudge | None",
    *,
    compares: bool,
) -> JudgedLines:
    """Return the report of a record spread over these lines; `judge` judges it as `text`, unless that is empty."""
    report = JudgedLines(before.limit)
    report.count_lines(lines)
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
        report.keep([_stretched(finding, lines)])
    if judge is not None and text:
        found = judge.report(text, lines, before)
        report.add_counts(found.counts)
        report.keep(found.findings)
    report.valid_records = not any(severity is Severity.ERROR for _, severity in report.counts)
    return report


def _stretched(finding: RawFinding, lines: list[bytes]) -> RawFinding:
    """Extend the finding for the first of these lines to a record that is spread over all of them."""
    fix = finding.fix
    if fix and fix.edits:
        from jsonl_lint.repair.joining import joining_edits

        fix = fix._replace(edits=joining_edits(lines))
    hash_of_record = _hash_of(lines) if finding.record_hash else ""
    return finding._replace(end_line=len(lines) - 1, record_hash=hash_of_record, fix=fix)


def _hash_of(lines: Sequence[bytes]) -> str:
    """Return the hash of a record that is spread over these lines."""
    return record_hash(b"\n".join([line.rstrip(b"\r\n") for line in lines]))


def _as_judged(group: Sequence[Fragment]) -> bytes:
    """Return the record with spaces for line breaks inside strings: the finding that it is spread speaks of these."""
    parts, in_string = [], False
    for fragment in group:
        line = fragment.line
        in_string = fragment.nesting(in_string=in_string).in_string
        parts.append(line.rstrip(b"\r\n").ljust(len(line)) if in_string else line)
    return b"".join(parts)


class SpreadJudge:
    """Judges records that are spread over lines of one file, once it is known which lines these are.

    That may be in another process than the one that read them, so it can be pickled, as a plan cannot.
    """

    def __init__(
        self, origin: Origin, settings: Settings, *, show_context: bool = True, plan: Plan | None = None
    ) -> None:
        self.origin = origin
        self.settings = settings
        self.show_context = show_context
        self.plan = plan

    @classmethod
    def of(cls, plan: Plan, origin: Origin) -> "SpreadJudge":
        """Return the one for a file whose lines are checked by this plan."""
        return cls(origin, plan.settings, show_context=plan.show_context, plan=plan)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(SpreadJudge, self.origin, self.settings, show_context=self.show_context), ()

    @cached_property
    def plan_inside(self) -> Plan:
        """The plan by which a record is judged as if it were on one line."""
        plan = self.plan or plan_of(self.settings)
        return plan.alone._replace(show_context=self.show_context)

    def report(self, text: bytes, lines: Sequence[bytes], before: JudgedLines) -> JudgedLines:
        """Return the report on the record that is spread over these lines; `before` is that of all lines before it.

        `text` is the record as it is judged, with the same places.
        """
        judge = Judge(self.origin, self.plan_inside, saturated_rules(before))
        report = JudgedLines(before.limit)
        judge.add_line(report, text, judge.read(text))
        if not report.findings:
            return report
        record = SpreadRecord(b"".join(lines))
        own_hash = _hash_of(lines) if any(finding.record_hash for finding in report.findings) else ""
        found = [record.placed(finding, Start()) for finding in report.findings]
        report.findings = [finding._replace(record_hash=own_hash) for finding in found]
        return report


def fault_of(group: Sequence[Fragment]) -> str:
    """Return why the lines are not JSON even if they are joined; "" if they are, or can be repaired."""
    text = _decoded(group)
    try:
        _repairable(text)
    except JsonSyntaxError as error:
        line = text.count("\n", 0, error.position) + 1
        return f"{error.reason}, near `{_around(text, error.position)}` on line {line} of them"
    return ""


def _is_joinable(group: Sequence[Fragment]) -> bool:
    """Whether lines without a fault stay so on one line: no comment would hide what comes after it."""
    if not any([b"//" in fragment.line or b"#" in fragment.line for fragment in group[:-1]]):
        return True
    text = _decoded(group)
    comments = [problem for problem in _repairable(text) if problem.kind == "comment-in-json"]
    return not any(comment.detail != "/*" and text[comment.end :].strip() for comment in comments)


def _decoded(group: Sequence[Fragment]) -> str:
    return without_surrogates(decode(b"".join([fragment.line for fragment in group]))).lstrip("\ufeff")


def _repairable(text: str) -> Sequence[Problem]:
    """Return what is wrong with a text that can be read.

    Raises:
        JsonSyntaxError: it cannot be read, even if what can be repaired is.
    """
    import orjson  # few records are spread over lines

    try:
        orjson.loads(text)  # as most can be read, and this takes a fraction of the time
        return ()
    except ValueError:
        return jsonspan.parse(text).problems


def _around(text: str, position: int) -> str:
    """Return a few characters around a position, with possible secrets masked, so that a person can find the place."""
    before, after = around(text, position, _AROUND)
    return guarded(printable(before.rpartition("\n")[2].lstrip() + after.partition("\n")[0].rstrip()))
