"""JL105."""

from __future__ import annotations

from collections.abc import Iterator

from jsonl_lint.model import Severity
from jsonl_lint.rule import Record, Sketch, StructureRule
from jsonl_lint.rule.excuses import is_mixed, is_refused_as_mixed, pair_wanted


class MixedFormats(StructureRule):
    """A record's format differs from the file's.

    A file has one format, that of most of its first records. Together refuses a file at the first record that differs.
    With `--method dpo` and a target that only warns of it, a record that is not a preference pair is reported by
    `unknown-format` alone.
    """

    code = "JL105"
    name = "mixed-formats"
    severity = Severity.ERROR
    help = "Put records of different formats into different files."
    formats = ("*",)

    def check(self, record: Record) -> Iterator[Sketch]:
        """Yield a record whose format differs from the file's, which is known before the first record."""
        if is_mixed(record) and (is_refused_as_mixed(record) or not pair_wanted(record)):
            yield self.sketch((), f"this record is {record.format}, but the file is {record.file_format}{{first}}")
