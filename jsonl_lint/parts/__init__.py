"""Check one part of the data and write a part file (`check --part`), and merge part files into a report (`merge`).

This is for schedulers that only start processes: each process checks its part of the data, and one more merges.
"""

from jsonl_lint.parts.check import check_part
from jsonl_lint.parts.file import Share
from jsonl_lint.parts.merge import Merged

__all__ = ["Merged", "Share", "check_part"]
