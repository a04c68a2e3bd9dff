"""Place findings in a record that is not one line: on the lines of the file where they are."""

from typing import AnyStr, Generic, NamedTuple

from jsonl_lint.engine.rawfinding import RawFinding
from jsonl_lint.jsonspan import decode
from jsonl_lint.wording import line_below, with_columns

_STRIDE = 1 << 12


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
