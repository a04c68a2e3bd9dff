"""Judge the records that a line only holds: in a string, as a Python literal, or several beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from jsonl_lint.engine.judged import JudgedLines
from jsonl_lint.engine.judging.findings import FindingMaker
from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import ByteOffsets, JsonSyntaxError, gaps, places_in_literal, read_literal
from jsonl_lint.plans.plan import Plan
from jsonl_lint.repair.spelling import places_of
from jsonl_lint.rule import Sketch
from jsonl_lint.wording import column as column_at
from jsonl_lint.wording import with_columns

Gap = tuple[int, int]


class Held(NamedTuple):
    """JSON that a line holds; `places` returns where in the line these places of it are, in ascending order.

    `value` is how the fast parser reads it, None if that is not known yet.
    """

    json: str
    places: Callable[[list[int]], list[int]]
    value: Any = None


def in_string(line: str, held: str, value: Any) -> list[Held]:
    """Return what a string holds, with its value; the line is nothing but this string."""

    def places(places: list[int]) -> list[int]:
        start = line.index('"') + 1
        literal = line[start : line.rindex('"')]
        return [start + place for place in places_of(literal, places)]

    return [Held(held, places, value)]


def held_in(line: str, rule: str) -> Iterable[Held] | None:
    """Return what a line holds that this rule reports: a literal, or several values; None if that is not certain.

    The line has a character for each byte that is not UTF-8, so that places stay the same.
    """
    if rule == "several-values-on-one-line":
        between = gaps(line)
        return map(partial(_part, line), (None, *between), (*between, None)) if between else None
    held = read_literal(line)
    return None if held is None else [Held(held, lambda places: places_in_literal(line, places))]


def held_beside(
    line: str, rule: str, error: JsonSyntaxError, plan: Plan, file_format: str | None
) -> Iterable[Held] | None:
    """Return the same of any line that cannot be read; of one with text behind its record, the record."""
    held = held_in(line, rule) if rule != "invalid-json" else None
    before = line[: error.position] if held is None and error.kind == "extra-data" else ""
    return [Held(before, lambda places: places)] if _is_record(before, plan, file_format) else held


def _is_record(text: str, plan: Plan, file_format: str | None) -> bool:
    """Whether it is a record of a format that the target takes, or meant to be one."""
    try:
        value = plan.parse(text.encode())
    except ValueError:
        return False
    return isinstance(value, dict) and plan.own_format(value, file_format) is not None


def _part(line: str, before: Gap | None, after: Gap | None) -> Held:
    """Return the value between two gaps; None is the beginning or the end of the line."""
    start, end = before[1] if before else 0, after[0] if after else len(line)
    return Held(line[start:end], lambda places: [start + place for place in places])


def emit_all(
    maker: FindingMaker,
    into: JudgedLines,
    line: str,
    about: list[Sketch],
    held: Iterable[Held],
    judged: Callable[[bytes, Any, JudgedLines], JudgedLines | None],
) -> bool:
    """Emit the findings about a line and in what it holds, which `judged` returns; return whether one is an error.

    `judged` is given each part with the report of all before it, since a rule may be saturated in the middle of a line.
    It returns None for one that is clean.
    Nothing inside can be fixed before the line is the record.
    """
    first = len(into.findings)
    failed = maker.emit(into, line, about)
    offsets = ByteOffsets(line)
    for each in held:
        inside = judged(each.json.encode(), each.value, into)
        if inside is None:
            continue
        failed = failed or not inside.valid_records
        into.add_counts(inside.counts)
        if inside.findings:
            placed = _Placed(offsets, inside.findings, each, maker.bom_bytes)
            own_hash = maker.hash_of_line() if maker.plan.settings.record_hashes else ""
            found = [placed.finding(finding)._replace(record_hash=own_hash) for finding in inside.findings]
            into.keep([finding.shifted(into.lines, into.bytes) for finding in found])
    into.findings[first:] = sorted(into.findings[first:])
    return failed


class _Placed:
    """Places findings in a line. They are columns of JSON that it holds."""

    def __init__(self, offsets: ByteOffsets, findings: list[RawFinding], held: Held, bom_bytes: int) -> None:
        columns = {column for finding in findings for column in (finding.column, finding.end_column)}

        def note(column: int) -> str:
            columns.add(column)
            return ""

        for finding in findings:
            with_columns(finding.message, note)
            with_columns(finding.help, note)
        ordered = sorted(columns)
        places = held.places([column - 1 for column in ordered])
        self.columns = {column: place + 1 for column, place in zip(ordered, places, strict=True)}
        self.offsets = offsets
        self.bom_bytes = bom_bytes
        self.line_bytes = self.offsets.at(len(offsets.text)) + bom_bytes

    def finding(self, finding: RawFinding) -> RawFinding:
        """Return a finding with its place in the line."""
        column, end_column = self.columns[finding.column], self.columns[finding.end_column]
        start, end = [self.offsets.at(each - 1) + self.bom_bytes for each in (column, end_column)]
        context = finding.context
        if context is not None:
            context = context._replace(byte_start=start, byte_end=end, line_bytes=self.line_bytes)
        return finding._replace(
            column=column,
            end_column=end_column,
            byte_offset=start,
            message=with_columns(finding.message, self.shown),
            help=with_columns(finding.help, self.shown),
            context=context,
            fix=(),
        )

    def shown(self, column: int) -> str:
        """Return what stands for a column that a message names: what holds the line may be held by another one."""
        return column_at(self.columns[column] - 1)
