"""Clean lines, counted together."""

from itertools import repeat

from jsonl_lint.engine.partial import PartialReport, note_line_end
from jsonl_lint.likeness import NO_KEY, text_keys


class PassedLines:
    """Clean lines that still have to be counted, and their prompts, from which record keys are made all at once."""

    def __init__(self, report: PartialReport) -> None:
        self.report = report
        self.lines = self.bytes = self.last_bytes = 0
        self.prompts: list[str] = []
        self.places: list[int] = []
        """The indices in the report's record keys of the keys that still have to be made."""

    def add(self, size: int, prompt: str | None) -> None:
        """Add a line of this many bytes; `prompt` is that of its record, if records are compared."""
        self.lines += 1
        self.bytes += size
        self.last_bytes = size
        if prompt is not None:
            self.prompts.append(prompt)

    def count(self, *, crlf: bool) -> None:
        """Count the lines in the report, and reserve places for their keys; `crlf` says how they end."""
        if not self.lines:
            return
        report = self.report
        keys = report.record_keys.keys
        before = len(keys)
        keys.extend(repeat(NO_KEY, len(self.prompts) - len(self.places)))
        self.places.extend(range(before, len(keys)))
        note_line_end(report, crlf=crlf)
        report.lines += self.lines
        report.bytes += self.bytes
        report.records += self.lines
        report.valid_records += self.lines
        report.last_line_bytes = self.last_bytes
        self.lines = self.bytes = 0

    def settle(self, *, crlf: bool) -> None:
        """Count the lines and make their keys, before anything else is added to the report."""
        self.count(crlf=crlf)
        if self.prompts:
            keys = self.report.record_keys.keys
            for place, key in zip(self.places, text_keys(self.prompts), strict=True):
                keys[place] = key
            self.places.clear()
            self.prompts.clear()
