"""JL116."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch, holds_tokens
from jsonl_lint.wording import guarded, printable


class ColumnWrongType(FileRule):
    """A column of a tokenised Parquet file does not hold lists of whole numbers.

    Together's client passes any type, strings too; the training does not.
    """

    code = "JL116"
    name = "column-wrong-type"
    severity = Severity.ERROR
    help = "Write the column as a list of int32 or int64 a row."
    before_lines = True
    files = ("table",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield one finding for each such column that the target knows."""
        for name in file.limits.get("parquet_columns", ()):
            found = (file.columns or {}).get(name)
            if found is not None and not holds_tokens(found):
                shown = guarded(printable(found[:60]))
                yield FileSketch(f"the column `{name}` is {shown}, not lists of whole numbers")
