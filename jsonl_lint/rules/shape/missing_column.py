"""JL114."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch

AS_JSONL = "Write each row as one line of a `.jsonl` file, or tokenise the texts."


class MissingColumn(FileRule):
    """A tokenised Parquet file lacks a column that the target requires.

    If it has none of the target's columns, it holds texts, which the target does not take as Parquet.
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
            texts = set(file.limits.get("parquet_columns", ())).isdisjoint(file.columns)
            for name in file.limits.get("required_parquet_columns", ()):
                if name not in file.columns:
                    message = f"the column `{name}` is missing"
                    if texts:
                        yield FileSketch(
                            f"{message}; the target takes only tokens as Parquet, not texts", help=AS_JSONL
                        )
                    else:
                        yield FileSketch(message)
