"""Skim over clean records in C: when that is worth it, and how what does it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonl_lint.files.source import PIECE_BYTES
from jsonl_lint.plans.plan import Plan

if TYPE_CHECKING:
    from jsonl_lint.engine.skimming.skim import Skim

SMALL_FILE_LINES = 2000
"""After this many lines of a file of unknown size, it is worth compiling the filters with which lines are skimmed."""

FEW_LINES = 300
"""The same for a large file, and if no rule needs a scan, so that there is nothing slow to compile."""


USUAL_LINE_BYTES = 1500
"""Longer lines are worth as much as several of this length."""


def is_worth_compiling(plan: Plan, lines: int, size: int = 0) -> bool:
    """Whether the filters have been compiled already, or so many lines or bytes show that the file is worth it."""
    scan = plan.scan
    soon = plan.large or scan is None
    enough = min(FEW_LINES, SMALL_FILE_LINES) if soon else SMALL_FILE_LINES
    return max(lines, size // USUAL_LINE_BYTES) >= enough or (scan is not None and scan.compiled)


def length_limit(plan: Plan) -> int:
    """Return the number of bytes from which on a line is measured before it is looked into."""
    return min(PIECE_BYTES, plan.settings.max_line_bytes)


def skim_of(plan: Plan, file_format: str | None) -> Skim | None:
    """Return what skims over lines without a parser; None if the C code is not available."""
    recogniser = plan.recogniser()
    if recogniser is None:
        return None
    from jsonl_lint.engine.skimming.skim import Skim  # slow to import, and small files do without

    skim = Skim(plan, file_format, recogniser, length_limit(plan) - 1)
    plan.memory.places = plan.memory.places or skim.places
    return skim
