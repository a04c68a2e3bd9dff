"""Place the findings in a record that was encoded twice: in the string that holds it."""

from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import ByteOffsets
from jsonl_lint.repair.spelling import places_of
from jsonl_lint.wording import with_columns


def placed_in_string(findings: list[RawFinding], line: str) -> list[RawFinding]:
    """Return the findings in what a string holds, with their places in the line that is nothing but this string.

    Nothing inside can be fixed before the string is decoded.
    """
    placed = _Placed(line, findings)
    return [placed.finding(finding) for finding in findings]


class _Placed:
    """Places findings in a line that is nothing but a string. They are columns of the text that it holds."""

    def __init__(self, line: str, findings: list[RawFinding]) -> None:
        columns = {column for finding in findings for column in (finding.column, finding.end_column)}

        def note(column: int) -> str:
            columns.add(column)
            return ""

        for finding in findings:
            with_columns(finding.message, note)
            with_columns(finding.help, note)
        start = line.index('"') + 1
        literal = line[start : line.rindex('"')]
        ordered = sorted(columns)
        places = places_of(literal, [column - 1 for column in ordered])
        self.columns = {column: start + place + 1 for column, place in zip(ordered, places, strict=True)}
        self.offsets = ByteOffsets(line)
        self.line_bytes = self.offsets.at(len(line))

    def finding(self, finding: RawFinding) -> RawFinding:
        """Return a finding with its place in the line."""
        column, end_column = self.columns[finding.column], self.columns[finding.end_column]
        start, end = self.offsets.at(column - 1), self.offsets.at(end_column - 1)
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
