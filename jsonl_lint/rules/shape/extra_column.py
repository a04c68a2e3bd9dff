"""JL115."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import FileFacts, FileRule, FileSketch, shown_key
from jsonl_lint.wording import enumerated

SHOWN = 20


class ExtraColumn(FileRule):
    """A tokenised Parquet file has a column that the target does not know.

    Together's client refuses the file, while its command prints that the checks passed.
    """

    code = "JL115"
    name = "extra-column"
    severity = Severity.ERROR
    help = "Drop the column."
    before_lines = True
    files = ("table",)

    def check(self, file: FileFacts) -> Iterator[FileSketch]:
        """Yield one finding for each column, and one for all beyond the first twenty."""
        known = file.limits.get("parquet_columns", ())
        extra = [name for name in file.columns or () if name not in known]
        for name in extra[:SHOWN]:
            yield FileSketch(f"the column `{shown_key(name)}` is not one of {enumerated(known)}")
        if len(extra) > SHOWN:
            yield FileSketch(f"{len(extra) - SHOWN:,} more columns are not known")
