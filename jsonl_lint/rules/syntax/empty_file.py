"""JL001."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class EmptyFile(FileRule):
    """The file holds no record.

    It has no bytes, only white space, or no rows where it is a table. Together's SDK answers "File is empty" or "only 0
    samples"; other loaders fail later, with an error that names no file. Most often an export was cut off or wrote
    somewhere else.
    """

    code = "JL001"
    name = "empty-file"
    severity = Severity.ERROR
    help = "Write the records again; check the step that made the file."
    files = ("empty",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield a file without a record that could be read as lines or as a table."""
        if file.records == 0 and file.layout == "table":
            yield FileSketch("the table has no rows")
        elif file.records == 0 and file.of_lines:
            yield FileSketch("the file is empty" if file.bytes == 0 else "the file holds only white space")
