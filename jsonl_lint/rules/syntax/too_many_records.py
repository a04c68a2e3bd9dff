"""JL025."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch
from jsonl_lint.wording import plural


class TooManyRecords(FileRule):
    """The file holds more records than the target takes.

    Together takes at most 50,000 requests in a batch file. Fine-tuning files have no such limit.
    """

    code = "JL025"
    name = "too-many-records"
    severity = Severity.ERROR
    help = "Split the file."

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file with too many records, which are counted, not estimated."""
        maximum = file.limits.get("max_records")
        if maximum and file.records > maximum:
            message = f"the file holds {plural(file.records, 'record')}; the target takes at most {maximum:,}"
            yield FileSketch(message, line=file.last_line, byte_offset=file.last_line_offset)
