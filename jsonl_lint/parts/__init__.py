"""Parts: the check of one share of the data, written to a file, and the report of all shares.

For schedulers that start processes and nothing else: each process checks its part of every file, one more merges.
"""

from jsonl_lint.parts.check import check_part
from jsonl_lint.parts.file import Share
from jsonl_lint.parts.merge import Merged

__all__ = ["Merged", "Share", "check_part"]
