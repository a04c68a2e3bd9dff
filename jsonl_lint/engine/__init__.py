"""The engine turns bytes into findings and reports that can be merged. It does no I/O of its own and uses no clock."""

from jsonl_lint.engine.block import LineChecker, check_block
from jsonl_lint.engine.judged import JudgedLines, saturated_rules
from jsonl_lint.engine.partial import PartialReport
from jsonl_lint.engine.rawfinding import RawFinding, finding_of
from jsonl_lint.engine.skimming.clearance import Clearance
from jsonl_lint.engine.wholefile import (
    FileFindings,
    dataset_findings,
    detect_format,
    facts_at_end,
    file_findings,
    first_line_end,
)

__all__ = [
    "Clearance",
    "FileFindings",
    "JudgedLines",
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
