"""Convert a partial report to JSON values and back, for files that are passed between machines.

Such a file may come from anywhere, so nothing in it is executed or trusted: anything that `encode` would not write is
a `ValueError`.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from itertools import chain
from typing import Any

from jsonl_lint.engine.fragments import Fragment, Judged
from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.keylog import KeyLog
from jsonl_lint.engine.kindlog import MOST_KINDS, FirstSeen, KindLog
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import Nesting
from jsonl_lint.model import Applicability, Context, Edit, Fix, Severity
from jsonl_lint.plans.plan import Plan
from jsonl_lint.repeats.recordkeys import RecordKeys
from jsonl_lint.rule import DatasetRule
from jsonl_lint.wording import printable

_NUMBERS = (
    "limit",
    "lines",
    "bytes",
    "records",
    "valid_records",
    "last_line_bytes",
    "safe_fixes",
    "unsafe_fixes",
)
_ARRAYS = {"digests": "Q", "lines": "Q", "offsets": "Q", "columns": "L", "end_columns": "L", "pointer_of": "H"}
_LARGEST = {"Q": 1 << 64, "L": 1 << 32, "H": 1 << 16}


def encode(report: PartialReport) -> dict[str, Any]:
    """Return the report as JSON values."""
    return {
        **_encoded_lines(report),
        "synchronised": report.synchronised,
        "head": [_encoded_fragment(fragment) for fragment in report.head],
        "tail": [_encoded_fragment(fragment) for fragment in report.tail],
        "tail_bytes": report.tail_bytes,
        "open_at_end": report.open_at_end,
    }


def _encoded_lines(report: JudgedLines) -> dict[str, Any]:
    return {
        **{name: getattr(report, name) for name in _NUMBERS},
        "counts": [[rule, severity.value, count] for (rule, severity), count in report.counts.items()],
        "findings": [_encoded_finding(finding) for finding in report.findings],
        "stored": report.stored,
        "keys": {rule: _encoded_log(log) for rule, log in report.keys.items()},
        "record_keys": _encoded_numbers(array("Q", chain.from_iterable(report.record_keys.arrays()))),
        "landmarks": _encoded_numbers(report.landmarks),
        "kinds": [[*kind, *where] for kind, where in report.kinds.first.items()],
        "fault": report.fault,
        "first_lf": report.first_lf,
        "first_crlf": report.first_crlf,
    }


def decode(value: Any, plan: Plan) -> PartialReport:
    """Return the report that was encoded; its rules must be known to the plan.

    Raises:
        ValueError: `encode` would not write such a value.
    """
    entry = checked(value, dict)
    report = PartialReport()
    _fill(report, entry, plan)
    report.synchronised = checked(entry.get("synchronised"), bool)
    report.head = [_decoded_fragment(item, plan) for item in checked(entry.get("head"), list)]
    report.tail = [_decoded_fragment(item, plan) for item in checked(entry.get("tail"), list)]
    report.tail_bytes = _count(entry.get("tail_bytes"))
    change, lowest, in_string = _sized(entry.get("open_at_end"), 3)
    report.open_at_end = Nesting(checked(change, int), checked(lowest, int), checked(in_string, bool))
    return report


def _fill(report: JudgedLines, entry: dict[str, Any], plan: Plan) -> None:
    """Set in an empty report what `_encoded_lines` returned."""
    for name in _NUMBERS:
        setattr(report, name, _count(entry.get(name)))
    for item in checked(entry.get("counts"), list):
        rule, severity, count = _sized(item, 3)
        report.counts[_rule(rule, plan), Severity(checked(severity, str))] = _count(count)
    report.findings = [_decoded_finding(item, plan) for item in checked(entry.get("findings"), list)]
    stored: Mapping[Any, Any] = checked(entry.get("stored"), dict)
    report.stored = {_rule(rule, plan): _count(count) for rule, count in stored.items()}
    report.keys = {rule: _decoded_log(log, rule, plan) for rule, log in checked(entry.get("keys"), dict).items()}
    report.record_keys = RecordKeys.of(_decoded_numbers(entry.get("record_keys"), "Q"))
    if report.record_keys.lines() not in (0, report.lines):
        raise ValueError("keys of other lines")
    report.landmarks = _decoded_numbers(entry.get("landmarks"), "Q")
    if len(report.landmarks) % 2 or list(report.landmarks[::2]) != sorted(report.landmarks[::2]):
        raise ValueError("landmarks out of order")
    report.kinds = _decoded_kinds(entry.get("kinds"))
    report.fault = checked(entry.get("fault"), str)
    report.first_lf = _decoded_pair(entry.get("first_lf"))
    report.first_crlf = _decoded_pair(entry.get("first_crlf"))


def checked(value: Any, kind: type) -> Any:
    """Return the value if it is of exactly this type.

    Raises:
        ValueError: it is not.
    """
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


def _count(value: Any, largest: int = 1 << 63) -> int:
    number: int = checked(value, int)
    if not 0 <= number < largest:
        raise ValueError("a number out of range")
    return number


def _sized(value: Any, size: int) -> list[Any]:
    items: list[Any] = checked(value, list)
    if len(items) != size:
        raise ValueError("a list of another length")
    return items


def _rule(name: Any, plan: Plan) -> str:
    rule: str = checked(name, str)
    if rule not in plan.rules_by_name:
        raise ValueError("an unknown rule")
    return rule


def _encoded_finding(finding: RawFinding | None) -> list[Any] | None:
    if finding is None:
        return None
    fix = [finding.fix.applicability.value, finding.fix.title, finding.fix.edits] if finding.fix else None
    return [*finding[:8], finding.severity.value, *finding[9:13], fix]


def _decoded_finding(value: Any, plan: Plan) -> RawFinding:
    items = _sized(value, len(RawFinding._fields))
    numbers = [_count(items[index]) for index in (0, 1, 2, 5, 6)]
    texts = [checked(items[index], str) for index in (3, 4, 9, 10, 12)]
    rule = _rule(items[7], plan)
    if texts[0] != plan.rules_by_name[rule].code:
        raise ValueError("a rule with another code")
    line, column, end_column, end_line, offset = numbers
    code, pointer, message, help_text, hash_of_record = texts
    severity = Severity(checked(items[8], str))
    context, fix = _decoded_context(items[11]), _decoded_fix(items[13])
    place = (line, column, end_column, code, pointer, end_line, offset)
    return RawFinding(*place, rule, severity, message, printable(help_text), context, hash_of_record, fix)


def _decoded_fix(value: Any) -> Fix | tuple[()]:
    if value is None:
        return ()
    applicability, title, edits = _sized(value, len(Fix._fields))
    made = []
    for edit in checked(edits, list):
        start, end, content = _sized(edit, len(Edit._fields))
        made.append(Edit(_count(start), _count(end), checked(content, str)))
    return Fix(Applicability(checked(applicability, str)), checked(title, str), tuple(made))


def _decoded_context(value: Any) -> Context | None:
    if value is None:
        return None
    text, start, end, byte_start, byte_end, size = _sized(value, len(Context._fields))
    if not checked(text, str).isprintable():
        raise ValueError("an excerpt with characters that could disturb a terminal")
    last = None if byte_end is None else _count(byte_end)
    return Context(text, _count(start), _count(end), _count(byte_start), last, _count(size))


def _decoded_pair(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    line, offset = _sized(value, 2)
    return _count(line), _count(offset)


def _encoded_fragment(fragment: Fragment) -> list[Any]:
    known = fragment.judged
    said = (_encoded_finding(known.pretty), _encoded_finding(known.broken_string))
    return [b64encode(fragment.line).decode(), known.opens, _encoded_lines(known.alone), *said]


def _decoded_fragment(value: Any, plan: Plan) -> Fragment:
    line, opens, alone, pretty, broken = _sized(value, 5)
    report = JudgedLines()
    _fill(report, checked(alone, dict), plan)
    judged = Judged(
        checked(opens, bool),
        report,
        None if pretty is None else _decoded_finding(pretty, plan),
        None if broken is None else _decoded_finding(broken, plan),
    )
    return Fragment(b64decode(checked(line, str), validate=True), judged)


def _encoded_log(log: KeyLog) -> dict[str, Any]:
    arrays = {name: _encoded_numbers(getattr(log, name)) for name in _ARRAYS}
    failed = b64encode(bytes(log.failed)).decode()
    return {**arrays, "distinct": log.distinct, "failed": failed, "pointers": log.pointers, "shown": log.shown}


def _decoded_log(value: Any, rule: Any, plan: Plan) -> KeyLog:
    entry = checked(value, dict)
    about = plan.rules_by_name[_rule(rule, plan)]
    if not isinstance(about, DatasetRule) or entry.get("distinct") is not about.distinct:
        raise ValueError("keys of a rule that has none")
    log = KeyLog(distinct=about.distinct)
    for name, kind in _ARRAYS.items():
        setattr(log, name, _decoded_numbers(entry.get(name), kind))
    log.failed = bytearray(b64decode(checked(entry.get("failed"), str), validate=True))
    log.pointers = [checked(item, str) for item in checked(entry.get("pointers"), list)]
    log.shown = [checked(item, str) for item in checked(entry.get("shown"), list)]
    log.known = set(log.digests) if about.distinct else set()
    sizes = {len(getattr(log, name)) for name in _ARRAYS} | {len(log.failed)}
    sizes |= {len(log.shown)} if about.distinct else set()
    if len(sizes) != 1 or max(log.pointer_of, default=-1) >= len(log.pointers):
        raise ValueError("keys that do not belong together")
    return log


def _decoded_kinds(value: Any) -> KindLog:
    log = KindLog()
    for item in checked(value, list)[:MOST_KINDS]:
        shape, kind, line, record, offset, column, end_column, failed, pointer = _sized(item, 9)
        first, record, offset, column, end_column = (
            _count(number) for number in (line, record, offset, column, end_column)
        )
        where = FirstSeen(first, record, offset, column, end_column, checked(failed, bool), checked(pointer, str))
        log.note((checked(shape, str), checked(kind, str)), where)
    return log


def _encoded_numbers(numbers: array[int]) -> str:
    """Encode each as 64 bits, little-endian on every machine."""
    wide = array("Q", numbers)
    if sys.byteorder == "big":
        wide.byteswap()
    return b64encode(wide.tobytes()).decode()


def _decoded_numbers(value: Any, kind: str) -> array[int]:
    wide = array("Q")
    wide.frombytes(b64decode(checked(value, str), validate=True))
    if sys.byteorder == "big":
        wide.byteswap()
    if max(wide, default=0) >= _LARGEST[kind]:
        raise ValueError("a number out of range")
    return array(kind, wide)
