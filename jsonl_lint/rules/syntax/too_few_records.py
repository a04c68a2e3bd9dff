"""JL024."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch
from jsonl_lint.wording import plural


class TooFewRecords(FileRule):
    """The file holds fewer records than the target takes.

    OpenAI wants at least 10. Together's client wants 1, so an empty file is what `empty-file` reports.
    """

    code = "JL024"
    name = "too-few-records"
    severity = Severity.ERROR
    help = "Add records, or choose another method for so few examples."

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file with too few records. No record at all is another rule's; items of an array are not counted."""
        minimum = file.limits.get("min_records")
        if minimum and file.layout != "array" and 0 < file.records < minimum:
            message = f"the file holds {plural(file.records, 'record')}; the target wants at least {minimum:,}"
            yield FileSketch(message, line=file.last_line, byte_offset=file.last_line_offset)
