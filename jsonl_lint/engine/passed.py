"""Clean lines, counted together."""

from jsonl_lint.engine.judged import JudgedLines, note_line_end


class PassedLines:
    """Clean lines that still have to be counted in the report. The keys of their records are there already."""

    def __init__(self, report: JudgedLines) -> None:
        self.report = report
        self.lines = self.bytes = self.last_bytes = 0

    def add(self, size: int, record_key: int | None) -> None:
        """Add a line of this many bytes; `record_key` is that of its record, if records are compared."""
        self.lines += 1
        self.bytes += size
        self.last_bytes = size
        if record_key is not None:
            self.report.record_keys.keys.append(record_key)

    def settle(self, *, crlf: bool) -> None:
        """Count the lines, before anything else is added to the report; `crlf` says how they end."""
        if not self.lines:
            return
        report = self.report
        note_line_end(report, crlf=crlf)
        report.lines += self.lines
        report.bytes += self.bytes
        report.records += self.lines
        report.valid_records += self.lines
        report.last_line_bytes = self.last_bytes
        self.lines = self.bytes = 0
