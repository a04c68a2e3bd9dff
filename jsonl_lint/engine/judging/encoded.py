"""Place the findings in a record that its line only holds: in a string, or as a Python literal."""

from collections.abc import Callable

from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import ByteOffsets, places_in_literal
from jsonl_lint.repair.spelling import places_of
from jsonl_lint.wording import with_columns

Mapping = Callable[[str, list[int]], list[int]]
"""Returns the places in a line of these places in the JSON that it holds, in code points and ascending order."""


def placed(findings: list[RawFinding], line: str, mapping: Mapping, bom_bytes: int) -> list[RawFinding]:
    """Return the findings in the JSON that a line holds, with their places in the line.

    Nothing inside can be fixed before the line is the record.
    """
    found = _Placed(line, findings, mapping, bom_bytes)
    return [found.finding(finding) for finding in findings]


def in_string(line: str, places: list[int]) -> list[int]:
    """Map places in the text that a string holds; the line is nothing but this string."""
    start = line.index('"') + 1
    return [start + place for place in places_of(line[start : line.rindex('"')], places)]


in_literal: Mapping = places_in_literal


class _Placed:
    """Places findings in a line. They are columns of the JSON that it holds."""

    def __init__(self, line: str, findings: list[RawFinding], mapping: Mapping, bom_bytes: int) -> None:
        columns = {column for finding in findings for column in (finding.column, finding.end_column)}

        def note(column: int) -> str:
            columns.add(column)
            return ""

        for finding in findings:
            with_columns(finding.message, note)
            with_columns(finding.help, note)
        ordered = sorted(columns)
        places = mapping(line, [column - 1 for column in ordered])
        self.columns = {column: place + 1 for column, place in zip(ordered, places, strict=True)}
        self.offsets = ByteOffsets(line)
        self.bom_bytes = bom_bytes
        self.line_bytes = self.offsets.at(len(line)) + bom_bytes

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
        """Return a column that a message names."""
        return str(self.columns[column])
