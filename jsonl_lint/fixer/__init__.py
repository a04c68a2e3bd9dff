"""Fixing: edits are chosen, tried, checked again and only then kept. All other bytes stay as they are."""

from jsonl_lint.fixer.mend import Mender
from jsonl_lint.fixer.patch import Change, Patch

__all__ = ["Change", "Mender", "Patch"]
