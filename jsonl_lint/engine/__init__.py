"""The engine checks: bytes in, mergeable findings out. It does no I/O and knows no clock.

`jsonl_lint.engines` are who lets it check the ranges of a large file at the same time: processes, or a cluster.
"""

from jsonl_lint.engine.block import LineChecker, check_block
from jsonl_lint.engine.partial import PartialReport, saturated_rules
from jsonl_lint.engine.rawfinding import RawFinding, finding_of
from jsonl_lint.engine.wholefile import (
    FileFindings,
    dataset_findings,
    detect_format,
    facts_at_end,
    file_findings,
    first_line_end,
)

__all__ = [
    "FileFindings",
    "LineChecker",
    "PartialReport",
    "RawFinding",
    "check_block",
    "dataset_findings",
    "detect_format",
    "facts_at_end",
    "file_findings",
    "finding_of",
    "first_line_end",
    "saturated_rules",
]
