"""JL114."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch


class MissingColumn(FileRule):
    """A tokenised Parquet file lacks a column that the target requires.

    Together documents `input_ids` and `attention_mask`. Its client checks for `input_ids` alone; only the training
    notices that the other is missing.
    """

    code = "JL114"
    name = "missing-column"
    severity = Severity.ERROR
    help = "Add the column; for records without padding the mask is all 1."
    before_lines = True
    files = ("table",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield one finding for each column."""
        if file.columns is not None:
            for name in file.limits.get("required_parquet_columns", ()):
                if name not in file.columns:
                    yield FileSketch(f"the column `{name}` is missing")
